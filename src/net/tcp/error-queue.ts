import { ENOMSG } from '../../base/errno.js';
import { SO_EE_ORIGIN_TIMESTAMPING, SO_EE_ORIGIN_ZEROCOPY } from '../core/datagram-socket.js';
import { MSG_ERRQUEUE, MSG_TRUNC, type ReceiveInfo } from '../core/socket.js';
import { seqDiff, seqGe } from './sequence.js';
import type { Tcb } from './tcb.js';

/** SO_EE_CODE_ZEROCOPY_COPIED, linux/errqueue.h: the data was copied after all. */
const ZEROCOPY_COPIED = 1;

// SCM_TSTAMP_*: when a timestamp was taken, linux/errqueue.h
export const STAMP_SENT = 0;
export const STAMP_SCHEDULED = 1;
export const STAMP_ACKED = 2;

// SOF_TIMESTAMPING_*, linux/net_tstamp.h
const TX_SOFTWARE = 1 << 1;
const SOFTWARE = 1 << 4;
const OPT_ID = 1 << 7;
const TX_SCHED = 1 << 8;
const TX_ACK = 1 << 9;
const OPT_TSONLY = 1 << 11;

/** As many notices are kept; Linux bounds them by SO_RCVBUF. */
const MAX_NOTICES = 256;

/** An entry of the error queue of a TCP socket: zero-copy sends that are done, timestamps of sent data. */
interface Notice {
  readonly errno: number;
  readonly origin: number;
  readonly code: number;
  info: number;
  data: number;
  /** Microseconds since the epoch; -1: it is none of timestamps. */
  readonly stampUs: number;
}

/** A send whose end is waited for. */
interface Watched {
  /** Sequence number behind its last byte. */
  readonly end: number;
  /** Of zero-copy sends, counted from 0; -1: it is one whose times are wanted. */
  readonly id: number;
  readonly wanted: number;
  sent: boolean;
}

/** What MSG_ZEROCOPY and SO_TIMESTAMPING put into the error queue; made for sockets that ask for it. */
export class ErrorQueue {
  readonly #notices: Notice[] = [];
  #watched: Watched[] = [];
  #nextId = 0;
  /** Where SOF_TIMESTAMPING_OPT_ID counts bytes from. */
  keyFrom = 0;

  get length(): number {
    return this.#notices.length;
  }

  /** A send with MSG_ZEROCOPY ends at `end` (msg_zerocopy_alloc()). */
  zerocopy(end: number): void {
    this.#watched.push({ end, id: this.#nextId++, wanted: 0, sent: true });
  }

  /** A send with MSG_ZEROCOPY whose bytes were copied when it was made: its memory is the user's again. */
  copied(sk: Tcb): void {
    this.#completed(sk, this.#nextId++);
  }

  /** The last byte of a send whose times SO_TIMESTAMPING wants (tcp_tx_timestamp()). */
  stamp(end: number, wanted: number): void {
    if ((wanted & (TX_SOFTWARE | TX_SCHED | TX_ACK)) !== 0) this.#watched.push({ end, id: -1, wanted, sent: false });
  }

  /** Data up to `end` left for the first time. */
  transmitted(sk: Tcb, end: number): void {
    for (const watched of this.#watched) {
      if (watched.sent || !seqGe(end, watched.end)) continue;
      watched.sent = true;
      if ((watched.wanted & TX_SCHED) !== 0) this.#stamped(sk, watched, STAMP_SCHEDULED);
      if ((watched.wanted & TX_SOFTWARE) !== 0) this.#stamped(sk, watched, STAMP_SENT);
    }
  }

  /** Everything up to `ack` has arrived, or will not any more. */
  acknowledged(sk: Tcb, ack: number): void {
    let done = 0;
    for (const watched of this.#watched) {
      if (!seqGe(ack, watched.end)) break;
      done++;
      if (watched.id >= 0) this.#completed(sk, watched.id);
      else if ((watched.wanted & TX_ACK) !== 0) this.#stamped(sk, watched, STAMP_ACKED);
    }
    if (done > 0) this.#watched = this.#watched.slice(done);
  }

  /** What is sent no more: its memory is the user's again (skb_zcopy_clear()). */
  purge(sk: Tcb): void {
    const watched = this.#watched;
    this.#watched = [];
    for (const { id } of watched) if (id >= 0) this.#completed(sk, id);
  }

  /** Sends that follow each other are told of as one (skb_zerocopy_notify_extend()). */
  #completed(sk: Tcb, id: number): void {
    const last = this.#notices.at(-1);
    if (last !== undefined && last.origin === SO_EE_ORIGIN_ZEROCOPY && last.data + 1 === id) {
      last.data = id;
      sk.tcp.wake(sk);
    } else this.#add(sk, { errno: 0, origin: SO_EE_ORIGIN_ZEROCOPY, code: ZEROCOPY_COPIED, info: id, data: id, stampUs: -1 });
  }

  #stamped(sk: Tcb, watched: Watched, when: number): void {
    if ((watched.wanted & SOFTWARE) === 0 || !mayStamp(sk)) return;
    const data = (watched.wanted & OPT_ID) === 0 ? 0 : (seqDiff(watched.end, this.keyFrom) - 1) >>> 0;
    const stampUs = sk.tcp.stack.clock.wallUs();
    this.#add(sk, { errno: ENOMSG, origin: SO_EE_ORIGIN_TIMESTAMPING, code: 0, info: when, data, stampUs });
  }

  #add(sk: Tcb, notice: Notice): void {
    if (this.#notices.length >= MAX_NOTICES) return;
    this.#notices.push(notice);
    sk.tcp.wake(sk);
  }

  /** recvmsg(MSG_ERRQUEUE): whether there was one. `cuts`: a packet that comes along would be cut. */
  take(info: ReceiveInfo, cuts: boolean): boolean {
    const notice = this.#notices.shift();
    if (notice === undefined) return false;
    // Without SOF_TIMESTAMPING_OPT_TSONLY the packet comes with its time; there is no room for it.
    info.flags = cuts && notice.stampUs >= 0 ? MSG_ERRQUEUE | MSG_TRUNC : MSG_ERRQUEUE;
    info.errorNumber = notice.errno;
    info.errorOrigin = notice.origin;
    info.errorType = 0;
    info.errorCode = notice.code;
    info.errorInfo = notice.info;
    info.errorData = notice.data;
    info.errorStampUs = notice.stampUs;
    return true;
  }
}

/** Its data comes along with a time unless the socket wants times alone. Linux: skb_may_tx_timestamp() */
function mayStamp(sk: Tcb): boolean {
  return sk.tcp.stack.settings.tstampAllowData !== 0 || (sk.timestampingFlags & OPT_TSONLY) !== 0 || sk.privileged;
}
