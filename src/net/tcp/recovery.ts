import { CA_CWR, CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY, INFINITE_SSTHRESH } from './constants.js';
import { leftOut, packetsInFlight } from './in-flight.js';
import { anyRetransmitted, dataBytes, markLost, splitSegment } from './retransmit.js';
import { currentMss } from './route.js';
import { SEGMENT_LOST } from './sent-segments.js';
import { seqDiff, seqGe, seqGt } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * Loss recovery without SACK: fast retransmit and fast recovery (RFC 5681 3.2, RFC 6582 NewReno) in the five states that Linux
 * has for it. The window during recovery follows proportional rate reduction (RFC 6937), as Linux does for all algorithms.
 * Loss detection by SACK (RFC 6675) and RACK (RFC 8985) will stand beside identifyLoss(), F-RTO (RFC 5682) in processLoss().
 */

export function setCaState(sk: Tcb, state: number): void {
  sk.congestion.setState?.(sk, state);
  sk.caState = state;
}

export const inReduction = (sk: Tcb): boolean => sk.caState === CA_CWR || sk.caState === CA_RECOVERY;

/** The threshold that would hold if the present reduction ended now. */
export function currentThreshold(sk: Tcb): number {
  return inReduction(sk) ? sk.ssthresh : Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
}

function initUndo(sk: Tcb): void {
  sk.undoMarker = sk.sndUna;
  sk.undoPossible = true;
  // Something was sent again before: it may be what the duplicate ACKs are about.
  sk.undoRetrans = sk.retransOut > 0 ? sk.retransOut : -1;
}

/** RFC 6937: what recovery begins with. */
function beginReduction(sk: Tcb): void {
  sk.highSeq = sk.sndNxt;
  sk.cwndCount = 0;
  sk.priorCwnd = sk.cwnd;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  sk.ssthresh = sk.congestion.slowStartThreshold(sk);
}

function enterRecovery(sk: Tcb): void {
  sk.tcp.stats.TCPRenoRecovery++;
  sk.priorSsthresh = 0;
  initUndo(sk);
  if (!inReduction(sk)) {
    sk.priorSsthresh = currentThreshold(sk);
    beginReduction(sk);
  }
  setCaState(sk, CA_RECOVERY);
}

/** Local congestion (a full queue below, later ECN): the window is reduced without a loss. */
export function enterCwr(sk: Tcb): void {
  sk.priorSsthresh = 0;
  if (sk.caState >= CA_CWR) return;
  sk.undoPossible = false;
  beginReduction(sk);
  setCaState(sk, CA_CWR);
}

/** RFC 6937 3.1: proportional rate reduction with slow start reduction bound; `delivered` packets left the network with this ACK. */
export function reduceWindow(sk: Tcb, delivered: number, newlyLost: number, advanced: boolean): void {
  if (delivered <= 0 || sk.priorCwnd === 0) return;
  const inFlight = packetsInFlight(sk);
  const room = sk.ssthresh - inFlight;
  sk.prrDelivered += delivered;
  let send: number;
  if (room < 0) send = Math.floor((sk.ssthresh * sk.prrDelivered + sk.priorCwnd - 1) / sk.priorCwnd) - sk.prrOut;
  else if (advanced && newlyLost === 0) send = Math.min(room, Math.max(sk.prrDelivered - sk.prrOut, delivered) + 1);
  else send = Math.min(room, delivered);
  // The first ACK of recovery always lets the fast retransmit out.
  send = Math.max(send, sk.prrOut > 0 ? 0 : 1);
  sk.cwnd = inFlight + send;
}

function endReduction(sk: Tcb): void {
  if (sk.ssthresh < INFINITE_SSTHRESH && (sk.caState === CA_CWR || sk.undoPossible)) {
    sk.cwnd = sk.ssthresh;
    sk.cwndStampUs = sk.tcp.stack.nowUs;
  }
}

/** Not more duplicate ACKs are believed than packets can be beyond the hole; else the network reorders. */
function checkReordering(sk: Tcb, addend: number): void {
  const holes = Math.min(Math.max(sk.lostOut, 1), sk.packetsOut);
  if (sk.sackedOut + holes <= sk.packetsOut) return;
  sk.sackedOut = sk.packetsOut - holes;
  sk.reordering = Math.min(sk.packetsOut + addend, sk.tcp.settings.maxReordering);
  sk.reordSeen++;
  sk.tcp.stats.TCPRenoReorder++;
}

/** Each duplicate ACK says that one more packet arrived. */
function addDuplicates(sk: Tcb, count: number): void {
  if (count === 0) return;
  const before = sk.sackedOut;
  sk.sackedOut += count;
  checkReordering(sk, 0);
  if (sk.sackedOut > before) sk.delivered += sk.sackedOut - before;
}

/** `acked` packets were acknowledged: one filled the hole, the others had been counted by duplicate ACKs. */
export function removeDuplicates(sk: Tcb, acked: number): void {
  if (acked > 0) {
    sk.delivered += Math.max(acked - sk.sackedOut, 1);
    sk.sackedOut = Math.max(0, sk.sackedOut - (acked - 1));
  }
  checkReordering(sk, acked);
}

/** RFC 6582: the first hole is lost at the third duplicate ACK, and again whenever a partial ACK shows the next one. */
function identifyLoss(sk: Tcb, advanced: boolean): void {
  const head = sk.sent.head;
  if (head === null) return;
  const atThreshold = sk.caState < CA_RECOVERY && sk.sackedOut >= sk.reordering;
  if (!atThreshold && !(sk.caState === CA_RECOVERY && advanced)) return;
  if ((head.state & SEGMENT_LOST) !== 0) return;
  const mss = currentMss(sk);
  if (head.packets > 1 && dataBytes(head) > mss) splitSegment(sk, head, mss, mss);
  markLost(sk, head);
}

/** RFC 3522 (Eifel): the ACK echoes a timestamp from before the first repetition, so the original had arrived. */
function originalArrived(sk: Tcb): boolean {
  const options = sk.tcp.options;
  if (sk.retransStartUs < 0 || !sk.timestampsOk || !options.hasTimestamps || options.timestampEcho === 0) return false;
  const firstRepetition = (Math.floor(sk.retransStartUs / 1000) + sk.tsOffset) | 0;
  return seqDiff(options.timestampEcho, firstRepetition) < 0;
}

const mayUndo = (sk: Tcb): boolean => sk.undoPossible && (sk.undoRetrans === 0 || originalArrived(sk));

function undoReduction(sk: Tcb, unmarkLost: boolean): void {
  if (unmarkLost) {
    for (let segment = sk.sent.head; segment !== null; segment = segment.next) segment.state &= ~SEGMENT_LOST;
    sk.lostOut = 0;
    sk.sent.hint = null;
  }
  if (sk.priorSsthresh !== 0) {
    sk.cwnd = sk.congestion.undoWindow(sk);
    if (sk.priorSsthresh > sk.ssthresh) sk.ssthresh = sk.priorSsthresh;
  }
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  sk.undoPossible = false;
}

/** RFC 6582 3.2 step 1: without SACK, the state is kept until something beyond highSeq is acknowledged, against false fast retransmits. */
function heldAtHighSeq(sk: Tcb): boolean {
  if (sk.sndUna !== sk.highSeq || sk.sackOk) return false;
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  return true;
}

function undoRecovery(sk: Tcb): boolean {
  if (mayUndo(sk)) {
    if (sk.caState === CA_LOSS) sk.tcp.stats.TCPLossUndo++;
    else sk.tcp.stats.TCPFullUndo++;
    undoReduction(sk, false);
  }
  if (heldAtHighSeq(sk)) return true;
  setCaState(sk, CA_OPEN);
  return false;
}

function undoPartial(sk: Tcb): boolean {
  if (!sk.undoPossible || !originalArrived(sk)) return false;
  // Repetitions still under way would be taken for more reordering.
  if (sk.retransOut > 0) return true;
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  undoReduction(sk, true);
  sk.tcp.stats.TCPPartialUndo++;
  keepOpen(sk);
  return false;
}

function undoLoss(sk: Tcb): boolean {
  if (!mayUndo(sk)) return false;
  undoReduction(sk, true);
  sk.tcp.stats.TCPLossUndo++;
  sk.retransmits = 0;
  if (heldAtHighSeq(sk)) return true;
  if (sk.sackOk) setCaState(sk, CA_OPEN);
  return true;
}

function keepOpen(sk: Tcb): void {
  const state = leftOut(sk) > 0 || anyRetransmitted(sk) ? CA_DISORDER : CA_OPEN;
  if (sk.caState === state) return;
  setCaState(sk, state);
  sk.highSeq = sk.sndNxt;
}

function tryToOpen(sk: Tcb): void {
  if (!anyRetransmitted(sk)) sk.retransStartUs = -1;
  if (sk.caState !== CA_CWR) keepOpen(sk);
}

/** In Loss, after a time-out: true as soon as the connection left it. */
function processLoss(sk: Tcb, advanced: boolean, duplicates: number): boolean {
  if (advanced && undoLoss(sk)) return sk.caState === CA_OPEN;
  if (seqGe(sk.sndUna, sk.highSeq)) {
    undoRecovery(sk);
    return sk.caState === CA_OPEN;
  }
  if (seqGt(sk.sndNxt, sk.highSeq) && duplicates > 0) addDuplicates(sk, duplicates);
  else if (advanced) sk.sackedOut = 0;
  return false;
}

/**
 * Looks at an ACK that is not plainly good (Linux: tcp_fastretrans_alert()): `duplicates` packets arrived beyond the hole,
 * `advanced` says whether SND.UNA moved. True: what is marked lost is to be sent now.
 */
export function onDubiousAck(sk: Tcb, advanced: boolean, duplicates: number): boolean {
  if (sk.packetsOut === 0) sk.sackedOut = 0;
  if (sk.caState === CA_OPEN) sk.retransStartUs = -1;
  else if (seqGe(sk.sndUna, sk.highSeq)) {
    if (sk.caState === CA_CWR) {
      if (sk.sndUna !== sk.highSeq) {
        endReduction(sk);
        setCaState(sk, CA_OPEN);
      }
    } else if (sk.caState === CA_RECOVERY) {
      sk.sackedOut = 0;
      if (undoRecovery(sk)) return false;
      endReduction(sk);
    }
  }
  if (sk.caState === CA_RECOVERY) {
    if (!advanced) addDuplicates(sk, duplicates);
    else if (undoPartial(sk)) return false;
    identifyLoss(sk, advanced);
    return true;
  }
  if (sk.caState === CA_LOSS) {
    const opened = processLoss(sk, advanced, duplicates);
    identifyLoss(sk, advanced);
    if (!opened) return true;
  } else {
    if (advanced) sk.sackedOut = 0;
    addDuplicates(sk, duplicates);
    identifyLoss(sk, advanced);
  }
  if (sk.lostOut === 0) {
    tryToOpen(sk);
    return false;
  }
  enterRecovery(sk);
  return true;
}

/** After a time-out all that is under way counts as lost, and sending starts with one packet (RFC 5681 3.1, tcp_enter_loss()). */
export function enterLoss(sk: Tcb): void {
  if (sk.caState <= CA_DISORDER || !seqGt(sk.highSeq, sk.sndUna) || (sk.caState === CA_LOSS && sk.retransmits === 0)) {
    sk.priorSsthresh = currentThreshold(sk);
    sk.priorCwnd = sk.cwnd;
    sk.ssthresh = sk.congestion.slowStartThreshold(sk);
    initUndo(sk);
  }
  if (sk.caState <= CA_DISORDER && sk.sackedOut >= sk.tcp.settings.reordering)
    sk.reordering = Math.min(sk.reordering, sk.tcp.settings.reordering);
  sk.sackedOut = 0;
  for (let segment = sk.sent.head; segment !== null; segment = segment.next) markLost(sk, segment);
  sk.sent.hint = null;
  sk.cwnd = packetsInFlight(sk) + 1;
  sk.cwndCount = 0;
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  setCaState(sk, CA_LOSS);
  sk.highSeq = sk.sndNxt;
}
