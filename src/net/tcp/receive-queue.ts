import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { flushCompressed } from './delayed-ack.js';
import { OutOfOrderQueue } from './out-of-order.js';
import { truesize, truesizeOf } from './receive-window.js';
import { clearBlocks, EXPECTED_BLOCKS, extendDuplicate, noteDuplicate, noteOutOfOrder } from './sack-blocks.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt, seqMin } from './sequence.js';
import type { Tcb } from './tcb.js';

// Queued segments keep in the packet's words:
/** cb0: sequence number of the first byte at skb.data; cb1: behind the last byte, FIN counted; cb2: 1 if FIN; cb3: what it was charged. */
const seqOf = (skb: PacketBuffer): number => skb.cb0;
const endOf = (skb: PacketBuffer): number => skb.cb1;

/** Small segments are copied behind the one before them if that has room, so that they do not use up the buffer by their overhead. */
const MERGE_BYTES = 1024;

function charge(sk: Tcb, skb: PacketBuffer): void {
  skb.cb3 = truesize(skb);
  sk.receiveMemory += skb.cb3;
}

/** Whether a segment finds room: the buffer is not full yet, or nothing at all is queued. */
function hasRoom(sk: Tcb): boolean {
  return sk.receiveMemory <= sk.receiveBuffer;
}

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
  sk.receiveMemory -= before.cb3;
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
  if (skb.length > 0 && !hasRoom(sk) && !prune(sk) && sk.receiveHead !== null) {
    sk.tcp.stats.TCPRcvQDrop++;
    sk.tcp.stack.drop(skb, DropReason.PROTO_MEM);
    return false;
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
  if (!hasRoom(sk) && !prune(sk)) {
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
  sk.receiveMemory -= skb.cb3;
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
    sk.receiveMemory -= skb.cb3;
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

/**
 * The buffer is full (tcp_prune_queue()): small segments are copied together; if that does not make room, what lies furthest beyond
 * the hole goes, an eighth of the buffer at a time. It may be sent again: RFC 2018 8 allows it even after SACK. True: there is room now.
 */
function prune(sk: Tcb): boolean {
  const stats = sk.tcp.stats;
  stats.PruneCalled++;
  clampWindow(sk);
  if (hasRoom(sk)) return true;
  if (sk.outOfOrder !== null) collapseOutOfOrder(sk, sk.outOfOrder);
  collapseReceived(sk);
  if (hasRoom(sk)) return true;
  pruneOutOfOrder(sk);
  if (hasRoom(sk)) return true;
  stats.RcvPruned++;
  return false;
}

/** The buffer grows to what is in it as long as that is allowed; where it is not, the window is to shrink (tcp_clamp_window()). */
function clampWindow(sk: Tcb): void {
  sk.quick = 0;
  if (!sk.receiveBufferLocked) {
    const most = sk.tcp.settings.rmem[2];
    if (sk.receiveBuffer < most) sk.receiveBuffer = Math.min(sk.receiveMemory, most);
  }
  if (sk.receiveMemory > sk.receiveBuffer) sk.rcvSsthresh = Math.min(sk.windowClamp, 2 * sk.advMss);
}

/** Drops from the far end; what is told of by SACK is forgotten with it. */
function pruneOutOfOrder(sk: Tcb): void {
  const queue = sk.outOfOrder;
  if (queue === null || queue.length === 0) return;
  sk.tcp.stats.OfoPruned++;
  let goal = sk.receiveBuffer >> 3;
  for (let skb = queue.last; skb !== null; skb = queue.last) {
    goal -= skb.cb3;
    sk.receiveMemory -= skb.cb3;
    queue.remove(queue.length - 1, 1);
    sk.tcp.stack.drop(skb, DropReason.TCP_OFO_QUEUE_PRUNE);
    if (goal > 0) continue;
    if (hasRoom(sk)) break;
    goal = sk.receiveBuffer >> 3;
  }
  clearBlocks(sk);
}

/** How many bytes segments are copied together to: a page less what Linux needs of it. */
const COLLAPSED_BYTES = 3776;

/** Whether two neighbours waste more than they hold. */
const worthJoining = (a: PacketBuffer, b: PacketBuffer): boolean =>
  endOf(a) === seqOf(b) &&
  a.cb2 === 0 &&
  b.cb2 === 0 &&
  a.length + b.length <= COLLAPSED_BYTES &&
  a.cb3 + b.cb3 > truesizeOf(a.length + b.length);

/** `b` behind `a` in one buffer; null: there is no memory for it. Both are given back then. */
function joinTwo(sk: Tcb, a: PacketBuffer, b: PacketBuffer): PacketBuffer | null {
  let to = a;
  if (a.shared || a.tailroom < b.length) {
    const fresh = sk.tcp.stack.pool.allocate(COLLAPSED_BYTES);
    if (fresh === null) return null;
    fresh.tail = fresh.data;
    copyBytes(a.bytes, a.data, fresh.bytes, fresh.tail, a.length);
    fresh.tail += a.length;
    fresh.cb0 = a.cb0;
    fresh.cb2 = 0;
    to = fresh;
  }
  copyBytes(b.bytes, b.data, to.bytes, to.tail, b.length);
  to.tail += b.length;
  to.cb1 = b.cb1;
  sk.receiveMemory -= a.cb3 + b.cb3;
  charge(sk, to);
  if (to !== a) sk.tcp.stack.consume(a);
  sk.tcp.stack.consume(b);
  sk.tcp.stats.TCPRcvCollapsed++;
  return to;
}

function collapseOutOfOrder(sk: Tcb, queue: OutOfOrderQueue): void {
  const kept: PacketBuffer[] = [];
  for (let i = 0; i < queue.length; i++) {
    const skb = queue.at(i);
    const before = kept[kept.length - 1];
    const joined = before !== undefined && worthJoining(before, skb) ? joinTwo(sk, before, skb) : null;
    if (joined === null) kept.push(skb);
    else kept[kept.length - 1] = joined;
  }
  if (kept.length === queue.length) return;
  queue.clear();
  for (const skb of kept) queue.insert(queue.length, skb);
}

function collapseReceived(sk: Tcb): void {
  let before: PacketBuffer | null = null;
  for (let skb = sk.receiveHead; skb !== null; ) {
    const after: PacketBuffer | null = skb.next;
    if (after === null || !worthJoining(skb, after)) {
      before = skb;
      skb = after;
      continue;
    }
    const rest: PacketBuffer | null = after.next;
    const joined = joinTwo(sk, skb, after);
    if (joined === null) return;
    joined.next = rest;
    if (before === null) sk.receiveHead = joined;
    else before.next = joined;
    if (rest === null) sk.receiveTail = joined;
    skb = joined;
  }
}

export function purgeOutOfOrder(sk: Tcb): void {
  const queue = sk.outOfOrder;
  if (queue === null) return;
  for (let i = 0; i < queue.length; i++) {
    const skb = queue.at(i);
    sk.receiveMemory -= skb.cb3;
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
    sk.receiveMemory -= skb.cb3;
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
    sk.receiveMemory -= skb.cb3;
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
