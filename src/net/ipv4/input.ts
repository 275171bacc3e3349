import { fold32 } from '../../wire/checksum.js';
import * as ip from '../../wire/ipv4.js';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { LOCAL_IN, PRE_ROUTING } from '../core/hooks.js';
import { l3MasterOf } from '../core/l3mdev.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { DEST_UNREACH, HOST_UNREACH, NET_UNREACH, PKT_FILTERED, PROTOCOL_UNREACH } from '../../wire/icmp.js';
import { EACCES, EHOSTUNREACH, ENETUNREACH, EXDEV } from '../../base/errno.js';
import { ipForward } from './forward.js';
import type { Ipv4 } from './ipv4.js';
import { compileOptions, receiveSourceRoute } from './options.js';

/** ip_rcv(): an IPv4 packet came in by `device`, `skb.data` at its header. Takes ownership. */
export function ipReceive(skb: PacketBuffer, device: NetDevice): void {
  const ipv4 = device.namespace.ipv4;
  const stats = ipv4.stats;
  const stack = device.stack;
  if (skb.packetType === PACKET_OTHERHOST) {
    device.statistics.rxOtherhostDropped++;
    stack.drop(skb, DropReason.OTHERHOST);
    return;
  }
  const at = skb.data;
  const have = skb.tail - at;
  stats.inReceives++;
  stats.inOctets += have;
  const view = skb.view;
  const first = have >= ip.HEADER ? view.getUint32(at) : 0;
  const headerBytes = (first >>> 22) & 0x3c;
  if (first >>> 28 !== 4 || headerBytes < ip.HEADER || headerBytes > have) {
    stats.inHdrErrors++;
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  const ecn = (first >>> 16) & 3;
  if (ecn === 0) stats.inNoECTPkts++;
  else if (ecn === 1) stats.inECT1Pkts++;
  else if (ecn === 2) stats.inECT0Pkts++;
  else stats.inCEPkts++;
  if (fold32(ip.headerSum(view, at, headerBytes)) !== 0xffff) {
    stats.inCsumErrors++;
    stats.inHdrErrors++;
    stack.drop(skb, DropReason.IP_CSUM);
    return;
  }
  const total = first & 0xffff;
  if (total > have) {
    stats.inTruncatedPkts++;
    stack.drop(skb, DropReason.PKT_TOO_SMALL);
    return;
  }
  if (total < headerBytes) {
    stats.inHdrErrors++;
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  // What the link padded goes.
  skb.tail = at + total;
  skb.networkHeader = at;
  skb.transportHeader = at + headerBytes;
  skb.socket = null;
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 0;
  skb.cb3 = 0;
  if (ipv4.hooks.preRouting.length !== 0 && !ipv4.hooks.pass(skb, PRE_ROUTING, device, null)) return;
  receiveFinish(ipv4, skb, device);
}

/** ip_rcv_finish(): where the packet goes. Also where a packet goes on that a hook had kept. */
export function receiveFinish(ipv4: Ipv4, skb: PacketBuffer, device: NetDevice): void {
  let now = device;
  // The packet of a VRF goes on as that of the VRF's device; where it goes is decided by the one it came in by.
  if (skb.sdif === 0 && (device.master !== null || device.l3 !== null)) {
    const domain = device.l3 !== null ? device : l3MasterOf(device);
    if (domain !== null && domain.l3 !== null) {
      if (!domain.l3.receive4(skb)) return;
      if (domain.l3Table !== 0) now = domain;
    }
  }
  const at = skb.networkHeader;
  const view = skb.view;
  const stats = ipv4.stats;
  let dst = skb.dst === null ? null : ipv4.asRoute(skb.dst);
  if (dst === null || !ipv4.valid(dst)) {
    dst = ipv4.routeInput(skb, view.getUint32(at + 16), view.getUint32(at + 12), view.getUint8(at + 1), device);
    skb.dst = dst;
  } else if (dst.type === RTN_LOCAL && dst.oif !== 0 && device === ipv4.namespace.loopback) {
    // What loops back counts as come in by the device whose address it is for. Linux: orig_oif of ip_route_output_key_hash_rcu(), inet_iif()
    skb.iif = dst.oif;
  }
  if (skb.transportHeader - at > ip.HEADER && !acceptOptions(ipv4, skb, device)) return;
  dst = ipv4.asRoute(skb.dst!)!;
  const type = dst.type;
  if (
    (type === RTN_UNICAST || type === RTN_LOCAL) &&
    (skb.packetType === PACKET_BROADCAST || skb.packetType === PACKET_MULTICAST) &&
    device.ipv4?.dropsUnicastInMulticast() === true
  ) {
    // RFC 1122 3.3.6, where the user wants it (drop_unicast_in_l2_multicast).
    ipv4.namespace.stack.drop(skb, DropReason.UNICAST_IN_L2_MULTICAST);
    return;
  }
  if (type === RTN_UNICAST && dst.error === 0) {
    ipForward(ipv4, skb, dst, now);
    return;
  }
  if (type === RTN_MULTICAST) {
    stats.inMcastPkts++;
    stats.inMcastOctets += skb.tail - skb.data;
  } else if (type === RTN_BROADCAST) {
    stats.inBcastPkts++;
    stats.inBcastOctets += skb.tail - skb.data;
    if (dst.directed) {
      ipForward(ipv4, skb, dst, now);
      return;
    }
  }
  if (dst.error === 0 && (type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_MULTICAST)) {
    const routed = type === RTN_MULTICAST && ipv4.routesMulticasts(device, view.getUint32(at + 16));
    if (!routed || ipv4.multicastRouting.input(skb, device)) localDeliver(ipv4, skb, now);
    return;
  }
  inputError(ipv4, skb, dst.error);
}

/** ip_error() and the failures of ip_route_input(). */
function inputError(ipv4: Ipv4, skb: PacketBuffer, error: number): void {
  const stats = ipv4.stats;
  let reason = DropReason.NOT_SPECIFIED;
  if (error === ENETUNREACH || error === EHOSTUNREACH || error === EACCES) {
    let code = HOST_UNREACH;
    if (error === ENETUNREACH) {
      code = NET_UNREACH;
      stats.inNoRoutes++;
      reason = DropReason.IP_INNOROUTES;
    } else if (error === EHOSTUNREACH) {
      stats.inAddrErrors++;
      reason = DropReason.IP_INADDRERRORS;
    } else code = PKT_FILTERED;
    if (skb.packetType === PACKET_HOST) ipv4.icmp.sendErrorLimited(skb, DEST_UNREACH, code, 0);
  } else if (error === EXDEV) {
    reason = DropReason.IP_RPFILTER;
    ipv4.ipReversePathFilter++;
  } else {
    // A martian: addresses that cannot be there (ip_route_input_slow(): martian_source, martian_destination), or a blackhole.
    reason = DropReason.IP_INADDRERRORS;
  }
  ipv4.namespace.stack.drop(skb, reason);
}

/** ip_rcv_options(): false: the packet was dropped. */
function acceptOptions(ipv4: Ipv4, skb: PacketBuffer, device: NetDevice): boolean {
  // Record route and timestamp are written into the packet.
  if (skb.shared && !ipv4.namespace.stack.pool.makeWritable(skb)) {
    ipv4.stats.inDiscards++;
    ipv4.namespace.stack.drop(skb, DropReason.NOMEM);
    return false;
  }
  if (compileOptions(ipv4, skb, true) !== 0) {
    ipv4.stats.inHdrErrors++;
    ipv4.namespace.stack.drop(skb, DropReason.IP_INHDR);
    return false;
  }
  if ((skb.cb2 & 0xff) !== 0) {
    // Source routing is refused unless conf.all and the device allow it (accept_source_route).
    if (!ipv4.acceptsSourceRoute(device) || !receiveSourceRoute(ipv4, skb, device)) {
      ipv4.namespace.stack.drop(skb, DropReason.IP_INHDR);
      return false;
    }
  }
  return true;
}

/** ip_local_deliver(): the packet is for this host. */
export function localDeliver(ipv4: Ipv4, skb: PacketBuffer, device: NetDevice): void {
  let packet: PacketBuffer | null = skb;
  if ((skb.view.getUint16(skb.networkHeader + 6) & (ip.MF | ip.OFFSET_MASK)) !== 0) {
    packet = ipv4.reassembly.add(skb);
    if (packet === null) return;
  }
  if (ipv4.hooks.localIn.length !== 0 && !ipv4.hooks.pass(packet, LOCAL_IN, device, null)) return;
  localDeliverFinish(ipv4, packet);
}

/** ip_local_deliver_finish(), ip_protocol_deliver_rcu(): raw sockets see it first, then the transport has it. */
export function localDeliverFinish(ipv4: Ipv4, skb: PacketBuffer): void {
  const protocol = skb.view.getUint8(skb.networkHeader + 9);
  skb.data = skb.transportHeader;
  const raw = ipv4.rawReceiver?.deliver(skb, protocol) === true;
  const transport = ipv4.transports[protocol];
  if (transport !== null && transport !== undefined) {
    ipv4.stats.inDelivers++;
    transport.receive(skb);
    return;
  }
  if (raw) {
    ipv4.stats.inDelivers++;
    ipv4.namespace.stack.consume(skb);
    return;
  }
  ipv4.stats.inUnknownProtos++;
  ipv4.icmp.sendError(skb, DEST_UNREACH, PROTOCOL_UNREACH, 0);
  ipv4.namespace.stack.drop(skb, DropReason.IP_NOPROTO);
}
