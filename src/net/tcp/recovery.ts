import {
  type AckEvent,
  DATA_SACKED,
  ECN_ECHO,
  HAD_DATA,
  ORIGINAL_ARRIVED,
  RENEGED,
  REPETITION_LOST,
  SET_TIMER,
  UNA_ADVANCED,
} from './ack-event.js';
import { CA_CWR, CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY } from './constants.js';
import { addDuplicates } from './duplicate-acks.js';
import { packetsInFlight } from './in-flight.js';
import { isLostProbe, probeFailed } from './mtu-probe.js';
import { hasUnsent, windowEnd } from './output.js';
import { rackDetectLoss, rackMarkLost, rackRemaining, usesRack } from './rack.js';
import { armTimer, rearmRto } from './rearm.js';
import {
  beginReduction,
  currentThreshold,
  endReduction,
  enterCwr,
  enterRecovery,
  initUndo,
  keepOpen,
  reduceWindow,
  setCaState,
  timeToRecover,
} from './reduction.js';
import { dataBytes } from './segment-counts.js';
import { anyRetransmitted, markLost, retransmitLost, splitSegment } from './retransmit.js';
import { currentMss } from './route.js';
import { forgetSack, highestSack } from './sack-scoreboard.js';
import { SEGMENT_LOST, SEGMENT_SACKED, type SentSegment } from './sent-segments.js';
import { seqDiff, seqGe, seqGt } from './sequence.js';
import { repeatTooBig } from './simple-retransmit.js';
import { TIMER_RETRANSMIT, type Tcb } from './tcb.js';
import { undoByDuplicates, undoLoss, undoPartial, undoRecovery } from './undo.js';

/**
 * Loss recovery: what is lost is found by RACK (rack.ts), by SACK counts (RFC 6675) where tcp_recovery has RACK off, or by duplicate
 * ACKs (RFC 6582 NewReno) where the peer has no SACK; the state machine around it is one.
 */

/** What is to leave after an ACK: nothing of its own, what is lost, or new data first (F-RTO). */
export const REPEAT_NOTHING = 0;
export const REPEAT_LOST = 1;
export const REPEAT_NEW = 2;

/** RFC 6582: the first hole is lost at the third duplicate ACK, and again whenever a partial ACK shows the next one. */
function newRenoMarkLost(sk: Tcb, advanced: boolean): void {
  const head = sk.sent.head;
  if (head === null) return;
  const atThreshold = sk.caState < CA_RECOVERY && sk.sackedOut >= sk.reordering;
  if (!atThreshold && !(sk.caState === CA_RECOVERY && advanced)) return;
  if ((head.state & SEGMENT_LOST) !== 0) return;
  const mss = currentMss(sk);
  if (head.packets > 1 && dataBytes(head) > mss) splitSegment(sk, head, mss, mss);
  markLost(sk, head);
}

function identifyLoss(sk: Tcb, event: AckEvent): void {
  if (sk.packetsOut === 0) return;
  if (!sk.sackOk) newRenoMarkLost(sk, (event.flags & UNA_ADVANCED) !== 0);
  else if (usesRack(sk)) rackMarkLost(sk, event);
}

/** More than the network reorders lies between the hole and what arrived. */
const holeIsOld = (sk: Tcb): boolean => seqDiff(highestSack(sk), sk.sndUna) > sk.reordering * sk.mssCache;

/** RFC 6675 IsLost(): a hole with `reordering` packets selectively acknowledged above it; `first`: one packet in any case. */
function markBySackCount(sk: Tcb, first: boolean): void {
  const end = highestSack(sk);
  let above = sk.sackedOut;
  for (let segment: SentSegment | null = sk.sent.head; segment !== null && seqGt(end, segment.seq); segment = segment.next) {
    if ((segment.state & SEGMENT_SACKED) !== 0) {
      above -= segment.packets;
      continue;
    }
    if (above < sk.reordering && !(first && segment === sk.sent.head)) break;
    if ((segment.state & SEGMENT_LOST) === 0) markLost(sk, segment);
  }
}

/** The peer forgot what it had acknowledged (RFC 2018 8): it gets half a round trip to prove the contrary, then all is sent again. */
function waitsForReneger(sk: Tcb, event: AckEvent): boolean {
  if ((event.flags & RENEGED) === 0) return false;
  armTimer(sk, TIMER_RETRANSMIT, Math.max(sk.srtt8 / 16, 10_000));
  event.flags &= ~SET_TIMER;
  return true;
}

function tryToOpen(sk: Tcb, event: AckEvent): void {
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  if ((event.flags & ECN_ECHO) !== 0) enterCwr(sk);
  if (sk.caState !== CA_CWR) keepOpen(sk);
}

/** In Loss, after a time-out (tcp_process_loss()): what is to be sent next. */
function processLoss(sk: Tcb, event: AckEvent, duplicates: number): number {
  const advanced = (event.flags & UNA_ADVANCED) !== 0;
  const recovered = seqGe(sk.sndUna, sk.highSeq);
  if (advanced && undoLoss(sk, false)) return REPEAT_NOTHING;
  if (sk.frto) {
    // RFC 5682 3.1 step 3b: something that left once, before the time-out, arrived: the time-out was needless.
    if ((event.flags & ORIGINAL_ARRIVED) !== 0 && undoLoss(sk, true)) return REPEAT_NOTHING;
    if (seqGt(sk.sndNxt, sk.highSeq)) {
      // Step 3a: the new data only brought duplicate ACKs.
      if ((event.flags & DATA_SACKED) !== 0 || duplicates > 0) sk.frto = false;
    } else if (advanced && !recovered) {
      // Step 2b: new data instead of repetitions.
      sk.highSeq = sk.sndNxt;
      if (hasUnsent(sk) && seqGt(windowEnd(sk), sk.sndNxt)) return REPEAT_NEW;
      sk.frto = false;
    }
  }
  if (recovered) {
    undoRecovery(sk);
    return REPEAT_NOTHING;
  }
  if (!sk.sackOk) {
    if (seqGt(sk.sndNxt, sk.highSeq) && duplicates > 0) addDuplicates(sk, duplicates);
    else if (advanced) sk.sackedOut = 0;
  }
  return REPEAT_LOST;
}

/** The time-out was undone, or repetitions got lost: what follows is as in the states before. */
const leavesLoss = (sk: Tcb, event: AckEvent): boolean => sk.caState === CA_OPEN || (event.flags & REPETITION_LOST) !== 0;

/** highSeq is reached: the reduction is over, or recovery is. True: nothing more is to be done with this ACK. */
function leaveAtHighSeq(sk: Tcb): boolean {
  if (sk.caState === CA_OPEN) {
    sk.retransStartUs = -1;
    return false;
  }
  if (!seqGe(sk.sndUna, sk.highSeq)) return false;
  if (sk.caState === CA_CWR) {
    // highSeq itself is not enough: an ACK above it shows that the reduction took effect.
    if (sk.sndUna !== sk.highSeq) {
      endReduction(sk);
      setCaState(sk, CA_OPEN);
    }
  } else if (sk.caState === CA_RECOVERY) {
    if (!sk.sackOk) sk.sackedOut = 0;
    if (undoRecovery(sk)) return true;
    endReduction(sk);
  }
  return false;
}

/**
 * Looks at an ACK that is not plainly good (Linux: tcp_fastretrans_alert()): `duplicates` packets arrived beyond the hole.
 * Returns what is to be sent.
 */
export function onDubiousAck(sk: Tcb, event: AckEvent, duplicates: number): number {
  const advanced = (event.flags & UNA_ADVANCED) !== 0;
  let forced = duplicates > 0 || ((event.flags & DATA_SACKED) !== 0 && holeIsOld(sk));
  if (sk.packetsOut === 0) sk.sackedOut = 0;
  // RFC 3168 6.1.2: a mark is congestion; no undo.
  if ((event.flags & ECN_ECHO) !== 0) sk.priorSsthresh = 0;
  if (waitsForReneger(sk, event) || leaveAtHighSeq(sk)) return REPEAT_NOTHING;
  let first = false;
  let repeat = REPEAT_LOST;
  if (sk.caState === CA_RECOVERY) {
    if (!advanced) {
      if (!sk.sackOk) addDuplicates(sk, duplicates);
    } else {
      if (undoPartial(sk, event.priorUna)) return REPEAT_NOTHING;
      // A partial ACK: the next hole is repeated at once.
      forced = !sk.sackOk || holeIsOld(sk);
    }
    if (undoByDuplicates(sk)) tryToOpen(sk, event);
    identifyLoss(sk, event);
    if (sk.caState !== CA_RECOVERY) {
      if (!timeToRecover(sk)) return REPEAT_NOTHING;
      enterRecovery(sk, (event.flags & ECN_ECHO) !== 0);
    }
  } else {
    if (sk.caState === CA_LOSS) {
      repeat = processLoss(sk, event, duplicates);
      identifyLoss(sk, event);
      if (!leavesLoss(sk, event)) return repeat;
    } else if (!sk.sackOk && advanced) sk.sackedOut = 0;
    if (sk.caState !== CA_LOSS) {
      if (!sk.sackOk && repeat !== REPEAT_NOTHING) addDuplicates(sk, duplicates);
      if (sk.caState <= CA_DISORDER) undoByDuplicates(sk);
      identifyLoss(sk, event);
    }
    if (!timeToRecover(sk)) {
      tryToOpen(sk, event);
      return repeat === REPEAT_LOST ? REPEAT_NOTHING : repeat;
    }
    if (sk.caState < CA_CWR && isLostProbe(sk)) {
      probeFailed(sk);
      repeatTooBig(sk);
      return REPEAT_NOTHING;
    }
    enterRecovery(sk, (event.flags & ECN_ECHO) !== 0);
    first = true;
  }
  if (sk.sackOk && !usesRack(sk) && forced) markBySackCount(sk, first);
  return REPEAT_LOST;
}

/** How many packets a duplicate ACK stands for: aggregated ones count each (num_dupack). */
export function duplicatesOf(event: AckEvent, notDuplicate: number, packets: number): number {
  if ((event.flags & notDuplicate) !== 0) return 0;
  return (event.flags & HAD_DATA) === 0 ? packets : 1;
}

/** The reordering timer of RACK (RFC 8985 6.3): what was given time did not come. */
export function reorderTimeout(sk: Tcb): void {
  const before = packetsInFlight(sk);
  rackDetectLoss(sk);
  if (before !== packetsInFlight(sk)) {
    if (sk.caState !== CA_RECOVERY) {
      enterRecovery(sk, false);
      if (sk.congestion.control === undefined) reduceWindow(sk, 1, 0, false);
    }
    retransmitLost(sk);
  }
  if (sk.pendingTimer !== TIMER_RETRANSMIT) rearmRto(sk);
}

/** What is lost after a time-out: all, but what left so recently that its ACK may still come. */
function markAfterTimeout(sk: Tcb): void {
  const head = sk.sent.head;
  const reneged = head !== null && (head.state & SEGMENT_SACKED) !== 0;
  if (reneged) {
    sk.tcp.stats.TCPSACKReneging++;
    forgetSack(sk);
    sk.sackReneged = true;
  } else if (!sk.sackOk) sk.sackedOut = 0;
  for (let segment = head; segment !== null; segment = segment.next) {
    if (reneged) segment.state &= ~SEGMENT_SACKED;
    else if (usesRack(sk) && segment !== head && rackRemaining(sk, segment, 0) > 0) continue;
    markLost(sk, segment);
  }
  sk.sent.hint = null;
}

/** After a time-out sending starts with one packet (RFC 5681 3.1, tcp_enter_loss()). */
export function enterLoss(sk: Tcb): void {
  const fresh = sk.caState < CA_RECOVERY;
  markAfterTimeout(sk);
  if (sk.caState <= CA_DISORDER || !seqGt(sk.highSeq, sk.sndUna) || (sk.caState === CA_LOSS && sk.retransmits === 0)) {
    sk.priorSsthresh = currentThreshold(sk);
    sk.priorCwnd = sk.cwnd;
    sk.ssthresh = sk.congestion.slowStartThreshold(sk);
    initUndo(sk);
  }
  sk.cwnd = packetsInFlight(sk) + 1;
  sk.cwndCount = 0;
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  // A time-out although that much arrived: reordering was thought too far.
  if (sk.caState <= CA_DISORDER && sk.sackedOut >= sk.tcp.settings.reordering)
    sk.reordering = Math.min(sk.reordering, sk.tcp.settings.reordering);
  setCaState(sk, CA_LOSS);
  sk.highSeq = sk.sndNxt;
  sk.ecnQueueCwr = sk.ecnOk;
  // RFC 5682 3.1 step 1: only where no recovery was under way, or the repetition itself timed out.
  sk.frto = sk.tcp.settings.frto !== 0 && (fresh || sk.retransmits > 0);
}

/** A tail loss probe was needed: what it repaired was a loss all the same (RFC 8985 7.4.2). */
export function probeRepaired(sk: Tcb): void {
  beginReduction(sk);
  setCaState(sk, CA_CWR);
  endReduction(sk);
  keepOpen(sk);
}
