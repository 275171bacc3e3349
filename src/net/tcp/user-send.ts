import { EAGAIN, EPIPE } from '../../base/errno.js';
import * as wire from '../../wire/tcp.js';
import { MSG_EOR, MSG_MORE, MSG_ZEROCOPY } from '../core/socket.js';
import { BUSY, chronoStart } from './chrono.js';
import { noteApplicationLimit } from './delivery-rate.js';
import { restartAfterIdle } from './ack.js';
import { SEND_SHUTDOWN } from './close.js';
import { SOL_SOCKET } from '../core/socket-options.js';
import { ErrorQueue } from './error-queue.js';
import { chargeSend, forceSchedule, scheduleData, scheduleSend, unchargeSend } from './memory.js';
import { HANDSHAKE_STATES, inState, MSG_OOB } from './constants.js';
import { maySend, pushPending, sizeGoal, unsentBytes, writePending } from './output.js';
import { armProbeIfStuck } from './rearm.js';
import { currentMss } from './route.js';
import type { SentSegment } from './sent-segments.js';
import { seqAdd, seqGt } from './sequence.js';
import { NAGLE_CORK, NAGLE_PUSH, SO_ZEROCOPY, type Tcb } from './tcb.js';
import { MAX_FRAGMENTS, SEGMENT_TRUESIZE, unsentLength } from './unsent-segments.js';

/**
 * send(2) (tcp_sendmsg()): takes what the send buffer has room for. The count, or a negative errno. `bytes` null: they lie in the memory that
 * the queue's reserve() gave, and are as many as sendRoom() allows.
 */
export function userSend(sk: Tcb, bytes: Uint8Array | null, start: number, length: number, flags: number): number {
  if (!maySend(sk)) {
    if (sk.pendingError !== 0) return -sk.takeError();
    if (inState(sk.state, HANDSHAKE_STATES) && (sk.shutdownMask & SEND_SHUTDOWN) === 0) {
      sk.noSpace = true;
      return -EAGAIN;
    }
    return -EPIPE;
  }
  if (sk.pendingError !== 0) return -sk.takeError();
  if ((sk.shutdownMask & SEND_SHUTDOWN) !== 0) return -EPIPE;
  if (length === 0) return 0;
  if (sk.packetsOut === 0 && sk.unsent.head === null) restartAfterIdle(sk);
  noteApplicationLimit(sk);
  const mss = currentMss(sk);
  const goal = (flags & MSG_OOB) !== 0 ? mss : sizeGoal(sk, mss);
  const copied = fill(sk, bytes, start, length, goal, mss, flags);
  if (copied === 0) return -EAGAIN;
  if ((flags & MSG_ZEROCOPY) !== 0 || sk.timestampingFlags !== 0) watchSend(sk, flags);
  push(sk, copied < length ? flags & ~MSG_MORE : flags, mss, copied < length ? NAGLE_PUSH : sk.corkNagle);
  return copied;
}

/** Puts data behind the last segment that has not left, or into new ones, as far as the send buffer has room (tcp_sendmsg_locked()). The count. */
function fill(sk: Tcb, bytes: Uint8Array | null, start: number, length: number, goal: number, mss: number, flags: number): number {
  const pieces = (flags & MSG_ZEROCOPY) === 0 ? null : sk.zerocopyPieces;
  let copied = 0;
  while (copied < length) {
    let segment = sk.unsent.tail;
    let room = segment === null ? 0 : roomIn(segment, goal);
    if (segment === null || room <= 0) {
      if (!hasSendMemory(sk, false)) {
        sk.noSpace = true;
        break;
      }
      if (!takeSegmentMemory(sk)) break;
      segment = sk.unsent.open(sk.writeSeq);
      chargeSend(sk, SEGMENT_TRUESIZE);
      room = goal;
    }
    let count = Math.min(room, length - copied);
    if (pieces !== null) {
      if (segment.fragments >= MAX_FRAGMENTS) {
        markPush(sk, segment);
        segment.endsRecord = true;
        continue;
      }
      segment.fragments++;
      const left = pieceEnd(pieces, copied) - copied;
      if (left > 0) count = Math.min(count, left);
    }
    count = scheduleData(sk, count);
    if (count === 0) {
      dropEmpty(sk, segment);
      sk.noSpace = true;
      break;
    }
    if (copied === 0) {
      chronoStart(sk, BUSY);
      segment.flags &= ~wire.PSH;
    }
    if (bytes === null) sk.queue.take(count);
    else sk.queue.append(bytes, start + copied, count);
    sk.writeSeq = seqAdd(sk.writeSeq, count);
    segment.endSeq = sk.writeSeq;
    segment.truesize += count;
    chargeSend(sk, count);
    copied += count;
    if (copied === length) {
      if ((flags & MSG_EOR) !== 0) segment.endsRecord = true;
      break;
    }
    if (count < room || (flags & MSG_OOB) !== 0) continue;
    if (mustPush(sk)) {
      markPush(sk, segment);
      pushPending(sk, NAGLE_PUSH);
    } else if (segment === sk.unsent.head) writePending(sk, mss, NAGLE_PUSH, 1);
  }
  return copied;
}

/** A segment's own memory: the only one of a connection is made whatever the limits say (tcp_stream_alloc_skb()). */
function takeSegmentMemory(sk: Tcb): boolean {
  if (sk.unsent.head === null && sk.packetsOut === 0) forceSchedule(sk, SEGMENT_TRUESIZE);
  else if (!scheduleSend(sk, SEGMENT_TRUESIZE)) {
    sk.tcp.enterPressure();
    sk.tcp.moderate(sk);
    sk.noSpace = true;
    return false;
  }
  return true;
}

/** A segment that was just made and got no memory for data goes again (tcp_remove_empty_skb()). */
function dropEmpty(sk: Tcb, segment: SentSegment): void {
  if (unsentLength(segment) > 0 || segment !== sk.unsent.tail || (segment.flags & wire.FIN) !== 0) return;
  unchargeSend(sk, segment.truesize);
  sk.unsent.dropTail();
}

/** Where the buffer ends that the byte at `at` lies in. */
function pieceEnd(pieces: readonly number[], at: number): number {
  let end = 0;
  for (const length of pieces) {
    end += length;
    if (end > at) break;
  }
  return end;
}

const roomIn = (segment: SentSegment, goal: number): number =>
  segment.endsRecord || (segment.flags & wire.FIN) !== 0 ? 0 : goal - unsentLength(segment);

/** More than half of the largest window went by without PSH (forced_push()). */
const mustPush = (sk: Tcb): boolean => seqGt(sk.writeSeq, seqAdd(sk.pushedSeq, sk.maxWindow >> 1));

function markPush(sk: Tcb, segment: SentSegment): void {
  segment.flags |= wire.PSH;
  sk.pushedSeq = sk.writeSeq;
}

/** The end of a write: PSH and urgent pointer, and what may leave leaves (tcp_push()). */
function push(sk: Tcb, flags: number, mss: number, nagle: number): void {
  const last = sk.unsent.tail;
  if (last === null) return;
  const more = (flags & MSG_MORE) !== 0;
  if (!more || mustPush(sk)) markPush(sk, last);
  if ((flags & MSG_OOB) !== 0) {
    sk.sndUrgent = sk.writeSeq;
    sk.urgentMode = true;
  }
  if (writePending(sk, mss, more ? NAGLE_CORK : nagle)) armProbeIfStuck(sk);
}

/** Whether a new segment may be made: memory, and the user's limit on what waits (sk_stream_memory_free()); `waking`: half of that limit. */
function hasSendMemory(sk: Tcb, waking: boolean): boolean {
  if (sk.sendMemory >= sk.sendBuffer) return false;
  const limit = sk.notsentLowat !== 0 ? sk.notsentLowat : sk.tcp.settings.notsentLowat;
  return unsentBytes(sk) * (waking ? 2 : 1) < limit;
}

/** Bytes that send() takes whatever leaves meanwhile. */
export function sendRoom(sk: Tcb): number {
  const goal = sizeGoal(sk, currentMss(sk));
  const last = sk.unsent.tail === null ? 0 : Math.max(roomIn(sk.unsent.tail, goal), 0);
  return sk.sendMemory + last < sk.sendBuffer && hasSendMemory(sk, false) ? last + goal : last;
}

/** What is to be told of this send once it has left and arrived. */
export function watchSend(sk: Tcb, flags: number): void {
  if ((flags & MSG_ZEROCOPY) !== 0 && sendsWithoutCopy(sk)) {
    sk.errorQueue ??= new ErrorQueue();
    sk.errorQueue.zerocopy(sk.writeSeq);
  }
  if (sk.timestampingFlags !== 0 && sk.errorQueue !== null) sk.errorQueue.stamp(sk.writeSeq, sk.timestampingFlags);
}

/** Whether MSG_ZEROCOPY means something (SO_ZEROCOPY). */
export const sendsWithoutCopy = (sk: Tcb): boolean => sk.kept.get(SOL_SOCKET, SO_ZEROCOPY) !== 0;

/** A send with MSG_ZEROCOPY is over that was made somewhere else, from a copy. */
export function noteCopied(sk: Tcb): void {
  sk.errorQueue ??= new ErrorQueue();
  sk.errorQueue.copied(sk);
}

/** POLLOUT: at least a third of the buffer is free, and not too much waits to be sent (sk_stream_is_writeable()). */
export const isWritable = (sk: Tcb): boolean => sk.sendBuffer - sk.sendMemory >= sk.sendMemory >> 1 && hasSendMemory(sk, true);
