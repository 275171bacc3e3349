import { DropReason } from './drop-reason.js';
import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';

// enum nf_inet_hooks, linux/netfilter.h; the bridge's hooks (linux/netfilter_bridge.h) have the same numbers.
export const PRE_ROUTING = 0;
export const LOCAL_IN = 1;
export const FORWARD = 2;
export const LOCAL_OUT = 3;
export const POST_ROUTING = 4;

// linux/netfilter_arp.h
export const ARP_IN = 0;
export const ARP_OUT = 1;

// enum nf_dev_hooks
export const NETDEV_INGRESS = 0;
export const NETDEV_EGRESS = 1;

/** Verdicts of a hook, linux/netfilter.h. */
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
/** The hook has taken the packet over (queued, stolen, dropped under a reason of its own). */
export const NF_STOLEN = 2;

/** One function on a hook (struct nf_hook_ops). It looks at the packet, may change it, and answers NF_*. */
export interface Hook {
  /** Lower runs earlier: NF_IP_PRI_* */
  readonly priority: number;
  run(skb: PacketBuffer, hook: number, input: NetDevice | null, output: NetDevice | null): number;
}

/** `members` with `member` among them: before those of its own priority (nf_hook_entries_grow()). */
export function hooked(members: readonly Hook[], member: Hook): readonly Hook[] {
  const at = members.findIndex((other) => other.priority >= member.priority);
  return at < 0 ? [...members, member] : [...members.slice(0, at), member, ...members.slice(at)];
}

/** Runs `members` over a packet; false: it is not the caller's any more. Linux: nf_hook_slow() */
export function runHooks(
  members: readonly Hook[],
  skb: PacketBuffer,
  hook: number,
  input: NetDevice | null,
  output: NetDevice | null,
): boolean {
  for (let i = 0; i < members.length; i++) {
    const verdict = members[i]!.run(skb, hook, input, output);
    if (verdict === NF_ACCEPT) continue;
    if (verdict === NF_DROP) (input ?? output)!.stack.drop(skb, DropReason.NETFILTER_DROP);
    return false;
  }
  return true;
}

/** One hook by itself, as ARP and devices have them. Nobody there: the field that holds it is null, or `members` is empty. */
export class HookList {
  members: readonly Hook[] = [];

  /** Adds a hook; returns how to take it away. */
  register(member: Hook): () => void {
    this.members = hooked(this.members, member);
    return () => {
      this.members = this.members.filter((other) => other !== member);
    };
  }
}

/**
 * What stands on the five hooks of one protocol family in one namespace. A packet passes them as
 * `if (hooks.forward.length !== 0 && !hooks.pass(...)) return`: a hook list without members costs a comparison.
 */
export class Hooks {
  preRouting: readonly Hook[] = [];
  localIn: readonly Hook[] = [];
  forward: readonly Hook[] = [];
  localOut: readonly Hook[] = [];
  postRouting: readonly Hook[] = [];

  /** Adds a hook; returns how to take it away. */
  register(hook: number, member: Hook): () => void {
    this.#set(hook, hooked(this.of(hook), member));
    return () =>
      this.#set(
        hook,
        this.of(hook).filter((other) => other !== member),
      );
  }

  of(hook: number): readonly Hook[] {
    if (hook === PRE_ROUTING) return this.preRouting;
    if (hook === LOCAL_IN) return this.localIn;
    if (hook === FORWARD) return this.forward;
    if (hook === LOCAL_OUT) return this.localOut;
    return this.postRouting;
  }

  /** Runs the members; false: the packet is not the caller's any more. */
  pass(skb: PacketBuffer, hook: number, input: NetDevice | null, output: NetDevice | null): boolean {
    return runHooks(this.of(hook), skb, hook, input, output);
  }

  #set(hook: number, members: readonly Hook[]): void {
    if (hook === PRE_ROUTING) this.preRouting = members;
    else if (hook === LOCAL_IN) this.localIn = members;
    else if (hook === FORWARD) this.forward = members;
    else if (hook === LOCAL_OUT) this.localOut = members;
    else this.postRouting = members;
  }
}
