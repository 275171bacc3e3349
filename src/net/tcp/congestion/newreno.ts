import type { Tcb } from '../tcb.js';
import type { CongestionControl } from './congestion-control.js';

/**
 * RFC 5681 in packets, as Linux counts: slow start adds a packet for each acknowledged one up to the threshold; what an ACK
 * acknowledges beyond it goes to congestion avoidance.
 */
export function slowStart(sk: Tcb, acked: number): number {
  const target = Math.min(sk.cwnd + acked, sk.ssthresh);
  const left = acked - (target - sk.cwnd);
  sk.cwnd = Math.min(target, sk.cwndClamp);
  return left;
}

/** One packet more for each `window` packets acknowledged. */
export function additiveIncrease(sk: Tcb, window: number, acked: number): void {
  // A window that shrank in between does not let the credit gathered so far jump by several packets.
  if (sk.cwndCount >= window) {
    sk.cwndCount = 0;
    sk.cwnd++;
  }
  sk.cwndCount += acked;
  if (sk.cwndCount >= window) {
    const grown = Math.floor(sk.cwndCount / window);
    sk.cwndCount -= grown * window;
    sk.cwnd += grown;
  }
  sk.cwnd = Math.min(sk.cwnd, sk.cwndClamp);
}

/** RFC 7661 in Linux's simpler way: a window that was not used up says nothing about the path and does not grow. */
export function windowIsLimiting(sk: Tcb): boolean {
  if (sk.cwndLimited) return true;
  return sk.cwnd < sk.ssthresh && sk.cwnd < 2 * sk.maxPacketsOut;
}

/** The name that Linux knows it by is "reno"; recovery itself (RFC 6582) is in recovery.ts. */
export const newReno: CongestionControl = {
  name: 'reno',
  slowStartThreshold: (sk) => Math.max(sk.cwnd >> 1, 2),
  congestionAvoidance(sk, _ack, acked) {
    if (!windowIsLimiting(sk)) return;
    let left = acked;
    if (sk.cwnd < sk.ssthresh) {
      left = slowStart(sk, acked);
      if (left === 0) return;
    }
    additiveIncrease(sk, sk.cwnd, left);
  },
  undoWindow: (sk) => Math.max(sk.cwnd, sk.priorCwnd),
};
