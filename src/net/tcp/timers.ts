import { rethinkTxHash } from '../core/tx-hash.js';
import {
  CA_DISORDER,
  CA_LOSS,
  CA_RECOVERY,
  HANDSHAKE_STATES,
  INFINITE_SSTHRESH,
  inState,
  RESOURCE_PROBE_US,
  RTO_MAX_US,
  RTO_MIN_US,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_SYN_SENT,
  TIMEOUT_INIT_US,
  TIMEWAIT_US,
} from './constants.js';
import { done, finTimeUs, timedOut, timeWait } from './close.js';
import { suspectFastOpen } from './fastopen-blackhole.js';
import { fastOpenTimeout } from './fastopen-handshake.js';
import { outOfMemory } from './memory.js';
import { suspectBlackHole } from './mtu-probe.js';
import { hasUnsent, sendActiveReset, sendProbe } from './output.js';
import { armTimer, clampToUserTimeout, probeDelayUs } from './rearm.js';
import { enterLoss, reorderTimeout } from './recovery.js';
import { retransmitSegment } from './retransmit.js';
import { computedRto, modelTimeoutUs } from './rtt.js';
import { sendLossProbe } from './tail-loss-probe.js';
import { TIMER_LOSS_PROBE, TIMER_NONE, TIMER_PROBE, TIMER_REORDER, TIMER_RETRANSMIT, type Tcb } from './tcb.js';

/** Repetitions an orphan makes (tcp_orphan_retries); `alive`: the peer seems to be there. */
function orphanRetries(sk: Tcb, alive: boolean): number {
  const retries = sk.tcp.settings.orphanRetries;
  // A host that an ICMP error says is gone need not be asked any more.
  if (sk.softError !== 0 && !alive) return 0;
  return retries === 0 && alive ? 8 : retries;
}

/** Whether repeating has gone on for the time that `boundary` repetitions take, or for `timeoutUs` if that is given (RFC 9293 3.8.3: R1, R2). */
function repeatedFor(sk: Tcb, boundary: number, timeoutUs: number): boolean {
  if (sk.retransmits === 0) return false;
  const start = sk.retransStartUs >= 0 ? sk.retransStartUs : (sk.sent.head?.firstSentUs ?? sk.tcp.stack.nowUs);
  const first = inState(sk.state, HANDSHAKE_STATES) ? TIMEOUT_INIT_US : RTO_MIN_US;
  const limit = timeoutUs > 0 ? timeoutUs : modelTimeoutUs(boundary, first);
  return sk.tcp.stack.nowUs - start >= limit;
}

/** A way that does not work is looked up anew (dst_negative_advice()). */
function doubtRoute(sk: Tcb): void {
  rethinkTxHash(sk);
  sk.dst = null;
}

/** True: the connection was given up (tcp_write_timeout()). */
function givesUp(sk: Tcb): boolean {
  const settings = sk.tcp.settings;
  let expired: boolean;
  if (inState(sk.state, HANDSHAKE_STATES)) {
    if (sk.retransmits > 0) doubtRoute(sk);
    const most = sk.synRetries !== 0 ? sk.synRetries : sk.state === TCP_SYN_SENT ? settings.synRetries : settings.synackRetries;
    expired = sk.retransmits >= most || (sk.userTimeoutMs > 0 && repeatedFor(sk, 0, sk.userTimeoutMs * 1000));
  } else {
    if (repeatedFor(sk, settings.retries1, 0)) {
      suspectBlackHole(sk);
      doubtRoute(sk);
    }
    let most = settings.retries2;
    if (sk.orphan) {
      const alive = sk.rtoUs < RTO_MAX_US;
      most = orphanRetries(sk, alive);
      if (tooManyOrphans(sk, alive || !repeatedFor(sk, most, 0))) return true;
    }
    expired = repeatedFor(sk, most, sk.userTimeoutMs * 1000);
  }
  suspectFastOpen(sk, expired);
  if (expired) timedOut(sk);
  else if (rethinkTxHash(sk)) sk.tcp.stats.TcpTimeoutRehash++;
  return expired;
}

/** Orphans beyond the limit end, and those that hold memory when there is none left (tcp_out_of_resources()). */
function tooManyOrphans(sk: Tcb, reset: boolean): boolean {
  const idleUs = sk.tcp.stack.nowUs - sk.lastSentUs;
  // One that did not get anything through for long, or of which an ICMP error told, counts for more.
  const shift = (idleUs > 2 * RTO_MAX_US || !reset ? 1 : 0) + (sk.softError !== 0 ? 1 : 0);
  if (sk.tcp.orphans << shift <= sk.tcp.settings.maxOrphans && !outOfMemory(sk)) return false;
  if (reset || idleUs <= TIMEWAIT_US || (sk.sndWnd === 0 && sk.packetsOut === 0)) sendActiveReset(sk);
  sk.tcp.stats.TCPAbortOnMemory++;
  done(sk);
  return true;
}

/** The retransmission timer, whatever it stands for. */
export function retransmitTimeout(sk: Tcb): void {
  const kind = sk.pendingTimer;
  if (kind !== TIMER_LOSS_PROBE && kind !== TIMER_REORDER) sk.pendingTimer = TIMER_NONE;
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return;
  if (sk.fastOpenRequest !== null) fastOpenTimeout(sk);
  else if (kind === TIMER_PROBE) probeTimeout(sk);
  else if (kind === TIMER_RETRANSMIT) lossTimeout(sk);
  else if (kind === TIMER_LOSS_PROBE) sendLossProbe(sk);
  else if (kind === TIMER_REORDER) reorderTimeout(sk);
}

/** RFC 6298 5.4 to 5.7: the first segment goes out again, the time-out doubles (tcp_retransmit_timer()). */
function lossTimeout(sk: Tcb): void {
  const head = sk.sent.head;
  if (head === null || sk.packetsOut === 0) return;
  const nowUs = sk.tcp.stack.nowUs;
  const handshake = inState(sk.state, HANDSHAKE_STATES);
  if (sk.sndWnd === 0 && !sk.orphan && !handshake) {
    // The peer took its window back. RFC 9293 3.8.6.1: that must not end the connection as long as it answers.
    if (nowUs - sk.lastAckUs > RTO_MAX_US) {
      timedOut(sk);
      return;
    }
    enterLoss(sk);
    retransmitSegment(sk, head, 1);
    sk.dst = null;
    backOff(sk);
    return;
  }
  sk.tcp.stats.TCPTimeouts++;
  if (givesUp(sk)) return;
  if (sk.retransmits === 0) countFailure(sk);
  enterLoss(sk);
  if (handshake && sk.retransmits === 0) sk.rtoUs = Math.max(sk.rtoUs, TIMEOUT_INIT_US);
  sk.retransmits++;
  if (retransmitSegment(sk, head, 1) > 0) {
    // The queue below is full: that says nothing about the path. Soon again.
    armTimer(sk, TIMER_RETRANSMIT, Math.min(sk.rtoUs, RESOURCE_PROBE_US));
    return;
  }
  backOff(sk);
}

function countFailure(sk: Tcb): void {
  const stats = sk.tcp.stats;
  if (sk.caState === CA_RECOVERY) {
    if (sk.sackOk) stats.TCPSackRecoveryFail++;
    else stats.TCPRenoRecoveryFail++;
  } else if (sk.caState === CA_LOSS) stats.TCPLossFailures++;
  else if (sk.caState === CA_DISORDER || sk.sackedOut > 0) {
    if (sk.sackOk) stats.TCPSackFailures++;
    else stats.TCPRenoFailures++;
  }
}

/** Repetitions that a thin stream makes without backing off. */
const THIN_LINEAR_RETRIES = 6;

/** Too little is under way for duplicate ACKs (tcp_stream_is_thin()). */
const isThin = (sk: Tcb): boolean => sk.packetsOut < 4 && sk.ssthresh < INFINITE_SSTHRESH;

function backOff(sk: Tcb): void {
  const linear = sk.thinLinear || sk.tcp.settings.thinLinearTimeouts !== 0;
  if (linear && sk.state === TCP_ESTABLISHED && isThin(sk) && sk.retransmits <= THIN_LINEAR_RETRIES) {
    sk.backoff = 0;
    sk.rtoUs = computedRto(sk);
  } else {
    sk.backoff++;
    sk.rtoUs = Math.min(sk.rtoUs * 2, RTO_MAX_US);
  }
  armTimer(sk, TIMER_RETRANSMIT, clampToUserTimeout(sk, sk.rtoUs, sk.retransStartUs));
  if (repeatedFor(sk, sk.tcp.settings.retries1 + 1, 0)) doubtRoute(sk);
}

/** RFC 9293 3.8.6.1: the window is asked for as long as the peer answers (tcp_probe_timer()). */
function probeTimeout(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  if (sk.packetsOut > 0 || !hasUnsent(sk)) {
    sk.probesOut = 0;
    sk.probesStartUs = 0;
    return;
  }
  if (sk.probesStartUs === 0) sk.probesStartUs = nowUs;
  else if (sk.userTimeoutMs > 0 && nowUs - sk.probesStartUs >= sk.userTimeoutMs * 1000) {
    timedOut(sk);
    return;
  }
  let most = sk.tcp.settings.retries2;
  if (sk.orphan) {
    const alive = probeDelayUs(sk) < RTO_MAX_US;
    most = orphanRetries(sk, alive);
    if (!alive && sk.backoff >= most) {
      timedOut(sk);
      return;
    }
    if (tooManyOrphans(sk, true)) return;
  }
  if (sk.probesOut >= most) timedOut(sk);
  else sendWindowProbe(sk);
}

function sendWindowProbe(sk: Tcb): void {
  const error = sendProbe(sk, false);
  if (sk.packetsOut > 0 || !hasUnsent(sk)) {
    sk.probesOut = 0;
    sk.backoff = 0;
    sk.probesStartUs = 0;
    return;
  }
  sk.probesOut++;
  let delay = RESOURCE_PROBE_US;
  if (error <= 0) {
    if (sk.backoff < sk.tcp.settings.retries2) sk.backoff++;
    delay = probeDelayUs(sk);
  }
  armTimer(sk, TIMER_PROBE, clampToUserTimeout(sk, delay, sk.probesStartUs));
}

/** Keep-alive times of a socket, microseconds. */
export const keepaliveTimeUs = (sk: Tcb): number => (sk.keepIdle !== 0 ? sk.keepIdle : sk.tcp.settings.keepaliveTime) * 1_000_000;
export const keepaliveIntervalUs = (sk: Tcb): number =>
  (sk.keepInterval !== 0 ? sk.keepInterval : sk.tcp.settings.keepaliveIntvl) * 1_000_000;
export const keepaliveProbes = (sk: Tcb): number => (sk.keepCount !== 0 ? sk.keepCount : sk.tcp.settings.keepaliveProbes);

export function armKeepalive(sk: Tcb, delayUs: number): void {
  sk.tcp.stack.timers.schedule(sk.keepaliveTimer, sk.tcp.stack.nowUs + delayUs);
}

/** SO_KEEPALIVE was switched. */
export function setKeepalive(sk: Tcb, on: boolean): void {
  sk.keepAlive = on;
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return;
  if (on) armKeepalive(sk, keepaliveTimeUs(sk));
  else sk.tcp.stack.timers.cancel(sk.keepaliveTimer);
}

/** Microseconds since the peer was last heard of. */
export function idleUs(sk: Tcb): number {
  return sk.tcp.stack.nowUs - Math.max(sk.lastReceivedUs, sk.lastAckUs);
}

/** The keep-alive timer (RFC 9293 3.8.4), and the end of an orphan's FIN_WAIT2 (tcp_keepalive_timer()). */
export function keepaliveTimeout(sk: Tcb): void {
  if (sk.state === TCP_FIN_WAIT2 && sk.orphan) {
    const left = sk.linger2 >= 0 ? finTimeUs(sk) - TIMEWAIT_US : 0;
    if (left > 0) timeWait(sk, TCP_FIN_WAIT2, left);
    else {
      sendActiveReset(sk);
      done(sk);
    }
    return;
  }
  if (!sk.keepAlive || sk.state === TCP_CLOSE || sk.state === TCP_LISTEN || sk.state === TCP_SYN_SENT) return;
  let delay = keepaliveTimeUs(sk);
  // What is under way has timers of its own.
  if (sk.packetsOut === 0 && !hasUnsent(sk)) {
    const idle = idleUs(sk);
    if (idle >= delay) {
      const timeout = sk.userTimeoutMs * 1000;
      if (timeout > 0 ? idle >= timeout && sk.probesOut > 0 : sk.probesOut >= keepaliveProbes(sk)) {
        sendActiveReset(sk);
        timedOut(sk);
        return;
      }
      if (sendProbe(sk, true) <= 0) {
        sk.probesOut++;
        delay = keepaliveIntervalUs(sk);
      } else delay = RESOURCE_PROBE_US;
    } else delay -= idle;
  }
  armKeepalive(sk, delay);
}
