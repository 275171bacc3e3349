import { AF_INET } from '../../../../netlink/constants.js';
import { DEST_UNREACH, EXCEEDED_TTL, FRAG_NEEDED, HOST_UNREACH, TIME_EXCEEDED } from '../../../../wire/icmp.js';
import * as icmpv6 from '../../../../wire/icmpv6.js';
import * as ip from '../../../../wire/ipv4.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { gsoNetworkLength } from '../../../core/gso.js';
import { enteredBy, ip6Count } from '../../../ipv6/count.js';
import { Ip6Mib } from '../../../ipv6/snmp.js';
import type { Ipvs } from '../ipvs.js';

/**
 * A packet on its way to a server elsewhere: it is not too long for `mtu` bytes - where `cuts`, it may be cut instead - and lives one
 * hop longer, or its sender is told and the packet to be dropped. Its bytes are its own. Linux: ensure_mtu_is_adequate(), decrement_ttl()
 */
export function fits(ipvs: Ipvs, family: number, skb: PacketBuffer, mtu: number, cuts: boolean): boolean {
  const { ipv4, ipv6, stack } = ipvs.namespace;
  const { networkHeader: at } = skb;
  const length = skb.gsoSize !== 0 ? gsoNetworkLength(skb) : skb.tail - at;
  if (skb.shared && !stack.pool.makeWritable(skb)) return false;
  const { view } = skb;
  if (family === AF_INET) {
    if (view.getUint8(at + 8) <= 1) {
      ipv4.stats.inHdrErrors++;
      ipv4.icmp.sendError(skb, TIME_EXCEEDED, EXCEEDED_TTL, 0);
      return false;
    }
    if (length > mtu && !cuts && (view.getUint16(at + 6) & ip.DF) !== 0) {
      ipv4.icmp.sendError(skb, DEST_UNREACH, FRAG_NEEDED, mtu);
      return false;
    }
    // RFC 1141: one less in the high byte of its word is 0x100 more in the checksum.
    view.setUint16(at + 8, view.getUint16(at + 8) - 0x100);
    const check = view.getUint16(at + 10) + 0x100;
    view.setUint16(at + 10, (check & 0xffff) + (check >= 0xffff ? 1 : 0));
    return true;
  }
  if (view.getUint8(at + 7) <= 1) {
    ip6Count(ipv6, enteredBy(ipv6, skb), Ip6Mib.InHdrErrors);
    ipv6.icmp.sendError(skb, icmpv6.TIME_EXCEEDED, icmpv6.EXCEEDED_HOPLIMIT, 0);
    return false;
  }
  if (length > mtu) {
    ipv6.icmp.sendError(skb, icmpv6.PACKET_TOO_BIG, 0, mtu);
    return false;
  }
  view.setUint8(at + 7, view.getUint8(at + 7) - 1);
  return true;
}

/** There is no way to the server: the sender is told. */
export function unreachable(ipvs: Ipvs, family: number, skb: PacketBuffer): void {
  const { ipv4, ipv6 } = ipvs.namespace;
  if (family === AF_INET) ipv4.icmp.sendError(skb, DEST_UNREACH, HOST_UNREACH, 0);
  else ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.ADDR_UNREACH, 0);
}
