import { CA_LOSS } from '../constants.js';
import { seqGt } from '../sequence.js';
import type { Tcb } from '../tcb.js';
import type { CongestionControl } from './congestion-control.js';
import { additiveIncrease, slowStart, windowIsLimiting } from './newreno.js';

/**
 * CUBIC (RFC 9438) with HyStart (Ha and Rhee 2011), with Linux's constants: beta 717/1024, C = 0.4, fast convergence, the Reno-friendly
 * region; HyStart by the length of an ACK train and by the growth of the delay. The state is an array of doubles, times in microseconds.
 */
const BETA = 717;
const BETA_SCALE = 1024;
/** C, in packets a second cubed. */
const C = 410 / 1024;
/** Reno-friendly: packets that must be acknowledged for each of the estimate, in eighths of the window. */
const FRIENDLY_EIGHTHS = Math.floor((8 * (BETA_SCALE + BETA)) / 3 / (BETA_SCALE - BETA));
/** HyStart does not begin below this window (hystart_low_window). */
const HYSTART_LOW_WINDOW = 16;
const HYSTART_MIN_SAMPLES = 8;
/** ACKs that lie no further apart belong to one train (hystart_ack_delta_us). */
const HYSTART_ACK_DELTA_US = 2000;
const HYSTART_DELAY_MIN_US = 4000;
const HYSTART_DELAY_MAX_US = 16_000;
/** Samples this soon after a loss are not believed: the queue drains. */
const AFTER_LOSS_US = 1_000_000;
/** The window is computed anew this often at most (HZ / 32). */
const RECOMPUTE_US = 31_250;

// Words of the state (congestionState), one array a socket.
const COUNT = 0;
const LAST_MAX = 1;
const LAST_WINDOW = 2;
const LAST_TIME_US = 3;
/** The window at which the cubic has its plateau. */
const ORIGIN = 4;
/** Seconds from the epoch's begin to the plateau (K). */
const PLATEAU_S = 5;
/** The least round trip time; 0: none yet. */
const DELAY_MIN_US = 6;
const EPOCH_US = 7;
const ACKED = 8;
const RENO_WINDOW = 9;
const ROUND_START_US = 10;
const ROUND_END_SEQ = 11;
const LAST_ACK_US = 12;
const ROUND_MIN_RTT_US = 13;
const SAMPLES = 14;
const FOUND = 15;
const WORDS = 16;

function startRound(sk: Tcb, state: Float64Array): void {
  const nowUs = sk.tcp.stack.nowUs;
  state[ROUND_START_US] = nowUs;
  state[LAST_ACK_US] = nowUs;
  state[ROUND_END_SEQ] = sk.sndNxt;
  state[ROUND_MIN_RTT_US] = Number.POSITIVE_INFINITY;
  state[SAMPLES] = 0;
}

/** How many packets must be acknowledged for the window to grow by one now; into COUNT. */
function update(sk: Tcb, state: Float64Array, acked: number): void {
  const nowUs = sk.tcp.stack.nowUs;
  const cwnd = sk.cwnd;
  state[ACKED]! += acked;
  if (state[LAST_WINDOW] === cwnd && nowUs - state[LAST_TIME_US]! <= RECOMPUTE_US) return;
  // At one instant the cubic does not move; only the Reno estimate may.
  if (state[EPOCH_US] === 0 || nowUs !== state[LAST_TIME_US]) cubicCount(state, cwnd, nowUs, acked);
  renoFriendly(state, cwnd);
  state[COUNT] = Math.max(state[COUNT]!, 2);
}

function cubicCount(state: Float64Array, cwnd: number, nowUs: number, acked: number): void {
  state[LAST_WINDOW] = cwnd;
  state[LAST_TIME_US] = nowUs;
  if (state[EPOCH_US] === 0) {
    state[EPOCH_US] = nowUs;
    state[ACKED] = acked;
    state[RENO_WINDOW] = cwnd;
    if (state[LAST_MAX]! <= cwnd) {
      state[PLATEAU_S] = 0;
      state[ORIGIN] = cwnd;
    } else {
      // RFC 9438 4.2: K = cbrt((W_max - cwnd) / C)
      state[PLATEAU_S] = Math.cbrt((state[LAST_MAX]! - cwnd) / C);
      state[ORIGIN] = state[LAST_MAX]!;
    }
  }
  // The window that should be reached one round trip from now.
  const sinceS = (nowUs - state[EPOCH_US]! + state[DELAY_MIN_US]!) / 1_000_000;
  const offset = sinceS - state[PLATEAU_S]!;
  const target = Math.floor(state[ORIGIN]! + C * offset * offset * offset);
  state[COUNT] = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
  // No window was lost yet: growth must not be slower than five per cent a round trip.
  if (state[LAST_MAX] === 0 && state[COUNT] > 20) state[COUNT] = 20;
}

/** RFC 9438 4.3: never slower than Reno would be. */
function renoFriendly(state: Float64Array, cwnd: number): void {
  const each = (cwnd * FRIENDLY_EIGHTHS) / 8;
  if (state[ACKED]! > each) {
    const grown = Math.ceil(state[ACKED]! / each) - 1;
    state[ACKED]! -= grown * each;
    state[RENO_WINDOW]! += grown;
  }
  const ahead = state[RENO_WINDOW]! - cwnd;
  if (ahead > 0) state[COUNT] = Math.min(state[COUNT]!, Math.floor(cwnd / ahead));
}

/** HyStart: leaves slow start when the pipe seems to be full. */
function hystart(sk: Tcb, state: Float64Array, rttUs: number): void {
  const nowUs = sk.tcp.stack.nowUs;
  const stats = sk.tcp.stats;
  if (seqGt(sk.sndUna, state[ROUND_END_SEQ]!)) startRound(sk, state);
  const least = state[DELAY_MIN_US]!;
  if (nowUs - state[LAST_ACK_US]! <= HYSTART_ACK_DELTA_US) {
    state[LAST_ACK_US] = nowUs;
    // Without pacing a train as long as half the round trip fills it (Linux halves the threshold then).
    if (nowUs - state[ROUND_START_US]! > least / 2) {
      state[FOUND] = 1;
      stats.TCPHystartTrainDetect++;
      stats.TCPHystartTrainCwnd += sk.cwnd;
      sk.ssthresh = sk.cwnd;
      return;
    }
  }
  if (rttUs < state[ROUND_MIN_RTT_US]!) state[ROUND_MIN_RTT_US] = rttUs;
  if (state[SAMPLES]! < HYSTART_MIN_SAMPLES) {
    state[SAMPLES]!++;
    return;
  }
  const margin = Math.min(Math.max(least / 8, HYSTART_DELAY_MIN_US), HYSTART_DELAY_MAX_US);
  if (state[ROUND_MIN_RTT_US]! <= least + margin) return;
  state[FOUND] = 1;
  stats.TCPHystartDelayDetect++;
  stats.TCPHystartDelayCwnd += sk.cwnd;
  sk.ssthresh = sk.cwnd;
}

export const cubic: CongestionControl = {
  name: 'cubic',
  init(sk) {
    sk.congestionState ??= new Float64Array(WORDS);
    sk.congestionState.fill(0);
    startRound(sk, sk.congestionState);
  },
  release(sk) {
    sk.congestionState = null;
  },
  slowStartThreshold(sk) {
    const state = sk.congestionState;
    const { cwnd } = sk;
    if (state !== null) {
      state[EPOCH_US] = 0;
      // RFC 9438 4.7, fast convergence: a window that did not reach the last maximum makes room for others.
      state[LAST_MAX] = cwnd < state[LAST_MAX]! ? Math.floor((cwnd * (BETA_SCALE + BETA)) / (2 * BETA_SCALE)) : cwnd;
    }
    return Math.max(Math.floor((cwnd * BETA) / BETA_SCALE), 2);
  },
  congestionAvoidance(sk, _ack, acked) {
    const state = sk.congestionState;
    if (state === null || !windowIsLimiting(sk)) return;
    let left = acked;
    if (sk.cwnd < sk.ssthresh) {
      left = slowStart(sk, acked);
      if (left === 0) return;
    }
    update(sk, state, left);
    additiveIncrease(sk, state[COUNT]!, left);
  },
  undoWindow: (sk) => Math.max(sk.cwnd, sk.priorCwnd),
  setState(sk, caState) {
    const state = sk.congestionState;
    if (state === null || caState !== CA_LOSS) return;
    state.fill(0);
    startRound(sk, state);
  },
  idleEnded(sk, idleUs) {
    // The cubic's clock stood still while the application had nothing to send.
    const state = sk.congestionState;
    if (state !== null && state[EPOCH_US] !== 0) state[EPOCH_US] = Math.min(state[EPOCH_US]! + idleUs, sk.tcp.stack.nowUs);
  },
  packetsAcked(sk, _packets, rttUs) {
    const state = sk.congestionState;
    if (state === null || rttUs < 0) return;
    if (state[EPOCH_US] !== 0 && sk.tcp.stack.nowUs - state[EPOCH_US]! < AFTER_LOSS_US) return;
    const delay = Math.max(rttUs, 1);
    if (state[DELAY_MIN_US] === 0 || state[DELAY_MIN_US]! > delay) state[DELAY_MIN_US] = delay;
    if (state[FOUND] === 0 && sk.cwnd < sk.ssthresh && sk.cwnd >= HYSTART_LOW_WINDOW) hystart(sk, state, delay);
  },
};
