import { AF_INET } from '../../../../netlink/constants.js';
import { NF_DROP } from '../../../core/hooks.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import type { Ipvs } from '../ipvs.js';
import type { IpvsPacket } from '../packet.js';
import { fits, unreachable } from './fit.js';
import { isLocal, send } from './send.js';
import { lookUp, wayTo } from './way.js';

/** The packet goes as it is, over the link to the server. Linux: ip_vs_dr_xmit() */
export function direct(ipvs: Ipvs, id: number, skb: PacketBuffer): number {
  const { ipv4, ipv6 } = ipvs.namespace;
  const family = ipvs.connections.table.family(id);
  const dst = wayTo(ipvs, id);
  if (dst === null) {
    unreachable(ipvs, family, skb);
    return NF_DROP;
  }
  if (!isLocal(dst) && !fits(ipvs, family, skb, family === AF_INET ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst), false)) return NF_DROP;
  return send(ipvs, id, family, skb, dst);
}

/** No cache takes it: the packet goes where it wanted to go. Linux: ip_vs_bypass_xmit() */
export function bypass(ipvs: Ipvs, id: number, skb: PacketBuffer, packet: IpvsPacket): number {
  const { ipv4, ipv6 } = ipvs.namespace;
  const { family } = packet;
  const dst = lookUp(ipvs, family, packet.destination);
  if (dst === null || isLocal(dst)) {
    unreachable(ipvs, family, skb);
    return NF_DROP;
  }
  if (!fits(ipvs, family, skb, family === AF_INET ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst), false)) return NF_DROP;
  return send(ipvs, id, family, skb, dst);
}
