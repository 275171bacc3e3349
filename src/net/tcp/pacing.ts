import { Timer } from '../../base/timer-wheel.js';
import { TCP_CLOSE } from './constants.js';
import type { Tcb } from './tcb.js';

/**
 * Pacing: packets leave at a rate instead of in bursts as ACKs come. Every connection has a rate (tcpi_pacing_rate), by which super-packets are
 * sized; it is kept to where a user set SO_MAX_PACING_RATE or the algorithm asks for it. The wheel ticks in
 * milliseconds, so what is due within one leaves together; what a late timer lost is made good.
 */

/** The first packets leave as they are: nothing is known of the path yet. */
const UNPACED_SEGMENTS = 10;
/** Milliseconds of data that a super-packet holds at most: 1024 of a second (sk_pacing_shift). */
const SUPER_PACKETS_A_SECOND = 1024;

/** Twice the window a round trip in slow start, 1.2 times after (tcp_update_pacing_rate(); tcp_pacing_ss_ratio, tcp_pacing_ca_ratio). */
export function updatePacingRate(sk: Tcb): void {
  const { settings } = sk.tcp;
  const ratio = sk.cwnd < Math.floor(sk.ssthresh / 2) ? settings.pacingSsRatio : settings.pacingCaRatio;
  const perUs = (sk.mssCache * ratio * Math.max(sk.cwnd, sk.packetsOut)) / 100;
  setPacingRate(sk, sk.srtt8 === 0 ? perUs * 8_000_000 : (perUs * 8_000_000) / sk.srtt8);
}

/** Bytes a second; not beyond what the user wants. */
export function setPacingRate(sk: Tcb, rate: number): void {
  sk.pacingRate = Math.min(Math.floor(rate), sk.maxPacingRate);
}

/** SO_MAX_PACING_RATE was set. */
export function limitPacing(sk: Tcb, rate: number): void {
  sk.maxPacingRate = rate;
  if (rate !== Number.POSITIVE_INFINITY) sk.paced = true;
  sk.pacingRate = Math.min(sk.pacingRate, rate);
}

/** `bytes` left: when the next may. */
export function pacedSend(sk: Tcb, bytes: number): void {
  if (!sk.paced || sk.pacingRate === Number.POSITIVE_INFINITY || sk.pacingRate === 0 || sk.dataSegmentsOut < UNPACED_SEGMENTS) return;
  const nowUs = sk.tcp.stack.nowUs;
  const lengthUs = (bytes * 1_000_000) / sk.pacingRate;
  // Linux: tcp_update_skb_after_send(): what a timer was late by is made good, up to half of the packet's time.
  const credit = Math.max(nowUs - sk.nextSendUs, 0);
  sk.nextSendUs = Math.max(sk.nextSendUs, nowUs) + lengthUs - Math.min(lengthUs / 2, credit);
}

/** It is too early to send (tcp_pacing_check()); the timer goes on when it is time. */
export function mustWait(sk: Tcb): boolean {
  if (!sk.paced) return false;
  const { nowUs, timers } = sk.tcp.stack;
  if (sk.nextSendUs <= nowUs) return false;
  sk.pacingTimer ??= new Timer(() => {
    if (sk.state !== TCP_CLOSE) sk.tcp.upper.sendPaced(sk);
  });
  if (!sk.pacingTimer.armed) timers.schedule(sk.pacingTimer, sk.nextSendUs);
  return true;
}

/** Packets of a super-packet at the present rate (tcp_tso_autosize()): a millisecond of data, more where the path is short. */
export function autosized(sk: Tcb, mss: number, most: number): number {
  const { settings } = sk.tcp;
  let bytes = sk.pacingRate / SUPER_PACKETS_A_SECOND;
  const shift = sk.minRttUs === 0 || settings.tsoRttLog === 0 ? 32 : sk.minRttUs >>> settings.tsoRttLog;
  if (shift < 32) bytes += (most * mss) >>> shift;
  const least = sk.congestion.minTsoSegments?.(sk) ?? settings.minTsoSegs;
  return Math.min(Math.max(Math.floor(Math.min(bytes, most * mss) / mss), least), most);
}
