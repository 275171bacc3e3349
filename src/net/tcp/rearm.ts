import { RTO_MAX_US, RTO_MIN_US } from './constants.js';
import { TIMER_NONE, TIMER_PROBE, TIMER_RETRANSMIT, type Tcb } from './tcb.js';

// The retransmission timer of a connection, one for all its purposes. RACK's reordering timer and the tail loss probe (RFC 8985)
// will be further kinds of `pendingTimer`.

export function armTimer(sk: Tcb, kind: number, delayUs: number): void {
  sk.pendingTimer = kind;
  const delay = Math.min(delayUs, RTO_MAX_US);
  sk.tcp.stack.timers.schedule(sk.retransmitTimer, sk.tcp.stack.nowUs + delay);
}

export function clearTimer(sk: Tcb): void {
  sk.pendingTimer = TIMER_NONE;
  sk.tcp.stack.timers.cancel(sk.retransmitTimer);
}

/** RFC 6298 5.2 and 5.3: nothing under way, no timer; else a whole time-out from now. */
export function rearmRto(sk: Tcb): void {
  if (sk.packetsOut === 0) clearTimer(sk);
  else armTimer(sk, TIMER_RETRANSMIT, sk.rtoUs);
}

/** Time to the next zero-window probe: RFC 9293 3.8.6.1, doubled for each one sent. */
export function probeDelayUs(sk: Tcb): number {
  const doublings = Math.min(Math.floor(Math.log2(RTO_MAX_US / RTO_MIN_US)) + 1, sk.backoff);
  return Math.min(Math.max(sk.rtoUs, RTO_MIN_US) * 2 ** doublings, RTO_MAX_US);
}

/** Data waits, nothing is under way that could bring an ACK, no timer runs: a probe will ask for the window. */
export function armProbeIfStuck(sk: Tcb): void {
  if (sk.packetsOut === 0 && sk.pendingTimer === TIMER_NONE) armTimer(sk, TIMER_PROBE, Math.max(sk.rtoUs, RTO_MIN_US));
}

/** A time-out that would lie behind the user's (TCP_USER_TIMEOUT) is cut to it. */
export function clampToUserTimeout(sk: Tcb, delayUs: number, startUs: number): number {
  if (sk.userTimeoutMs === 0 || startUs < 0) return delayUs;
  const left = startUs + sk.userTimeoutMs * 1000 - sk.tcp.stack.nowUs;
  return left <= 0 ? 1000 : Math.min(delayUs, left);
}
