import { ENETDOWN } from '../../base/errno.js';
import type { NetDevice } from './device.js';
import { DropReason } from './drop-reason.js';
import type { PacketBuffer } from './packet-buffer.js';

/**
 * dev_queue_xmit(): a frame with its link header leaves by `skb.device`. Queueing disciplines will stand here.
 * Takes ownership; 0 or a negative errno.
 */
export function devQueueXmit(skb: PacketBuffer): number {
  const device: NetDevice = skb.device!;
  if (!device.up) {
    device.stack.drop(skb, DropReason.DEV_READY);
    return -ENETDOWN;
  }
  if (!device.carrier) {
    // Linux: a device without carrier has its queue replaced by noop, which drops.
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.QDISC_DROP);
    return 0;
  }
  const taps = device.taps;
  for (let i = 0; i < taps.length; i++) taps[i]!(skb, device, true);
  device.transmit(skb);
  return 0;
}
