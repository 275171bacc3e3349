import { AF_INET } from '../../../netlink/constants.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_MASQ, IP_VS_CONN_F_NFCT } from '../../../netlink/genl/ip-vs.js';
import { DEST_UNREACH, PORT_UNREACH } from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import { FORWARD, NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { Tuple } from '../conntrack/tuple.js';
import { isPartial, manipulate } from '../nat/manip.js';
import { SOURCE } from '../nat/range.js';
import { applicationOf } from './apps/bind.js';
import { notrack, updateConntrack } from './conntrack.js';
import { ConnectionKey } from './connection-table.js';
import { icmpToClient, isIcmp } from './icmp.js';
import type { Ipvs } from './ipvs.js';
import { FLAGS, VIRTUAL } from './layout.js';
import { IpvsPacket } from './packet.js';
import { OUTPUT } from './protocol.js';
import { protocolOf } from './protocols/registry.js';
import { rerouted } from './reroute.js';
import { countOutgoing } from './stats-of.js';

const packet = new IpvsPacket();
const key = new ConnectionKey();
const target = new Tuple();
const TCP_RST = 0x04;

/** A packet from a real server, perhaps: it gets the virtual address as its source. NF_*. Linux: ip_vs_out_hook() */
export function outgoing(ipvs: Ipvs, family: number, skb: PacketBuffer, hook: number): number {
  if (skb.ipvs || skb.dst === null || ipvs.sync.backupOnly) return NF_ACCEPT;
  if (!packet.read(family, skb.view, skb.networkHeader, skb.tail)) return NF_ACCEPT;
  if (isIcmp(family, packet.protocol)) {
    const verdict = icmpToClient(ipvs, family, skb, packet.transportAt, hook);
    return verdict >= 0 ? verdict : NF_ACCEPT;
  }
  const protocol = protocolOf(packet.protocol);
  if (protocol === null) return NF_ACCEPT;
  if (family === AF_INET && hook === FORWARD && (ip.fragment(skb.view, skb.networkHeader) & (ip.MF | ip.OFFSET_MASK)) !== 0) {
    if (ipvs.connections.table.count === 0) return NF_ACCEPT;
    const verdict = gather(ipvs, skb);
    if (verdict !== NF_ACCEPT) return verdict;
    packet.read(family, skb.view, skb.networkHeader, skb.tail);
  }
  if (packet.isMiddle) return NF_ACCEPT;
  key.set(family, packet.protocol, packet.destination, packet.destinationPort, packet.source, packet.sourcePort);
  const { table } = ipvs.connections;
  const id = table.findOut(key);
  if (id !== 0) {
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) !== IP_VS_CONN_F_MASQ) return NF_ACCEPT;
    return answer(ipvs, id, family, skb, hook);
  }
  if (ipvs.settings.natIcmpSend === 0 || !ipvs.hasRealServer(family, packet.protocol, packet.source, packet.sourcePort)) return NF_ACCEPT;
  // What belongs to no connection ends here, and the real server is told.
  const { view } = skb;
  if (packet.protocol === 6 && (view.getUint8(packet.transportAt + 13) & TCP_RST) !== 0) return NF_ACCEPT;
  if (family === AF_INET) ipvs.namespace.ipv4.icmp.sendError(skb, DEST_UNREACH, PORT_UNREACH, 0);
  else ipvs.namespace.ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.PORT_UNREACH, 0);
  return NF_DROP;
}

/** Linux: handle_response() */
function answer(ipvs: Ipvs, id: number, family: number, skb: PacketBuffer, hook: number): number {
  const { connections, namespace } = ipvs;
  const { table } = connections;
  if (skb.shared && !namespace.stack.pool.makeWritable(skb)) return NF_DROP;
  if (applicationOf(ipvs, id)?.outgoing(ipvs, id, skb, packet) === false) return NF_DROP;
  target.family = family === AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
  table.readAddress(id, VIRTUAL, target.source);
  target.setPorts(table.virtualPort(id), 0);
  manipulate(skb, skb.networkHeader, target, SOURCE, isPartial(skb));
  if (!rerouted(ipvs, family, skb, hook)) return NF_DROP;
  countOutgoing(ipvs, id, skb);
  protocolOf(packet.protocol)!.advance(ipvs, id, OUTPUT, skb, packet);
  skb.ipvs = true;
  if ((table.get(id, FLAGS) & IP_VS_CONN_F_NFCT) === 0) notrack(ipvs, skb);
  else updateConntrack(ipvs, skb, id, false);
  connections.put(id);
  return NF_ACCEPT;
}

/** Fragments wait until all are there. Linux: ip_vs_gather_frags() */
function gather(ipvs: Ipvs, skb: PacketBuffer): number {
  const { pool } = ipvs.namespace.stack;
  const { dst, cb0 } = skb;
  const whole = ipvs.namespace.ipv4.reassembly.add(pool.clone(skb));
  if (whole === null) {
    pool.release(skb);
    return NF_STOLEN;
  }
  whole.dst = dst;
  whole.cb0 |= cb0;
  pool.adopt(skb, whole);
  return NF_ACCEPT;
}
