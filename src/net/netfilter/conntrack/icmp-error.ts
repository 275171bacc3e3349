import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import * as icmp from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { IP_CT_RELATED, IP_CT_RELATED_REPLY } from './layout.js';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, Tuple } from './tuple.js';

const inner = new Tuple();
const answer = new Tuple();
const known = new Tuple();

export function isIcmpError(family: number, protocol: number, skb: PacketBuffer, at: number): boolean {
  if (family === NFPROTO_IPV4) return protocol === IPPROTO_ICMP && at < skb.tail && icmp.isError(skb.view.getUint8(at));
  return protocol === IPPROTO_ICMPV6 && at < skb.tail && skb.view.getUint8(at) < icmpv6.ECHO_REQUEST;
}

/** An ICMP error is related to the connection of the packet in it. False: to none that is known. Linux: nf_conntrack_inet_error() */
export function relatedTo(conntrack: Conntrack, family: number, skb: PacketBuffer, at: number, zone: number): boolean {
  const { table, namespace } = conntrack;
  if (!inner.read(family, skb.view, at + icmp.HEADER, skb.tail) || !inner.invert(answer)) return false;
  const found = table.find(namespace.id, zone, answer);
  if (found === 0) return false;
  const id = found >> 1;
  const direction = found & 1;
  // The error must go to who sent the packet, as the connection knows it.
  table.readTuple(id, direction, known);
  const v = skb.view;
  const n = skb.networkHeader;
  if (family === NFPROTO_IPV4) {
    if (v.getUint32(n + 16) !== known.destination[0]) return false;
  } else for (let i = 0; i < 4; i++) if (v.getUint32(n + 24 + 4 * i) !== known.destination[i]) return false;
  namespace.stack.pool.setConntrack(skb, id, direction === 0 ? IP_CT_RELATED : IP_CT_RELATED_REPLY);
  return true;
}
