import { ADDRESS_BYTES, ETH_P_IPV6, HEADER, isBroadcast, isMulticast } from '../../wire/ethernet.js';
import { DropReason } from '../core/drop-reason.js';
import { isForwardable } from '../core/forward.js';
import { FORWARD, LOCAL_IN, LOCAL_OUT, POST_ROUTING } from '../core/hooks.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { netifReceive } from '../core/receive.js';
import { devQueueXmit } from '../core/transmit.js';
import type { BridgeDevice } from './bridge-device.js';
import { countMulticast } from './multicast/count.js';
import { MCAST_INCLUDE, type MdbEntry, PG_BLOCKED } from './multicast/database.js';
import { MC_CONTROL, MC_DROP, MC_ROUTERS_ONLY, multicastReceive } from './multicast/snoop.js';
import { controlType, goesToMembers, lookupGroup } from './multicast/lookup.js';
import { PROXY_ANSWERED, PROXY_NONE, proxyNeighbour } from './neighbour-proxy.js';
import {
  BR_BCAST_FLOOD,
  BR_FLOOD,
  BR_HAIRPIN,
  BR_ISOLATED,
  BR_MCAST_FLOOD,
  BR_MCAST_TO_UNICAST,
  BR_NEIGH_SUPPRESS,
  BR_PROXYARP,
  BR_PROXYARP_WIFI,
  BR_STATE_FORWARDING,
  type BridgePort,
} from './port.js';
import { allowedEgress, ingressVlan, leaveVlan } from './vlan-filter.js';

// What leaves a bridge: by one port, by all, or into the host. Packets are `skb.data` at the network header, with the Ethernet
// header before it; `from` is the port that it came in by, null: the host. All take ownership.

/** Linux: should_deliver() */
function shouldDeliver(port: BridgePort, from: BridgePort | null, skb: PacketBuffer): boolean {
  return (
    port.state === BR_STATE_FORWARDING &&
    (port !== from || port.has(BR_HAIRPIN)) &&
    allowedEgress(port.bridge, port.vlans, skb) &&
    !(from?.has(BR_ISOLATED) && port.has(BR_ISOLATED))
  );
}

// Linux: __br_forward(), br_dev_queue_push_xmit()
function push(port: BridgePort, from: BridgePort | null, skb: PacketBuffer): void {
  const { device, bridge } = port;
  leaveVlan(bridge, port.vlans, port, skb);
  const { bridgeHooks } = bridge.namespace;
  if (from !== null) {
    skb.device = device;
    if (bridgeHooks.forward.length !== 0 && !bridgeHooks.pass(skb, FORWARD, from.device, device)) return;
  } else if (bridgeHooks.localOut.length !== 0 && !bridgeHooks.pass(skb, LOCAL_OUT, null, device)) return;
  if (bridgeHooks.postRouting.length !== 0 && !bridgeHooks.pass(skb, POST_ROUTING, null, device)) return;
  if (bridge.multicast.statisticsEnabled && skb.packetType === PACKET_MULTICAST) {
    const type = controlType(skb);
    if (type !== 0) countMulticast(bridge, port, skb, skb.data, type, true);
  }
  skb.device = device;
  skb.push(HEADER);
  if (isForwardable(device, skb)) devQueueXmit(skb);
  else device.stack.drop(skb, device.up ? DropReason.PKT_TOO_BIG : DropReason.DEV_READY);
}

/** By one port, or by the one that takes over for it, if that may be. Linux: br_forward() */
export function forwardTo(port: BridgePort, from: BridgePort | null, skb: PacketBuffer): void {
  const to = port.backupPort !== null && !port.device.carrier ? port.backupPort : port;
  if (shouldDeliver(to, from, skb)) push(to, from, skb);
  else to.bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
}

/** Into the host where `local`; the rest of a packet whose last receiver is `previous` (null: it had none). */
function finish(bridge: BridgeDevice, previous: BridgePort | null, from: BridgePort | null, skb: PacketBuffer, local: boolean): void {
  if (local) {
    if (previous !== null) push(previous, from, bridge.stack.pool.clone(skb));
    passUp(bridge, skb);
  } else if (previous !== null) push(previous, from, skb);
  else bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
}

/**
 * By all ports that take such packets, and into the host where `local`. `proxied`: PROXY_ANSWERED where ports that suppress questions for
 * neighbours are spared this one. Linux: br_flood()
 */
export function flood(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, local: boolean, proxied = PROXY_NONE): void {
  const { pool } = bridge.stack;
  // What the host sends to groups and to all goes everywhere.
  let needs = BR_FLOOD;
  if (skb.packetType === PACKET_MULTICAST) needs = from === null ? 0 : BR_MCAST_FLOOD;
  else if (skb.packetType === PACKET_BROADCAST) needs = from === null ? 0 : BR_BCAST_FLOOD;
  const spared = BR_PROXYARP | (proxied === PROXY_ANSWERED ? BR_PROXYARP_WIFI | BR_NEIGH_SUPPRESS : 0);
  let previous: BridgePort | null = null;
  const { ports } = bridge;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i]!;
    if ((needs !== 0 && !port.has(needs)) || port.has(spared) || !shouldDeliver(port, from, skb)) continue;
    if (previous !== null) push(previous, from, pool.clone(skb));
    previous = port;
  }
  finish(bridge, previous, from, skb, local);
}

/** To the ports of the members, of whom `entry` (null: there are none) tells, and to those of routers. Linux: br_multicast_flood() */
function floodMembers(
  bridge: BridgeDevice,
  from: BridgePort | null,
  skb: PacketBuffer,
  local: boolean,
  entry: MdbEntry | null,
  vlan: number,
): void {
  const { pool } = bridge.stack;
  const context = bridge.multicast.contextOf(vlan) ?? bridge.multicast.context;
  const six = skb.protocol === ETH_P_IPV6;
  const routers = context.state(six).routers;
  const members = entry === null ? nobody : entry.ports;
  // Members that want but some sources have entries of these.
  const excludingOnly = entry?.key.isStarG === true && context.handlesSources(six);
  let previous: BridgePort | null = null;
  let m = 0;
  let r = 0;
  while (m < members.length || r < routers.length) {
    const memberNumber = m < members.length ? members[m]!.port.number : -1;
    const routerNumber = r < routers.length ? routers[r]!.port.number : -1;
    let to: BridgePort | null = null;
    if (memberNumber > routerNumber) {
      const member = members[m++]!;
      if (member.member !== null && member.port.has(BR_MCAST_TO_UNICAST)) toMember(member.port, from, member.member, skb);
      else if ((!excludingOnly || member.filterMode !== MCAST_INCLUDE) && (member.flags & PG_BLOCKED) === 0) to = member.port;
    } else {
      to = routers[r++]!.port;
      while (m < members.length && members[m]!.port === to) m++;
    }
    if (to === null || !shouldDeliver(to, from, skb)) continue;
    if (previous !== null) push(previous, from, pool.clone(skb));
    previous = to;
  }
  finish(bridge, previous, from, skb, local);
}

const nobody: MdbEntry['ports'] = [];

/** A copy that is addressed to one member alone. Linux: maybe_deliver_addr() */
function toMember(port: BridgePort, from: BridgePort | null, member: Uint8Array, skb: PacketBuffer): void {
  if (!shouldDeliver(port, from, skb)) return;
  // Who sent it does not get it back.
  let own = true;
  for (let i = 0; i < ADDRESS_BYTES; i++) own &&= skb.bytes[skb.macHeader + ADDRESS_BYTES + i] === member[i];
  if (own && port === from) return;
  const { pool } = port.bridge.stack;
  const copy = pool.clone(skb);
  if (!pool.makeWritable(copy)) {
    port.bridge.stack.drop(copy, DropReason.NOMEM);
    return;
  }
  copyBytes(member, 0, copy.bytes, copy.macHeader, ADDRESS_BYTES);
  push(port, from, copy);
}

/** A packet for a group, in `vlan`: to its members if they are known, otherwise to all. */
export function forwardGroup(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, vlan: number, local: boolean): void {
  const proxied = skb.protocol === ETH_P_IPV6 ? proxyNeighbour(bridge, from, skb, vlan) : PROXY_NONE;
  const verdict = multicastReceive(bridge, from, skb, vlan);
  if (verdict === MC_DROP) {
    bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const entry = (verdict & MC_CONTROL) === 0 ? lookupGroup(bridge, skb, vlan) : null;
  if ((entry === null && (verdict & MC_ROUTERS_ONLY) === 0) || !goesToMembers(bridge, skb, vlan, entry)) {
    flood(bridge, from, skb, from !== null, proxied);
    return;
  }
  const wanted = from !== null && (local || entry?.hostJoined === true || bridge.multicast.hostRoutes(vlan, skb.protocol === ETH_P_IPV6));
  floodMembers(bridge, from, skb, wanted, entry, vlan);
}

/** Into the host, as received by the bridge. Linux: br_pass_frame_up() */
export function passUp(bridge: BridgeDevice, skb: PacketBuffer): void {
  const { statistics } = bridge;
  statistics.rxPackets++;
  statistics.rxBytes += skb.length;
  if (skb.packetType === PACKET_MULTICAST) statistics.multicast++;
  if (!allowedEgress(bridge, bridge.vlanSet, skb)) {
    bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  leaveVlan(bridge, bridge.vlanSet, null, skb);
  if (bridge.multicast.statisticsEnabled && skb.packetType === PACKET_MULTICAST) {
    const type = controlType(skb);
    if (type !== 0) countMulticast(bridge, null, skb, skb.data, type, true);
  }
  const { bridgeHooks } = bridge.namespace;
  const input = skb.device;
  skb.device = bridge;
  if (bridgeHooks.localIn.length !== 0 && !bridgeHooks.pass(skb, LOCAL_IN, input, null)) return;
  netifReceive(skb);
}

/** Sets the packet's type by its destination, as the bridge sees it. */
export function classify(bridge: BridgeDevice, skb: PacketBuffer): void {
  const { bytes, macHeader } = skb;
  if (isMulticast(bytes, macHeader)) {
    skb.packetType = isBroadcast(skb.view, macHeader) ? PACKET_BROADCAST : PACKET_MULTICAST;
    return;
  }
  const { address } = bridge;
  skb.packetType = PACKET_HOST;
  for (let i = 0; i < ADDRESS_BYTES; i++) if (bytes[macHeader + i] !== address[i]) skb.packetType = PACKET_OTHERHOST;
}

/** What the host sends by the bridge. Linux: br_dev_xmit() */
export function sendFromBridge(bridge: BridgeDevice, skb: PacketBuffer): void {
  const { fdb, stack } = bridge;
  const vlan = ingressVlan(bridge, bridge.vlanSet, skb);
  if (vlan < 0) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  classify(bridge, skb);
  if (skb.packetType === PACKET_MULTICAST) {
    forwardGroup(bridge, null, skb, vlan, false);
    return;
  }
  const proxied = proxyNeighbour(bridge, null, skb, vlan);
  const slot = skb.packetType === PACKET_BROADCAST ? -1 : fdb.find(skb.bytes, skb.macHeader, vlan);
  if (slot < 0) {
    flood(bridge, null, skb, false, proxied);
    return;
  }
  const port = fdb.port(slot);
  fdb.setUsed(slot, stack.nowUs);
  if (port === null) stack.drop(skb, DropReason.NOT_SPECIFIED);
  else forwardTo(port, null, skb);
}
