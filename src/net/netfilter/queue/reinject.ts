import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import type { NetDevice } from '../../core/device.js';
import { FORWARD, type Hook, LOCAL_IN, LOCAL_OUT, PRE_ROUTING, runHooks } from '../../core/hooks.js';
import type { Namespace } from '../../core/namespace.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { forwardFinish } from '../../ipv4/forward.js';
import { localDeliverFinish, receiveFinish } from '../../ipv4/input.js';
import { ipFinishOutput, ipOutput } from '../../ipv4/output.js';
import { ip6InputFinish } from '../../ipv6/deliver.js';
import { ip6ForwardFinish } from '../../ipv6/forward.js';
import { ip6ReceiveFinish } from '../../ipv6/input.js';
import { ip6FinishOutput, ip6Output } from '../../ipv6/output.js';

/** Where a packet was when a hook kept it. */
export interface HookPlace {
  readonly namespace: Namespace;
  /** NFPROTO_IPV4 or NFPROTO_IPV6 */
  readonly family: number;
  readonly hook: number;
  readonly input: NetDevice | null;
  readonly output: NetDevice | null;
  /** The member of the hook that kept it. */
  readonly member: Hook;
}

/** A kept packet goes on: past the members behind the one that kept it (`again`: that one too), and then its way. Linux: nf_reinject() */
export function reinject(skb: PacketBuffer, place: HookPlace, again: boolean): void {
  const { namespace, family, hook, input, output, member } = place;
  const members = (family === NFPROTO_IPV4 ? namespace.ipv4.hooks : namespace.ipv6.hooks).of(hook);
  let from = members.indexOf(member);
  // Its chain may have gone since: on with those of later priorities.
  if (from < 0) {
    from = members.findIndex(({ priority }) => priority > member.priority);
    if (from < 0) from = members.length;
  } else if (!again) from++;
  if (from < members.length && !runHooks(members.slice(from), skb, hook, input, output)) return;
  if (family === NFPROTO_IPV4) finish4(skb, namespace, hook, input);
  else finish6(skb, namespace, hook, input);
}

/** Linux: state->okfn() */
function finish4(skb: PacketBuffer, { ipv4 }: Namespace, hook: number, input: NetDevice | null): void {
  if (hook === PRE_ROUTING) receiveFinish(ipv4, skb, input!);
  else if (hook === LOCAL_IN) localDeliverFinish(ipv4, skb);
  else if (hook === FORWARD) forwardFinish(ipv4, skb);
  else if (hook === LOCAL_OUT) ipOutput(ipv4, skb);
  else ipFinishOutput(ipv4, skb);
}

function finish6(skb: PacketBuffer, { ipv6 }: Namespace, hook: number, input: NetDevice | null): void {
  if (hook === PRE_ROUTING) ip6ReceiveFinish(ipv6, skb, input!);
  else if (hook === LOCAL_IN) ip6InputFinish(ipv6, skb, input!);
  else if (hook === FORWARD) ip6ForwardFinish(ipv6, skb);
  else if (hook === LOCAL_OUT) ip6Output(ipv6, skb);
  else ip6FinishOutput(ipv6, skb);
}
