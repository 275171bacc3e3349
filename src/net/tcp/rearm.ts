import { CA_CWR, CA_OPEN, RTO_MAX_US, RTO_MIN_US, TIMEOUT_INIT_US } from './constants.js';
import { rtoMinUs } from './route-metrics.js';
import { TIMER_LOSS_PROBE, TIMER_NONE, TIMER_PROBE, TIMER_REORDER, TIMER_RETRANSMIT, type Tcb } from './tcb.js';

/** What a timer of loss detection waits in addition (TCP_TIMEOUT_MIN). */
export const PROBE_MARGIN_US = 2000;

// The retransmission timer of a connection, one for all its purposes: the time-out of RFC 6298, RACK's reordering timer, the tail
// loss probe (RFC 8985), the zero-window probe.

export function armTimer(sk: Tcb, kind: number, delayUs: number): void {
  sk.pendingTimer = kind;
  const delay = Math.min(delayUs, RTO_MAX_US);
  sk.tcp.stack.timers.schedule(sk.retransmitTimer, sk.tcp.stack.nowUs + delay);
}

export function clearTimer(sk: Tcb): void {
  sk.pendingTimer = TIMER_NONE;
  sk.tcp.stack.timers.cancel(sk.retransmitTimer);
}

/** What is left of the time-out of the first segment under way, which began when it was last sent; may be negative. */
const rtoLeftUs = (sk: Tcb): number => (sk.sent.head === null ? 0 : sk.sent.head.sentUs + sk.rtoUs - sk.tcp.stack.nowUs);

/** RFC 6298 5.2 and 5.3: nothing under way, no timer; else a whole time-out from now, or what another kind of timer left of it. */
export function rearmRto(sk: Tcb): void {
  // Until the handshake is complete the timer is the SYN-ACK's.
  if (sk.fastOpenRequest !== null) return;
  if (sk.packetsOut === 0) clearTimer(sk);
  else if (sk.pendingTimer === TIMER_REORDER || sk.pendingTimer === TIMER_LOSS_PROBE)
    armTimer(sk, TIMER_RETRANSMIT, Math.max(rtoLeftUs(sk), 1));
  else armTimer(sk, TIMER_RETRANSMIT, sk.rtoUs);
}

/**
 * RFC 8985 7.2: a probe after two round trips, later where a lone packet's ACK may be held back, and not after the time-out.
 * `advancing`: the time-out would begin now. False: no probe is in order.
 */
export function armLossProbe(sk: Tcb, advancing: boolean): boolean {
  const early = sk.tcp.settings.earlyRetrans;
  if (sk.fastOpenRequest !== null) return true;
  if ((early !== 3 && early !== 4) || sk.packetsOut === 0 || !sk.sackOk || (sk.caState !== CA_OPEN && sk.caState !== CA_CWR)) return false;
  let delay = TIMEOUT_INIT_US;
  if (sk.srtt8 !== 0) delay = sk.srtt8 / 4 + (sk.packetsOut === 1 ? rtoMinUs(sk) : PROBE_MARGIN_US);
  const rto = advancing ? sk.rtoUs : rtoLeftUs(sk);
  if (rto > 0 && rto < delay) delay = rto;
  armTimer(sk, TIMER_LOSS_PROBE, delay);
  return true;
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
