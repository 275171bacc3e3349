import { NUD_VALID } from '../core/neighbour.js';
import type { NetDevice } from '../core/device.js';
import { PACKET_HOST, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { emptyFrame, NEIGHBOUR_MESSAGE, proxyAdvertisement } from '../core/proxy-advertisement.js';
import { netifReceive } from '../core/receive.js';
import { devQueueXmit } from '../core/transmit.js';
import { IFF_NOARP, NTF_ROUTER } from '../../netlink/rtnl/constants.js';
import * as arp from '../../wire/arp.js';
import { ADDRESS_BYTES, ETH_P_ARP, ETH_P_IPV6, HEADER } from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ipv4 from '../../wire/ipv4.js';
import * as ipv6 from '../../wire/ipv6.js';
import type { BridgeDevice } from './bridge-device.js';
import { BR_NEIGH_SUPPRESS, BR_PROXYARP, BR_PROXYARP_WIFI, type BridgePort } from './port.js';

// Questions for neighbours that the bridge answers itself, from the host's neighbour table, for the one who has the address
// (Linux's br_arp_nd_proxy.c).

/** Nothing is known: all ports get it. */
export const PROXY_NONE = 0;
/** Answered, or not to be asked: ports with neigh_suppress or proxy_arp_wifi do not get it. */
export const PROXY_ANSWERED = 1;

const NA_SOLICITED = 0x4000_0000;
const target6 = new Uint32Array(4);
const from6 = new Uint32Array(4);
const to6 = new Uint32Array(4);

/** Looks at a packet that `from` (null: the host) sends, `skb.data` at its network header; it stays the caller's. */
export function proxyNeighbour(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, vlan: number): number {
  if (!bridge.proxiesNeighbours) return PROXY_NONE;
  if (skb.protocol === ETH_P_ARP) return proxyArp(bridge, from, skb, vlan);
  return skb.protocol === ETH_P_IPV6 && bridge.suppressesNeighbours ? proxyDiscovery(bridge, from, skb, vlan) : PROXY_NONE;
}

/** Whose neighbours are asked for: the bridge's, or its VLAN device's. */
const deviceOf = (bridge: BridgeDevice, vlan: number): NetDevice | null =>
  vlan === 0 ? bridge : (bridge.vlans?.find(bridge.vlanProtocol, vlan) ?? null);

// Linux: br_do_proxy_suppress_arp()
function proxyArp(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, vlan: number): number {
  const { view, data: at } = skb;
  if ((bridge.flags & IFF_NOARP) !== 0 || skb.length < arp.PACKET) return PROXY_NONE;
  if (arp.protocolType(view, at) !== ipv4.ETHERTYPE || arp.hardwareLength(view, at) !== ADDRESS_BYTES || arp.protocolLength(view, at) !== 4)
    return PROXY_NONE;
  const sender = arp.sender(view, at);
  const target = arp.target(view, at);
  if (ipv4.isLoopback(target) || ipv4.isMulticast(target)) return PROXY_NONE;
  if (bridge.suppressesNeighbours) {
    if (from?.has(BR_NEIGH_SUPPRESS)) return PROXY_NONE;
    // Announcements of one's own address are nobody's question.
    if (ipv4.isZeroNet(sender) || sender === target) return PROXY_ANSWERED;
  }
  if (arp.operation(view, at) !== arp.ARPOP_REQUEST) return PROXY_NONE;
  const device = deviceOf(bridge, vlan);
  if (device === null) return PROXY_NONE;
  if (bridge.suppressesNeighbours && device.ipv4?.addresses.some(({ local }) => local === target)) return PROXY_ANSWERED;
  const neighbour = bridge.namespace.neighbourTables.find(({ family }) => family === 2)?.lookup(device, target) ?? null;
  if (neighbour === null || (neighbour.state & NUD_VALID) === 0) return PROXY_NONE;
  const slot = bridge.fdb.find(neighbour.address, 0, vlan);
  if (slot < 0) return PROXY_NONE;
  const behind = bridge.fdb.port(slot);
  const answers = from?.has(BR_PROXYARP) === true || behind?.has(BR_PROXYARP_WIFI | BR_NEIGH_SUPPRESS) === true;
  if (answers) answerArp(bridge, from, skb, neighbour.address, sender, target, vlan);
  return answers || bridge.suppressesNeighbours ? PROXY_ANSWERED : PROXY_NONE;
}

// Linux: br_arp_send()
function answerArp(
  bridge: BridgeDevice,
  to: BridgePort | null,
  question: PacketBuffer,
  hardware: Uint8Array,
  asker: number,
  address: number,
  vlan: number,
): void {
  const skb = emptyFrame(bridge.stack, arp.PACKET, hardware, question.bytes, arp.senderHardware(question.data), ETH_P_ARP);
  if (skb === null) return;
  const at = skb.networkHeader;
  arp.write(skb.view, at, 1, arp.ARPOP_REPLY, address, asker);
  copyBytes(hardware, 0, skb.bytes, arp.senderHardware(at), ADDRESS_BYTES);
  copyBytes(question.bytes, arp.senderHardware(question.data), skb.bytes, arp.targetHardware(at), ADDRESS_BYTES);
  send(bridge, to, skb, vlan);
}

// Linux: br_do_suppress_nd()
function proxyDiscovery(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, vlan: number): number {
  const { view, data: at } = skb;
  const message = at + ipv6.HEADER;
  if (skb.length < ipv6.HEADER + NEIGHBOUR_MESSAGE || ipv6.nextHeader(view, at) !== ipv6.NEXTHDR_ICMPV6) return PROXY_NONE;
  if (icmpv6.code(view, message) !== 0 || from?.has(BR_NEIGH_SUPPRESS)) return PROXY_NONE;
  const type = icmpv6.type(view, message);
  // An advertisement that nobody asked for need not go where questions do not.
  if (type === icmpv6.NEIGHBOUR_ADVERTISEMENT) return (view.getUint32(message + 4) & NA_SOLICITED) === 0 ? PROXY_ANSWERED : PROXY_NONE;
  if (type !== icmpv6.NEIGHBOUR_SOLICITATION) return PROXY_NONE;
  ipv6.readAddress(view, at + ipv6.SOURCE, from6);
  ipv6.readAddress(view, at + ipv6.DESTINATION, to6);
  ipv6.readAddress(view, message + 8, target6);
  if (ipv6.isAny(from6) || ipv6.equalAddress(from6, to6)) return PROXY_ANSWERED;
  const device = deviceOf(bridge, vlan);
  if (device === null) return PROXY_NONE;
  if (bridge.namespace.ipv6.addresses.isLocal(target6, device)) return PROXY_ANSWERED;
  const table = bridge.namespace.neighbourTables.find(({ family }) => family === 10);
  const neighbour = table?.lookup(device, target6[0]!, target6[1]!, target6[2]!, target6[3]!) ?? null;
  if (neighbour === null || (neighbour.state & NUD_VALID) === 0) return PROXY_NONE;
  const slot = bridge.fdb.find(neighbour.address, 0, vlan);
  if (slot < 0) return PROXY_NONE;
  if (bridge.fdb.port(slot)?.has(BR_NEIGH_SUPPRESS)) {
    const answer = proxyAdvertisement(bridge.stack, skb, at, neighbour.address, (neighbour.flags & NTF_ROUTER) !== 0);
    if (answer !== null) send(bridge, from, answer, vlan);
  }
  return PROXY_ANSWERED;
}

/** To the asker: by its port, or into the host. */
function send(bridge: BridgeDevice, to: BridgePort | null, skb: PacketBuffer, vlan: number): void {
  const vlans = to?.vlans ?? bridge.vlanSet;
  if (vlan !== 0 && !vlans.untagged(vlan)) {
    skb.vlanTci = vlan;
    skb.vlanProtocol = bridge.vlanProtocol;
  }
  if (to !== null) {
    skb.device = to.device;
    devQueueXmit(skb);
    return;
  }
  skb.device = bridge;
  skb.pull(HEADER);
  skb.packetType = PACKET_HOST;
  netifReceive(skb);
}
