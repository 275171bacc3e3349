import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { scheduleReceive, shrinkSsthresh, unchargeReceive, underPressure } from './memory.js';
import type { OutOfOrderQueue } from './out-of-order.js';
import { charge, endOf, hasRoom, seqOf } from './queued-segment.js';
import { truesize, truesizeOf } from './receive-window.js';
import { clearBlocks } from './sack-blocks.js';
import type { Tcb } from './tcb.js';

/**
 * The buffer is full (tcp_prune_queue()): small segments are copied together; if that does not make room, what lies furthest beyond
 * the hole goes, an eighth of the buffer at a time. It may be sent again: RFC 2018 8 allows it even after SACK. True: there is room now.
 */
function prune(sk: Tcb): boolean {
  const stats = sk.tcp.stats;
  stats.PruneCalled++;
  if (sk.receiveMemory >= sk.receiveBuffer) clampWindow(sk);
  else if (underPressure(sk)) shrinkSsthresh(sk);
  if (hasRoom(sk)) return true;
  if (sk.outOfOrder !== null) collapseOutOfOrder(sk, sk.outOfOrder);
  collapseReceived(sk);
  if (hasRoom(sk)) return true;
  pruneOutOfOrder(sk);
  if (hasRoom(sk)) return true;
  stats.RcvPruned++;
  return false;
}

/** Room in the buffer, and memory of the protocol's, for a segment (tcp_try_rmem_schedule()). */
export function takeMemory(sk: Tcb, skb: PacketBuffer): boolean {
  const bytes = truesize(skb);
  if (hasRoom(sk) && scheduleReceive(sk, bytes)) return true;
  if (!prune(sk)) return false;
  while (!scheduleReceive(sk, bytes)) if (!pruneOutOfOrder(sk)) return false;
  return true;
}

/** The buffer grows to what is in it as long as that is allowed; where it is not, the window is to shrink (tcp_clamp_window()). */
function clampWindow(sk: Tcb): void {
  sk.quick = 0;
  const { memory } = sk.tcp;
  if (!sk.receiveBufferLocked && !memory.underPressure && memory.allocated < memory.limits[0]) {
    const most = sk.tcp.settings.rmem[2];
    if (sk.receiveBuffer < most) sk.receiveBuffer = Math.min(sk.receiveMemory, most);
  }
  if (sk.receiveMemory > sk.receiveBuffer) sk.rcvSsthresh = Math.min(sk.windowClamp, 2 * sk.advMss);
}

/** Drops from the far end; what is told of by SACK is forgotten with it. False: there is nothing. */
function pruneOutOfOrder(sk: Tcb): boolean {
  const queue = sk.outOfOrder;
  if (queue === null || queue.length === 0) return false;
  sk.tcp.stats.OfoPruned++;
  let goal = sk.receiveBuffer >> 3;
  for (let skb = queue.last; skb !== null; skb = queue.last) {
    goal -= skb.cb3;
    unchargeReceive(sk, skb.cb3);
    queue.remove(queue.length - 1, 1);
    sk.tcp.stack.drop(skb, DropReason.TCP_OFO_QUEUE_PRUNE);
    if (goal > 0) continue;
    if (hasRoom(sk) && !underPressure(sk)) break;
    goal = sk.receiveBuffer >> 3;
  }
  clearBlocks(sk);
  return true;
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
  unchargeReceive(sk, a.cb3 + b.cb3);
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
