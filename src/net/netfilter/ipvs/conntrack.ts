import { AF_INET } from '../../../netlink/constants.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_MASQ } from '../../../netlink/genl/ip-vs.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { directionOf, IP_CT_UNTRACKED, IPS_CONFIRMED, IPS_DYING, ZONE } from '../conntrack/layout.js';
import { Tuple } from '../conntrack/tuple.js';
import type { Ipvs } from './ipvs.js';
import { CLIENT, DESTINATION, FLAGS, VIRTUAL } from './layout.js';

const tuple = new Tuple();

// What netfilter's connection tracking knows of connections that IPVS balances (ip_vs_nfct.c).

/** The packet belongs to no connection of netfilter's. Linux: ip_vs_notrack() */
export function notrack(ipvs: Ipvs, skb: PacketBuffer): void {
  if (skb.conntrack === 0) return;
  ipvs.namespace.stack.pool.dropConntrack(skb);
  skb.conntrackInfo = IP_CT_UNTRACKED;
}

/** Netfilter expects answers from the real server, or to the virtual address. Linux: ip_vs_update_conntrack() */
export function updateConntrack(ipvs: Ipvs, skb: PacketBuffer, id: number, incoming: boolean): void {
  const ct = skb.conntrack;
  if (ct === 0 || directionOf(skb.conntrackInfo) !== 0) return;
  const { table } = ipvs.namespace.conntrack;
  if ((table.status(ct) & (IPS_CONFIRMED | IPS_DYING)) !== 0) return;
  const connections = ipvs.connections.table;
  if ((connections.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) !== IP_VS_CONN_F_MASQ) return;
  // What comes of another family would be another tuple altogether.
  if (connections.family(id) !== connections.serverFamily(id)) return;
  table.readTuple(ct, 1, tuple);
  if (incoming) {
    connections.readAddress(id, DESTINATION, tuple.source);
    tuple.setPorts(connections.serverPort(id), tuple.destinationPort);
  } else {
    connections.readAddress(id, VIRTUAL, tuple.destination);
    tuple.setPorts(tuple.sourcePort, connections.virtualPort(id));
  }
  table.writeTuple(ct, 1, tuple);
}

/** The connection is over, and netfilter's with it. Linux: ip_vs_conn_drop_conntrack() */
export function dropConntrackOf(ipvs: Ipvs, id: number): void {
  const { conntrack } = ipvs.namespace;
  const connections = ipvs.connections.table;
  tuple.family = connections.family(id) === AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
  tuple.protocol = connections.protocol(id);
  connections.readAddress(id, CLIENT, tuple.source);
  connections.readAddress(id, VIRTUAL, tuple.destination);
  tuple.setPorts(connections.clientPort(id), connections.virtualPort(id));
  const found = conntrack.table.find(ipvs.namespace.id, 0, tuple);
  if (found !== 0 && conntrack.table.get(found >> 1, ZONE) === 0) conntrack.kill(found >> 1);
}
