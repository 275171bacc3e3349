import { EAGAIN } from '../../base/errno.js';
import * as wire from '../../wire/tcp.js';
import { CA_CWR, CA_LOSS, CA_RECOVERY, TCP_SYN_RECV } from './constants.js';
import { noteSent } from './delivery-rate.js';
import { packetsInFlight } from './in-flight.js';
import { maxPackets, pushPending, windowEnd } from './output.js';
import { mustWait } from './pacing.js';
import { rearmRto } from './rearm.js';
import { currentMss } from './route.js';
import {
  packetsOf,
  SEGMENT_EVER_RETRANSMITTED,
  SEGMENT_LOST,
  SEGMENT_RETRANSMITTED,
  SEGMENT_SACKED,
  type SentSegment,
} from './sent-segments.js';
import { seqAdd, seqDiff, seqLt } from './sequence.js';
import { sendSyn } from './syn.js';
import { chargeSend, unchargeSend } from './memory.js';
import { adjustPackets, dataBytes } from './segment-counts.js';
import { collapseBehind } from './retransmit-collapse.js';
import { TIMER_REORDER, type Tcb } from './tcb.js';
import { transmit } from './transmit.js';
import { SEGMENT_TRUESIZE } from './unsent-segments.js';

/** Two super-packets. */
const FRAGMENT_MARGIN = 2 * 65_536;

export function splitSegment(sk: Tcb, segment: SentSegment, bytes: number, mss: number): void {
  adjustPackets(sk, segment, sk.sent.split(segment, seqAdd(segment.seq, bytes), mss, SEGMENT_TRUESIZE));
  chargeSend(sk, SEGMENT_TRUESIZE);
}

/** Whether one more segment may be made by cutting: not where a peer's SACKs make too many small ones (CVE-2019-11478). */
export function mayFragment(sk: Tcb): boolean {
  if (sk.sendMemory >> 1 <= sk.sendBuffer + FRAGMENT_MARGIN) return true;
  sk.tcp.stats.TCPWqueueTooBig++;
  return false;
}

/** What SND.UNA passed of `segment` is given up (tcp_trim_head()). */
export function trimHead(sk: Tcb, segment: SentSegment): void {
  const bytes = seqDiff(sk.sndUna, segment.seq);
  segment.seq = sk.sndUna;
  segment.truesize -= bytes;
  unchargeSend(sk, bytes);
}

export function markLost(sk: Tcb, segment: SentSegment): void {
  if ((segment.state & SEGMENT_SACKED) !== 0) return;
  if ((segment.state & SEGMENT_LOST) !== 0) {
    if ((segment.state & SEGMENT_RETRANSMITTED) === 0) return;
    // The repetition got lost, too.
    segment.state &= ~SEGMENT_RETRANSMITTED;
    sk.retransOut -= segment.packets;
    sk.tcp.stats.TCPLostRetransmit += segment.packets;
  } else {
    segment.state |= SEGMENT_LOST;
    sk.lostOut += segment.packets;
  }
  sk.lost += segment.packets;
  // What is lost may lie before the place where the search stands.
  const hint = sk.sent.hint;
  if (hint !== null && seqLt(segment.seq, hint.seq)) sk.sent.hint = segment;
}

/** Whether anything under way was sent more than once. */
export const anyRetransmitted = (sk: Tcb): boolean =>
  sk.retransOut > 0 || (sk.sent.head !== null && (sk.sent.head.state & SEGMENT_EVER_RETRANSMITTED) !== 0);

/**
 * Sends `segment` again, at most `packets` of it (what is more is cut off and stays marked); the cut follows the MSS and window
 * of now. 0 or a negative errno.
 */
export function retransmitSegment(sk: Tcb, segment: SentSegment, packets: number): number {
  const error = sendAgain(sk, segment, packets);
  if (error !== 0) return error;
  if ((segment.state & SEGMENT_RETRANSMITTED) === 0) {
    segment.state |= SEGMENT_RETRANSMITTED;
    sk.retransOut += segment.packets;
  }
  if (sk.retransStartUs < 0) sk.retransStartUs = sk.tcp.stack.nowUs;
  if (sk.undoRetrans < 0) sk.undoRetrans = 0;
  sk.undoRetrans += segment.packets;
  return 0;
}

/** The same without counting it as a repetition under way: a tail loss probe (__tcp_retransmit_skb()). */
export function sendAgain(sk: Tcb, segment: SentSegment, packets: number): number {
  const stats = sk.tcp.stats;
  const nowUs = sk.tcp.stack.nowUs;
  let error: number;
  if ((segment.flags & wire.SYN) !== 0) {
    // RFC 3168 6.1.1.1: something on the way may drop SYNs that ask for ECN.
    if (sk.tcp.settings.ecnFallback !== 0) sk.ecnAsked = false;
    error = sendSyn(sk, sk.state === TCP_SYN_RECV);
  } else {
    // What a probe of the path's MTU comes to cannot be told any more.
    sk.mtuProbe = 0;
    if (seqLt(segment.seq, sk.sndUna)) trimHead(sk, segment);
    const mss = currentMss(sk);
    let room = seqDiff(windowEnd(sk), segment.seq);
    if (room <= 0) {
      // Linux: a window that was shrunk to nothing is probed with the first segment alone.
      if (segment.seq !== sk.sndUna) return -EAGAIN;
      room = mss;
    }
    let most = mss * Math.min(packets, maxPackets(sk, mss));
    if (most > room) most = room > mss ? room - (room % mss) : room;
    if (dataBytes(segment) > most) splitSegment(sk, segment, most, mss);
    else {
      if (segment.mss !== mss) {
        const before = segment.packets;
        segment.mss = mss;
        segment.packets = packetsOf(seqDiff(segment.endSeq, segment.seq), mss);
        adjustPackets(sk, segment, segment.packets - before);
      }
      const space = Math.min(room, mss);
      if (dataBytes(segment) < space) collapseBehind(sk, segment, space);
    }
    error = transmit(sk, segment.seq, dataBytes(segment), wire.ACK | (segment.flags & (wire.FIN | wire.PSH)), mss);
  }
  stats.RetransSegs += segment.packets;
  if ((segment.flags & wire.SYN) !== 0) stats.TCPSynRetrans++;
  segment.state |= SEGMENT_EVER_RETRANSMITTED;
  noteSent(sk, segment);
  segment.sentUs = nowUs;
  sk.sent.sentAgain(segment);
  sk.totalRetrans += segment.packets;
  sk.bytesRetrans += dataBytes(segment);
  if (error !== 0) {
    stats.TCPRetransFail++;
    return error;
  }
  return 0;
}

/** Sends again what is marked lost, as far as the congestion window lets it out (tcp_xmit_retransmit_queue()). */
export function retransmitLost(sk: Tcb): void {
  const stats = sk.tcp.stats;
  let segment = sk.sent.hint ?? sk.sent.head;
  let rearm = false;
  while (segment !== null && sk.retransOut < sk.lostOut) {
    if (mustWait(sk)) break;
    const quota = sk.cwnd - packetsInFlight(sk);
    if (quota <= 0) break;
    sk.sent.hint = segment;
    const wanted = (segment.state & (SEGMENT_LOST | SEGMENT_RETRANSMITTED | SEGMENT_SACKED)) === SEGMENT_LOST;
    if (wanted) {
      if (retransmitSegment(sk, segment, quota) !== 0) break;
      if (sk.caState === CA_LOSS) stats.TCPSlowStartRetrans += segment.packets;
      else stats.TCPFastRetrans += segment.packets;
      if (sk.caState === CA_CWR || sk.caState === CA_RECOVERY) sk.prrOut += segment.packets;
      if (segment === sk.sent.head && sk.pendingTimer !== TIMER_REORDER) rearm = true;
    }
    segment = segment.next;
  }
  if (rearm) rearmRto(sk);
}

/** Pacing lets something out: first what is lost (tcp_tsq_write()). */
export function sendPaced(sk: Tcb): void {
  if (sk.lostOut > sk.retransOut && sk.cwnd > packetsInFlight(sk)) retransmitLost(sk);
  pushPending(sk);
}
