import { IFF_PROMISC } from '../../netlink/rtnl/constants.js';
import { ADDRESS_BYTES } from '../../wire/ethernet.js';
import { DropReason } from '../core/drop-reason.js';
import { PRE_ROUTING } from '../core/hooks.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { readBpdu } from './bpdu.js';
import { FDB_EXT_LEARNED, FDB_LOCAL, FDB_STICKY } from './fdb.js';
import { classify, flood, forwardGroup, forwardTo, passUp } from './forward.js';
import { proxyNeighbour } from './neighbour-proxy.js';
import {
  BR_BPDU_GUARD,
  BR_LEARNING,
  BR_LOCKED,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  BR_VLAN_TUNNEL,
  type BridgePort,
} from './port.js';
import { disablePort, receivedConfig, receivedTopologyChange } from './stp.js';
import { ingressVlan } from './vlan-filter.js';
import { enterByTunnel } from './vlan-tunnel.js';

/** 802.1D table 7-9: the last octets of the groups that bridges keep to themselves. */
const GROUP_STP = 0;
const GROUP_PAUSE = 1;

/** What a port receives: the bridge's. False: it is for the port's device itself. Linux: br_handle_frame() */
export function receiveAtPort(port: BridgePort, skb: PacketBuffer): boolean {
  const { bridge } = port;
  const { bytes, macHeader } = skb;
  if (port.has(BR_VLAN_TUNNEL)) enterByTunnel(port, skb);
  if (!hasValidSource(bytes, macHeader + ADDRESS_BYTES)) {
    bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return true;
  }
  if (isReserved(bytes, macHeader) && !forwardsReserved(port, bytes[macHeader + 5]!)) return receiveReserved(port, skb);
  if (port.state !== BR_STATE_FORWARDING && port.state !== BR_STATE_LEARNING) {
    bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return true;
  }
  const { bridgeHooks } = bridge.namespace;
  if (bridgeHooks.preRouting.length === 0 || bridgeHooks.pass(skb, PRE_ROUTING, port.device, null)) relay(port, skb);
  return true;
}

// Linux: br_handle_frame_finish()
function relay(port: BridgePort, skb: PacketBuffer): void {
  const { bridge } = port;
  const { stack, fdb } = bridge;
  const vlan = ingressVlan(bridge, port.vlans, skb);
  if (vlan < 0 || (port.has(BR_LOCKED) && !isKnownAt(port, skb, vlan))) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  if (port.has(BR_LEARNING)) learn(port, skb.bytes, skb.macHeader + ADDRESS_BYTES, vlan);
  if (port.state === BR_STATE_LEARNING || (vlan > 0 && port.vlans.state(vlan) === BR_STATE_LEARNING)) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const forHost = skb.packetType === PACKET_HOST;
  classify(bridge, skb);
  const promiscuous = (bridge.flags & IFF_PROMISC) !== 0;
  if (skb.packetType === PACKET_MULTICAST) {
    forwardGroup(bridge, port, skb, vlan, promiscuous);
    return;
  }
  const proxied = proxyNeighbour(bridge, port, skb, vlan);
  const broadcast = skb.packetType === PACKET_BROADCAST;
  const local = broadcast || promiscuous;
  const slot = broadcast ? -1 : fdb.find(skb.bytes, skb.macHeader, vlan);
  if (slot < 0) {
    flood(bridge, port, skb, local, proxied);
    return;
  }
  fdb.setUsed(slot, stack.nowUs);
  const to = fdb.port(slot);
  if ((fdb.flags(slot) & FDB_LOCAL) !== 0 || to === null) {
    // The address of a port is the host's as well.
    if (forHost && skb.packetType === PACKET_OTHERHOST) skb.packetType = PACKET_HOST;
    passUp(bridge, skb);
    return;
  }
  if (local) {
    forwardTo(to, port, stack.pool.clone(skb));
    passUp(bridge, skb);
  } else forwardTo(to, port, skb);
}

/** Remembers that the address at `bytes[at]` is behind `port`. Linux: br_fdb_update() */
function learn(port: BridgePort, bytes: Uint8Array, at: number, vlan: number): void {
  const { bridge } = port;
  const { fdb, stack } = bridge;
  if (bridge.holdUs === 0) return;
  const slot = fdb.find(bytes, at, vlan);
  if (slot < 0) {
    bridge.announceSlot(fdb.insert(bytes, at, vlan, port, 0, stack.nowUs));
    return;
  }
  const flags = fdb.flags(slot);
  if ((flags & FDB_LOCAL) !== 0) return;
  fdb.setUpdated(slot, stack.nowUs);
  if (fdb.port(slot) === port || (flags & FDB_STICKY) !== 0) return;
  fdb.setPort(slot, port);
  fdb.setFlags(slot, flags & ~FDB_EXT_LEARNED);
  bridge.announceSlot(slot);
}

/** A locked port takes only what comes from addresses that the user has put there. */
function isKnownAt(port: BridgePort, skb: PacketBuffer, vlan: number): boolean {
  const { fdb } = port.bridge;
  const slot = fdb.find(skb.bytes, skb.macHeader + ADDRESS_BYTES, vlan);
  return slot >= 0 && fdb.port(slot) === port && (fdb.flags(slot) & FDB_LOCAL) === 0;
}

function forwardsReserved(port: BridgePort, last: number): boolean {
  const { bridge } = port;
  if (last === GROUP_STP) return !bridge.stp || (port.groupForwardMask & 1) !== 0;
  if (last === GROUP_PAUSE) return false;
  return ((port.groupForwardMask | bridge.groupForwardMask) & (1 << last)) !== 0;
}

/** Frames that no bridge forwards: its own protocol, and what is for the port's device alone. */
function receiveReserved(port: BridgePort, skb: PacketBuffer): boolean {
  const { bridge } = port;
  const { stack } = bridge;
  const last = skb.bytes[skb.macHeader + 5]!;
  if (last === GROUP_PAUSE) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return true;
  }
  const learns = port.has(BR_LEARNING) && !bridge.noLinkLocalLearn;
  if (learns && (port.state === BR_STATE_FORWARDING || port.state === BR_STATE_LEARNING)) {
    const vlan = ingressVlan(bridge, port.vlans, skb);
    if (vlan >= 0) learn(port, skb.bytes, skb.macHeader + ADDRESS_BYTES, vlan);
  }
  if (last !== GROUP_STP || !bridge.stp) return false;
  receiveBpdu(port, skb);
  stack.consume(skb);
  return true;
}

// Linux: br_stp_rcv()
function receiveBpdu(port: BridgePort, skb: PacketBuffer): void {
  const { bridge } = port;
  if (!bridge.up || port.state === BR_STATE_DISABLED) return;
  if (port.has(BR_BPDU_GUARD)) {
    disablePort(port);
    return;
  }
  const message = readBpdu(skb);
  if (message === null) return;
  if (message === 'tcn') {
    port.stpStatistics.rxTcn++;
    receivedTopologyChange(port);
  } else {
    port.stpStatistics.rxBpdu++;
    receivedConfig(port, message);
  }
}

/** 01:80:c2:00:00:0x. Linux: is_link_local_ether_addr() */
function isReserved(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0x01 &&
    bytes[at + 1] === 0x80 &&
    bytes[at + 2] === 0xc2 &&
    bytes[at + 3] === 0 &&
    bytes[at + 4] === 0 &&
    bytes[at + 5]! < 16
  );
}

function hasValidSource(bytes: Uint8Array, at: number): boolean {
  if ((bytes[at]! & 1) !== 0) return false;
  for (let i = 0; i < ADDRESS_BYTES; i++) if (bytes[at + i] !== 0) return true;
  return false;
}
