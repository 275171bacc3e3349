import type { NetDevice } from './device.js';
import { DropReason } from './drop-reason.js';
import type { PacketBuffer } from './packet-buffer.js';

/**
 * __netif_receive_skb_core(): a frame whose link header was taken off (device.parseHeader()) goes to the taps, to the device's
 * rx handler, and to its protocol. Takes ownership.
 */
export function netifReceive(skb: PacketBuffer): void {
  const device: NetDevice = skb.device!;
  const stack = device.stack;
  if (!device.up) {
    device.statistics.rxDropped++;
    stack.drop(skb, DropReason.DEV_READY);
    return;
  }
  if (skb.iif === 0) skb.iif = device.ifindex;
  skb.networkHeader = skb.data;
  const taps = device.taps;
  for (let i = 0; i < taps.length; i++) taps[i]!(skb, device, false);
  if (device.rxHandler?.(skb, device)) return;
  const handler = stack.packetTypes.get(skb.protocol);
  if (handler === undefined) {
    device.statistics.rxNohandler++;
    stack.drop(skb, DropReason.UNHANDLED_PROTO);
    return;
  }
  handler(skb, device);
}
