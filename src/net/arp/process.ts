import { IFF_NOARP, NUD_REACHABLE, NUD_STALE, RTN_LOCAL, RTN_UNICAST, RT_SCOPE_HOST, RT_SCOPE_LINK } from '../../netlink/rtnl/constants.js';
import * as arp from '../../wire/arp.js';
import { ADDRESS_BYTES, ETH_P_IP } from '../../wire/ethernet.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { ARP_IN, runHooks } from '../core/hooks.js';
import { Flow } from '../core/flow.js';
import { NEIGH_UPDATE_F_OVERRIDE, type Neighbour } from '../core/neighbour.js';
import { PACKET_HOST, PACKET_LOOPBACK, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { replyMetadata } from '../core/tunnel-metadata.js';
import type { Ipv4Device } from '../ipv4/device.js';
import { type Ipv4Routes, ipv4Routes } from '../ipv4/routes.js';
import type { Rtable } from '../ipv4/rtable.js';
import { arpSend } from './send.js';

const IPV4_BYTES = 4;
const filterFlow = new Flow();
/** The sender's hardware address of the packet in hand: neighbours copy it. */
const senderHardware = new Uint8Array(ADDRESS_BYTES);

/** An ARP packet came in, `skb.data` at its header. Takes ownership. Linux: arp_rcv() */
export function arpReceive(skb: PacketBuffer, device: NetDevice): void {
  const { stack } = device;
  if ((device.flags & IFF_NOARP) !== 0 || skb.packetType === PACKET_OTHERHOST || skb.packetType === PACKET_LOOPBACK) {
    stack.consume(skb);
    return;
  }
  const at = skb.data;
  if (skb.length < arp.PACKET) {
    stack.drop(skb, DropReason.HDR_TRUNC);
    return;
  }
  const { view } = skb;
  if (
    arp.hardwareLength(view, at) !== device.address.length ||
    arp.protocolLength(view, at) !== IPV4_BYTES ||
    arp.hardwareType(view, at) !== device.type ||
    arp.protocolType(view, at) !== ETH_P_IP
  ) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const { members } = device.namespace.arpInput;
  if (members.length !== 0 && !runHooks(members, skb, ARP_IN, device, null)) return;
  arpProcess(skb, device, false);
}

/** `waited`: it is a question that waited at the proxy for its answer. Linux: arp_process() */
export function arpProcess(skb: PacketBuffer, device: NetDevice, waited: boolean): void {
  const { stack } = device;
  const inDevice = device.ipv4;
  if (inDevice === null) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const routes = ipv4Routes(device.namespace);
  const at = skb.data;
  const { view, bytes } = skb;
  const operation = arp.operation(view, at);
  const sender = arp.sender(view, at);
  const target = arp.target(view, at);
  const known = operation === arp.ARPOP_REQUEST || operation === arp.ARPOP_REPLY;
  const badTarget = target >>> 28 === 0xe || (target >>> 24 === 127 && !inDevice.routesLocalnet());
  if (!known || badTarget || (sender === target && inDevice.dropsGratuitousArp())) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  for (let i = 0; i < ADDRESS_BYTES; i++) senderHardware[i] = bytes[arp.senderHardware(at) + i]!;
  if (sender === 0) {
    // RFC 5227 2.1.1: a probe; who has the address says so.
    const ours = operation === arp.ARPOP_REQUEST && routes.fib.addressTypeOn(device, target) === RTN_LOCAL;
    if (ours && !ignores(routes, inDevice, sender, target)) reply(skb, device, target, sender);
    stack.consume(skb);
    return;
  }
  if (operation === arp.ARPOP_REQUEST && answer(routes, skb, device, inDevice, sender, target, waited)) return;
  learn(routes, skb, device, inDevice, operation, sender, target);
  stack.consume(skb);
}

/** True: it was a question to us, or to somebody we answer for; the packet is taken care of. */
function answer(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  device: NetDevice,
  inDevice: Ipv4Device,
  sender: number,
  target: number,
  waited: boolean,
): boolean {
  const route = routes.input(skb, target, sender, 0, device);
  if (route.error !== 0) return false;
  const { stack } = device;
  if (route.type === RTN_LOCAL) {
    const silent = ignores(routes, inDevice, sender, target) || (inDevice.filtersArp() && filtered(routes, device, sender, target));
    if (!silent && hear(routes, device, sender) !== null) reply(skb, device, target, sender);
    stack.consume(skb);
    return true;
  }
  if (!inDevice.forwards() || route.type !== RTN_UNICAST || !proxies(routes, device, inDevice, route, sender, target)) return false;
  const neighbour = hear(routes, device, sender);
  if (neighbour !== null && (waited || skb.packetType === PACKET_HOST || inDevice.arpParameters.values.proxyDelayMs === 0)) {
    reply(skb, device, target, sender);
    stack.consume(skb);
  } else if (neighbour === null) stack.consume(skb);
  else {
    skb.dst = null;
    routes.arp.proxies.enqueue(skb, inDevice.arpParameters);
  }
  return true;
}

/** Who asks is heard of (neigh_event_ns()). */
function hear(routes: Ipv4Routes, device: NetDevice, sender: number): Neighbour | null {
  const neighbour = routes.arp.obtain(device, sender);
  neighbour?.learn(senderHardware, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
  return neighbour;
}

function reply(skb: PacketBuffer, device: NetDevice, target: number, sender: number): void {
  arpSend(device, arp.ARPOP_REPLY, target, sender, senderHardware, senderHardware, replyMetadata(skb.tunnel));
}

/** What an answer, or anything else that names its sender, tells of whom we know. */
function learn(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  device: NetDevice,
  inDevice: Ipv4Device,
  operation: number,
  sender: number,
  target: number,
): void {
  let neighbour = routes.arp.lookup(device, sender);
  const accepts = accepted(inDevice, sender);
  if (neighbour === null && !accepts) return;
  const unicast = routes.fib.addressTypeOn(device, sender) === RTN_UNICAST;
  const gratuitous = unicast && isGratuitous(skb, operation, sender, target);
  if (neighbour === null && (gratuitous || (operation === arp.ARPOP_REPLY && unicast))) neighbour = routes.arp.obtain(device, sender);
  if (neighbour === null) return;
  // The first of several answers counts (locktime), unless the address itself says that it has moved.
  const { nowUs } = device.stack;
  const override = gratuitous || nowUs > neighbour.updatedUs + neighbour.parameters.values.locktimeMs * 1000;
  // Only an answer to us alone proves that we can be heard.
  const state = operation === arp.ARPOP_REPLY && skb.packetType === PACKET_HOST ? NUD_REACHABLE : NUD_STALE;
  neighbour.learn(senderHardware, state, override ? NEIGH_UPDATE_F_OVERRIDE : 0);
}

/** Linux: arp_is_garp() */
function isGratuitous(skb: PacketBuffer, operation: number, sender: number, target: number): boolean {
  if (sender !== target) return false;
  if (operation !== arp.ARPOP_REPLY) return true;
  const at = arp.targetHardware(skb.data);
  for (let i = 0; i < ADDRESS_BYTES; i++) if (skb.bytes[at + i] !== senderHardware[i]) return false;
  return true;
}

/** arp_accept: 1 unknown senders are noted, 2 those of a net of ours. */
function accepted(inDevice: Ipv4Device, sender: number): boolean {
  const accept = inDevice.arpAccept();
  return accept === 1 || (accept === 2 && inDevice.onLink(sender, 0));
}

/** arp_ignore: true, a question about `target` gets no answer. Linux: arp_ignore() */
function ignores(routes: Ipv4Routes, inDevice: Ipv4Device, sender: number, target: number): boolean {
  switch (inDevice.arpIgnore()) {
    case 1:
      return !confirms(inDevice, 0, target, RT_SCOPE_HOST);
    case 2:
      return !confirms(inDevice, sender, target, RT_SCOPE_HOST);
    case 3:
      return !routes.addresses.local.all(target).some((held) => held.scope <= RT_SCOPE_LINK);
    case 8:
      return true;
    default:
      return false;
  }
}

/** Whether the device has `address`, in the net of `peer` where that is not 0. Linux: inet_confirm_addr() */
function confirms(inDevice: Ipv4Device, peer: number, address: number, scope: number): boolean {
  let has = false;
  let inNet = peer === 0;
  for (const held of inDevice.addresses) {
    if (held.scope > scope) continue;
    if (held.local === address) has = true;
    if (peer !== 0 && held.covers(address) && held.covers(peer)) inNet = true;
  }
  return has && inNet;
}

/** arp_filter: an answer goes only out of the device by which packets to `sender` would leave. */
function filtered(routes: Ipv4Routes, device: NetDevice, sender: number, target: number): boolean {
  filterFlow.reset();
  filterFlow.destination = sender;
  filterFlow.source = target;
  const route = routes.output(filterFlow);
  return route.error !== 0 || route.device !== device;
}

/** Whether we stand for `target`: proxy_arp, proxy_arp_pvlan, or an entry that says so. Linux: arp_fwd_proxy(), arp_fwd_pvlan() */
function proxies(routes: Ipv4Routes, device: NetDevice, inDevice: Ipv4Device, route: Rtable, sender: number, target: number): boolean {
  if (route.device !== device) {
    if (inDevice.proxiesArp() && differsInMedium(inDevice, route.device!.ipv4)) return true;
    return routes.arp.proxies.lookup(device, target) !== null;
  }
  // Private VLANs: hosts of one device that cannot see each other.
  return inDevice.config.proxyArpPvlan !== 0 && sender !== target;
}

/** medium_id: two devices on the same medium need no proxy between them. */
function differsInMedium(input: Ipv4Device, output: Ipv4Device | null): boolean {
  const medium = input.config.mediumId;
  if (medium === 0) return true;
  if (medium === -1) return false;
  const other = output === null ? 0 : output.config.mediumId;
  return other !== medium && other !== -1;
}
