import { CA_CWR, CA_DISORDER, CA_OPEN, CA_RECOVERY, INFINITE_SSTHRESH } from './constants.js';
import { leftOut, packetsInFlight } from './in-flight.js';
import { anyRetransmitted } from './retransmit.js';
import { usesRack } from './rack.js';
import type { Tcb } from './tcb.js';

/**
 * The congestion window on its way down: the five states that Linux has for it (icsk_ca_state), and proportional rate reduction
 * (RFC 6937) for the way, whatever the algorithm.
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

/** Notes what undo has to compare with. */
export function initUndo(sk: Tcb): void {
  sk.undoMarker = sk.sndUna;
  sk.undoPossible = true;
  // Something was sent again before: it may be what a D-SACK will be about.
  sk.undoRetrans = sk.retransOut > 0 ? sk.retransOut : -1;
}

/** RFC 6937: what recovery begins with. */
export function beginReduction(sk: Tcb): void {
  sk.highSeq = sk.sndNxt;
  sk.tlpPending = false;
  sk.cwndCount = 0;
  sk.priorCwnd = sk.cwnd;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  sk.ssthresh = sk.congestion.slowStartThreshold(sk);
  sk.ecnQueueCwr = sk.ecnOk;
}

/** `byMark`: an echoed congestion mark was the reason; that is never undone. */
export function enterRecovery(sk: Tcb, byMark: boolean): void {
  if (sk.sackOk) sk.tcp.stats.TCPSackRecovery++;
  else sk.tcp.stats.TCPRenoRecovery++;
  sk.priorSsthresh = 0;
  initUndo(sk);
  if (!inReduction(sk)) {
    if (!byMark) sk.priorSsthresh = currentThreshold(sk);
    beginReduction(sk);
  }
  setCaState(sk, CA_RECOVERY);
}

/** Congestion without a loss (a mark, a full queue below): the window is reduced all the same. */
export function enterCwr(sk: Tcb): void {
  sk.priorSsthresh = 0;
  if (sk.caState >= CA_CWR) return;
  sk.undoPossible = false;
  beginReduction(sk);
  setCaState(sk, CA_CWR);
}

/**
 * RFC 6937 3.1, RFC 9937 6.2: proportional rate reduction; `delivered` packets left the network with this ACK. Below the threshold what
 * arrived and was not yet answered may leave, and one more (slow start) while ACKs advance and show no further loss.
 */
export function reduceWindow(sk: Tcb, delivered: number, newlyLost: number, advanced: boolean): void {
  if (delivered <= 0 || sk.priorCwnd === 0) return;
  const inFlight = packetsInFlight(sk);
  const room = sk.ssthresh - inFlight;
  sk.prrDelivered += delivered;
  let send: number;
  if (room < 0) send = Math.floor((sk.ssthresh * sk.prrDelivered + sk.priorCwnd - 1) / sk.priorCwnd) - sk.prrOut;
  else send = Math.min(room, Math.max(sk.prrDelivered - sk.prrOut, delivered) + (advanced && newlyLost === 0 ? 1 : 0));
  // The first ACK of recovery always lets the fast retransmit out.
  send = Math.max(send, sk.prrOut > 0 ? 0 : 1);
  sk.cwnd = inFlight + send;
}

export function endReduction(sk: Tcb): void {
  if (sk.congestion.control !== undefined) return;
  if (sk.ssthresh < INFINITE_SSTHRESH && (sk.caState === CA_CWR || sk.undoPossible)) {
    sk.cwnd = sk.ssthresh;
    sk.cwndStampUs = sk.tcp.stack.nowUs;
  }
}

export function keepOpen(sk: Tcb): void {
  const state = leftOut(sk) > 0 || anyRetransmitted(sk) ? CA_DISORDER : CA_OPEN;
  if (sk.caState === state) return;
  setCaState(sk, state);
  sk.highSeq = sk.sndNxt;
}

/** Enough is known to begin recovery (RFC 6675 5 (2) where RACK is off). */
export const timeToRecover = (sk: Tcb): boolean => sk.lostOut > 0 || (!usesRack(sk) && sk.sackedOut + 1 > sk.reordering);
