import { CA_LOSS, CA_OPEN } from './constants.js';
import { anyRetransmitted } from './retransmit.js';
import { rackKeepWindow } from './rack.js';
import { keepOpen, setCaState } from './reduction.js';
import { noteReordering } from './sack-scoreboard.js';
import { SEGMENT_EVER_RETRANSMITTED, SEGMENT_LOST, SEGMENT_RETRANSMITTED, type SentSegment } from './sent-segments.js';
import { seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * A reduction is taken back when it turns out that nothing was lost: every repetition was reported as a duplicate (D-SACK, RFC 3708),
 * or the ACK echoes a timestamp from before the first repetition (Eifel, RFC 3522).
 */

/** Whether the present ACK echoes a timestamp older than `sentUs`. */
export function echoesBefore(sk: Tcb, sentUs: number): boolean {
  const options = sk.tcp.options;
  if (!sk.timestampsOk || !options.hasTimestamps || options.timestampEcho === 0) return false;
  return seqDiff(options.timestampEcho, (Math.floor(sentUs / 1000) + sk.tsOffset) | 0) < 0;
}

/** RFC 3522: the original had arrived. */
const originalArrived = (sk: Tcb): boolean => sk.retransStartUs >= 0 && echoesBefore(sk, sk.retransStartUs);

/** The ACK is for the original of `segment`, which had been sent again needlessly. */
export const repeatedNeedlessly = (sk: Tcb, segment: SentSegment): boolean =>
  (segment.state & (SEGMENT_RETRANSMITTED | SEGMENT_EVER_RETRANSMITTED)) !== 0 && echoesBefore(sk, segment.sentUs);

const mayUndo = (sk: Tcb): boolean => sk.undoPossible && (sk.undoRetrans === 0 || originalArrived(sk));

function undoReduction(sk: Tcb, unmarkLost: boolean): void {
  if (unmarkLost) {
    for (let segment = sk.sent.head; segment !== null; segment = segment.next) segment.state &= ~SEGMENT_LOST;
    sk.lostOut = 0;
    sk.sent.hint = null;
    sk.sent.relist();
  }
  if (sk.priorSsthresh !== 0) {
    sk.cwnd = sk.congestion.undoWindow(sk);
    if (sk.priorSsthresh > sk.ssthresh) {
      sk.ssthresh = sk.priorSsthresh;
      sk.ecnQueueCwr = false;
    }
  }
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  sk.undoPossible = false;
  // What RACK found is to be looked at again.
  sk.rackAdvanced = true;
}

/** RFC 6582 3.2 step 1: without SACK, the state is kept until something beyond highSeq is acknowledged, against false fast retransmits. */
function heldAtHighSeq(sk: Tcb): boolean {
  if (sk.sndUna !== sk.highSeq || sk.sackOk) return false;
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  return true;
}

/** All that recovery began with was acknowledged. True: the state stays for now. */
export function undoRecovery(sk: Tcb): boolean {
  if (mayUndo(sk)) {
    if (sk.caState === CA_LOSS) sk.tcp.stats.TCPLossUndo++;
    else sk.tcp.stats.TCPFullUndo++;
    undoReduction(sk, false);
  } else if (sk.rackPersist > 0) sk.rackPersist--;
  if (heldAtHighSeq(sk)) return true;
  setCaState(sk, CA_OPEN);
  sk.sackReneged = false;
  return false;
}

/** Each repetition was reported as a duplicate. */
export function undoByDuplicates(sk: Tcb): boolean {
  if (!sk.undoPossible || sk.undoRetrans !== 0) return false;
  rackKeepWindow(sk);
  undoReduction(sk, false);
  sk.tcp.stats.TCPDSACKUndo++;
  return true;
}

/** A partial ACK in recovery was for an original. True: nothing more is to be done with this ACK. */
export function undoPartial(sk: Tcb, priorUna: number): boolean {
  if (!sk.undoPossible || !originalArrived(sk)) return false;
  noteReordering(sk, priorUna, sk.sndUna, true);
  // Repetitions still under way would be taken for more reordering.
  if (sk.retransOut > 0) return true;
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  undoReduction(sk, true);
  sk.tcp.stats.TCPPartialUndo++;
  keepOpen(sk);
  return false;
}

/** A time-out was needless; `byFrto`: F-RTO says so (RFC 5682). */
export function undoLoss(sk: Tcb, byFrto: boolean): boolean {
  if (!byFrto && !mayUndo(sk)) return false;
  undoReduction(sk, true);
  sk.tcp.stats.TCPLossUndo++;
  if (byFrto) sk.tcp.stats.TCPSpuriousRTOs++;
  sk.retransmits = 0;
  if (heldAtHighSeq(sk)) return true;
  if (byFrto || sk.sackOk) {
    setCaState(sk, CA_OPEN);
    sk.sackReneged = false;
  }
  return true;
}
