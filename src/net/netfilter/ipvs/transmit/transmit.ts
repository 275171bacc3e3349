import {
  IP_VS_CONN_F_BYPASS,
  IP_VS_CONN_F_DROUTE,
  IP_VS_CONN_F_FWD_MASK,
  IP_VS_CONN_F_MASQ,
  IP_VS_CONN_F_TUNNEL,
} from '../../../../netlink/genl/ip-vs.js';
import { AF_INET } from '../../../../netlink/constants.js';
import { NF_ACCEPT, NF_DROP } from '../../../core/hooks.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import type { Ipvs } from '../ipvs.js';
import { FLAGS } from '../layout.js';
import type { IpvsPacket } from '../packet.js';
import { bypass, direct } from './direct.js';
import { fits, unreachable } from './fit.js';
import { masquerade } from './masquerade.js';
import { finish, isLocal, send } from './send.js';
import { tunnel } from './tunnel.js';
import { wayTo } from './way.js';

/** Sends a packet to its connection's server, by the method that the connection has. NF_* */
export function transmit(ipvs: Ipvs, id: number, skb: PacketBuffer, packet: IpvsPacket): number {
  switch (ipvs.connections.table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) {
    case IP_VS_CONN_F_MASQ:
      return masquerade(ipvs, id, skb, packet);
    case IP_VS_CONN_F_TUNNEL:
      return tunnel(ipvs, id, skb);
    case IP_VS_CONN_F_DROUTE:
      return direct(ipvs, id, skb);
    case IP_VS_CONN_F_BYPASS:
      return bypass(ipvs, id, skb, packet);
    default:
      // A server on this host: the packet goes on where it is (ip_vs_null_xmit()).
      finish(ipvs, id, skb);
      return NF_ACCEPT;
  }
}

/** Sends an ICMP error, translated where that is due, to its connection's server. NF_*. Linux: ip_vs_icmp_xmit() */
export function sendIcmp(ipvs: Ipvs, id: number, skb: PacketBuffer): number {
  const { table } = ipvs.connections;
  const method = table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK;
  if (method === IP_VS_CONN_F_TUNNEL) return tunnel(ipvs, id, skb);
  if (method === IP_VS_CONN_F_DROUTE) return direct(ipvs, id, skb);
  const family = table.family(id);
  const dst = wayTo(ipvs, id);
  if (dst === null) {
    unreachable(ipvs, family, skb);
    return NF_DROP;
  }
  const { ipv4, ipv6 } = ipvs.namespace;
  if (!isLocal(dst) && !fits(ipvs, family, skb, family === AF_INET ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst), false)) return NF_DROP;
  return send(ipvs, id, family, skb, dst);
}
