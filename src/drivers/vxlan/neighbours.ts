import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { arpCreate } from '../../net/arp/send.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { NUD_CONNECTED, type Neighbour } from '../../net/core/neighbour.js';
import { CHECKSUM_UNNECESSARY, PACKET_HOST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { NEIGHBOUR_MESSAGE, proxyAdvertisement } from '../../net/core/proxy-advertisement.js';
import { NTF_ROUTER } from '../../netlink/rtnl/constants.js';
import * as arp from '../../wire/arp.js';
import * as ethernet from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { isMulticast } from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { highOf, lowOf } from './database.js';
import type { VxlanDevice } from './device.js';
import { bytesOf, isNowhere } from './remote.js';

// A vxlan device that knows its neighbours (`ip neigh add ... dev vxlan0`) need not ask all of the network for them.

const LOOPBACK_NET = 127;

const neighbourOf = (device: VxlanDevice, address: number): Neighbour | null =>
  device.namespace.neighbourTables.find(({ family }) => family === AF_INET)?.lookup(device, address) ?? null;

const address6 = new Uint32Array(4);

/** By the address that stands in `skb` at `at`, which is in `address6` then. */
const neighbour6Of = (device: VxlanDevice, skb: PacketBuffer, at: number): Neighbour | null => {
  const [k0, k1, k2, k3] = ip6.readAddress(skb.view, at, address6) as unknown as [number, number, number, number];
  return device.namespace.neighbourTables.find(({ family }) => family === AF_INET6)?.lookup(device, k0, k1, k2, k3) ?? null;
};

const tellMiss6 = (device: VxlanDevice): void => {
  if (device.settings.l3miss) device.database.onMiss?.(null, bytesOf({ address: 0, address6 }));
};

const tellMiss = (device: VxlanDevice, address: number): void => {
  if (device.settings.l3miss) device.database.onMiss?.(null, bytesOf({ address, address6: null }));
};

/** `proxy`: a question by ARP is answered from here, and never leaves. Takes ownership. Linux: arp_reduce() */
export function proxyArp(device: VxlanDevice, skb: PacketBuffer): void {
  const { stack } = device;
  answerArp(device, skb);
  stack.consume(skb);
}

function answerArp(device: VxlanDevice, skb: PacketBuffer): void {
  const { database } = device;
  const at = skb.data + ethernet.HEADER;
  const { view, bytes } = skb;
  if (skb.tail - at < arp.PACKET) {
    device.statistics.txDropped++;
    return;
  }
  if (arp.protocolType(view, at) !== ethernet.ETH_P_IP || arp.operation(view, at) !== arp.ARPOP_REQUEST) return;
  if (arp.hardwareLength(view, at) !== ethernet.ADDRESS_BYTES || arp.protocolLength(view, at) !== 4) return;
  const wanted = arp.target(view, at);
  if (wanted >>> 24 === LOOPBACK_NET || isMulticast(wanted)) return;
  const neighbour = neighbourOf(device, wanted);
  if (neighbour === null) {
    tellMiss(device, wanted);
    return;
  }
  if ((neighbour.state & NUD_CONNECTED) === 0) return;
  const remote = database.find(highOf(neighbour.address), lowOf(neighbour.address), 0)?.remotes[0];
  // It is on this side of the network: it answers for itself.
  if (remote !== undefined && isNowhere(remote)) return;
  const asker = bytes.slice(arp.senderHardware(at), arp.senderHardware(at) + ethernet.ADDRESS_BYTES);
  const reply = arpCreate(device, arp.ARPOP_REPLY, wanted, arp.sender(view, at), asker, neighbour.address, asker);
  if (reply !== null) receiveReply(device, reply);
}

/** Whether a frame holds a solicitation of a neighbour, its IPv6 header behind the Ethernet header. */
export function isSolicitation({ view, data, tail }: PacketBuffer): boolean {
  const message = data + ethernet.HEADER + ip6.HEADER;
  if (tail - message < NEIGHBOUR_MESSAGE || ip6.nextHeader(view, data + ethernet.HEADER) !== ip6.NEXTHDR_ICMPV6) return false;
  return icmpv6.type(view, message) === icmpv6.NEIGHBOUR_SOLICITATION && icmpv6.code(view, message) === 0;
}

/** The same for a question of neighbour discovery. Takes ownership. Linux: neigh_reduce() */
export function proxyDiscovery(device: VxlanDevice, skb: PacketBuffer): void {
  const { stack } = device;
  answerDiscovery(device, skb);
  stack.consume(skb);
}

function answerDiscovery(device: VxlanDevice, skb: PacketBuffer): void {
  const at = skb.data + ethernet.HEADER;
  const { view } = skb;
  if (device.ipv6 === null || ip6.isLoopback(ip6.readAddress(view, at + ip6.DESTINATION, address6))) return;
  const neighbour = neighbour6Of(device, skb, at + ip6.HEADER + 8);
  if (ip6.isMulticast(address6)) return;
  if (neighbour === null) {
    tellMiss6(device);
    return;
  }
  if ((neighbour.state & NUD_CONNECTED) === 0) return;
  const entry = device.database.find(highOf(neighbour.address), lowOf(neighbour.address), 0);
  const remote = entry?.remotes[0];
  if (remote !== undefined && isNowhere(remote)) return;
  const reply = proxyAdvertisement(device.stack, skb, at, neighbour.address, entry !== null && (entry.flags & NTF_ROUTER) !== 0);
  if (reply !== null) receiveReply(device, reply);
}

/** An answer from here comes in as if from the network. */
function receiveReply(device: VxlanDevice, reply: PacketBuffer): void {
  reply.device = device;
  reply.ipSummed = CHECKSUM_UNNECESSARY;
  reply.packetType = PACKET_HOST;
  device.parseHeader(reply);
  if (device.stack.enqueue(reply)) return;
  device.statistics.rxDropped++;
  device.stack.drop(reply, DropReason.CPU_BACKLOG);
}

/**
 * `rsc`: what goes to a router, but is for a neighbour that is known, goes to that straight, as if the router had sent it. True: the
 * frame's addresses have changed. Linux: route_shortcircuit()
 */
export function shortcut(device: VxlanDevice, skb: PacketBuffer, protocol: number): boolean {
  const neighbour = protocol === ethernet.ETH_P_IP ? destinationOf(device, skb) : destination6Of(device, skb);
  if (neighbour === null) return false;
  const { address } = neighbour;
  let differs = false;
  for (let i = 0; i < ethernet.ADDRESS_BYTES; i++) if (skb.bytes[skb.data + i] !== address[i]) differs = true;
  if (!differs || (skb.shared && !device.stack.pool.makeWritable(skb))) return false;
  skb.bytes.copyWithin(skb.data + ethernet.ADDRESS_BYTES, skb.data, skb.data + ethernet.ADDRESS_BYTES);
  skb.bytes.set(address.subarray(0, ethernet.ADDRESS_BYTES), skb.data);
  return true;
}

/** The neighbour that a packet of IPv4 is for; null: none is known, and that is told where it is wanted. */
function destinationOf(device: VxlanDevice, skb: PacketBuffer): Neighbour | null {
  const at = skb.data + ethernet.HEADER;
  if (skb.tail - at < 20) return null;
  const destination = skb.view.getUint32(at + 16);
  const neighbour = neighbourOf(device, destination);
  if (neighbour === null) tellMiss(device, destination);
  return neighbour;
}

/** The same of IPv6; groups have no neighbour. */
function destination6Of(device: VxlanDevice, skb: PacketBuffer): Neighbour | null {
  const at = skb.data + ethernet.HEADER;
  if (skb.tail - at < ip6.HEADER) return null;
  const neighbour = neighbour6Of(device, skb, at + ip6.DESTINATION);
  if (ip6.isMulticast(address6)) return null;
  if (neighbour === null) tellMiss6(device);
  return neighbour;
}
