import { EHOSTUNREACH, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS } from '../../base/errno.js';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../netlink/rtnl/constants.js';
import { DEST_UNREACH, FRAG_NEEDED } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { completeChecksum } from '../core/checksum-offload.js';
import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import { DropReason } from '../core/drop-reason.js';
import type { Flow } from '../core/flow.js';
import { gsoNetworkLength, segment } from '../core/gso.js';
import { LOCAL_OUT, POST_ROUTING } from '../core/hooks.js';
import type { HeaderFields } from '../core/internet.js';
import { CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, PACKET_LOOPBACK, type PacketBuffer } from '../core/packet-buffer.js';
import { FRAG_COMPLETE, IGNORE_DF, NO_MULTICAST_LOOP } from './control-block.js';
import { fragment } from './fragment.js';
import type { Ipv4 } from './ipv4.js';
import { buildOptions } from './options.js';
import type { Ipv4Route } from './routing.js';
import { AF_INET } from '../../netlink/constants.js';

/** ip_queue_xmit(), ip_push_pending_frames(): the transport's packet gets its header and goes. Takes ownership; 0 or negative errno. */
export function ipQueueTransmit(ipv4: Ipv4, skb: PacketBuffer, dst: Ipv4Route, flow: Flow, header: HeaderFields): number {
  if (dst.error !== 0) {
    if (dst.error === ENETUNREACH || dst.error === EHOSTUNREACH) ipv4.stats.outNoRoutes++;
    ipv4.namespace.stack.drop(skb, DropReason.IP_OUTNOROUTES);
    return -dst.error;
  }
  const options = header.options;
  const optionBytes = options === null ? 0 : options.length;
  const headerBytes = ip.HEADER + optionBytes;
  const at = skb.push(headerBytes);
  const length = skb.tail - at;
  if (length > ip.MAX_LENGTH) {
    ipv4.namespace.stack.drop(skb, DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  skb.networkHeader = at;
  skb.transportHeader = at + headerBytes;
  const destination = flow.destination;
  const view = skb.view;
  view.setUint16(at, 0x4000 | (headerBytes << 6) | header.tos);
  view.setUint16(at + 2, length);
  let id = header.id;
  if (id < 0) {
    // RFC 6864: an atomic datagram needs none. Linux: ip_select_ident_segs()
    if (header.dontFragment) id = 0;
    else id = ipv4.identifiers.take(flow.source, destination, flow.protocol, Math.max(1, skb.gsoSegments), ipv4.nowMs());
  }
  view.setUint16(at + 4, id);
  view.setUint16(at + 6, header.dontFragment ? ip.DF : 0);
  let ttl = header.ttl;
  if (ttl === 0) ttl = dst.type === RTN_MULTICAST ? 1 : ipv4.hopLimit(dst);
  else if (ttl < 0) ttl = 0;
  view.setUint8(at + 8, ttl);
  view.setUint8(at + 9, flow.protocol);
  view.setUint16(at + 10, 0);
  view.setUint32(at + 12, flow.source);
  view.setUint32(at + 16, destination);
  if (options !== null) buildOptions(skb, options, flow);
  skb.cb0 = header.dontFragment ? 0 : IGNORE_DF;
  if (!header.multicastLoop) skb.cb0 |= NO_MULTICAST_LOOP;
  skb.cb1 = 0;
  skb.cb2 = 0;
  skb.cb3 = 0;
  skb.dst = dst;
  return ipLocalOut(ipv4, skb);
}

/** ip_local_out(): a packet with a header of this host's making. Takes ownership. */
export function ipLocalOut(ipv4: Ipv4, skb: PacketBuffer): number {
  const at = skb.networkHeader;
  const dst = skb.dst!;
  skb.view.setUint16(at + 2, skb.tail - at);
  ip.writeChecksum(skb.view, at, skb.transportHeader - at);
  const master = dst.device!.master;
  // Groups and everybody are spoken to by the very device.
  if (master !== null && master.l3 !== null && dst.type !== RTN_MULTICAST && skb.view.getUint32(at + 16) !== 0xffff_ffff) {
    if (!master.l3.output(skb, AF_INET)) return 0;
  }
  skb.protocol = ip.ETHERTYPE;
  skb.device = dst.device;
  if (ipv4.hooks.localOut.length !== 0 && !ipv4.hooks.pass(skb, LOCAL_OUT, null, dst.device)) return 0;
  return ipOutput(ipv4, skb);
}

/** ip_output() and ip_mc_output(): by the route's device, copies for this host where it is a group's or everybody's. */
export function ipOutput(ipv4: Ipv4, skb: PacketBuffer): number {
  const dst = ipv4.asRoute(skb.dst!)!;
  const device = dst.device!;
  const stats = ipv4.stats;
  stats.outRequests++;
  stats.outOctets += skb.tail - skb.data;
  skb.device = device;
  const type = dst.type;
  if ((type === RTN_MULTICAST || type === RTN_BROADCAST) && (device.flags & IFF_LOOPBACK) === 0) {
    if (type === RTN_BROADCAST ? !dst.directed : ipv4.loopsMulticast(skb, dst)) loopBack(ipv4, skb);
    if (type === RTN_MULTICAST && skb.view.getUint8(skb.networkHeader + 8) === 0) {
      ipv4.namespace.stack.consume(skb);
      return 0;
    }
  }
  if (ipv4.hooks.postRouting.length !== 0 && !ipv4.hooks.pass(skb, POST_ROUTING, null, device)) return 0;
  return ipFinishOutput(ipv4, skb);
}

/** ip_finish_output(): what is too long is cut. Also where a packet goes on that a hook had kept. */
export function ipFinishOutput(ipv4: Ipv4, skb: PacketBuffer): number {
  const dst = ipv4.asRoute(skb.dst!)!;
  const mtu = ipv4.outputMtu(skb, dst);
  const length = skb.tail - skb.data;
  if (skb.gsoSize !== 0 && length > mtu) {
    if (gsoNetworkLength(skb) <= mtu) return finishOutput2(ipv4, skb, dst);
    // The pieces themselves are too long for this way (ip_finish_output_gso()): cut twice.
    return eachPiece(ipv4, segment(skb), dst, mtu);
  }
  if (length > mtu || ((skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 !== 0 && skb.cb1 < length)) return ipFragment(ipv4, skb, dst, mtu);
  return finishOutput2(ipv4, skb, dst);
}

function eachPiece(ipv4: Ipv4, pieces: PacketBuffer | null, dst: Ipv4Route, mtu: number): number {
  let result = 0;
  for (let piece = pieces; piece !== null; ) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    const one = piece.tail - piece.data > mtu ? ipFragment(ipv4, piece, dst, mtu) : finishOutput2(ipv4, piece, dst);
    if (one !== 0) result = one;
    piece = next;
  }
  return result;
}

/** ip_fragment(): cut, unless DF forbids it. */
function ipFragment(ipv4: Ipv4, skb: PacketBuffer, dst: Ipv4Route, mtu: number): number {
  const at = skb.networkHeader;
  const frag = skb.view.getUint16(at + 6);
  const stats = ipv4.stats;
  if ((frag & ip.DF) !== 0 && ((skb.cb0 & IGNORE_DF) === 0 || ((skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 > mtu))) {
    stats.fragFails++;
    ipv4.icmp.sendError(skb, DEST_UNREACH, FRAG_NEEDED, mtu);
    ipv4.namespace.stack.drop(skb, DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  if (!completeChecksum(skb)) {
    stats.fragFails++;
    ipv4.namespace.stack.drop(skb, DropReason.NOMEM);
    return -ENOBUFS;
  }
  // Fragments of what arrived in fragments are no longer than those were.
  const limit = (skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 !== 0 ? Math.min(mtu, skb.cb1) : mtu;
  let piece = fragment(ipv4, skb, limit);
  if (piece === null) return -ENOBUFS;
  let result = 0;
  while (piece !== null) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    stats.fragCreates++;
    const one = finishOutput2(ipv4, piece, dst);
    if (one !== 0) result = one;
    piece = next;
  }
  if (result === 0) stats.fragOKs++;
  return result;
}

/** ip_finish_output2(): to the neighbour that is the next hop. */
function finishOutput2(ipv4: Ipv4, skb: PacketBuffer, dst: Ipv4Route): number {
  const stats = ipv4.stats;
  const length = skb.tail - skb.data;
  if (dst.type === RTN_MULTICAST) {
    stats.outMcastPkts++;
    stats.outMcastOctets += length;
  } else if (dst.type === RTN_BROADCAST) {
    stats.outBcastPkts++;
    stats.outBcastOctets += length;
  }
  const neighbour = ipv4.neighbour(dst, skb.view.getUint32(skb.networkHeader + 16));
  if (neighbour === null) {
    ipv4.namespace.stack.drop(skb, DropReason.NEIGH_CREATEFAIL);
    return -EINVAL;
  }
  return neighbour.output(skb);
}

/** ip_mc_finish_output(), dev_loopback_xmit(): a copy for the receivers on this host. */
function loopBack(ipv4: Ipv4, skb: PacketBuffer): void {
  const stack = ipv4.namespace.stack;
  const copy = stack.pool.copy(skb);
  if (copy === null) return;
  copy.packetType = PACKET_LOOPBACK;
  copy.macHeader = copy.networkHeader;
  // It keeps its route: seen from the wire, an own address as source would be a martian's.
  copy.dst = skb.dst;
  copy.iif = 0;
  copy.sdif = 0;
  // Bytes that never left the host are not in doubt.
  if (copy.ipSummed !== CHECKSUM_PARTIAL) copy.ipSummed = CHECKSUM_UNNECESSARY;
  if (!stack.enqueue(copy)) stack.drop(copy, DropReason.CPU_BACKLOG);
}
