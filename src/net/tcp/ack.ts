import * as wire from '../../wire/tcp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import {
  ACKED,
  AckEvent,
  ALERTING,
  DATA_ACKED,
  DUPLICATE_SACK,
  ECN_ECHO,
  FORWARD_PROGRESS,
  HAD_DATA,
  MAYBE_DELAYED,
  NOT_DUPLICATE,
  ORIGINAL_ARRIVED,
  RENEGED,
  RETRANSMITTED_ACKED,
  SET_TIMER,
  SYN_ACKED,
  UNA_ADVANCED,
  WINDOW_MOVED,
} from './ack-event.js';
import { BUSY, chronoStop } from './chrono.js';
import { challengeAck } from './challenge.js';
import { CA_OPEN, TCP_SYN_SENT } from './constants.js';
import { noteDelivered, takeRateSample } from './delivery-rate.js';
import { removeDuplicates } from './duplicate-acks.js';
import { echoesMark } from './ecn.js';
import { packetsInFlight } from './in-flight.js';
import { unchargeSend } from './memory.js';
import { checkProbe } from './mtu-probe-success.js';
import { hasUnsent, pushPending, unsentBytes, windowEnd } from './output.js';
import { updatePacingRate } from './pacing.js';
import { rackAdaptWindow, rackAdvance } from './rack.js';
import { armLossProbe, armTimer, clampToUserTimeout, clearTimer, probeDelayUs, rearmRto } from './rearm.js';
import { onDubiousAck, REPEAT_NEW, REPEAT_NOTHING } from './recovery.js';
import { currentThreshold, inReduction, reduceWindow } from './reduction.js';
import { retransmitLost, trimHead } from './retransmit.js';
import { syncMss } from './route.js';
import { initialCwnd } from './route-metrics.js';
import { noteMinRtt, sampleRtt } from './rtt.js';
import { highestSack, noteReordering, takeSack } from './sack-scoreboard.js';
import { packetsOf, SEGMENT_EVER_RETRANSMITTED, SEGMENT_LOST, SEGMENT_RETRANSMITTED, SEGMENT_SACKED } from './sent-segments.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt } from './sequence.js';
import { processProbeAck } from './tail-loss-probe.js';
import { NAGLE_OFF, TIMER_PROBE, type Tcb } from './tcb.js';
import { replaceTsRecent } from './timestamps.js';
import { repeatedNeedlessly } from './undo.js';

export const ACK_OK = 1;
export const ACK_OLD = 0;
/** It acknowledges what was never sent (RFC 5961 5.2: challenged where synchronised). */
export const ACK_UNSENT = -1;
/** It is older than any window we ever had (RFC 5961 5.2). */
export const ACK_TOO_OLD = -2;

const event = new AckEvent();

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
  const blocks = sk.sackOk && sk.tcp.options.sackCount > 0;
  const delivered = sk.delivered;
  const lost = sk.lost;
  if (seqLt(ack, before)) {
    if (seqLt(ack, seqAdd(before, -sk.maxWindow))) {
      challengeAck(sk);
      return ACK_TOO_OLD;
    }
    if (blocks) {
      // Overtaken by others, but its blocks are news.
      event.start(before, highestKnown(sk), sk.sackedOut, packetsInFlight(sk), sk.sndNxt);
      takeSack(sk, ack, event);
      const repeat = onDubiousAck(sk, event, 0);
      repeatAsTold(sk, repeat);
    }
    return ACK_OLD;
  }
  if (seqGt(ack, sk.sndNxt)) return ACK_UNSENT;
  const flags = wire.flags(v, at);
  event.start(before, highestKnown(sk), sk.sackedOut, packetsInFlight(sk), sk.sndNxt);
  if (seqGt(ack, before)) {
    event.flags |= UNA_ADVANCED;
    sk.retransmits = 0;
    sk.bytesAcked += seqDiff(ack, before);
  }
  replaceTsRecent(sk, seq);
  if (endSeq !== seq) event.flags |= HAD_DATA;
  if (updateWindow(sk, wire.window(v, at), (flags & wire.SYN) !== 0, seq, ack)) event.flags |= WINDOW_MOVED;
  sk.sndUna = ack;
  if (sk.errorQueue !== null) sk.errorQueue.acknowledged(sk, ack);
  if (blocks) takeSack(sk, ack, event);
  if (echoesMark(sk, flags)) event.flags |= ECN_ECHO;
  sk.softError = 0;
  sk.probesOut = 0;
  sk.lastAckUs = sk.tcp.stack.nowUs;
  if (sk.packetsOut === 0) {
    if ((event.flags & DUPLICATE_SACK) !== 0) onDubiousAck(sk, event, 0);
    countDelivered(sk, delivered);
    afterWindowUpdate(sk);
    if (sk.tlpPending) processProbeAck(sk, ack, event);
    return ACK_OK;
  }
  cleanUp(sk);
  if (sk.mtuProbe !== 0) checkProbe(sk);
  sk.queue.acknowledge(ack);
  rackAdaptWindow(sk, event.rate);
  if (sk.tlpPending) processProbeAck(sk, ack, event);
  let repeat = REPEAT_NOTHING;
  if ((event.flags & NOT_DUPLICATE) === 0 || (event.flags & ALERTING) !== 0 || sk.caState !== CA_OPEN) {
    const duplicate = (event.flags & (UNA_ADVANCED | NOT_DUPLICATE | DUPLICATE_SACK)) === 0;
    repeat = onDubiousAck(sk, event, duplicate ? Math.max(1, skb.gsoSegments) : 0);
  }
  if ((event.flags & SET_TIMER) !== 0 && !armLossProbe(sk, true)) rearmRto(sk);
  if ((event.flags & FORWARD_PROGRESS) !== 0) sk.dst?.neighbour?.confirm();
  const news = countDelivered(sk, delivered);
  const losses = sk.lost - lost;
  takeRateSample(sk, event.rate, news, losses);
  controlCongestion(sk, ack, news, losses);
  repeatAsTold(sk, repeat);
  if (sk.packetsOut === 0) afterWindowUpdate(sk);
  return ACK_OK;
}

/** Duplicate ACKs are no place in the sequence: without SACK nothing is known beyond SND.UNA. */
const highestKnown = (sk: Tcb): number => (sk.sackOk ? highestSack(sk) : sk.sndUna);

/** Packets delivered since `before`; those that an ACK with a congestion echo tells of count as marked. */
function countDelivered(sk: Tcb, before: number): number {
  const news = sk.delivered - before;
  sk.tcp.stats.TCPDelivered += news;
  if ((event.flags & ECN_ECHO) !== 0) {
    sk.deliveredCe += news;
    sk.tcp.stats.TCPDeliveredCE += news;
  }
  return news;
}

/** The window after this ACK: its reduction, the algorithm's own rule, or growth (tcp_cong_control()). */
function controlCongestion(sk: Tcb, ack: number, delivered: number, losses: number): void {
  const { congestion } = sk;
  if (congestion.control !== undefined) {
    congestion.control(sk, event.rate);
    return;
  }
  if (inReduction(sk)) reduceWindow(sk, delivered, losses, (event.flags & UNA_ADVANCED) !== 0);
  else if (mayGrow(sk)) {
    congestion.congestionAvoidance(sk, ack, delivered);
    sk.cwndStampUs = sk.tcp.stack.nowUs;
  }
  updatePacingRate(sk);
}

/** Where the network reorders a lot, what arrives out of order counts too (tcp_may_raise_cwnd()). */
const mayGrow = (sk: Tcb): boolean => (event.flags & (sk.reordering > sk.tcp.settings.reordering ? FORWARD_PROGRESS : DATA_ACKED)) !== 0;

/** Sends what recovery wants sent (tcp_xmit_recovery()). */
function repeatAsTold(sk: Tcb, repeat: number): void {
  if (repeat === REPEAT_NOTHING || sk.state === TCP_SYN_SENT) return;
  if (repeat === REPEAT_NEW) {
    pushPending(sk, NAGLE_OFF);
    // RFC 5682 3.1 step 2b: nothing new could leave; recovery as ever.
    if (seqGt(sk.sndNxt, sk.highSeq)) return;
    sk.frto = false;
  }
  retransmitLost(sk);
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

/** Takes what SND.UNA passed out of the segments under way, and a round trip time from those that left once (tcp_clean_rtx_queue()). */
function cleanUp(sk: Tcb): void {
  let firstSentUs = -1;
  let lastSentUs = -1;
  let lowest = sk.sndNxt;
  let whole = true;
  for (let segment = sk.sent.head; segment !== null; segment = sk.sent.head) {
    whole = seqLe(segment.endSeq, sk.sndUna);
    if (!whole && seqLe(sk.sndUna, segment.seq)) break;
    let packets = segment.packets;
    const startSeq = segment.seq;
    if (!whole) {
      // A part of a packet is no news of the packet.
      if (packets === 1) break;
      // A part of a super-segment: what is acknowledged is cut off it.
      trimHead(sk, segment);
      packets -= packetsOf(seqDiff(segment.endSeq, segment.seq), segment.mss);
      if (packets <= 0) break;
    }
    const state = segment.state;
    if ((state & SEGMENT_RETRANSMITTED) !== 0) sk.retransOut -= packets;
    if ((state & (SEGMENT_RETRANSMITTED | SEGMENT_EVER_RETRANSMITTED)) !== 0) event.flags |= RETRANSMITTED_ACKED;
    else if ((state & SEGMENT_SACKED) === 0) {
      if (firstSentUs < 0) firstSentUs = segment.sentUs;
      lastSentUs = segment.sentUs;
      if (seqLt(startSeq, lowest)) lowest = startSeq;
      if (!seqGt(segment.endSeq, sk.highSeq)) event.flags |= ORIGINAL_ARRIVED;
    }
    if ((state & SEGMENT_SACKED) !== 0) sk.sackedOut -= packets;
    else if (sk.sackOk) {
      sk.delivered += packets;
      if (!repeatedNeedlessly(sk, segment)) rackAdvance(sk, segment);
    }
    if ((state & SEGMENT_LOST) !== 0) sk.lostOut -= packets;
    sk.packetsOut -= packets;
    event.packets += packets;
    noteDelivered(sk, event.rate, segment);
    if ((segment.flags & wire.SYN) !== 0) {
      event.flags |= SYN_ACKED;
      sk.retransStartUs = -1;
    } else event.flags |= DATA_ACKED;
    if (!whole) {
      segment.packets -= packets;
      break;
    }
    unchargeSend(sk, segment.truesize);
    sk.sent.removeHead();
  }
  const head = sk.sent.head;
  if (head === null) sk.packetsOut = 0;
  else if ((head.state & SEGMENT_SACKED) !== 0) event.flags |= RENEGED;
  const nowUs = sk.tcp.stack.nowUs;
  const measured = takeRtt(sk, firstSentUs, lastSentUs, nowUs, whole);
  if ((event.flags & ACKED) !== 0) {
    event.flags |= SET_TIMER;
    chronoStop(sk, BUSY);
    if (!sk.sackOk) {
      removeDuplicates(sk, event.packets);
      if ((event.flags & RETRANSMITTED_ACKED) !== 0) event.flags &= ~ORIGINAL_ARRIVED;
    } else if (seqLt(lowest, event.priorHighestSack)) noteReordering(sk, lowest, highestBefore(sk), false);
    if (sk.urgentMode && seqLe(sk.sndUrgent, sk.sndUna)) sk.urgentMode = false;
  } else if (head !== null && measured && event.firstSackUs !== 0 && nowUs - event.firstSackUs > nowUs - head.sentUs) {
    // The first hole is younger than what was just measured: its time-out begins with that.
    event.flags |= SET_TIMER;
  }
  sk.congestion.packetsAcked?.(sk, event.packets, event.rate.rttUs);
}

/** The reordering just seen reaches from what arrived late to what had arrived before. */
const highestBefore = (sk: Tcb): number => (sk.sackedOut > 0 ? sk.highestSackSeq : event.priorHighestSack);

/**
 * RFC 6298 3 (Karn) and RFC 7323 4: from a segment that left once, acknowledged cumulatively or by SACK, or else from the timestamp
 * that came back (tcp_ack_update_rtt()). False: there is no measurement.
 */
function takeRtt(sk: Tcb, firstSentUs: number, lastSentUs: number, nowUs: number, whole: boolean): boolean {
  let rttUs = -1;
  let newestUs = -1;
  if (firstSentUs >= 0 && (event.flags & RETRANSMITTED_ACKED) === 0) {
    rttUs = nowUs - firstSentUs;
    newestUs = nowUs - lastSentUs;
    const alone = event.packets === 1 && whole && event.priorSacked === 0 && event.rate.priorDelivered + 1 === sk.delivered;
    if (alone && seqDiff(sk.sndUna, event.priorUna) < sk.mssCache && (event.flags & (ALERTING | SYN_ACKED)) === 0)
      event.flags |= MAYBE_DELAYED;
  }
  if (event.firstSackUs !== 0) {
    if (rttUs < 0) rttUs = nowUs - event.firstSackUs;
    newestUs = nowUs - event.lastSackUs;
  }
  if (rttUs < 0 && (event.flags & ACKED) !== 0) {
    const options = sk.tcp.options;
    if (sk.timestampsOk && options.hasTimestamps && options.timestampEcho !== 0) {
      const ms = seqDiff((sk.tcp.timestampNow + sk.tsOffset) | 0, options.timestampEcho);
      if (ms >= 0) rttUs = newestUs = Math.max(ms, 1) * 1000;
    }
  }
  event.rate.rttUs = newestUs;
  if (rttUs < 0) return false;
  const delayed = (event.flags & MAYBE_DELAYED) !== 0;
  event.rate.ackDelayed = delayed;
  noteMinRtt(sk, newestUs, delayed);
  sampleRtt(sk, rttUs);
  return true;
}

/** RFC 2861: after an idle time the window falls back by half for each time-out that passed, to the initial one. */
export function restartAfterIdle(sk: Tcb): void {
  if (sk.tcp.settings.slowStartAfterIdle === 0 || sk.packetsOut > 0) return;
  let idle = sk.tcp.stack.nowUs - sk.lastSentUs;
  if (idle <= sk.rtoUs) return;
  sk.ssthresh = currentThreshold(sk);
  const least = Math.min(initialCwnd(sk), sk.cwnd);
  for (idle -= sk.rtoUs; idle > 0 && sk.cwnd > least; idle -= sk.rtoUs) sk.cwnd >>= 1;
  sk.cwnd = Math.max(sk.cwnd, least);
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  sk.cwndUsed = 0;
}
