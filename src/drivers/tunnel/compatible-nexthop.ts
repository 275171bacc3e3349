import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Rt6 } from '../../net/ipv6/rt6.js';
import { ADDR_UNREACH, DEST_UNREACH } from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../../net/core/device.js';

/**
 * The IPv4 address that the next hop of an IPv6 packet at `at` is of, ::a.b.c.d; 0: it is of none, and the sender was told.
 * RFC 4213 2.5.5.1 of old, Linux: ipip6_tunnel_xmit()
 */
export function compatibleNexthop(device: NetDevice, skb: PacketBuffer, at: number): number {
  if (skb.dst === null || skb.tail - at < ip6.HEADER) return 0;
  const { gateway } = skb.dst as Rt6;
  const v = skb.view;
  const to = at + ip6.DESTINATION;
  const low = gateway === null ? v.getUint32(to + 12) : gateway[3]!;
  const rest = gateway === null ? v.getUint32(to) | v.getUint32(to + 4) | v.getUint32(to + 8) : gateway[0]! | gateway[1]! | gateway[2]!;
  if (rest === 0 && low > 1) return low;
  skb.networkHeader = at;
  device.namespace.ipv6.icmp.sendError(skb, DEST_UNREACH, ADDR_UNREACH, 0);
  return 0;
}
