import { AF_INET } from '../../../netlink/constants.js';
import { IP_VS_CONN_F_NFCT, IP_VS_CONN_F_NO_CPORT } from '../../../netlink/genl/ip-vs.js';
import type { NetDevice } from '../../core/device.js';
import { LOCAL_OUT, NF_ACCEPT, NF_DROP } from '../../core/hooks.js';
import { PACKET_HOST, type PacketBuffer } from '../../core/packet-buffer.js';
import * as ip from '../../../wire/ipv4.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import { ConnectionKey } from './connection-table.js';
import { icmpToServer, isIcmp } from './icmp.js';
import type { Ipvs } from './ipvs.js';
import { CONTROL, CONTROLLED, FLAGS, PACKETS } from './layout.js';
import { leave } from './leave.js';
import { IpvsPacket } from './packet.js';
import { INPUT, type IpvsProtocol } from './protocol.js';
import { protocolOf } from './protocols/registry.js';
import { IGNORED, REFUSED, schedule } from './schedule.js';
import { countIncoming } from './stats-of.js';
import { transmit } from './transmit/transmit.js';

const packet = new IpvsPacket();
const key = new ConnectionKey();

/** A packet for a virtual service, perhaps: it is sent on to a real server. NF_*. Linux: ip_vs_in_hook() */
export function incoming(ipvs: Ipvs, family: number, skb: PacketBuffer, hook: number, input: NetDevice | null): number {
  if (skb.ipvs || skb.dst === null || (skb.packetType !== PACKET_HOST && hook !== LOCAL_OUT)) return NF_ACCEPT;
  if (ipvs.sync.backupOnly) return NF_ACCEPT;
  if (!packet.read(family, skb.view, skb.networkHeader, skb.tail)) return NF_ACCEPT;
  if (isIcmp(family, packet.protocol)) {
    const verdict = icmpToServer(ipvs, family, skb, packet.transportAt, input);
    if (verdict >= 0) return verdict;
    return NF_ACCEPT;
  }
  const protocol = protocolOf(packet.protocol);
  if (protocol === null) {
    // What comes out of a tunnel is then not sent on once more.
    if (ipvs.settings.ignoreTunneled !== 0) skb.ipvs = true;
    return NF_ACCEPT;
  }
  if (!packet.isMiddle && packet.transportAt + protocol.headerBytes > skb.tail) return NF_DROP;
  key.set(family, packet.protocol, packet.source, packet.sourcePort, packet.destination, packet.destinationPort);
  let id = ipvs.connections.table.findIn(key);
  if (id !== 0) {
    const { table } = ipvs.connections;
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_NO_CPORT) !== 0) table.fillClientPort(id, packet.sourcePort);
    const kept = stillGood(ipvs, id, protocol, skb);
    if (kept < 0) return NF_DROP;
    id = kept;
  }
  if (id === 0) {
    if (packet.isMiddle || !protocol.begins(ipvs, skb, packet)) return NF_ACCEPT;
    const service = ipvs.services.find(family, skb.mark, packet.protocol, packet.destination, packet.destinationPort);
    if (service === null) return NF_ACCEPT;
    if (ipvs.defence.drops()) return NF_DROP;
    const made = schedule(ipvs, service, skb, packet, key);
    if (made === IGNORED) return NF_ACCEPT;
    if (made === REFUSED) return NF_DROP;
    if (made === 0) return leave(ipvs, service, skb, packet);
    id = made;
  }
  return pass(ipvs, id, protocol, skb);
}

/** A packet of a connection. */
function pass(ipvs: Ipvs, id: number, protocol: IpvsProtocol, skb: PacketBuffer): number {
  const { connections } = ipvs;
  const { table } = connections;
  countIncoming(ipvs, id, skb);
  protocol.advance(ipvs, id, INPUT, skb, packet);
  const packets = table.get(id, PACKETS) + 1;
  table.set(id, PACKETS, packets);
  const verdict = transmit(ipvs, id, skb, packet);
  ipvs.sync.passed(id, packets);
  connections.put(id);
  return verdict;
}

/**
 * The connection that a packet is of, while it can go on; 0: another begins with the packet; -1: the packet is dropped, so that the
 * client tries once more.
 */
function stillGood(ipvs: Ipvs, id: number, protocol: IpvsProtocol, skb: PacketBuffer): number {
  const { connections, settings } = ipvs;
  const { table } = connections;
  const server = ipvs.destinationOf(id);
  if (settings.connReuseMode !== 0 && !packet.isMiddle && protocol.isNew(skb, packet)) {
    let again = false;
    let old = false;
    if (settings.expireNodestConn !== 0 && server !== null && server.weight === 0) {
      again = true;
      old = usesOldConntrack(ipvs, id, skb);
    } else if (table.get(id, CONTROL) === 0 && protocol.isOver(ipvs, id, settings.connReuseMode)) {
      old = usesOldConntrack(ipvs, id, skb);
      again = table.get(id, CONTROLLED) === 0 || !old;
    }
    if (again) return replace(ipvs, id, old);
  }
  // The server is of no service any more.
  if (server === null || server.available) return id;
  if (settings.expireNodestConn === 0) return -1;
  return replace(ipvs, id, usesOldConntrack(ipvs, id, skb));
}

/** The connection ends; where netfilter still has it, what comes next begins anew. */
function replace(ipvs: Ipvs, id: number, old: boolean): number {
  const { table } = ipvs.connections;
  if (!old) table.clearFlags(id, IP_VS_CONN_F_NFCT);
  if (table.get(id, CONTROLLED) === 0) ipvs.connections.expire(id);
  return old ? -1 : 0;
}

/** Netfilter knows the connection, and this packet is of it. Linux: ip_vs_conn_uses_old_conntrack() */
const usesOldConntrack = (ipvs: Ipvs, id: number, skb: PacketBuffer): boolean =>
  (ipvs.connections.table.get(id, FLAGS) & IP_VS_CONN_F_NFCT) !== 0 && skb.conntrack !== 0;

/** ICMP on its way through: an error about an answer is for the real server. Linux: ip_vs_forward_icmp() */
export function forwardedIcmp(ipvs: Ipvs, family: number, skb: PacketBuffer, input: NetDevice | null): number {
  const { view, networkHeader: at } = skb;
  if (ipvs.sync.backupOnly) return NF_ACCEPT;
  let transport: number;
  if (family === AF_INET) {
    if (!isIcmp(family, ip.protocol(view, at))) return NF_ACCEPT;
    transport = at + ip.headerLength(view, at);
  } else {
    const found = skipHeaders(view, at, skb.tail);
    if (found.offset < 0 || !isIcmp(family, found.protocol)) return NF_ACCEPT;
    transport = found.offset;
  }
  const verdict = icmpToServer(ipvs, family, skb, transport, input);
  return verdict >= 0 ? verdict : NF_ACCEPT;
}
