import { RTO_MAX_US, RTO_MIN_US, TIMEOUT_INIT_US } from './constants.js';
import { rtoMinUs } from './route-metrics.js';
import { seqGt } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * Takes one round trip time in: RFC 6298 as Linux refines it (tcp_rtt_estimator()). The mean is kept times eight, the mean
 * deviation times four, as in Van Jacobson's paper. Two differences from the RFC: a sample *below* the mean raises the
 * deviation by an eighth of the usual share only, so that a path that gets faster does not look unsteady; and the variance in
 * use is the largest mean deviation of a round trip, falling by a quarter a round at most, never under 200 ms or what the route says.
 */
export function sampleRtt(sk: Tcb, sampleUs: number): void {
  const sample = sampleUs < 1 ? 1 : Math.floor(sampleUs);
  if (sk.srtt8 === 0) {
    sk.srtt8 = sample * 8;
    sk.mdev4 = sample * 2;
    sk.rttvar4 = Math.max(sk.mdev4, rtoMinUs(sk));
    sk.mdevMax4 = sk.rttvar4;
    sk.rttSeq = sk.sndNxt;
  } else {
    const error = sample - Math.floor(sk.srtt8 / 8);
    sk.srtt8 = Math.max(1, sk.srtt8 + error);
    let deviation = Math.abs(error) - Math.floor(sk.mdev4 / 4);
    if (error < 0 && deviation > 0) deviation = Math.floor(deviation / 8);
    sk.mdev4 += deviation;
    if (sk.mdev4 > sk.mdevMax4) {
      sk.mdevMax4 = sk.mdev4;
      if (sk.mdevMax4 > sk.rttvar4) sk.rttvar4 = sk.mdevMax4;
    }
    if (seqGt(sk.sndUna, sk.rttSeq)) {
      if (sk.mdevMax4 < sk.rttvar4) sk.rttvar4 -= Math.floor((sk.rttvar4 - sk.mdevMax4) / 4);
      sk.rttSeq = sk.sndNxt;
      sk.mdevMax4 = rtoMinUs(sk);
    }
  }
  sk.rtoUs = computedRto(sk);
  sk.backoff = 0;
}

/**
 * The least round trip time of the last tcp_min_rtt_wlen seconds. What comes in the second half of that time is kept beside it and takes
 * over when it ends. `delayed`: the peer may have held the ACK back, so it only counts where it is less.
 */
export function noteMinRtt(sk: Tcb, rttUs: number, delayed: boolean): void {
  if (delayed && sk.minRttUs !== 0 && rttUs > sk.minRttUs) return;
  const nowUs = sk.tcp.stack.nowUs;
  const sample = rttUs < 1 ? 1 : Math.floor(rttUs);
  const windowUs = sk.tcp.settings.minRttWlen * 1_000_000;
  if (sk.minRttUs === 0 || sample <= sk.minRttUs) {
    sk.minRttUs = sample;
    sk.minRttStampUs = nowUs;
    sk.minRttNextUs = 0;
    return;
  }
  const age = nowUs - sk.minRttStampUs;
  if (age > windowUs / 2 && (sk.minRttNextUs === 0 || sample <= sk.minRttNextUs)) {
    sk.minRttNextUs = sample;
    sk.minRttNextStampUs = nowUs;
  }
  if (age <= windowUs) return;
  sk.minRttUs = sk.minRttNextUs;
  sk.minRttStampUs = sk.minRttNextStampUs;
  sk.minRttNextUs = 0;
}

/** RFC 6298 2.3: mean plus four deviations, within rto_min (by the variance's floor) and 120 s. */
export function computedRto(sk: Tcb): number {
  return Math.min(Math.floor(sk.srtt8 / 8) + sk.rttvar4, RTO_MAX_US);
}

/** How long `boundary` repetitions with doubling take, `firstUs` being the first time-out (Linux: tcp_model_timeout()). */
export function modelTimeoutUs(boundary: number, firstUs: number): number {
  const doublings = Math.floor(Math.log2(RTO_MAX_US / firstUs));
  if (boundary <= doublings) return (2 ** (boundary + 1) - 1) * firstUs;
  return (2 ** (doublings + 1) - 1) * firstUs + (boundary - doublings) * RTO_MAX_US;
}

/** RTT estimate as if nothing was ever measured. */
export function resetRtt(sk: Tcb): void {
  sk.srtt8 = 0;
  sk.mdev4 = TIMEOUT_INIT_US;
  sk.mdevMax4 = RTO_MIN_US;
  sk.rttvar4 = 0;
  sk.minRttUs = 0;
  sk.rtoUs = TIMEOUT_INIT_US;
  sk.backoff = 0;
}
