import { EINVAL, EMSGSIZE, ENOBUFS, ENETDOWN, EHOSTUNREACH, ENETUNREACH } from '../../base/errno.js';
import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import { completeChecksum } from '../core/checksum-offload.js';
import { DropReason } from '../core/drop-reason.js';
import type { Flow } from '../core/flow.js';
import { gsoNetworkLength, segment } from '../core/gso.js';
import { LOCAL_OUT, POST_ROUTING } from '../core/hooks.js';
import type { HeaderFields } from '../core/internet.js';
import { CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, PACKET_LOOPBACK, type PacketBuffer } from '../core/packet-buffer.js';
import { FORWARDED, FRAG_COMPLETE, IGNORE_DF, NO_MULTICAST_LOOP } from './control-block.js';
import { ip6Count } from './count.js';
import { makeFlowLabel } from './flow-label.js';
import { fragment6 } from './fragment.js';
import type { Ipv6 } from './ipv6.js';
import type { Rt6 } from './rt6.js';
import { Ip6Mib } from './snmp.js';
import { AF_INET6 } from '../../netlink/constants.js';

const destinationScratch = new Uint32Array(4);

/** ip6_xmit(), ip6_push_pending_frames(): the transport's packet gets its header and goes. Takes ownership; 0 or negative errno. */
export function ip6Transmit(ipv6: Ipv6, skb: PacketBuffer, dst: Rt6, flow: Flow, header: HeaderFields): number {
  const { stack } = ipv6.namespace;
  if (dst.error !== 0) {
    if (dst.error === ENETUNREACH || dst.error === EHOSTUNREACH) ip6Count(ipv6, null, Ip6Mib.OutNoRoutes);
    stack.drop(skb, DropReason.IP_OUTNOROUTES);
    return -dst.error;
  }
  const payload = skb.tail - skb.data;
  if (payload > ip6.MAX_PAYLOAD) {
    stack.drop(skb, DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  const transport = skb.data;
  const at = skb.push(ip6.HEADER);
  skb.networkHeader = at;
  skb.transportHeader = transport;
  const view = skb.view;
  let hops = header.ttl;
  if (hops === 0) hops = ip6.isMulticast(flow.destination6) ? 1 : ipv6.routes.hopLimit(dst);
  else if (hops < 0) hops = 0;
  view.setUint32(at, 0x6000_0000 | (header.tos << 20) | makeFlowLabel(ipv6.settings, ipv6.flowSeed, flow, header));
  view.setUint16(at + 4, payload);
  view.setUint8(at + 6, flow.protocol);
  view.setUint8(at + 7, hops);
  ip6.writeAddress(view, at + ip6.SOURCE, flow.source6);
  ip6.writeAddress(view, at + ip6.DESTINATION, flow.destination6);
  skb.cb0 = header.dontFragment ? 0 : IGNORE_DF;
  if (!header.multicastLoop) skb.cb0 |= NO_MULTICAST_LOOP;
  skb.cb1 = 0;
  skb.cb2 = 6;
  skb.cb3 = ip6.HEADER;
  skb.dst = dst;
  ip6CountOut(ipv6, dst, skb.tail - at);
  return ip6LocalOut(ipv6, skb);
}

/** A packet of `bytes` that this host itself sends by `dst`. Linux: IP6_UPD_PO_STATS(..., IPSTATS_MIB_OUT, ...) */
export function ip6CountOut(ipv6: Ipv6, dst: Rt6, bytes: number): void {
  ip6Count(ipv6, dst.owner, Ip6Mib.OutRequests);
  ip6Count(ipv6, dst.owner, Ip6Mib.OutOctets, bytes);
}

/** ip6_local_out(): a packet with a header of this host's making, `skb.dst` set. Takes ownership. */
export function ip6LocalOut(ipv6: Ipv6, skb: PacketBuffer): number {
  const dst = skb.dst!;
  skb.view.setUint16(skb.networkHeader + 4, Math.max(0, skb.tail - skb.networkHeader - ip6.HEADER));
  const master = dst.device!.master;
  // What stays on the link is the member's own. Linux: vrf_ip6_out()
  if (master !== null && master.l3 !== null && !isForLink(skb) && !master.l3.output(skb, AF_INET6)) return 0;
  skb.protocol = ip6.ETHERTYPE;
  skb.device = dst.device;
  if (ipv6.hooks.localOut.length !== 0 && !ipv6.hooks.pass(skb, LOCAL_OUT, null, dst.device)) return 0;
  return ip6Output(ipv6, skb);
}

/** ip6_output(): by the route's device. */
export function ip6Output(ipv6: Ipv6, skb: PacketBuffer): number {
  const device = skb.dst!.device!;
  skb.device = device;
  if (device.ipv6 === null || device.ipv6.disabled()) {
    ip6Count(ipv6, ipv6.asRoute(skb.dst!).owner, Ip6Mib.OutDiscards);
    ipv6.namespace.stack.drop(skb, DropReason.IPV6DISABLED);
    return device.ipv6 === null ? -ENETDOWN : 0;
  }
  if (ipv6.hooks.postRouting.length !== 0 && !ipv6.hooks.pass(skb, POST_ROUTING, null, device)) return 0;
  return ip6FinishOutput(ipv6, skb);
}

/** ip6_finish_output(): what is too long is cut. Also where a packet goes on that a hook had kept. */
export function ip6FinishOutput(ipv6: Ipv6, skb: PacketBuffer): number {
  const dst = ipv6.asRoute(skb.dst!);
  const mtu = outputMtu(ipv6, skb, dst);
  const length = skb.tail - skb.data;
  if (skb.gsoSize !== 0 && length > mtu) {
    if (gsoNetworkLength(skb) <= mtu) return finishOutput2(ipv6, skb, dst);
    return eachPiece(ipv6, segment(skb), dst, mtu);
  }
  // Fragments of what arrived in fragments are no longer than those were.
  if (length > mtu || ((skb.cb0 & FRAG_COMPLETE) !== 0 && skb.cb1 !== 0 && length > skb.cb1)) return ip6Fragment(ipv6, skb, dst, mtu);
  return finishOutput2(ipv6, skb, dst);
}

/** A router does not trust path MTUs (ip6_dst_mtu_maybe_forward()). */
function outputMtu(ipv6: Ipv6, skb: PacketBuffer, dst: Rt6): number {
  return (skb.cb0 & FORWARDED) !== 0 ? ipv6.routes.forwardMtu(dst) : ipv6.routes.mtu(dst);
}

function eachPiece(ipv6: Ipv6, pieces: PacketBuffer | null, dst: Rt6, mtu: number): number {
  let result = 0;
  for (let piece = pieces; piece !== null; ) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    const one = piece.tail - piece.data > mtu ? ip6Fragment(ipv6, piece, dst, mtu) : finishOutput2(ipv6, piece, dst);
    if (one !== 0) result = one;
    piece = next;
  }
  return result;
}

/** ip6_fragment(): only who sent it, or who put it together, may cut it; else the sender is told. */
function ip6Fragment(ipv6: Ipv6, skb: PacketBuffer, dst: Rt6, mtu: number): number {
  const { stack } = ipv6.namespace;
  const joined = (skb.cb0 & FRAG_COMPLETE) !== 0;
  if ((skb.cb0 & IGNORE_DF) === 0 && !(joined && skb.cb1 <= mtu)) {
    ip6Count(ipv6, dst.owner, Ip6Mib.FragFails);
    ipv6.icmp.sendError(skb, icmpv6.PACKET_TOO_BIG, 0, mtu);
    stack.drop(skb, DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  if (!completeChecksum(skb)) {
    ip6Count(ipv6, dst.owner, Ip6Mib.FragFails);
    stack.drop(skb, DropReason.NOMEM);
    return -ENOBUFS;
  }
  let piece = fragment6(ipv6, skb, joined && skb.cb1 !== 0 ? Math.min(mtu, skb.cb1) : mtu);
  if (piece === null) return -ENOBUFS;
  let result = 0;
  while (piece !== null) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    ip6Count(ipv6, dst.owner, Ip6Mib.FragCreates);
    const one = finishOutput2(ipv6, piece, dst);
    if (one !== 0) result = one;
    piece = next;
  }
  if (result === 0) ip6Count(ipv6, dst.owner, Ip6Mib.FragOKs);
  return result;
}

/** ip6_finish_output2(): copies of what goes to a group for the receivers here; then to the neighbour that is the next hop. */
function finishOutput2(ipv6: Ipv6, skb: PacketBuffer, dst: Rt6): number {
  const { stack } = ipv6.namespace;
  const device = dst.device!;
  const v = skb.view;
  const at = skb.networkHeader;
  const destination = ip6.readAddress(v, at + ip6.DESTINATION, destinationScratch);
  if (ip6.isMulticast(destination)) {
    ip6Count(ipv6, dst.owner, Ip6Mib.OutMcastPkts);
    ip6Count(ipv6, dst.owner, Ip6Mib.OutMcastOctets, skb.tail - skb.data);
    if ((device.flags & IFF_LOOPBACK) === 0) {
      // What this host itself sends is routed as if it had come in.
      const looped = (skb.cb0 & (NO_MULTICAST_LOOP | FORWARDED)) === 0;
      if (looped && (ipv6.multicastRouting.routers !== 0 || ipv6.multicast.isMember(device, destination))) loopBack(ipv6, skb);
      if (v.getUint8(at + 7) === 0) {
        ip6Count(ipv6, dst.owner, Ip6Mib.OutDiscards);
        stack.consume(skb);
        return 0;
      }
      if (ip6.multicastScope(destination) <= 1) {
        stack.consume(skb);
        return 0;
      }
    }
  }
  const neighbour = ipv6.routes.neighbour(dst, destination);
  if (neighbour === null) {
    ip6Count(ipv6, dst.owner, Ip6Mib.OutNoRoutes);
    stack.drop(skb, DropReason.NEIGH_CREATEFAIL);
    return -EINVAL;
  }
  return neighbour.output(skb);
}

/** ip6_dev_loopback_xmit(): a copy for the receivers on this host. */
function loopBack(ipv6: Ipv6, skb: PacketBuffer): void {
  const { stack } = ipv6.namespace;
  const copy = stack.pool.copy(skb);
  if (copy === null) return;
  copy.packetType = PACKET_LOOPBACK;
  copy.macHeader = copy.networkHeader;
  copy.dst = null;
  copy.iif = 0;
  copy.sdif = 0;
  if (copy.ipSummed !== CHECKSUM_PARTIAL) copy.ipSummed = CHECKSUM_UNNECESSARY;
  if (!stack.enqueue(copy)) stack.drop(copy, DropReason.CPU_BACKLOG);
}

/** To a group, or to one link alone (rt6_need_strict()). */
function isForLink(skb: PacketBuffer): boolean {
  const destination = ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, destinationScratch);
  return ip6.isMulticast(destination) || ip6.isLinkLocal(destination);
}
