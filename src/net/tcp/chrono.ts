import type { Tcb } from './tcb.js';

// What held a sender up, for tcpi_busy_time, tcpi_rwnd_limited and tcpi_sndbuf_limited: one clock, at any time for one of three reasons.

const IDLE = 0;
/** Something is to be sent or acknowledged. */
export const BUSY = 1;
/** ... but the peer's window is full; ... but the send buffer is too small for the window. */
export const WINDOW_LIMITED = 2;
export const BUFFER_LIMITED = 3;

function change(sk: Tcb, reason: number): void {
  const nowUs = sk.tcp.stack.nowUs;
  const elapsed = nowUs - sk.chronoStartUs;
  if (sk.chrono === BUSY) sk.busyUs += elapsed;
  else if (sk.chrono === WINDOW_LIMITED) sk.windowLimitedUs += elapsed;
  else if (sk.chrono === BUFFER_LIMITED) sk.bufferLimitedUs += elapsed;
  sk.chrono = reason;
  sk.chronoStartUs = nowUs;
}

export function chronoStart(sk: Tcb, reason: number): void {
  if (reason > sk.chrono) change(sk, reason);
}

/** `reason` is over: busy goes on as long as anything is under way or waits. */
export function chronoStop(sk: Tcb, reason: number): void {
  if (sk.packetsOut === 0 && sk.writeSeq === sk.sndNxt) {
    if (sk.chrono !== IDLE) change(sk, IDLE);
  } else if (reason === sk.chrono && reason !== BUSY) change(sk, BUSY);
}

/** Microseconds for `reason` up to now; those of BUSY include the two others. */
export function chronoTotal(sk: Tcb, reason: number): number {
  const running = sk.tcp.stack.nowUs - sk.chronoStartUs;
  const of = (kind: number, sum: number) => sum + (sk.chrono === kind ? running : 0);
  const window = of(WINDOW_LIMITED, sk.windowLimitedUs);
  const buffer = of(BUFFER_LIMITED, sk.bufferLimitedUs);
  if (reason === WINDOW_LIMITED) return window;
  if (reason === BUFFER_LIMITED) return buffer;
  return of(BUSY, sk.busyUs) + window + buffer;
}
