import { DEST_UNREACH } from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import type { PacketInfo } from '../nf_tables/packet-info.js';

// An ICMP error in answer to a packet that rules refuse. Before routing, where it would go is looked up first: errors go by that.

// Linux: nf_send_unreach()
export function sendUnreachable4(packet: PacketInfo, code: number): void {
  const { skb } = packet;
  const { ipv4 } = packet.tables.namespace;
  const { dst } = skb;
  if (dst === null && packet.input !== null) {
    const { view, networkHeader: at } = skb;
    skb.dst = ipv4.routeInput(skb, view.getUint32(at + 16), view.getUint32(at + 12), view.getUint8(at + 1), packet.input);
  }
  ipv4.icmp.sendError(skb, DEST_UNREACH, code, 0);
}

// Linux: nf_send_unreach6()
export function sendUnreachable6(packet: PacketInfo, code: number): void {
  const { skb } = packet;
  const { ipv6 } = packet.tables.namespace;
  if (skb.dst === null && packet.input !== null) skb.dst = ipv6.routes.input(skb, skb.networkHeader, packet.input);
  ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, code, 0);
}
