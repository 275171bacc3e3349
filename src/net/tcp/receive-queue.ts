import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { truesize } from './receive-window.js';
import { seqAdd, seqDiff, seqGe, seqGt, seqLe, seqLt } from './sequence.js';
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
 * Keeps a segment that lies beyond RCV.NXT, sorted, without overlaps (RFC 9293 3.10.7.4; Linux: tcp_data_queue_ofo(), which has a
 * tree for it: a list does while the buffer bounds its length). False: it was dropped.
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
  sk.receivedOutOfOrder++;
  const tail = sk.outOfOrderTail;
  let before: PacketBuffer | null = null;
  if (tail !== null && seqGe(seqOf(skb), seqOf(tail))) before = tail;
  else {
    for (let other = sk.outOfOrderHead; other !== null && seqLe(seqOf(other), seqOf(skb)); other = other.next) before = other;
  }
  if (before !== null && seqGt(endOf(before), seqOf(skb))) {
    if (seqLe(endOf(skb), endOf(before))) {
      stats.TCPOFOMerge++;
      stack.drop(skb, DropReason.TCP_OFOMERGE);
      return true;
    }
    trimFront(skb, endOf(before));
  }
  // What follows and is covered goes; what is covered in part is cut from the new one's end.
  let after = before === null ? sk.outOfOrderHead : before.next;
  while (after !== null && seqLt(seqOf(after), endOf(skb))) {
    if (seqLt(endOf(skb), endOf(after))) {
      trimBack(skb, seqOf(after));
      break;
    }
    const covered = after;
    after = after.next;
    sk.receiveMemory -= covered.cb3;
    stats.TCPOFOMerge++;
    stack.drop(covered, DropReason.TCP_OFOMERGE);
  }
  if (after === null) sk.outOfOrderTail = before;
  if (before !== null && endOf(before) === seqOf(skb) && merge(sk, before, skb)) {
    before.next = after;
    return true;
  }
  charge(sk, skb);
  skb.next = after;
  if (before === null) sk.outOfOrderHead = skb;
  else before.next = skb;
  if (after === null) sk.outOfOrderTail = skb;
  return true;
}

/** RCV.NXT moved: segments kept that are now in order follow. True: one of them had the FIN. */
export function joinOutOfOrder(sk: Tcb): boolean {
  let fin = false;
  while (sk.outOfOrderHead !== null && seqLe(seqOf(sk.outOfOrderHead), sk.rcvNxt)) {
    const skb: PacketBuffer = sk.outOfOrderHead;
    sk.outOfOrderHead = skb.next;
    if (sk.outOfOrderHead === null) sk.outOfOrderTail = null;
    skb.next = null;
    sk.receiveMemory -= skb.cb3;
    if (seqLe(endOf(skb), sk.rcvNxt)) {
      sk.tcp.stack.drop(skb, DropReason.TCP_OFO_DROP);
      continue;
    }
    trimFront(skb, sk.rcvNxt);
    sk.bytesReceived += seqDiff(skb.cb1, sk.rcvNxt) - skb.cb2;
    sk.rcvNxt = endOf(skb);
    fin = skb.cb2 !== 0;
    append(sk, skb);
    // Nothing comes after a FIN.
    if (fin) {
      purgeOutOfOrder(sk);
      return true;
    }
  }
  return fin;
}

/** Memory ran out: what is out of order goes, it may be sent again (RFC 2018 allows it even after SACK). True: there is room now. */
function prune(sk: Tcb): boolean {
  sk.tcp.stats.PruneCalled++;
  if (sk.outOfOrderHead !== null) {
    sk.tcp.stats.OfoPruned++;
    purgeOutOfOrder(sk);
  }
  if (hasRoom(sk)) return true;
  sk.tcp.stats.RcvPruned++;
  return false;
}

export function purgeOutOfOrder(sk: Tcb): void {
  while (sk.outOfOrderHead !== null) {
    const skb: PacketBuffer = sk.outOfOrderHead;
    sk.outOfOrderHead = skb.next;
    sk.receiveMemory -= skb.cb3;
    sk.tcp.stack.drop(skb, DropReason.TCP_OFO_QUEUE_PRUNE);
  }
  sk.outOfOrderTail = null;
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
