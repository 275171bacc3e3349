import { AF_INET } from '../../../netlink/constants.js';
import { IP_VS_CONN_F_BYPASS, IP_VS_CONN_F_ONE_PACKET } from '../../../netlink/genl/ip-vs.js';
import { RTN_UNICAST } from '../../../netlink/rtnl/constants.js';
import { DEST_UNREACH, PORT_UNREACH } from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import { NF_ACCEPT, NF_DROP } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { ConnectionKey } from './connection-table.js';
import type { Ipvs } from './ipvs.js';
import { PACKETS } from './layout.js';
import type { IpvsPacket } from './packet.js';
import { INPUT } from './protocol.js';
import { protocolOf } from './protocols/registry.js';
import { FTP, type Service } from './service.js';
import { transmit } from './transmit/transmit.js';

const key = new ConnectionKey();
const nowhere = new Uint32Array(4);

/** No server takes the packet: its sender is told - or, of a cache, the packet goes where it wanted (cache_bypass). NF_*. Linux: ip_vs_leave() */
export function leave(ipvs: Ipvs, service: Service, skb: PacketBuffer, packet: IpvsPacket): number {
  if (ipvs.settings.cacheBypass !== 0 && service.fwmark !== 0 && skb.dst!.type === RTN_UNICAST) {
    key.set(packet.family, packet.protocol, packet.source, packet.sourcePort, packet.destination, packet.destinationPort);
    const once = service.onePacket && packet.protocol === 17 ? IP_VS_CONN_F_ONE_PACKET : 0;
    const { connections } = ipvs;
    const id = connections.create(key, null, packet.family, nowhere, 0, IP_VS_CONN_F_BYPASS | once, skb.mark);
    protocolOf(packet.protocol)!.advance(ipvs, id, INPUT, skb, packet);
    connections.table.set(id, PACKETS, 1);
    const verdict = transmit(ipvs, id, skb, packet);
    connections.put(id);
    return verdict;
  }
  // Where FTP is balanced, other ports of its address are nobody's here.
  if (service.port === FTP && packet.destinationPort !== FTP) return NF_ACCEPT;
  const { ipv4, ipv6 } = ipvs.namespace;
  if (packet.family === AF_INET) ipv4.icmp.sendError(skb, DEST_UNREACH, PORT_UNREACH, 0);
  else ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.PORT_UNREACH, 0);
  return NF_DROP;
}
