import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';

const destination = new Uint32Array(4);

/** Whether a packet is for a group, or by its address for one link alone. Linux: rt6_need_strict() */
export function strictDestination(skb: PacketBuffer): boolean {
  ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, destination);
  return ip6.isMulticast(destination) || ip6.isLinkLocal(destination) || ip6.isLoopback(destination);
}

/** Neighbour discovery is the member's own affair. Linux: ipv6_ndisc_frame() */
export function receivesByMember(skb: PacketBuffer): boolean {
  const v = skb.view;
  const at = skb.networkHeader;
  if (ip6.nextHeader(v, at) !== icmpv6.PROTOCOL || skb.tail - at < ip6.HEADER + 1) return false;
  const type = v.getUint8(at + ip6.HEADER);
  return type >= icmpv6.ROUTER_SOLICITATION && type <= icmpv6.REDIRECT;
}
