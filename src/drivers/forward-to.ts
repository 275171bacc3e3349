import type { NetDevice } from '../net/core/device.js';
import { DropReason } from '../net/core/drop-reason.js';
import { isForwardable, scrub } from '../net/core/forward.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';

/** A frame with its link header is received by `device`, as if it came by a wire. Takes ownership. Linux: dev_forward_skb() */
export function forwardTo(device: NetDevice, skb: PacketBuffer): boolean {
  const { stack } = device;
  if (!isForwardable(device, skb)) {
    device.statistics.rxDropped++;
    stack.drop(skb, device.up ? DropReason.PKT_TOO_BIG : DropReason.DEV_READY);
    return false;
  }
  scrub(device.stack.pool, skb, skb.device !== null && skb.device.namespace !== device.namespace);
  skb.device = device;
  device.parseHeader(skb);
  if (stack.enqueue(skb)) return true;
  stack.drop(skb, DropReason.CPU_BACKLOG);
  return false;
}
