import { Timer } from '../../base/timer-wheel.js';
import { ATO_MIN_US, DELACK_MAX_US, DUPACK_THRESHOLD, MAX_QUICKACKS, TCP_CLOSE } from './constants.js';
import { sendAck } from './output.js';
import { currentWindow, freeSpace, wantedWindow } from './receive-window.js';
import { asksForQuickAcks } from './route-metrics.js';
import { seqDiff } from './sequence.js';
import { ACK_NOW, ACK_OWED, ACK_PUSHED, ACK_PUSHED2, ACK_TIMER, keepsOutOfOrder, type Tcb } from './tcb.js';

// Delayed ACKs, RFC 9293 3.8.6.3 and RFC 5681 4.2, with Linux's adaptive delay (ato) and its quick-ack mode: a connection
// acknowledges at once while it starts, after idle times and after anything odd, so that the sender's window grows fast.

/** The next ACKs go out at once, as many as half the window has segments. */
export function increaseQuickAcks(sk: Tcb, most: number): void {
  const segments = Math.floor(sk.rcvWnd / (2 * sk.rcvMss)) || 2;
  const quick = Math.min(segments, most);
  if (quick > sk.quick) sk.quick = quick;
}

export const enterQuickAck = (sk: Tcb): void => enterQuickAckFor(sk, MAX_QUICKACKS);

export function enterQuickAckFor(sk: Tcb, most: number): void {
  increaseQuickAcks(sk, most);
  sk.pingpong = false;
  sk.atoUs = ATO_MIN_US;
}

/** Data came: how long an ACK may wait is learnt from the time since the last (tcp_event_data_recv()). */
export function noteData(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  sk.ackState |= ACK_OWED;
  if (sk.atoUs === 0) {
    increaseQuickAcks(sk, MAX_QUICKACKS);
    sk.atoUs = ATO_MIN_US;
  } else {
    const gap = nowUs - sk.lastReceivedUs;
    if (gap <= ATO_MIN_US / 2) sk.atoUs = sk.atoUs / 2 + ATO_MIN_US / 2;
    else if (gap < sk.atoUs) sk.atoUs = Math.min(sk.atoUs / 2 + gap, sk.rtoUs);
    // The sender was silent for so long that it will begin in slow start.
    else if (gap > sk.rtoUs) increaseQuickAcks(sk, MAX_QUICKACKS);
  }
  sk.lastReceivedUs = nowUs;
}

/** After a segment: sends the ACK that is owed at the end of the round, at once, or by the timer (__tcp_ack_snd_check()). */
export function settleAck(sk: Tcb): void {
  if ((sk.ackState & ACK_OWED) === 0) return;
  const unacknowledged = seqDiff(sk.rcvNxt, sk.rcvWup);
  const manyBytes =
    unacknowledged > sk.rcvMss &&
    (seqDiff(sk.rcvNxt, sk.copiedSeq) < sk.receiveLowWater || wantedWindow(sk) >= sk.rcvWnd || freeSpace(sk) <= 0);
  const quickAck = (sk.quick > 0 && !sk.pingpong) || asksForQuickAcks(sk);
  const now = manyBytes || quickAck || (sk.ackState & ACK_NOW) !== 0;
  // RFC 5681 4.2: each segment out of order is a duplicate ACK, which the sender counts: never left to the end of the round.
  if (keepsOutOfOrder(sk)) {
    if (now || !compress(sk)) sendAck(sk);
  } else if (now) sk.tcp.oweAck(sk);
  else delayAck(sk);
}

/**
 * Beyond a hole, the fourth ACK and those after it may wait a twentieth of the round trip for each other (tcp_comp_sack_delay_ns,
 * tcp_comp_sack_nr): their SACK blocks say it all. True: this one waits.
 */
function compress(sk: Tcb): boolean {
  const { settings, stack } = sk.tcp;
  if (!sk.sackOk || sk.compressedAcks >= settings.compSackNr) return false;
  if (sk.compressedRcvNxt !== sk.rcvNxt) {
    sk.compressedRcvNxt = sk.rcvNxt;
    sk.duplicateAcksSent = 0;
  }
  if (sk.duplicateAcksSent < DUPACK_THRESHOLD) {
    sk.duplicateAcksSent++;
    return false;
  }
  sk.compressedAcks++;
  sk.compressTimer ??= new Timer(() => compressTimeout(sk));
  if (sk.compressTimer.armed) return true;
  let rtt8 = sk.rcvRtt8;
  if (sk.srtt8 !== 0 && sk.srtt8 < rtt8) rtt8 = sk.srtt8;
  stack.timers.schedule(sk.compressTimer, stack.nowUs + Math.min(settings.compSackDelayNs / 1000, rtt8 / 8 / 20));
  return true;
}

function compressTimeout(sk: Tcb): void {
  if (sk.compressedAcks > 0 && sk.state !== TCP_CLOSE) flushCompressed(sk);
}

/** Sends the one ACK for those that were held back beyond a hole (tcp_sack_compress_send_ack()). */
export function flushCompressed(sk: Tcb): void {
  if (sk.compressedAcks === 0) return;
  // One is sent after all.
  sk.compressedAcks--;
  sendAck(sk);
}

function delayAck(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  let delay = sk.atoUs;
  if (delay > ATO_MIN_US) {
    let most = sk.pingpong || (sk.ackState & ACK_PUSHED) !== 0 ? DELACK_MAX_US : 500_000;
    if (sk.srtt8 !== 0) most = Math.min(most, Math.max(sk.srtt8 / 8, ATO_MIN_US));
    delay = Math.min(delay, most);
  }
  delay = Math.min(delay, DELACK_MAX_US);
  let at = nowUs + delay;
  if ((sk.ackState & ACK_TIMER) !== 0) {
    const due = sk.delackTimer.expiresUs;
    if (due <= nowUs + delay / 4) {
      sk.tcp.oweAck(sk);
      return;
    }
    if (at > due) at = due;
  }
  sk.ackState |= ACK_OWED | ACK_TIMER;
  sk.tcp.stack.timers.schedule(sk.delackTimer, at);
}

/** The end of the round: the ACK that was held back, unless something carried it meanwhile. */
export function sendOwedAck(sk: Tcb): void {
  if ((sk.ackState & ACK_OWED) !== 0) sendAck(sk);
}

/** The delayed ACK's timer (tcp_delack_timer_handler()). */
export function delayedAckTimeout(sk: Tcb): void {
  if ((sk.ackState & ACK_TIMER) === 0) return;
  sk.ackState &= ~ACK_TIMER;
  if ((sk.ackState & ACK_OWED) === 0) return;
  if (sk.pingpong) {
    // The answer that was to carry it did not come.
    sk.pingpong = false;
    sk.atoUs = ATO_MIN_US;
  } else sk.atoUs = Math.min(sk.atoUs * 2, sk.rtoUs);
  sk.tcp.stats.DelayedACKs++;
  sendAck(sk);
}

/** The user took `copied` bytes: does the peer have to hear of it (tcp_cleanup_rbuf())? */
export function afterRead(sk: Tcb, copied: number): void {
  let now = false;
  if ((sk.ackState & ACK_OWED) !== 0) {
    const pushed = (sk.ackState & ACK_PUSHED2) !== 0 || ((sk.ackState & ACK_PUSHED) !== 0 && !sk.pingpong);
    now = seqDiff(sk.rcvNxt, sk.rcvWup) > sk.rcvMss || (copied > 0 && pushed && sk.receiveHead === null);
  }
  if (copied > 0 && !now && !sk.finReceived) {
    const window = currentWindow(sk);
    if (2 * window <= sk.windowClamp) {
      // RFC 9293 3.8.6.2.2: the window is told anew once it at least doubled.
      const next = wantedWindow(sk);
      now = next > 0 && next >= 2 * window;
    }
  }
  if (now) sendAck(sk);
}
