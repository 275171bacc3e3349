import type { RateSample } from '../ack-event.js';
import { CA_LOSS, CA_RECOVERY, INIT_CWND } from '../constants.js';
import { packetsInFlight } from '../in-flight.js';
import { autosized, setPacingRate } from '../pacing.js';
import type { Tcb } from '../tcb.js';
import { PolicerDetector } from './bbr-policer.js';
import type { CongestionControl } from './congestion-control.js';

/**
 * BBR version 1 (draft-cardwell-iccrg-bbr-congestion-control-00): it models the path by the largest delivery rate of ten round trips and
 * the least round trip time of ten seconds, paces at that rate and keeps twice their product under way. Rates are packets a
 * microsecond, times microseconds.
 */
export const STARTUP = 0;
export const DRAIN = 1;
export const PROBE_BW = 2;
export const PROBE_RTT = 3;

/** Fixed point of the gains, as TCP_CC_INFO shows them. */
const UNIT = 256;
/** 2/ln 2: fills the pipe in as many round trips as slow start does. */
const HIGH_GAIN = 739 / UNIT;
const DRAIN_GAIN = 88 / UNIT;
const CWND_GAIN = 2;
/** One round trip more than the model says, one less, six as it says. */
const CYCLE = [1.25, 0.75, 1, 1, 1, 1, 1, 1];
const BANDWIDTH_ROUNDS = CYCLE.length + 2;
const MIN_RTT_WINDOW_US = 10_000_000;
const PROBE_RTT_US = 200_000;
const LEAST_CWND = 4;
/** The pipe is full when three rounds did not bring a quarter more. */
const FULL_GROWTH = 1.25;
const FULL_ROUNDS = 3;
/** Below the bandwidth, so that a queue that came about drains. */
const PACING_MARGIN = 0.99;
/** ACKs that come in clumps: extra window for them, of at most this long. */
const EXTRA_ACKED_US = 100_000;
const EXTRA_ACKED_ROUNDS = 5;
const EPOCH_LIMIT = 1 << 20;

/** The largest of the last rounds: one value a round, those of the window. */
class RecentMaximum {
  readonly #values: Float64Array;
  readonly #rounds: Int32Array;

  constructor(rounds: number) {
    this.#values = new Float64Array(rounds);
    this.#rounds = new Int32Array(rounds).fill(-1);
  }

  add(round: number, value: number): void {
    const at = round % this.#values.length;
    if (this.#rounds[at] !== round) {
      this.#rounds[at] = round;
      this.#values[at] = value;
    } else if (value > this.#values[at]!) this.#values[at] = value;
  }

  /** Of the rounds up to `round`. */
  get(round: number): number {
    let most = 0;
    for (let i = 0; i < this.#values.length; i++)
      if (this.#rounds[i]! >= 0 && round - this.#rounds[i]! < this.#values.length && this.#values[i]! > most) most = this.#values[i]!;
    return most;
  }
}

export class Bbr {
  mode = STARTUP;
  minRttUs = Number.POSITIVE_INFINITY;
  minRttStampUs: number;
  probeRttDoneUs = 0;
  probeRttRoundDone = false;
  nextRoundDelivered = 0;
  round = 0;
  roundStart = false;
  idleRestart = false;
  pacingGain = HIGH_GAIN;
  cwndGain = HIGH_GAIN;
  seenRtt = false;
  fullBandwidth = 0;
  fullCount = 0;
  full = false;
  cycle = 0;
  cycleStampUs: number;
  previousState = 0;
  conserving = false;
  priorCwnd = 0;
  epochStampUs: number;
  epochAcked = 0;
  readonly bandwidths = new RecentMaximum(BANDWIDTH_ROUNDS);
  readonly extraAcked = new RecentMaximum(2 * EXTRA_ACKED_ROUNDS);
  readonly policer = new PolicerDetector();

  constructor(sk: Tcb) {
    const nowUs = sk.tcp.stack.nowUs;
    this.minRttStampUs = nowUs;
    this.cycleStampUs = nowUs;
    this.epochStampUs = nowUs;
    if (sk.minRttUs > 0) this.minRttUs = sk.minRttUs;
  }

  get bandwidth(): number {
    return this.policer.using ? this.policer.bandwidth : this.bandwidths.get(this.round);
  }

  /** Packets that fill the pipe `gain` times. */
  #product(bandwidth: number, gain: number): number {
    return this.minRttUs === Number.POSITIVE_INFINITY ? INIT_CWND : Math.ceil(bandwidth * this.minRttUs * gain);
  }

  /** ... and what sending by super-packets and acknowledging by twos needs beside. */
  target(sk: Tcb, bandwidth: number, gain: number, extra = 0): number {
    let packets = this.#product(bandwidth, gain) + extra;
    packets += 3 * Math.min(autosized(sk, sk.mssCache, Math.max(1, Math.floor(65_536 / sk.mssCache))), 127);
    packets = (packets + 1) & ~1;
    return this.mode === PROBE_BW && this.cycle === 0 ? packets + 2 : packets;
  }

  paceByBandwidth(sk: Tcb, gain: number): void {
    if (!this.seenRtt && sk.srtt8 !== 0) this.#paceByRtt(sk);
    const rate = this.bandwidth * sk.mssCache * 1_000_000 * gain * PACING_MARGIN;
    if (this.full || rate > sk.pacingRate) setPacingRate(sk, rate);
  }

  /** Before anything was delivered: the first window a round trip. */
  #paceByRtt(sk: Tcb): void {
    const rttUs = sk.srtt8 === 0 ? 1000 : Math.max(sk.srtt8 / 8, 1);
    if (sk.srtt8 !== 0) this.seenRtt = true;
    setPacingRate(sk, ((sk.cwnd * sk.mssCache * 1_000_000) / rttUs) * HIGH_GAIN * PACING_MARGIN);
  }

  start(sk: Tcb): void {
    sk.ssthresh = 0x7fff_ffff;
    sk.paced = true;
    this.#paceByRtt(sk);
  }

  acknowledged(sk: Tcb, rate: RateSample): void {
    this.#updateBandwidth(sk, rate);
    this.#updateAggregation(sk, rate);
    this.#updateCycle(sk, rate);
    this.#checkFull(rate);
    this.#checkDrain(sk);
    this.#updateMinRtt(sk, rate);
    this.#updateGains();
    this.paceByBandwidth(sk, this.pacingGain);
    this.#setWindow(sk, rate);
  }

  #updateBandwidth(sk: Tcb, rate: RateSample): void {
    this.roundStart = false;
    if (rate.delivered < 0 || rate.intervalUs <= 0) return;
    if (rate.priorDelivered >= this.nextRoundDelivered) {
      this.nextRoundDelivered = sk.delivered;
      this.round++;
      this.roundStart = true;
      this.conserving = false;
    }
    if (this.policer.sample(sk, rate, this.roundStart) && this.mode === PROBE_BW) this.#enterProbeBandwidth(sk);
    const bandwidth = rate.delivered / rate.intervalUs;
    // A flow that had nothing to send says only that it can be more.
    if (!rate.appLimited || bandwidth >= this.bandwidths.get(this.round)) this.bandwidths.add(this.round, bandwidth);
  }

  /** How much more than the bandwidth was acknowledged lately: ACKs of wireless and cable links come in clumps. */
  #updateAggregation(sk: Tcb, rate: RateSample): void {
    if (rate.acknowledged <= 0 || rate.delivered < 0 || rate.intervalUs <= 0) return;
    const elapsedUs = sk.deliveredUs - this.epochStampUs;
    let expected = this.bandwidth * elapsedUs;
    if (this.epochAcked <= expected || this.epochAcked + rate.acknowledged >= EPOCH_LIMIT) {
      this.epochAcked = 0;
      this.epochStampUs = sk.deliveredUs;
      expected = 0;
    }
    this.epochAcked += rate.acknowledged;
    this.extraAcked.add(this.round, Math.min(this.epochAcked - expected, sk.cwnd));
  }

  #updateCycle(sk: Tcb, rate: RateSample): void {
    if (this.mode === PROBE_BW && this.#cycleIsOver(sk, rate)) this.#nextCycle(sk);
  }

  #cycleIsOver(sk: Tcb, rate: RateSample): boolean {
    const whole = sk.deliveredUs - this.cycleStampUs > this.minRttUs;
    if (this.pacingGain === 1) return whole;
    const most = this.bandwidths.get(this.round);
    if (this.pacingGain > 1) return whole && (rate.losses > 0 || rate.priorInFlight >= this.target(sk, most, this.pacingGain));
    return whole || rate.priorInFlight <= this.target(sk, most, 1);
  }

  #nextCycle(sk: Tcb): void {
    this.cycle = (this.cycle + 1) % CYCLE.length;
    this.cycleStampUs = sk.deliveredUs;
  }

  /** Begins anywhere but in the phase that drains, so that flows do not march in step. */
  #enterProbeBandwidth(sk: Tcb): void {
    this.mode = PROBE_BW;
    this.cycle = CYCLE.length - 1 - (sk.tcp.stack.random.u32() % (CYCLE.length - 1));
    this.#nextCycle(sk);
  }

  #checkFull(rate: RateSample): void {
    if (this.full || !this.roundStart || rate.appLimited) return;
    const most = this.bandwidths.get(this.round);
    if (most >= this.fullBandwidth * FULL_GROWTH) {
      this.fullBandwidth = most;
      this.fullCount = 0;
      return;
    }
    this.full = ++this.fullCount >= FULL_ROUNDS;
  }

  #checkDrain(sk: Tcb): void {
    const most = this.bandwidths.get(this.round);
    if (this.mode === STARTUP && this.full) {
      this.mode = DRAIN;
      sk.ssthresh = this.target(sk, most, 1);
    }
    if (this.mode === DRAIN && packetsInFlight(sk) <= this.target(sk, most, 1)) this.#enterProbeBandwidth(sk);
  }

  #updateMinRtt(sk: Tcb, rate: RateSample): void {
    const nowUs = sk.tcp.stack.nowUs;
    const expired = nowUs > this.minRttStampUs + MIN_RTT_WINDOW_US;
    if (rate.rttUs >= 0 && (rate.rttUs < this.minRttUs || (expired && !rate.ackDelayed))) {
      this.minRttUs = Math.max(rate.rttUs, 1);
      this.minRttStampUs = nowUs;
    }
    if (expired && !this.idleRestart && this.mode !== PROBE_RTT) {
      // The queue is to go, so that the path shows how short it is.
      this.mode = PROBE_RTT;
      this.saveWindow(sk);
      this.probeRttDoneUs = 0;
    }
    if (this.mode === PROBE_RTT) this.#probeRtt(sk, nowUs);
    if (rate.delivered > 0) this.idleRestart = false;
  }

  #probeRtt(sk: Tcb, nowUs: number): void {
    const inFlight = packetsInFlight(sk);
    sk.appLimited = sk.delivered + inFlight || 1;
    if (this.probeRttDoneUs === 0) {
      if (inFlight > LEAST_CWND) return;
      this.probeRttDoneUs = nowUs + PROBE_RTT_US;
      this.probeRttRoundDone = false;
      this.nextRoundDelivered = sk.delivered;
      return;
    }
    if (this.roundStart) this.probeRttRoundDone = true;
    if (this.probeRttRoundDone) this.endProbeRtt(sk);
  }

  endProbeRtt(sk: Tcb): void {
    const nowUs = sk.tcp.stack.nowUs;
    if (this.probeRttDoneUs === 0 || nowUs <= this.probeRttDoneUs) return;
    this.minRttStampUs = nowUs;
    sk.cwnd = Math.max(sk.cwnd, this.priorCwnd);
    if (this.full) this.#enterProbeBandwidth(sk);
    else this.mode = STARTUP;
  }

  #updateGains(): void {
    if (this.mode === STARTUP) {
      this.pacingGain = HIGH_GAIN;
      this.cwndGain = HIGH_GAIN;
    } else if (this.mode === DRAIN) {
      this.pacingGain = DRAIN_GAIN;
      this.cwndGain = HIGH_GAIN;
    } else if (this.mode === PROBE_BW) {
      this.pacingGain = this.policer.using ? 1 : CYCLE[this.cycle]!;
      this.cwndGain = CWND_GAIN;
    } else {
      this.pacingGain = 1;
      this.cwndGain = 1;
    }
  }

  saveWindow(sk: Tcb): void {
    this.priorCwnd = this.previousState < CA_RECOVERY && this.mode !== PROBE_RTT ? sk.cwnd : Math.max(this.priorCwnd, sk.cwnd);
  }

  #setWindow(sk: Tcb, rate: RateSample): void {
    const acked = rate.acknowledged;
    let { cwnd } = sk;
    if (acked > 0) {
      cwnd = this.#inRecovery(sk, rate, cwnd);
      if (!this.conserving) {
        const extra = this.full ? Math.min(this.extraAcked.get(this.round), this.bandwidth * EXTRA_ACKED_US) : 0;
        const target = this.target(sk, this.bandwidth, this.cwndGain, Math.floor(extra));
        if (this.full) cwnd = Math.min(cwnd + acked, target);
        else if (cwnd < target || sk.delivered < INIT_CWND) cwnd += acked;
        cwnd = Math.max(cwnd, LEAST_CWND);
      }
    }
    sk.cwnd = Math.min(cwnd, sk.cwndClamp);
    if (this.mode === PROBE_RTT) sk.cwnd = Math.min(sk.cwnd, LEAST_CWND);
  }

  /** The first round of a recovery sends as much as arrives; after it the window is what it was. */
  #inRecovery(sk: Tcb, rate: RateSample, before: number): number {
    let cwnd = rate.losses > 0 ? Math.max(before - rate.losses, 1) : before;
    const state = sk.caState;
    if (state === CA_RECOVERY && this.previousState !== CA_RECOVERY) {
      this.conserving = true;
      this.nextRoundDelivered = sk.delivered;
      cwnd = packetsInFlight(sk) + rate.acknowledged;
    } else if (this.previousState >= CA_RECOVERY && state < CA_RECOVERY) {
      cwnd = Math.max(cwnd, this.priorCwnd);
      this.conserving = false;
    }
    this.previousState = state;
    return this.conserving ? Math.max(cwnd, packetsInFlight(sk) + rate.acknowledged) : cwnd;
  }

  idleEnded(sk: Tcb): void {
    if (sk.appLimited === 0) return;
    this.idleRestart = true;
    this.epochStampUs = sk.tcp.stack.nowUs;
    this.epochAcked = 0;
    if (this.mode === PROBE_BW) this.paceByBandwidth(sk, 1);
    else if (this.mode === PROBE_RTT) this.endProbeRtt(sk);
  }

  timedOut(sk: Tcb): void {
    this.previousState = CA_LOSS;
    this.fullBandwidth = 0;
    this.roundStart = true;
    this.policer.lossSeen(sk);
  }

  undone(): void {
    this.fullBandwidth = 0;
    this.fullCount = 0;
    this.policer.reset();
  }
}

const stateOf = (sk: Tcb): Bbr | null => (sk.congestionObject instanceof Bbr ? sk.congestionObject : null);

export const bbr: CongestionControl = {
  name: 'bbr',
  module: 'tcp_bbr',
  init(sk) {
    const state = new Bbr(sk);
    sk.congestionObject = state;
    state.start(sk);
  },
  release(sk) {
    sk.congestionObject = null;
  },
  slowStartThreshold(sk) {
    stateOf(sk)?.saveWindow(sk);
    return sk.ssthresh;
  },
  congestionAvoidance: () => undefined,
  undoWindow(sk) {
    stateOf(sk)?.undone();
    return sk.cwnd;
  },
  control(sk, rate) {
    stateOf(sk)?.acknowledged(sk, rate);
  },
  idleEnded(sk) {
    stateOf(sk)?.idleEnded(sk);
  },
  setState(sk, state) {
    if (state === CA_LOSS) stateOf(sk)?.timedOut(sk);
  },
  // Slow paths send one packet at a time: below 1.2 Mbit/s.
  minTsoSegments: (sk) => (sk.pacingRate < 150_000 ? 1 : 2),
  /** struct tcp_bbr_info: bandwidth in bytes a second (low, high word), least round trip time, gains times 256. */
  info(sk) {
    const bytes = new Uint8Array(20);
    const state = stateOf(sk);
    if (state === null) return bytes;
    const view = new DataView(bytes.buffer);
    const rate = Math.floor(state.bandwidth * sk.mssCache * 1_000_000);
    view.setUint32(0, rate >>> 0, true);
    view.setUint32(4, Math.floor(rate / 0x1_0000_0000), true);
    view.setUint32(8, Math.min(state.minRttUs, 0xffff_ffff), true);
    view.setUint32(12, Math.round(state.pacingGain * UNIT), true);
    view.setUint32(16, Math.round(state.cwndGain * UNIT), true);
    return bytes;
  },
};
