import { ADDRESS_BYTES, HEADER, isBroadcast, isMulticast } from '../../wire/ethernet.js';
import { DropReason } from '../core/drop-reason.js';
import { isForwardable } from '../core/forward.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type PacketBuffer } from '../core/packet-buffer.js';
import { netifReceive } from '../core/receive.js';
import { devQueueXmit } from '../core/transmit.js';
import type { BridgeDevice } from './bridge-device.js';
import { BR_BCAST_FLOOD, BR_FLOOD, BR_HAIRPIN, BR_ISOLATED, BR_MCAST_FLOOD, BR_STATE_FORWARDING, type BridgePort } from './port.js';
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
function push(port: BridgePort, skb: PacketBuffer): void {
  const { device } = port;
  leaveVlan(port.bridge, port.vlans, skb);
  skb.device = device;
  skb.push(HEADER);
  if (isForwardable(device, skb)) devQueueXmit(skb);
  else device.stack.drop(skb, device.up ? DropReason.PKT_TOO_BIG : DropReason.DEV_READY);
}

/** By one port, if that may be. Linux: br_forward() */
export function forwardTo(port: BridgePort, from: BridgePort | null, skb: PacketBuffer): void {
  if (shouldDeliver(port, from, skb)) push(port, skb);
  else port.bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
}

/** By all ports that take such packets, and into the host where `local`. Linux: br_flood() */
export function flood(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, local: boolean): void {
  const { pool } = bridge.stack;
  // What the host sends to groups and to all goes everywhere.
  let needs = BR_FLOOD;
  if (skb.packetType === PACKET_MULTICAST) needs = from === null ? 0 : BR_MCAST_FLOOD;
  else if (skb.packetType === PACKET_BROADCAST) needs = from === null ? 0 : BR_BCAST_FLOOD;
  let previous: BridgePort | null = null;
  const { ports } = bridge;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i]!;
    if ((needs !== 0 && !port.has(needs)) || !shouldDeliver(port, from, skb)) continue;
    if (previous !== null) push(previous, pool.clone(skb));
    previous = port;
  }
  if (local) {
    if (previous !== null) push(previous, pool.clone(skb));
    passUp(bridge, skb);
  } else if (previous !== null) push(previous, skb);
  else bridge.stack.drop(skb, DropReason.NOT_SPECIFIED);
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
  leaveVlan(bridge, bridge.vlanSet, skb);
  skb.device = bridge;
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
  const unicast = skb.packetType === PACKET_HOST || skb.packetType === PACKET_OTHERHOST;
  const slot = unicast ? fdb.find(skb.bytes, skb.macHeader, vlan) : -1;
  if (slot < 0) {
    flood(bridge, null, skb, false);
    return;
  }
  const port = fdb.port(slot);
  fdb.setUsed(slot, stack.nowUs);
  if (port === null) stack.drop(skb, DropReason.NOT_SPECIFIED);
  else forwardTo(port, null, skb);
}
