import { EACCES, EINVAL } from '../../base/errno.js';
import { IFF_LOOPBACK, RTN_ANYCAST, RTN_LOCAL, RTN_MULTICAST } from '../../netlink/rtnl/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { PRE_ROUTING } from '../core/hooks.js';
import { PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { ip6Forward } from './forward.js';
import type { Ipv6 } from './ipv6.js';
import { FORWARDED, ROUTER_ALERT } from './control-block.js';
import { enteredBy, heldBy, ip6Count } from './count.js';
import { readHopByHop } from './receive-headers.js';
import { ip6Input } from './deliver.js';
import { Ip6Mib } from './snmp.js';
import { l3MasterOf } from '../core/l3mdev.js';

const source = new Uint32Array(4);
const destination = new Uint32Array(4);

/** ipv6_rcv(): an IPv6 packet came in by `device`, `skb.data` at its header. Takes ownership. */
export function ip6Receive(skb: PacketBuffer, device: NetDevice): void {
  const { stack } = device;
  const { ipv6 } = device.namespace;
  if (skb.packetType === PACKET_OTHERHOST) {
    device.statistics.rxOtherhostDropped++;
    stack.drop(skb, DropReason.OTHERHOST);
    return;
  }
  const at = skb.data;
  const have = skb.tail - at;
  const inDevice = device.ipv6;
  ip6Count(ipv6, inDevice, Ip6Mib.InReceives);
  ip6Count(ipv6, inDevice, Ip6Mib.InOctets, have);
  if (inDevice === null || inDevice.disabled()) {
    ip6Count(ipv6, inDevice, Ip6Mib.InDiscards);
    stack.drop(skb, DropReason.IPV6DISABLED);
    return;
  }
  const view = skb.view;
  if (have < ip6.HEADER || ip6.version(view, at) !== 6) {
    ip6Count(ipv6, inDevice, Ip6Mib.InHdrErrors);
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  ip6Count(ipv6, inDevice, Ip6Mib.InNoECTPkts + (ip6.trafficClass(view, at) & 3));
  ip6.readAddress(view, at + ip6.SOURCE, source);
  ip6.readAddress(view, at + ip6.DESTINATION, destination);
  if (!plausible(skb, device)) {
    ip6Count(ipv6, inDevice, Ip6Mib.InHdrErrors);
    stack.drop(skb, DropReason.IP_INHDR);
    return;
  }
  const unicastInMulticast = !ip6.isMulticast(destination) && (skb.packetType === PACKET_BROADCAST || skb.packetType === PACKET_MULTICAST);
  if (unicastInMulticast && inDevice.config.dropUnicastInL2Multicast !== 0) {
    stack.drop(skb, DropReason.UNICAST_IN_L2_MULTICAST);
    return;
  }
  const payload = ip6.payloadLength(view, at);
  // RFC 2675 jumbograms are not taken: a length of zero is what stands there.
  if (payload + ip6.HEADER > have) {
    ip6Count(ipv6, inDevice, Ip6Mib.InTruncatedPkts);
    stack.drop(skb, DropReason.PKT_TOO_SMALL);
    return;
  }
  // What the link padded goes.
  if (payload !== 0 || ip6.nextHeader(view, at) !== ip6.NEXTHDR_HOP) skb.tail = at + ip6.HEADER + payload;
  skb.networkHeader = at;
  skb.transportHeader = at + ip6.HEADER;
  skb.socket = null;
  skb.cb0 = 0;
  skb.cb1 = 0;
  skb.cb2 = 6;
  skb.cb3 = ip6.HEADER;
  if (ip6.nextHeader(view, at) === ip6.NEXTHDR_HOP && !readHopByHop(ipv6, skb)) return;
  if (ipv6.hooks.preRouting.length !== 0 && !ipv6.hooks.pass(skb, PRE_ROUTING, device, null)) return;
  ip6ReceiveFinish(ipv6, skb, device);
}

/** What no packet on a wire may say of itself (ip6_rcv_core()). */
function plausible(skb: PacketBuffer, device: NetDevice): boolean {
  const loopback = (device.flags & IFF_LOOPBACK) !== 0;
  if (!loopback && device.l3Table === 0 && (ip6.isLoopback(source) || ip6.isLoopback(destination))) return false;
  if (ip6.isMulticast(source)) return false;
  if (!ip6.isMulticast(destination)) return true;
  const scope = ip6.multicastScope(destination);
  if (scope === 0) return false;
  // RFC 4291 2.7: interface-local groups never come by a wire.
  return !(scope === 1 && !loopback && skb.packetType !== PACKET_LOOPBACK);
}

/** ip6_rcv_finish(): where the packet goes. Also where a packet goes on that a hook had kept, or a routing header sent on. */
export function ip6ReceiveFinish(ipv6: Ipv6, skb: PacketBuffer, device: NetDevice): void {
  let now = device;
  if (skb.sdif === 0 && (device.master !== null || device.l3 !== null)) {
    const domain = device.l3 !== null ? device : l3MasterOf(device);
    if (domain !== null && domain.l3 !== null) {
      if (!domain.l3.receive6(skb)) return;
      // Neighbour discovery stays with the member.
      now = skb.device!;
    }
  }
  let dst = skb.dst === null ? null : ipv6.asRoute(skb.dst);
  if (dst === null || !ipv6.valid(dst)) {
    dst = ipv6.routes.input(skb, skb.networkHeader, now);
    skb.dst = dst;
  } else if (dst.type === RTN_LOCAL && dst.info !== null && device === ipv6.namespace.loopback) {
    // What loops back counts as come in by the device whose address it is for. Linux: ip6_rcv_core(), ip6_dst_idev()
    skb.iif = dst.info.device.ifindex;
  }
  if (ip6.isMulticast(ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, destination))) {
    const owner = heldBy(skb);
    ip6Count(ipv6, owner, Ip6Mib.InMcastPkts);
    ip6Count(ipv6, owner, Ip6Mib.InMcastOctets, skb.tail - skb.data);
    if (dst.error === 0 || dst.type === RTN_MULTICAST) multicastInput(ipv6, skb, device);
    else discard(ipv6, skb, dst.error);
    return;
  }
  if (dst.error !== 0) {
    discard(ipv6, skb, dst.error);
    return;
  }
  if (dst.type === RTN_LOCAL || dst.type === RTN_ANYCAST) ip6Input(ipv6, skb, now);
  else ip6Forward(ipv6, skb, dst, now);
}

/** ip6_pkt_discard(), ip6_pkt_prohibit(): nobody to give it to. */
function discard(ipv6: Ipv6, skb: PacketBuffer, error: number): void {
  if (error === EINVAL) {
    // A blackhole says nothing.
    ipv6.namespace.stack.drop(skb, DropReason.IP_INNOROUTES);
    return;
  }
  ip6Count(ipv6, enteredBy(ipv6, skb), ip6.isAny(destination) ? Ip6Mib.InAddrErrors : Ip6Mib.InNoRoutes);
  ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, error === EACCES ? icmpv6.ADM_PROHIBITED : icmpv6.NOROUTE, 0);
  ipv6.namespace.stack.drop(skb, DropReason.IP_INNOROUTES);
}

/** ip6_mc_input(): for this host, and perhaps for others behind it. */
function multicastInput(ipv6: Ipv6, skb: PacketBuffer, device: NetDevice): void {
  const report = (skb.cb0 & ROUTER_ALERT) !== 0 && ipv6.multicast.isReport(skb);
  const wanted = report || ipv6.multicast.isMember(device, destination);
  const { stack } = ipv6.namespace;
  // Beyond the link, and not what a router here has sent.
  if (ipv6.multicastRouting.routers !== 0 && !report && ip6.multicastScope(destination) > 2 && (skb.cb0 & FORWARDED) === 0) {
    ipv6.multicastRouting.input(wanted ? stack.pool.clone(skb) : skb, device);
    if (wanted) ip6Input(ipv6, skb, device);
    return;
  }
  if (wanted) ip6Input(ipv6, skb, device);
  else stack.drop(skb, DropReason.IP_INADDRERRORS);
}
