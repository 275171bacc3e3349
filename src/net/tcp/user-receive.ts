import { EAGAIN, ENOTCONN } from '../../base/errno.js';
import { MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, type ReceiveInfo } from '../core/socket.js';
import { RCV_SHUTDOWN } from './close.js';
import { MSG_OOB, TCP_CLOSE, TCP_LISTEN } from './constants.js';
import { afterRead } from './delayed-ack.js';
import { adjustReceiveSpace } from './receive-buffer.js';
import { peekQueue, readQueue } from './receive-queue.js';
import { seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';
import { hidesByte, lengthToMark, passMark, receiveUrgent, URGENT_NONE } from './urgent.js';

/** SOF_TIMESTAMPING_OPT_TSONLY, linux/net_tstamp.h */
const TIMESTAMPING_OPT_TSONLY = 1 << 11;

/** recv(2) (tcp_recvmsg()). 0: the peer has closed. */
export function userReceive(sk: Tcb, into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
  if (sk.state === TCP_LISTEN) return -ENOTCONN;
  if ((flags & MSG_ERRQUEUE) !== 0)
    return sk.errorQueue !== null && info !== null && sk.errorQueue.take(info, (sk.timestampingFlags & TIMESTAMPING_OPT_TSONLY) === 0)
      ? 0
      : -EAGAIN;
  if (info !== null) {
    info.flags = 0;
    info.from.family = 0;
    info.errorOrigin = 0;
    info.left = -1;
  }
  if ((flags & MSG_OOB) !== 0) return receiveUrgent(sk, into, start, length, flags, info);
  const peek = (flags & MSG_PEEK) !== 0;
  const target = (flags & MSG_TRUNC) !== 0 ? null : into;
  const most = sk.urgentState === URGENT_NONE ? length : lengthToMark(sk, length, peek);
  const copied =
    peek && target !== null && hidesByte(sk) ? peekQueue(sk, 1, target, start, most) : readQueue(sk, target, start, most, peek);
  if (copied > 0) {
    if (sk.urgentState !== URGENT_NONE) passMark(sk);
    if (info !== null && sk.tellsQueue) info.left = queueHint(sk);
    if (peek) return copied;
    adjustReceiveSpace(sk);
    if (sk.state !== TCP_CLOSE) afterRead(sk, copied);
    return copied;
  }
  if (length === 0 && sk.receiveHead !== null) return 0;
  if (sk.finReceived) return 0;
  if (sk.pendingError !== 0) return -sk.takeError();
  if ((sk.shutdownMask & RCV_SHUTDOWN) !== 0) return 0;
  if (sk.state === TCP_CLOSE) return -ENOTCONN;
  return length === 0 ? 0 : -EAGAIN;
}

/** tcp_inq_hint(): behind the last byte the end is something to be read, too. */
const queueHint = (sk: Tcb): number => readableBytes(sk) || (sk.finReceived ? 1 : 0);

/** Bytes that can be read at once, up to urgent data (SIOCINQ; tcp_inq()). */
export function readableBytes(sk: Tcb): number {
  if (sk.urgentState !== URGENT_NONE && !sk.oobInline && !sk.ignoresUrgent) {
    const offset = seqDiff(sk.urgentSeq, sk.copiedSeq);
    if (offset >= 0 && seqDiff(sk.rcvNxt, sk.urgentSeq) > 0) return offset;
  }
  return unreadBytes(sk);
}

/** Bytes in the receive queue. */
export function unreadBytes(sk: Tcb): number {
  let bytes = 0;
  for (let skb = sk.receiveHead; skb !== null; skb = skb.next) bytes += skb.length;
  return bytes;
}
