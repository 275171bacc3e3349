import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { flushCompressed } from './delayed-ack.js';
import { forceSchedule, unchargeReceive } from './memory.js';
import { OutOfOrderQueue } from './out-of-order.js';
import { charge, endOf, seqOf } from './queued-segment.js';
import { takeMemory } from './receive-prune.js';
import { truesize } from './receive-window.js';
import { clearBlocks, EXPECTED_BLOCKS, extendDuplicate, noteDuplicate, noteOutOfOrder } from './sack-blocks.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt, seqMin } from './sequence.js';
import type { Tcb } from './tcb.js';

/** Small segments are copied behind the one before them if that has room, so that they do not use up the buffer by their overhead. */
const MERGE_BYTES = 1024;

/** Cuts what lies before `seq` off a segment's data. */
function trimFront(skb: PacketBuffer, seq: number): void {
  const count = seqDiff(seq, skb.cb0);
  if (count <= 0) return;
  skb.pull(Math.min(count, skb.length));
  skb.cb0 = seq;
}

function trimBack(skb: PacketBuffer, end: number): void {
  const count = seqDiff(skb.cb1, end);
  if (count <= 0) return;
  const fin = skb.cb2;
  skb.cb2 = 0;
  skb.tail -= count - fin;
  skb.cb1 = end;
}

/** Puts the data of `skb` behind `before` if that is cheap; true: `skb` is used up. */
function merge(sk: Tcb, before: PacketBuffer, skb: PacketBuffer): boolean {
  const bytes = skb.length;
  if (bytes > MERGE_BYTES || before.tailroom < bytes || before.shared || skb.cb2 !== 0 || before.cb2 !== 0) return false;
  copyBytes(skb.bytes, skb.data, before.bytes, before.tail, bytes);
  before.tail += bytes;
  before.cb1 = skb.cb1;
  unchargeReceive(sk, before.cb3);
  charge(sk, before);
  sk.tcp.stats.TCPRcvCoalesce++;
  sk.tcp.stack.consume(skb);
  return true;
}

/**
 * Queues a segment that begins at or before RCV.NXT and ends behind it: RCV.NXT moves. False: the buffer is full and the segment
 * dropped. A FIN alone needs no room.
 */
export function queueInOrder(sk: Tcb, skb: PacketBuffer): boolean {
  if (skb.length > 0 && !takeMemory(sk, skb)) {
    if (sk.receiveHead !== null) {
      sk.tcp.stats.TCPRcvQDrop++;
      sk.tcp.stack.drop(skb, DropReason.PROTO_MEM);
      return false;
    }
    forceSchedule(sk, truesize(skb));
  }
  trimFront(skb, sk.rcvNxt);
  sk.bytesReceived += seqDiff(skb.cb1, sk.rcvNxt) - skb.cb2;
  sk.rcvNxt = skb.cb1;
  append(sk, skb);
  return true;
}

function append(sk: Tcb, skb: PacketBuffer): void {
  if (skb.length === 0) {
    sk.tcp.stack.consume(skb);
    return;
  }
  skb.next = null;
  if (sk.receiveTail === null) sk.receiveHead = skb;
  else {
    if (merge(sk, sk.receiveTail, skb)) return;
    sk.receiveTail.next = skb;
  }
  charge(sk, skb);
  sk.receiveTail = skb;
}

/**
 * Keeps a segment that lies beyond RCV.NXT, in its place and without overlaps (RFC 9293 3.10.7.4; tcp_data_queue_ofo()), and notes
 * what the next ACK is to tell of it. False: it was dropped.
 */
export function queueOutOfOrder(sk: Tcb, skb: PacketBuffer): boolean {
  const stats = sk.tcp.stats;
  const stack = sk.tcp.stack;
  if (!takeMemory(sk, skb)) {
    stats.TCPOFODrop++;
    stack.drop(skb, DropReason.PROTO_MEM);
    return false;
  }
  stats.TCPOFOQueue++;
  sk.receivedOutOfOrder += Math.max(1, skb.gsoSegments);
  const start = seqOf(skb);
  const end = endOf(skb);
  sk.outOfOrder ??= new OutOfOrderQueue();
  const queue = sk.outOfOrder;
  let place = queue.countUpTo(start);
  const before = place === 0 ? null : queue.at(place - 1);
  if (before !== null && seqGt(endOf(before), start)) {
    if (seqLe(end, endOf(before))) {
      stats.TCPOFOMerge++;
      noteDuplicate(sk, start, end);
      stack.drop(skb, DropReason.TCP_OFOMERGE);
      return true;
    }
    if (seqOf(before) === start) {
      // It replaces one that began with it.
      noteDuplicate(sk, start, endOf(before));
      dropCovered(sk, before);
      queue.remove(--place, 1);
    } else {
      noteDuplicate(sk, start, endOf(before));
      trimFront(skb, endOf(before));
    }
  }
  removeCovered(sk, queue, place, skb, end);
  const joined = place === 0 ? null : queue.at(place - 1);
  if (joined === null || endOf(joined) !== seqOf(skb) || !merge(sk, joined, skb)) {
    charge(sk, skb);
    queue.insert(place, skb);
  }
  if (sk.sackOk && noteOutOfOrder(sk, start, end) >= EXPECTED_BLOCKS) flushCompressed(sk);
  return true;
}

/** What follows from `place` on and is covered goes; what is covered in part is cut from the new one's end. */
function removeCovered(sk: Tcb, queue: OutOfOrderQueue, place: number, skb: PacketBuffer, end: number): void {
  let count = 0;
  while (place + count < queue.length) {
    const after = queue.at(place + count);
    if (!seqLt(seqOf(after), end)) break;
    if (seqLt(end, endOf(after))) {
      extendDuplicate(sk, seqOf(after), end);
      trimBack(skb, seqOf(after));
      break;
    }
    extendDuplicate(sk, seqOf(after), endOf(after));
    dropCovered(sk, after);
    count++;
  }
  if (count > 0) queue.remove(place, count);
}

function dropCovered(sk: Tcb, skb: PacketBuffer): void {
  unchargeReceive(sk, skb.cb3);
  sk.tcp.stats.TCPOFOMerge++;
  sk.tcp.stack.drop(skb, DropReason.TCP_OFOMERGE);
}

/** RCV.NXT moved: segments kept that are now in order follow. True: one of them had the FIN. */
export function joinOutOfOrder(sk: Tcb): boolean {
  const queue = sk.outOfOrder;
  if (queue === null) return false;
  const reached = sk.rcvNxt;
  let taken = 0;
  let fin = false;
  while (taken < queue.length && !fin) {
    const skb = queue.at(taken);
    if (seqGt(seqOf(skb), sk.rcvNxt)) break;
    taken++;
    unchargeReceive(sk, skb.cb3);
    if (seqLt(seqOf(skb), reached)) extendDuplicate(sk, seqOf(skb), seqMin(endOf(skb), reached));
    if (seqLe(endOf(skb), sk.rcvNxt)) {
      sk.tcp.stack.drop(skb, DropReason.TCP_OFO_DROP);
      continue;
    }
    trimFront(skb, sk.rcvNxt);
    sk.bytesReceived += seqDiff(skb.cb1, sk.rcvNxt) - skb.cb2;
    sk.rcvNxt = endOf(skb);
    fin = skb.cb2 !== 0;
    append(sk, skb);
  }
  if (taken > 0) queue.remove(0, taken);
  // Nothing comes after a FIN.
  if (fin) purgeOutOfOrder(sk);
  return fin;
}

export function purgeOutOfOrder(sk: Tcb): void {
  const queue = sk.outOfOrder;
  if (queue === null) return;
  for (let i = 0; i < queue.length; i++) {
    const skb = queue.at(i);
    unchargeReceive(sk, skb.cb3);
    sk.tcp.stack.drop(skb, DropReason.TCP_OFO_QUEUE_PRUNE);
  }
  queue.clear();
  clearBlocks(sk);
}

/** Frees all that the user did not read; the number of its bytes. */
export function purgeReceived(sk: Tcb): number {
  let bytes = 0;
  while (sk.receiveHead !== null) {
    const skb: PacketBuffer = sk.receiveHead;
    sk.receiveHead = skb.next;
    bytes += skb.length;
    unchargeReceive(sk, skb.cb3);
    sk.tcp.stack.consume(skb);
  }
  sk.receiveTail = null;
  return bytes;
}

/** Copies up to `length` bytes to the user; `peek`: they stay. */
export function readQueue(sk: Tcb, into: Uint8Array | null, start: number, length: number, peek: boolean): number {
  let copied = 0;
  let skb = sk.receiveHead;
  while (skb !== null && copied < length) {
    const run = Math.min(length - copied, skb.length);
    if (into !== null) copyBytes(skb.bytes, skb.data, into, start + copied, run);
    copied += run;
    if (peek) {
      skb = skb.next;
      continue;
    }
    sk.copiedSeq = seqAdd(sk.copiedSeq, run);
    if (run < skb.length) {
      skb.pull(run);
      skb.cb0 = seqAdd(skb.cb0, run);
      break;
    }
    const next: PacketBuffer | null = skb.next;
    unchargeReceive(sk, skb.cb3);
    sk.receiveHead = next;
    if (next === null) sk.receiveTail = null;
    sk.tcp.stack.consume(skb);
    skb = next;
  }
  return copied;
}

/** The queued segment that holds the byte `offset` behind the first unread one; null: none does. `place.at`: where in its `bytes`. */
export function segmentAt(sk: Tcb, offset: number, place: { at: number }): PacketBuffer | null {
  let skip = offset;
  for (let skb = sk.receiveHead; skb !== null; skb = skb.next) {
    if (skip < skb.length) {
      place.at = skb.data + skip;
      return skb;
    }
    skip -= skb.length;
  }
  return null;
}

/** Passes over the next byte to be read. */
export function skipByte(sk: Tcb): void {
  readQueue(sk, null, 0, 1, false);
}

/** Copies up to `length` bytes that lie `offset` bytes behind the first unread one; they stay unread. */
export function peekQueue(sk: Tcb, offset: number, into: Uint8Array, start: number, length: number): number {
  let skip = offset;
  let copied = 0;
  for (let skb = sk.receiveHead; skb !== null && copied < length; skb = skb.next) {
    if (skip >= skb.length) {
      skip -= skb.length;
      continue;
    }
    const run = Math.min(length - copied, skb.length - skip);
    copyBytes(skb.bytes, skb.data + skip, into, start + copied, run);
    copied += run;
    skip = 0;
  }
  return copied;
}
