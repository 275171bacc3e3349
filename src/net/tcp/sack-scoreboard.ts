import { DATA_SACKED, DUPLICATE_SACK, ORIGINAL_ARRIVED, PROBE_DUPLICATED, type AckEvent } from './ack-event.js';
import { CA_LOSS } from './constants.js';
import { noteDelivered } from './delivery-rate.js';
import { rackAdvance } from './rack.js';
import { mayFragment, splitSegment } from './retransmit.js';
import { SEGMENT_EVER_RETRANSMITTED, SEGMENT_LOST, SEGMENT_RETRANSMITTED, SEGMENT_SACKED, type SentSegment } from './sent-segments.js';
import { seqAdd, seqDiff, seqGe, seqGt, seqLe, seqLt } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * The sender's scoreboard (RFC 6675 3, RFC 2018 5, RFC 2883): which of the segments under way arrived beyond a hole. It lives in the
 * segments' own state; what ranges the last ACK told of is remembered, so that each ACK costs what is new in it.
 */

/** Blocks of one ACK that count, sorted, start and end; reused. */
const ranges = new Int32Array(8);

/** First number behind all that was selectively acknowledged. */
export const highestSack = (sk: Tcb): number => (sk.sackedOut === 0 ? sk.sndUna : sk.highestSackSeq);

/** Reads the SACK option of the present segment. `ack` is its ACK number. */
export function takeSack(sk: Tcb, ack: number, event: AckEvent): void {
  const options = sk.tcp.options;
  const duplicate = isDuplicate(sk, ack, event);
  // RFC 5961's horizon: what is that old tells nothing.
  if (seqLt(ack, seqAdd(event.priorUna, -sk.maxWindow)) || sk.packetsOut === 0) return;
  event.reorderSeq = sk.sndNxt;
  let count = 0;
  for (let i = 0; i < options.sackCount; i++) {
    const start = options.sack[2 * i]!;
    const end = options.sack[2 * i + 1]!;
    const first = i === 0 && duplicate;
    if (!isValid(sk, start, end, first)) {
      countInvalid(sk, first, ack, event.priorUna);
      continue;
    }
    if (!seqGt(end, event.priorUna)) continue;
    if (first) {
      tagRange(sk, event, start, end, true);
      continue;
    }
    insert(count++, start, end);
  }
  for (let i = 0; i < count; i++) {
    const start = ranges[2 * i]!;
    const end = ranges[2 * i + 1]!;
    if (!known(sk, start, end)) tagRange(sk, event, start, end, false);
  }
  remember(sk, count);
  // After a time-out without a way back the order of arrival says nothing of the path.
  if (sk.caState !== CA_LOSS || sk.undoPossible) noteReordering(sk, event.reorderSeq, highestSack(sk), false);
}

/** Keeps `ranges` sorted while it is filled. */
function insert(count: number, start: number, end: number): void {
  let at = count;
  while (at > 0 && seqGt(ranges[2 * (at - 1)]!, start)) {
    ranges[2 * at] = ranges[2 * (at - 1)]!;
    ranges[2 * at + 1] = ranges[2 * (at - 1) + 1]!;
    at--;
  }
  ranges[2 * at] = start;
  ranges[2 * at + 1] = end;
}

/** The last ACK told of all of it already. */
function known(sk: Tcb, start: number, end: number): boolean {
  const cache = sk.sackCache;
  if (cache === null) return false;
  for (let i = 0; i < sk.sackCached; i++) {
    if (seqLe(cache[2 * i]!, start) && seqGe(cache[2 * i + 1]!, end)) return true;
  }
  return false;
}

function remember(sk: Tcb, count: number): void {
  sk.sackCached = count;
  if (count === 0) return;
  sk.sackCache ??= new Int32Array(8);
  sk.sackCache.set(ranges);
}

/** RFC 2883 4: the first block reports a duplicate if it lies below the ACK, or within the second one. */
function isDuplicate(sk: Tcb, ack: number, event: AckEvent): boolean {
  const { sack, sackCount } = sk.tcp.options;
  const stats = sk.tcp.stats;
  const start = sack[0]!;
  const end = sack[1]!;
  if (seqLt(start, ack)) {
    stats.TCPDSACKRecv++;
  } else if (sackCount > 1 && !seqGt(end, sack[3]!) && !seqLt(start, sack[2]!)) {
    stats.TCPDSACKOfoRecv++;
  } else return false;
  const packets = duplicatePackets(sk, start, end, event);
  if (packets === 0) {
    stats.TCPDSACKIgnoredDubious++;
    return false;
  }
  stats.TCPDSACKRecvSegs += packets;
  // What undo counts: a repetition that was not needed.
  if (sk.undoPossible && sk.undoRetrans > 0 && seqLe(end, event.priorUna) && seqGt(end, sk.undoMarker))
    sk.undoRetrans = Math.max(0, sk.undoRetrans - packets);
  return true;
}

/** How many packets arrived twice; 0: more than were ever repeated, so it is not believed. */
function duplicatePackets(sk: Tcb, start: number, end: number, event: AckEvent): number {
  if (!seqLt(start, end)) return 0;
  const bytes = seqDiff(end, start);
  const mss = sk.mssCache;
  let packets = 1;
  if (bytes > mss) packets = Math.ceil(bytes / mss);
  else if (sk.tlpRetransmitted && sk.tlpHighSeq === end && sk.tlpPending) event.flags |= PROBE_DUPLICATED;
  if (sk.duplicateSacks + packets > sk.totalRetrans) return 0;
  sk.duplicateSacks += packets;
  if (sk.reordSeen > 0 && (event.flags & PROBE_DUPLICATED) === 0) sk.rackDuplicateSeen = true;
  event.flags |= DUPLICATE_SACK;
  sk.delivered += packets;
  return packets;
}

/** Linux: tcp_is_sackblock_valid(); a D-SACK may also speak of what undo still waits to hear of. */
function isValid(sk: Tcb, start: number, end: number, duplicate: boolean): boolean {
  if (seqGt(end, sk.sndNxt) || !seqLt(start, end) || !seqLt(start, sk.sndNxt)) return false;
  if (seqGt(start, sk.sndUna)) return true;
  if (!duplicate || !sk.undoPossible) return false;
  if (seqGt(end, sk.sndUna)) return false;
  if (!seqLt(start, sk.undoMarker)) return true;
  if (!seqGt(end, sk.undoMarker)) return false;
  return !seqLt(start, seqAdd(end, -sk.maxWindow));
}

function countInvalid(sk: Tcb, duplicate: boolean, ack: number, priorUna: number): void {
  const stats = sk.tcp.stats;
  if (duplicate) {
    if (sk.undoPossible) stats.TCPDSACKIgnoredOld++;
    else stats.TCPDSACKIgnoredNoUndo++;
  } else if (ack === priorUna || sk.sndUna === ack) stats.TCPSACKDiscard++;
}

/** Walks the segments of one block; a super-segment is cut so that only whole packets count as arrived. */
function tagRange(sk: Tcb, event: AckEvent, start: number, end: number, duplicate: boolean): void {
  const hint = sk.sent.sackHint;
  let segment: SentSegment | null = hint !== null && seqLe(hint.seq, start) ? hint : sk.sent.head;
  for (; segment !== null && seqLt(segment.seq, end); segment = segment.next) {
    if (!seqGt(segment.endSeq, start)) continue;
    if (!(seqLe(start, segment.seq) && seqGe(end, segment.endSeq)) && !cutToPackets(sk, segment, start, end)) continue;
    tag(sk, event, segment, duplicate);
    sk.sent.sackHint = segment;
  }
}

/** `segment` lies across an edge of the block. True: what is left of it now lies within. */
function cutToPackets(sk: Tcb, segment: SentSegment, start: number, end: number): boolean {
  if (segment.packets <= 1) return false;
  const mss = segment.mss;
  const inFront = seqDiff(start, segment.seq);
  if (inFront > 0) {
    const bytes = Math.ceil(inFront / mss) * mss;
    if (bytes < seqDiff(segment.endSeq, segment.seq) && mayFragment(sk)) splitSegment(sk, segment, bytes, mss);
    // The part in front is not it; the loop comes to the other one next.
    return false;
  }
  const bytes = Math.floor(seqDiff(end, segment.seq) / mss) * mss;
  if (bytes === 0 || !mayFragment(sk)) return false;
  splitSegment(sk, segment, bytes, mss);
  return true;
}

/** One segment is told to have arrived (tcp_sacktag_one()). */
function tag(sk: Tcb, event: AckEvent, segment: SentSegment, duplicate: boolean): void {
  const { packets } = segment;
  const repeated = (segment.state & (SEGMENT_RETRANSMITTED | SEGMENT_EVER_RETRANSMITTED)) !== 0;
  if (duplicate && repeated) {
    if (sk.undoPossible && sk.undoRetrans > 0 && seqGt(segment.endSeq, sk.undoMarker))
      sk.undoRetrans = Math.max(0, sk.undoRetrans - packets);
    if ((segment.state & SEGMENT_SACKED) !== 0 && seqLt(segment.seq, event.reorderSeq)) event.reorderSeq = segment.seq;
  }
  if (!seqGt(segment.endSeq, sk.sndUna)) return;
  if ((segment.state & SEGMENT_SACKED) === 0) {
    rackAdvance(sk, segment);
    if ((segment.state & SEGMENT_RETRANSMITTED) !== 0) {
      // The repetition is taken to be what arrived only if it was known that the original was lost.
      if ((segment.state & SEGMENT_LOST) !== 0) {
        segment.state &= ~(SEGMENT_LOST | SEGMENT_RETRANSMITTED);
        sk.lostOut -= packets;
        sk.retransOut -= packets;
      }
    } else {
      if ((segment.state & SEGMENT_EVER_RETRANSMITTED) === 0) neverRepeated(sk, event, segment);
      if ((segment.state & SEGMENT_LOST) !== 0) {
        segment.state &= ~SEGMENT_LOST;
        sk.lostOut -= packets;
      }
    }
    segment.state |= SEGMENT_SACKED;
    event.flags |= DATA_SACKED;
    sk.sackedOut += packets;
    sk.delivered += packets;
    noteDelivered(sk, event.rate, segment);
    sk.sent.unlist(segment);
    if (sk.sackedOut === packets || seqGt(segment.endSeq, sk.highestSackSeq)) sk.highestSackSeq = segment.endSeq;
  }
  if (duplicate && (segment.state & SEGMENT_RETRANSMITTED) !== 0) {
    segment.state &= ~SEGMENT_RETRANSMITTED;
    sk.retransOut -= packets;
  }
}

/** It left once and arrived: behind a later one, then the network reorders; before the recovery's end, then F-RTO takes note. */
function neverRepeated(sk: Tcb, event: AckEvent, segment: SentSegment): void {
  if (seqLt(segment.seq, highestSack(sk)) && seqLt(segment.seq, event.reorderSeq)) event.reorderSeq = segment.seq;
  if (!seqGt(segment.endSeq, sk.highSeq)) event.flags |= ORIGINAL_ARRIVED;
  if (event.firstSackUs === 0) event.firstSackUs = segment.sentUs;
  event.lastSackUs = segment.sentUs;
}

/** A packet from `low` on came after one before `high`: so far does the network reorder, in packets (tcp_check_sack_reordering()). */
export function noteReordering(sk: Tcb, low: number, high: number, byTimestamp: boolean): void {
  if (!seqLt(low, high)) return;
  const distance = seqDiff(high, low);
  const mss = sk.mssCache;
  if (mss > 0 && distance > sk.reordering * mss) sk.reordering = Math.min(Math.ceil(distance / mss), sk.tcp.settings.maxReordering);
  sk.reordSeen++;
  if (byTimestamp) sk.tcp.stats.TCPTSReorder++;
  else sk.tcp.stats.TCPSACKReorder++;
}

/** All that was selectively acknowledged is forgotten: the peer reneged (RFC 2018 8), or the connection is over. */
export function forgetSack(sk: Tcb): void {
  sk.sackedOut = 0;
  sk.sackCached = 0;
  sk.sent.sackHint = null;
}
