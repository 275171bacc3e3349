import { ENETDOWN, ENOMEM } from '../../base/errno.js';
import { completeChecksum } from './checksum-offload.js';
import { type NetDevice, NETIF_F_GSO_UDP_L4, NETIF_F_HW_CSUM, NETIF_F_HW_VLAN_TX, NETIF_F_TSO, NETIF_F_TSO6 } from './device.js';
import { DropReason } from './drop-reason.js';
import { NETDEV_EGRESS, runHooks } from './hooks.js';
import { segment } from './gso.js';
import { dropsAll, NET_XMIT_DROP } from './queue-discipline.js';
import { insertTag } from './vlan-tag.js';
import { CHECKSUM_PARTIAL, GSO_TCPV4, GSO_TCPV6, type PacketBuffer } from './packet-buffer.js';

/**
 * dev_queue_xmit(): a frame with its link header leaves by `skb.device`. Queueing disciplines will stand here.
 * Takes ownership; 0, a negative errno, or NET_XMIT_DROP.
 */
export function devQueueXmit(skb: PacketBuffer): number {
  const device: NetDevice = skb.device!;
  if (!device.up) {
    device.stack.drop(skb, DropReason.DEV_READY);
    return -ENETDOWN;
  }
  if (device.egressHooks !== null && !runHooks(device.egressHooks.members, skb, NETDEV_EGRESS, null, device)) return 0;
  if (!device.carrier) {
    // Linux: a device without carrier has its queue replaced by noop, which drops.
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.QDISC_DROP);
    return 0;
  }
  if (dropsAll(device.queue)) {
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.QDISC_DROP);
    return NET_XMIT_DROP;
  }
  if (skb.vlanTci >= 0 && (device.features & NETIF_F_HW_VLAN_TX) === 0 && !insertTag(skb)) {
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.NOMEM);
    return -ENOMEM;
  }
  if (skb.gsoSize !== 0 && !takesSuperPacket(device, skb)) return transmitPieces(device, segment(skb));
  return transmitOne(device, skb);
}

/** What the device does not do by itself is done here (validate_xmit_skb()); then it is the device's. */
function transmitOne(device: NetDevice, skb: PacketBuffer): number {
  if (skb.ipSummed === CHECKSUM_PARTIAL && (device.features & NETIF_F_HW_CSUM) === 0 && !completeChecksum(skb)) {
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.NOMEM);
    return -ENOMEM;
  }
  const taps = device.taps;
  for (let i = 0; i < taps.length; i++) taps[i]!(skb, device, true);
  device.transmit(skb);
  return 0;
}

function takesSuperPacket(device: NetDevice, skb: PacketBuffer): boolean {
  const needs = skb.gsoType === GSO_TCPV4 ? NETIF_F_TSO : skb.gsoType === GSO_TCPV6 ? NETIF_F_TSO6 : NETIF_F_GSO_UDP_L4;
  return (device.features & needs) !== 0 && skb.length <= device.gsoMaxSize + device.hardHeaderBytes;
}

function transmitPieces(device: NetDevice, pieces: PacketBuffer | null): number {
  for (let piece = pieces; piece !== null; ) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    transmitOne(device, piece);
    piece = next;
  }
  return 0;
}
