import type { PacketBuffer } from './packet-buffer.js';
import { copyBytes, HEADROOM } from './packet-pool.js';
import type { Stack } from './stack.js';

/**
 * Gives a packet bytes of its own and at least `need` bytes of headroom, at most HEADROOM (skb_cow_head()). False: there is no memory
 * for it, the packet is as it was.
 */
export function coverHeadroom(stack: Stack, skb: PacketBuffer, need: number): boolean {
  if (skb.data >= need) return !skb.shared || stack.pool.makeWritable(skb);
  const length = skb.tail - skb.data;
  const spare = stack.pool.allocate(length, HEADROOM);
  if (spare === null) return false;
  const at = spare.put(length);
  copyBytes(skb.bytes, skb.data, spare.bytes, at, length);
  const shift = at - skb.data;
  // The two change memories, and the spare buffer takes the old one back to the pool.
  const { memory, bytes, view } = skb;
  skb.memory = spare.memory;
  skb.bytes = spare.bytes;
  skb.view = spare.view;
  spare.memory = memory;
  spare.bytes = bytes;
  spare.view = view;
  stack.pool.release(spare);
  skb.data += shift;
  skb.tail += shift;
  if (skb.networkHeader >= 0) skb.networkHeader += shift;
  if (skb.transportHeader >= 0) skb.transportHeader += shift;
  skb.csumStart += shift;
  // What lay before the data is gone.
  skb.macHeader = skb.macHeader >= skb.data - shift ? skb.macHeader + shift : -1;
  return true;
}
