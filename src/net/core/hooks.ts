import { DropReason } from './drop-reason.js';
import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';

// enum nf_inet_hooks, linux/netfilter.h
export const PRE_ROUTING = 0;
export const LOCAL_IN = 1;
export const FORWARD = 2;
export const LOCAL_OUT = 3;
export const POST_ROUTING = 4;

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

  /** Adds a hook behind those of the same priority; returns how to take it away. */
  register(hook: number, member: Hook): () => void {
    this.#set(
      hook,
      [...this.of(hook), member].sort((a, b) => a.priority - b.priority),
    );
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
    const members = this.of(hook);
    for (let i = 0; i < members.length; i++) {
      const verdict = members[i]!.run(skb, hook, input, output);
      if (verdict === NF_ACCEPT) continue;
      if (verdict === NF_DROP) {
        const device = input ?? output;
        device!.stack.drop(skb, DropReason.NETFILTER_DROP);
      }
      return false;
    }
    return true;
  }

  #set(hook: number, members: readonly Hook[]): void {
    if (hook === PRE_ROUTING) this.preRouting = members;
    else if (hook === LOCAL_IN) this.localIn = members;
    else if (hook === FORWARD) this.forward = members;
    else if (hook === LOCAL_OUT) this.localOut = members;
    else this.postRouting = members;
  }
}
