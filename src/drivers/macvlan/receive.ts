import { MACVLAN_FLAG_NODST, MACVLAN_MODE_BRIDGE, MACVLAN_MODE_SOURCE, MACVLAN_MODE_VEPA } from '../../netlink/rtnl/link/macvlan.js';
import type { NetDevice } from '../../net/core/device.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_LOOPBACK, PACKET_MULTICAST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { netifReceive } from '../../net/core/receive.js';
import { isBroadcast, isMulticast } from '../../wire/ethernet.js';
import type { MacvlanDevice } from './device.js';
import { MacvlanPort } from './port.js';

/** A frame of the device below: it is one of the macvlans', or stays the device's own. Linux: macvlan_handle_frame() */
export function handleFrame(skb: PacketBuffer, lower: NetDevice): boolean {
  // Copies of what this host sends to groups have no link header.
  if (skb.packetType === PACKET_LOOPBACK || !(lower.port instanceof MacvlanPort)) return false;
  const port = lower.port;
  const at = skb.macHeader;
  const { bytes } = skb;
  if (isMulticast(bytes, at)) return handleGroup(port, skb, at);
  if (forwardBySource(port, skb)) {
    lower.stack.consume(skb);
    return true;
  }
  const device = port.passthru ? (port.devices[0] ?? null) : port.byAddress.find(bytes, at);
  if (device === null || device.mode === MACVLAN_MODE_SOURCE) return false;
  if (!device.up) {
    lower.stack.drop(skb, DropReason.DEV_READY);
    return true;
  }
  deliver(device, skb, PACKET_HOST, false);
  return true;
}

function handleGroup(port: MacvlanPort, skb: PacketBuffer, at: number): boolean {
  const { stack } = port.lower;
  if (forwardBySource(port, skb)) {
    stack.consume(skb);
    return true;
  }
  const source = port.byAddress.find(skb.bytes, at + 6);
  if (source !== null && source.mode !== MACVLAN_MODE_VEPA && source.mode !== MACVLAN_MODE_BRIDGE) {
    // Its own frame has come back to it: nobody else's.
    deliver(source, skb, groupType(skb), true);
    return true;
  }
  port.enqueueBroadcast(skb, source);
  return false;
}

/** Copies for the devices that want what this sender sends; true: one of them wants it for itself alone. Linux: macvlan_forward_source() */
function forwardBySource(port: MacvlanPort, skb: PacketBuffer): boolean {
  const devices = port.sources.find(skb.bytes, skb.macHeader + 6);
  if (devices === null) return false;
  const { stack } = port.lower;
  let consumed = false;
  for (let i = 0; i < devices.length; i++) {
    const device = devices[i]!;
    if ((device.macvlanFlags & MACVLAN_FLAG_NODST) !== 0) consumed = true;
    if (!device.up) continue;
    const copy = stack.pool.clone(skb);
    copy.device = device;
    if (isMulticast(copy.bytes, copy.macHeader)) copy.packetType = groupType(copy);
    else copy.packetType = PACKET_HOST;
    device.countReceived(skb.length + device.hardHeaderBytes, false);
    if (!stack.enqueue(copy)) stack.drop(copy, DropReason.CPU_BACKLOG);
  }
  return consumed;
}

const groupType = (skb: PacketBuffer): number => (isBroadcast(skb.view, skb.macHeader) ? PACKET_BROADCAST : PACKET_MULTICAST);

function deliver(device: MacvlanDevice, skb: PacketBuffer, packetType: number, group: boolean): void {
  device.countReceived(skb.length + device.hardHeaderBytes, group);
  skb.device = device;
  skb.packetType = packetType;
  netifReceive(skb);
}
