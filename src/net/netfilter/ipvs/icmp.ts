import { AF_INET } from '../../../netlink/constants.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_MASQ, IP_VS_CONN_F_NFCT } from '../../../netlink/genl/ip-vs.js';
import * as checksum from '../../../wire/checksum.js';
import * as icmp from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { NF_ACCEPT, NF_DROP } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { Tuple } from '../conntrack/tuple.js';
import { manipulate } from '../nat/manip.js';
import { DESTINATION, SOURCE } from '../nat/range.js';
import { notrack } from './conntrack.js';
import { ConnectionKey } from './connection-table.js';
import type { Ipvs } from './ipvs.js';
import { DESTINATION as SERVER_ADDRESS, FLAGS, VIRTUAL } from './layout.js';
import { rerouted } from './reroute.js';
import { IpvsPacket } from './packet.js';
import { IGNORED, REFUSED, schedule } from './schedule.js';
import { protocolOf } from './protocols/registry.js';
import { countIncoming, countOutgoing } from './stats-of.js';
import { icmpError as tunnelError } from './transmit/tunnel-error.js';
import { sendIcmp } from './transmit/transmit.js';

const inner = new IpvsPacket();
const key = new ConnectionKey();
const target = new Tuple();

/** The packet is none of ours: it goes on as it would without IPVS. */
const UNRELATED = -1;

export const isIcmp = (family: number, protocol: number): boolean => protocol === (family === AF_INET ? icmp.PROTOCOL : icmpv6.PROTOCOL);

/** An error that has the packet in it which it is about. Linux: what ip_vs_in_icmp() looks at */
function isError(family: number, skb: PacketBuffer, at: number): boolean {
  if (at + icmp.HEADER > skb.tail) return false;
  const type = skb.view.getUint8(at);
  if (family === AF_INET) return type === icmp.DEST_UNREACH || type === icmp.SOURCE_QUENCH || type === icmp.TIME_EXCEEDED;
  return type < icmpv6.ECHO_REQUEST;
}

/** An error about an answer of a real server: it is for that server. NF_*, or UNRELATED. Linux: ip_vs_in_icmp(), ip_vs_in_icmp_v6() */
export function icmpToServer(ipvs: Ipvs, family: number, skb: PacketBuffer, at: number, input: NetDevice | null): number {
  if (!isError(family, skb, at)) return UNRELATED;
  const start = at + icmp.HEADER;
  if (!inner.read(family, skb.view, start, skb.tail)) return UNRELATED;
  if (tunnelError(ipvs, family, skb, at, inner, input)) return NF_DROP;
  if (protocolOf(inner.protocol) === null || inner.isMiddle) return UNRELATED;
  // What the packet inside calls its sender is the virtual address.
  key.set(family, inner.protocol, inner.destination, inner.destinationPort, inner.source, inner.sourcePort);
  const { table } = ipvs.connections;
  let id = table.findIn(key);
  const begins = id === 0;
  if (begins) {
    if (ipvs.settings.scheduleIcmp === 0) return UNRELATED;
    const made = begin(ipvs, family, skb);
    if (made <= 0) return made === REFUSED ? NF_DROP : UNRELATED;
    id = made;
  }
  if (!holds(family, skb, at)) return NF_DROP;
  countIncoming(ipvs, id, skb);
  const method = table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK;
  if (method === IP_VS_CONN_F_MASQ) {
    if (skb.shared && !ipvs.namespace.stack.pool.makeWritable(skb)) return NF_DROP;
    target.family = family === AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
    table.readAddress(id, SERVER_ADDRESS, target.destination);
    table.readAddress(id, SERVER_ADDRESS, target.source);
    target.setPorts(table.serverPort(id), table.serverPort(id));
    translate(family, skb, at, DESTINATION);
  }
  const verdict = sendIcmp(ipvs, id, skb);
  if (begins) ipvs.connections.put(id);
  return verdict;
}

/**
 * The error is about a connection that another director has: its packets are answered by who would answer them here (schedule_icmp).
 * Linux: ip_vs_try_to_schedule() of an inverse header
 */
function begin(ipvs: Ipvs, family: number, skb: PacketBuffer): number {
  inner.turn();
  const service = ipvs.services.find(family, skb.mark, inner.protocol, inner.destination, inner.destinationPort);
  if (service === null) return IGNORED;
  return ipvs.defence.drops() ? REFUSED : schedule(ipvs, service, skb, inner, key);
}

/** An error about a packet to a real server: its client gets it, from the virtual address. NF_*, or UNRELATED. Linux: ip_vs_out_icmp() */
export function icmpToClient(ipvs: Ipvs, family: number, skb: PacketBuffer, at: number, hook: number): number {
  if (!isError(family, skb, at)) return UNRELATED;
  if (!inner.read(family, skb.view, at + icmp.HEADER, skb.tail) || protocolOf(inner.protocol) === null || inner.isMiddle) return UNRELATED;
  key.set(family, inner.protocol, inner.source, inner.sourcePort, inner.destination, inner.destinationPort);
  const { table } = ipvs.connections;
  const id = table.findOut(key);
  if (id === 0) return UNRELATED;
  // Others' answers do not pass here.
  if ((table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) !== IP_VS_CONN_F_MASQ) return NF_ACCEPT;
  if (!holds(family, skb, at)) return NF_DROP;
  if (skb.shared && !ipvs.namespace.stack.pool.makeWritable(skb)) return NF_DROP;
  target.family = family === AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
  table.readAddress(id, VIRTUAL, target.source);
  table.readAddress(id, VIRTUAL, target.destination);
  target.setPorts(table.virtualPort(id), table.virtualPort(id));
  translate(family, skb, at, SOURCE);
  if (!rerouted(ipvs, family, skb, hook)) return NF_DROP;
  countOutgoing(ipvs, id, skb);
  skb.ipvs = true;
  if ((table.get(id, FLAGS) & IP_VS_CONN_F_NFCT) === 0) notrack(ipvs, skb);
  ipvs.connections.put(id);
  return NF_ACCEPT;
}

/** The error gets the address of `target` at the side `manip`, the packet in it at the other, and a checksum over all. Linux: ip_vs_nat_icmp() */
function translate(family: number, skb: PacketBuffer, at: number, manip: number): void {
  const { view, networkHeader } = skb;
  manipulate(skb, at + icmp.HEADER, target, 1 - manip, false);
  const address = manip === SOURCE ? target.source : target.destination;
  if (family === AF_INET) {
    view.setUint32(networkHeader + (manip === SOURCE ? 12 : 16), address[0]!);
    ip.writeChecksum(view, networkHeader, ip.headerLength(view, networkHeader));
  } else ip6.writeAddress(view, networkHeader + (manip === SOURCE ? ip6.SOURCE : ip6.DESTINATION), address);
  view.setUint16(at + 2, 0);
  const bytes = skb.tail - at;
  const pseudo = family === AF_INET ? 0 : ip6.pseudoHeaderSumAt(view, networkHeader + ip6.SOURCE, icmpv6.PROTOCOL, bytes);
  view.setUint16(at + 2, checksum.checksum(view, at, bytes, pseudo));
  skb.ipSummed = 0;
}

/** Whether the error's checksum holds. */
function holds(family: number, skb: PacketBuffer, at: number): boolean {
  if (skb.ipSummed !== 0) return true;
  const bytes = skb.tail - at;
  const { view, networkHeader } = skb;
  const pseudo = family === AF_INET ? 0 : ip6.pseudoHeaderSumAt(view, networkHeader + ip6.SOURCE, icmpv6.PROTOCOL, bytes);
  return checksum.verify(view, at, bytes, pseudo);
}
