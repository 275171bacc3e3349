import { EAGAIN, EINVAL, ENOTCONN } from '../../base/errno.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { MSG_PEEK, MSG_TRUNC, type ReceiveInfo } from '../core/socket.js';
import { RCV_SHUTDOWN } from './close.js';
import { MSG_OOB, TCP_CLOSE } from './constants.js';
import { skipByte } from './receive-queue.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * Urgent data, RFC 9293 3.8.5, as Linux has it (tcp_urg()): the last byte is taken out of the stream and read by MSG_OOB, unless the
 * user wants it in its place (SO_OOBINLINE); reads stop at the mark before it. RFC 6093 tells new programs to leave it alone.
 */

// sk.urgentState (tp->urg_data)
export const URGENT_NONE = 0;
/** The pointer came, the byte did not yet (TCP_URG_NOTYET). */
export const URGENT_AWAITED = 1;
/** The byte is there to be read (TCP_URG_VALID), or was read (TCP_URG_READ). */
export const URGENT_VALID = 2;
export const URGENT_READ = 3;

/** Notes an urgent pointer (tcp_check_urg()). `seq`: of the segment; tcp_stdurg says which byte it means. */
export function noteUrgent(sk: Tcb, seq: number, pointer: number): void {
  const last = seqAdd(seq, pointer === 0 || sk.tcp.settings.stdurg !== 0 ? pointer : pointer - 1);
  if (seqGt(sk.copiedSeq, last) || seqLt(last, sk.rcvNxt)) return;
  if (sk.urgentState !== URGENT_NONE && seqLe(last, sk.urgentSeq)) return;
  // The byte that was urgent until now, and is next to be read, is passed over.
  if (sk.urgentState !== URGENT_NONE && !isInline(sk) && sk.urgentSeq === sk.copiedSeq && sk.copiedSeq !== sk.rcvNxt) skipByte(sk);
  sk.urgentState = URGENT_AWAITED;
  sk.urgentSeq = last;
  sk.tcp.wake(sk);
}

/** Takes the awaited byte from a segment whose data, `bytes` of them from `seq` on, lies at `at` (tcp_urg()). */
export function takeUrgent(sk: Tcb, skb: PacketBuffer, at: number, seq: number, bytes: number): void {
  const offset = seqDiff(sk.urgentSeq, seq);
  if (offset < 0 || offset >= bytes) return;
  sk.urgentByte = skb.bytes[at + offset]!;
  sk.urgentState = URGENT_VALID;
  sk.tcp.wake(sk);
}

const isInline = (sk: Tcb): boolean => sk.oobInline || sk.ignoresUrgent;

/** recv(MSG_OOB): the urgent byte (tcp_recv_urg()). */
export function receiveUrgent(sk: Tcb, into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
  if (isInline(sk) || sk.urgentState === URGENT_NONE || sk.urgentState === URGENT_READ) return -EINVAL;
  if (sk.state === TCP_CLOSE && !sk.finReceived) return -ENOTCONN;
  if (sk.urgentState === URGENT_VALID) {
    if ((flags & MSG_PEEK) === 0) sk.urgentState = URGENT_READ;
    if (info !== null) info.flags |= MSG_OOB;
    if (length === 0) {
      if (info !== null) info.flags |= MSG_TRUNC;
      return 0;
    }
    if ((flags & MSG_TRUNC) === 0) into[start] = sk.urgentByte;
    return 1;
  }
  return sk.state === TCP_CLOSE || (sk.shutdownMask & RCV_SHUTDOWN) !== 0 ? 0 : -EAGAIN;
}

/** Whether the next byte to be read is the urgent one (SIOCATMARK). */
export const atMark = (sk: Tcb): boolean => sk.urgentState !== URGENT_NONE && sk.urgentSeq === sk.copiedSeq;

/** Of `length` bytes that are to be read, how many may be: up to the mark. At the mark the urgent byte is passed over, unless it is `peek`ed at. */
export function lengthToMark(sk: Tcb, length: number, peek: boolean): number {
  if (sk.urgentState === URGENT_NONE || sk.ignoresUrgent) return length;
  const offset = seqDiff(sk.urgentSeq, sk.copiedSeq);
  if (offset > 0) return Math.min(length, offset);
  if (offset === 0 && !sk.oobInline && sk.receiveHead !== null) {
    if (peek) return length;
    skipByte(sk);
    sk.urgentState = URGENT_NONE;
  }
  return length;
}

/** Bytes were read: the mark may lie behind. */
export function passMark(sk: Tcb): void {
  if (sk.urgentState !== URGENT_NONE && seqGt(sk.copiedSeq, sk.urgentSeq)) sk.urgentState = URGENT_NONE;
}

/** A byte that is in the stream and cannot be read from it now. */
export const hidesByte = (sk: Tcb): boolean => atMark(sk) && !isInline(sk);
