import { ECONNREFUSED, ECONNRESET, EPIPE, ETIMEDOUT } from '../../base/errno.js';
import { AF_INET } from '../../netlink/constants.js';
import { setIpv4Address } from '../core/inet-socket.js';
import type { SocketAddress } from '../core/socket.js';
import {
  inState,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
  TIMEWAIT_US,
} from './constants.js';
import { judgeFastOpen } from './fastopen-blackhole.js';
import { handOver, leaveRequests } from './listen-migrate.js';
import { outOfMemory, unchargeSend } from './memory.js';
import { saveMetrics } from './metrics.js';
import { hasUnsent, sendActiveReset, sendFin } from './output.js';
import { releaseHold } from './ports.js';
import { clearTimer } from './rearm.js';
import { purgeOutOfOrder, purgeReceived } from './receive-queue.js';
import { resetRtt } from './rtt.js';
import { forgetSack } from './sack-scoreboard.js';
import { TIMER_NONE, type Tcb } from './tcb.js';
import { enterTimeWait } from './time-wait.js';

export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;

/** All changes of state go through here: counters, tables and ports follow (tcp_set_state()). */
export function setState(sk: Tcb, state: number): void {
  const stats = sk.tcp.stats;
  const old = sk.state;
  if (state === TCP_ESTABLISHED) {
    if (old !== TCP_ESTABLISHED) stats.CurrEstab++;
  } else {
    if (state === TCP_CLOSE && (old === TCP_CLOSE_WAIT || old === TCP_ESTABLISHED)) stats.EstabResets++;
    if (old === TCP_ESTABLISHED) stats.CurrEstab--;
  }
  if (state === TCP_CLOSE) {
    if (old === TCP_LISTEN) sk.tcp.listeners.remove(sk);
    else sk.tcp.endpoints.remove(sk);
    // A port that the user chose stays his until close().
    if (!sk.portLocked) dropPort(sk);
  }
  sk.state = state;
}

export function dropPort(sk: Tcb): void {
  const hold = sk.hold;
  if (hold === null) return;
  sk.hold = null;
  if (sk.listenQueue !== null) hold.listening = false;
  releaseHold(sk.tcp, hold);
}

export function clearTimers(sk: Tcb): void {
  clearTimer(sk);
  sk.tcp.stack.timers.cancel(sk.delackTimer);
  sk.tcp.stack.timers.cancel(sk.keepaliveTimer);
  sk.pendingTimer = TIMER_NONE;
  if (sk.pacingTimer !== null) sk.tcp.stack.timers.cancel(sk.pacingTimer);
  if (sk.compressTimer !== null) sk.tcp.stack.timers.cancel(sk.compressTimer);
  sk.compressedAcks = 0;
  sk.ackState = 0;
}

/** Forgets what was to be sent (tcp_write_queue_purge()). */
export function purgeWrites(sk: Tcb): void {
  sk.queue.clear();
  sk.unsent.clear();
  unchargeSend(sk, sk.sendMemory);
  if (sk.errorQueue !== null) sk.errorQueue.purge(sk);
  sk.sent.clear();
  sk.packetsOut = 0;
  sk.retransOut = 0;
  sk.lostOut = 0;
  forgetSack(sk);
  sk.tlpPending = false;
  sk.backoff = 0;
  sk.sndNxt = sk.writeSeq;
}

/** The handshake of Fast Open is complete, or the connection over. */
export function forgetRequest(sk: Tcb): void {
  const request = sk.fastOpenRequest;
  if (request === null) return;
  sk.fastOpenRequest = null;
  const queue = request.listener.listenQueue;
  if (queue !== null) queue.fastOpens--;
}

/** The connection is over (tcp_done()); the user, if there is one, still has to hear of it. */
export function done(sk: Tcb): void {
  if (sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV) sk.tcp.stats.AttemptFails++;
  setState(sk, TCP_CLOSE);
  forgetRequest(sk);
  clearTimers(sk);
  sk.shutdownMask = RCV_SHUTDOWN | SEND_SHUTDOWN;
  if (sk.orphan) destroy(sk);
  else sk.tcp.wake(sk);
}

/** Nobody knows the socket any more: all it holds goes back. */
export function destroy(sk: Tcb): void {
  if (sk.closed) return;
  sk.closed = true;
  forgetRequest(sk);
  sk.namespace.onSocketDestroyed?.(sk);
  clearTimers(sk);
  dropPort(sk);
  judgeFastOpen(sk);
  purgeReceived(sk);
  purgeOutOfOrder(sk);
  purgeWrites(sk);
  sk.congestion.release?.(sk);
  sk.tcp.memory.sockets--;
  sk.dst = null;
  if (sk.flowLabels !== null) sk.namespace.ipv6.flowLabels.leave(sk);
  if (sk.orphan) sk.tcp.orphans--;
}

export function reportError(sk: Tcb, errno: number): void {
  sk.pendingError = errno;
  sk.tcp.wake(sk);
}

/** A reset was received (RFC 9293 3.10.7.4; tcp_reset()). */
export function receivedReset(sk: Tcb): void {
  let errno = ECONNRESET;
  if (sk.state === TCP_SYN_SENT) errno = ECONNREFUSED;
  else if (sk.state === TCP_CLOSE_WAIT) errno = EPIPE;
  else if (sk.state === TCP_CLOSE) return;
  sk.pendingError = errno;
  purgeWrites(sk);
  done(sk);
}

/** Time ran out: the error of a failed network if one was told, else ETIMEDOUT (tcp_write_err()). */
export function timedOut(sk: Tcb): void {
  sk.pendingError = sk.softError !== 0 ? sk.softError : ETIMEDOUT;
  purgeWrites(sk);
  sk.tcp.stats.TCPAbortOnTimeout++;
  done(sk);
}

/** RFC 9293 3.6: where a state goes when the user has nothing more to send; true if a FIN is due. */
export function closeState(sk: Tcb): boolean {
  switch (sk.state) {
    case TCP_ESTABLISHED:
    case TCP_SYN_RECV:
      setState(sk, TCP_FIN_WAIT1);
      return true;
    case TCP_CLOSE_WAIT:
      setState(sk, TCP_LAST_ACK);
      return true;
    case TCP_SYN_SENT:
    case TCP_LISTEN:
      setState(sk, TCP_CLOSE);
      return false;
    default:
      return false;
  }
}

/** States in which a connection that is given up must be reset (tcp_need_reset()). */
export const NEEDS_RESET =
  (1 << TCP_ESTABLISHED) | (1 << TCP_CLOSE_WAIT) | (1 << TCP_FIN_WAIT1) | (1 << TCP_FIN_WAIT2) | (1 << TCP_SYN_RECV);

/** Ends a connection at once, and leaves a socket that may connect again (tcp_disconnect()). */
export function disconnect(sk: Tcb): void {
  const old = sk.state;
  if (old === TCP_CLOSE) {
    forget(sk);
    return;
  }
  if (old === TCP_LISTEN) stopListening(sk);
  else if (inState(old, NEEDS_RESET) || ((old === TCP_CLOSING || old === TCP_LAST_ACK) && hasUnsent(sk))) {
    sendActiveReset(sk);
    sk.pendingError = ECONNRESET;
  } else if (old === TCP_SYN_SENT) sk.pendingError = ECONNRESET;
  setState(sk, TCP_CLOSE);
  forget(sk);
  sk.tcp.wake(sk);
}

function clearAddress(address: SocketAddress, family: number): void {
  if (family === AF_INET) setIpv4Address(address, 0, 0);
  else {
    address.words.fill(0);
    address.port = 0;
  }
}

function forget(sk: Tcb): void {
  clearTimers(sk);
  forgetRequest(sk);
  purgeReceived(sk);
  purgeOutOfOrder(sk);
  purgeWrites(sk);
  clearAddress(sk.remote, sk.family);
  // The name keeps the port, though it is nobody's now (tcp_disconnect() leaves inet_sport).
  const { port } = sk.local;
  if (!sk.addressLocked) clearAddress(sk.local, sk.family);
  sk.local.port = port;
  sk.shutdownMask = 0;
  sk.finQueued = false;
  sk.finReceived = false;
  sk.transport = null;
  sk.dst = null;
  sk.retransmits = 0;
  sk.probesOut = 0;
  sk.urgentMode = false;
  sk.urgentState = 0;
  sk.writeSeq = 0;
  sk.sndNxt = 0;
  sk.tsRecentStamp = 0;
  sk.rateAppLimited = true;
  resetRtt(sk);
}

/** A listener stops: handshakes are forgotten, connections that nobody accepted are reset, unless another takes them (inet_csk_listen_stop()). */
export function stopListening(sk: Tcb): void {
  const queue = sk.listenQueue;
  if (queue === null) return;
  sk.listenQueue = null;
  sk.listening = false;
  if (sk.hold !== null) sk.hold.listening = false;
  for (let child = queue.shift(); child !== null; child = queue.shift()) {
    if (handOver(sk, child)) continue;
    makeOrphan(child);
    disconnect(child);
    destroy(child);
  }
  leaveRequests(sk, queue);
}

/** The user's hold is gone, the connection may go on by itself. */
export function makeOrphan(sk: Tcb): void {
  if (sk.orphan) return;
  sk.orphan = true;
  sk.onReady = null;
  sk.tcp.orphans++;
}

/** close(2) (tcp_close()). */
export function closeSocket(sk: Tcb): void {
  const stats = sk.tcp.stats;
  sk.shutdownMask = RCV_SHUTDOWN | SEND_SHUTDOWN;
  if (sk.state === TCP_LISTEN) {
    setState(sk, TCP_CLOSE);
    stopListening(sk);
  } else {
    const unread = purgeReceived(sk);
    if (sk.state !== TCP_CLOSE) {
      if (unread > 0) {
        // RFC 2525 2.17: data that was not read is lost, and the peer must know.
        stats.TCPAbortOnClose++;
        sendActiveReset(sk);
        setState(sk, TCP_CLOSE);
      } else if (sk.linger === 0) {
        stats.TCPAbortOnData++;
        disconnect(sk);
      } else if (closeState(sk)) sendFin(sk);
    }
  }
  makeOrphan(sk);
  if (sk.state === TCP_FIN_WAIT2) orphanInFinWait2(sk);
  else if (sk.state !== TCP_CLOSE && (sk.tcp.orphans > sk.tcp.settings.maxOrphans || outOfMemory(sk))) abortForMemory(sk);
  if (sk.state === TCP_CLOSE) destroy(sk);
}

/** There are more orphans than the limit, or no memory is left: this one is reset (tcp_check_oom()). */
export function abortForMemory(sk: Tcb): void {
  sk.tcp.stats.TCPAbortOnMemory++;
  sendActiveReset(sk);
  setState(sk, TCP_CLOSE);
}

/** How long an orphan waits in FIN_WAIT2, microseconds: at least for the peer to repeat what got lost (tcp_fin_time()). */
export function finTimeUs(sk: Tcb): number {
  const seconds = sk.linger2 > 0 ? sk.linger2 : sk.tcp.settings.finTimeout;
  return Math.max(seconds * 1_000_000, sk.rtoUs * 4 - sk.rtoUs / 2);
}

/** An orphan whose FIN was acknowledged: a compact entry waits for the peer's FIN. */
export function orphanInFinWait2(sk: Tcb): void {
  if (sk.linger2 < 0) {
    sk.tcp.stats.TCPAbortOnLinger++;
    sendActiveReset(sk);
    done(sk);
    return;
  }
  const waitUs = finTimeUs(sk);
  if (waitUs > TIMEWAIT_US) {
    sk.tcp.stack.timers.schedule(sk.keepaliveTimer, sk.tcp.stack.nowUs + waitUs - TIMEWAIT_US);
    return;
  }
  timeWait(sk, TCP_FIN_WAIT2, waitUs);
}

/** Leaves a TIME_WAIT (or FIN_WAIT2) entry in the connection's place and ends it (tcp_time_wait()). */
export function timeWait(sk: Tcb, substate: number = TCP_TIME_WAIT, waitUs: number = TIMEWAIT_US): void {
  enterTimeWait(sk, substate, waitUs);
  saveMetrics(sk);
  done(sk);
}
