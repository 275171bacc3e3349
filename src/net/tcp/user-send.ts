import { EAGAIN, EPIPE } from '../../base/errno.js';
import { MSG_EOR, MSG_MORE, MSG_ZEROCOPY } from '../core/socket.js';
import { BUSY, chronoStart } from './chrono.js';
import { noteApplicationLimit } from './delivery-rate.js';
import { restartAfterIdle } from './ack.js';
import { SEND_SHUTDOWN } from './close.js';
import { SOL_SOCKET } from '../core/socket-options.js';
import { ErrorQueue } from './error-queue.js';
import { HANDSHAKE_STATES, inState, MSG_OOB } from './constants.js';
import { maySend, pushPending, unsentBytes } from './output.js';
import { seqAdd } from './sequence.js';
import { NAGLE_CORK, SO_ZEROCOPY, type Tcb } from './tcb.js';

/** Why nothing can be sent: a negative errno, or 0. */
function sendError(sk: Tcb): number {
  if (!maySend(sk)) {
    if (sk.pendingError !== 0) return -sk.takeError();
    if (inState(sk.state, HANDSHAKE_STATES) && (sk.shutdownMask & SEND_SHUTDOWN) === 0) {
      sk.noSpace = true;
      return -EAGAIN;
    }
    return -EPIPE;
  }
  if (sk.pendingError !== 0) return -sk.takeError();
  return (sk.shutdownMask & SEND_SHUTDOWN) === 0 ? 0 : -EPIPE;
}

/** Bytes are about to come behind the last ones. */
function beforeAppend(sk: Tcb): void {
  if (sk.packetsOut === 0) restartAfterIdle(sk);
  noteApplicationLimit(sk);
  chronoStart(sk, BUSY);
}

/** send(2) of bytes that the caller put into the memory that the queue's reserve() gave: all are taken, or a negative errno and none. */
export function userSendReserved(sk: Tcb, count: number): number {
  const error = sendError(sk);
  if (error !== 0) {
    sk.queue.commit(0);
    return error;
  }
  beforeAppend(sk);
  sk.queue.commit(count);
  sk.writeSeq = seqAdd(sk.writeSeq, count);
  sk.pushedSeq = sk.writeSeq;
  if (sk.timestampingFlags !== 0) watchSend(sk, 0);
  pushPending(sk, sk.corkNagle);
  return count;
}

/** send(2) (tcp_sendmsg()): takes what the send buffer has room for. The count, or a negative errno. */
export function userSend(sk: Tcb, bytes: Uint8Array, start: number, length: number, flags: number): number {
  const error = sendError(sk);
  if (error !== 0) return error;
  if (length === 0) return 0;
  const room = sk.sendBuffer - sk.queue.length;
  if (room <= 0) {
    sk.noSpace = true;
    pushPending(sk);
    return -EAGAIN;
  }
  const count = Math.min(length, room);
  if (count < length) sk.noSpace = true;
  beforeAppend(sk);
  sk.queue.append(bytes, start, count);
  sk.writeSeq = seqAdd(sk.writeSeq, count);
  const more = (flags & MSG_MORE) !== 0 && count === length;
  if (!more) sk.pushedSeq = sk.writeSeq;
  if ((flags & MSG_OOB) !== 0) {
    sk.sndUrgent = sk.writeSeq;
    sk.urgentMode = true;
  }
  if ((flags & MSG_EOR) !== 0 && count === length) {
    sk.boundaries ??= [];
    sk.boundaries.push(sk.writeSeq);
  }
  if ((flags & MSG_ZEROCOPY) !== 0 || sk.timestampingFlags !== 0) watchSend(sk, flags);
  pushPending(sk, more ? sk.corkNagle | NAGLE_CORK : sk.corkNagle);
  return count;
}

/** What is to be told of this send once it has left and arrived. */
export function watchSend(sk: Tcb, flags: number): void {
  if ((flags & MSG_ZEROCOPY) !== 0 && sk.kept.get(SOL_SOCKET, SO_ZEROCOPY) !== 0) {
    sk.errorQueue ??= new ErrorQueue();
    sk.errorQueue.zerocopy(sk.writeSeq);
  }
  if (sk.timestampingFlags !== 0 && sk.errorQueue !== null) sk.errorQueue.stamp(sk.writeSeq, sk.timestampingFlags);
}

/** POLLOUT: at least a third of the buffer is free, and not too much waits to be sent (TCP_NOTSENT_LOWAT). */
export function isWritable(sk: Tcb): boolean {
  const queued = sk.queue.length;
  if (sk.sendBuffer - queued < queued >> 1) return false;
  const limit = sk.notsentLowat !== 0 ? sk.notsentLowat : sk.tcp.settings.notsentLowat;
  return unsentBytes(sk) < limit;
}
