import * as wire from '../../wire/tcp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { challengeAck } from './challenge.js';
import { CA_OPEN, INIT_CWND } from './constants.js';
import { hasUnsent, pushPending, unsentBytes, windowEnd } from './output.js';
import { armTimer, clampToUserTimeout, clearTimer, probeDelayUs, rearmRto } from './rearm.js';
import { currentThreshold, inReduction, onDubiousAck, reduceWindow, removeDuplicates } from './recovery.js';
import { retransmitLost } from './retransmit.js';
import { syncMss } from './route.js';
import { sampleRtt } from './rtt.js';
import { packetsOf, SEGMENT_EVER_RETRANSMITTED, SEGMENT_LOST, SEGMENT_RETRANSMITTED } from './sent-segments.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt } from './sequence.js';
import { TIMER_PROBE, type Tcb } from './tcb.js';
import { replaceTsRecent } from './timestamps.js';

export const ACK_OK = 1;
export const ACK_OLD = 0;
/** It acknowledges what was never sent (RFC 5961 5.2: challenged where synchronised). */
export const ACK_UNSENT = -1;
/** It is older than any window we ever had (RFC 5961 5.2). */
export const ACK_TOO_OLD = -2;

/** What cleanUp() found. Reused; valid until the next ACK. */
class Acknowledged {
  packets = 0;
  retransmitted = false;
  /** Something but the SYN was among them. */
  data = false;
  rttUs = -1;
}
const acked = new Acknowledged();

/**
 * Takes the acknowledgment of the segment at `skb.data` in (RFC 9293 3.10.7.4 fifth, RFC 5681; Linux: tcp_ack()).
 * `endSeq` is the number behind its last byte.
 */
export function processAck(sk: Tcb, skb: PacketBuffer, endSeq: number): number {
  const v = skb.view;
  const at = skb.data;
  const seq = wire.sequence(v, at);
  const ack = wire.acknowledgment(v, at);
  const before = sk.sndUna;
  if (seqLt(ack, before)) {
    if (seqLt(ack, seqAdd(before, -sk.maxWindow))) {
      challengeAck(sk);
      return ACK_TOO_OLD;
    }
    return ACK_OLD;
  }
  if (seqGt(ack, sk.sndNxt)) return ACK_UNSENT;
  const advanced = seqGt(ack, before);
  if (advanced) {
    sk.retransmits = 0;
    sk.bytesAcked += seqDiff(ack, before);
  }
  replaceTsRecent(sk, seq);
  const windowMoved = updateWindow(sk, wire.window(v, at), (wire.flags(v, at) & wire.SYN) !== 0, seq, ack);
  sk.sndUna = ack;
  sk.softError = 0;
  sk.probesOut = 0;
  sk.lastAckUs = sk.tcp.stack.nowUs;
  if (sk.packetsOut === 0) {
    afterWindowUpdate(sk);
    return ACK_OK;
  }
  const deliveredBefore = sk.delivered;
  const lostBefore = sk.lostOut;
  cleanUp(sk);
  sk.queue.acknowledge(ack);
  if (acked.packets > 0) rearmRto(sk);
  // RFC 5681 2: a duplicate ACK has no data and moves nothing.
  const duplicate = !advanced && !windowMoved && endSeq === seq && acked.packets === 0;
  let repeat = false;
  if (advanced && sk.caState === CA_OPEN) {
    if (sk.packetsOut === 0) sk.sackedOut = 0;
  }
  if (duplicate || sk.caState !== CA_OPEN || sk.sackedOut > 0) {
    repeat = onDubiousAck(sk, advanced, duplicate ? Math.max(1, skb.gsoSegments) : 0);
  }
  if (acked.packets > 0) sk.dst?.neighbour?.confirm();
  const delivered = sk.delivered - deliveredBefore;
  if (inReduction(sk)) reduceWindow(sk, delivered, Math.max(0, sk.lostOut - lostBefore), advanced);
  else if (acked.data) {
    sk.congestion.congestionAvoidance(sk, ack, delivered);
    sk.cwndStampUs = sk.tcp.stack.nowUs;
  }
  if (repeat) retransmitLost(sk);
  if (sk.packetsOut === 0) afterWindowUpdate(sk);
  return ACK_OK;
}

/** RFC 9293 3.10.7.4: SND.WND, SND.WL1. True if the segment was allowed to change them. */
function updateWindow(sk: Tcb, field: number, syn: boolean, seq: number, ack: number): boolean {
  const window = syn ? field : field << sk.sndWscale;
  if (!seqGt(ack, sk.sndUna) && !seqGt(seq, sk.sndWl1) && (seq !== sk.sndWl1 || window <= sk.sndWnd)) return false;
  sk.sndWl1 = seq;
  if (sk.sndWnd !== window) {
    sk.sndWnd = window;
    if (hasUnsent(sk)) restartAfterIdle(sk);
    if (window > sk.maxWindow) {
      sk.maxWindow = window;
      syncMss(sk, sk.pmtu);
    }
  }
  return true;
}

/** Nothing is under way: does the window let what waits out, or is it to be probed for (tcp_ack_probe())? */
function afterWindowUpdate(sk: Tcb): void {
  if (!hasUnsent(sk)) {
    if (sk.pendingTimer === TIMER_PROBE) clearTimer(sk);
    return;
  }
  const first = Math.max(Math.min(unsentBytes(sk), sk.mssCache), 1);
  if (seqLe(seqAdd(sk.sndNxt, first), windowEnd(sk))) {
    sk.backoff = 0;
    sk.probesStartUs = 0;
    if (sk.pendingTimer === TIMER_PROBE) clearTimer(sk);
    return;
  }
  armTimer(sk, TIMER_PROBE, clampToUserTimeout(sk, probeDelayUs(sk), sk.probesStartUs === 0 ? -1 : sk.probesStartUs));
}

/** Takes what SND.UNA passed out of the segments under way, and a round trip time from those that left once. */
function cleanUp(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  acked.packets = 0;
  acked.retransmitted = false;
  acked.data = false;
  acked.rttUs = -1;
  let firstSentUs = -1;
  for (let segment = sk.sent.head; segment !== null; segment = sk.sent.head) {
    const whole = seqLe(segment.endSeq, sk.sndUna);
    if (!whole && seqLe(sk.sndUna, segment.seq)) break;
    let packets = segment.packets;
    if (!whole) {
      // A part of a super-segment: what is acknowledged is cut off it.
      segment.seq = sk.sndUna;
      packets -= packetsOf(seqDiff(segment.endSeq, segment.seq), segment.mss);
      if (packets <= 0) break;
    }
    if ((segment.state & SEGMENT_EVER_RETRANSMITTED) !== 0) acked.retransmitted = true;
    else if (firstSentUs < 0) firstSentUs = segment.sentUs;
    if ((segment.state & SEGMENT_RETRANSMITTED) !== 0) sk.retransOut -= packets;
    if ((segment.state & SEGMENT_LOST) !== 0) sk.lostOut -= packets;
    sk.packetsOut -= packets;
    acked.packets += packets;
    if ((segment.flags & wire.SYN) !== 0) {
      sk.retransStartUs = -1;
    } else acked.data = true;
    if (!whole) {
      segment.packets -= packets;
      break;
    }
    sk.sent.removeHead();
  }
  if (acked.packets === 0) return;
  if (sk.sent.head === null) sk.packetsOut = 0;
  takeRtt(sk, firstSentUs, nowUs);
  if (!sk.sackOk) removeDuplicates(sk, acked.packets);
  if (sk.urgentMode && seqLe(sk.sndUrgent, sk.sndUna)) sk.urgentMode = false;
  sk.congestion.packetsAcked?.(sk, acked.packets, acked.rttUs);
}

/** RFC 6298 3 (Karn) and RFC 7323 4: from a segment that left once, or else from the timestamp that came back. */
function takeRtt(sk: Tcb, firstSentUs: number, nowUs: number): void {
  if (firstSentUs >= 0 && !acked.retransmitted) acked.rttUs = nowUs - firstSentUs;
  else {
    const options = sk.tcp.options;
    if (!sk.timestampsOk || !options.hasTimestamps || options.timestampEcho === 0) return;
    const ms = seqDiff((sk.tcp.timestampNow + sk.tsOffset) | 0, options.timestampEcho);
    if (ms < 0) return;
    acked.rttUs = Math.max(ms, 1) * 1000;
  }
  sampleRtt(sk, acked.rttUs);
}

/** RFC 2861: after an idle time the window falls back by half for each time-out that passed, to the initial one. */
export function restartAfterIdle(sk: Tcb): void {
  if (sk.tcp.settings.slowStartAfterIdle === 0 || sk.packetsOut > 0) return;
  let idle = sk.tcp.stack.nowUs - sk.lastSentUs;
  if (idle <= sk.rtoUs) return;
  sk.ssthresh = currentThreshold(sk);
  const least = Math.min(INIT_CWND, sk.cwnd);
  for (idle -= sk.rtoUs; idle > 0 && sk.cwnd > least; idle -= sk.rtoUs) sk.cwnd >>= 1;
  sk.cwnd = Math.max(sk.cwnd, least);
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  sk.cwndUsed = 0;
}

/** After a segment was processed: what may leave now, and whether the user may write again (tcp_data_snd_check()). */
export function sendWhatMayLeave(sk: Tcb): void {
  pushPending(sk);
}
