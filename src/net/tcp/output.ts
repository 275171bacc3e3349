import * as wire from '../../wire/tcp.js';
import { BUFFER_LIMITED, chronoStart, chronoStop, WINDOW_LIMITED } from './chrono.js';
import { CA_CWR, CA_OPEN, CA_RECOVERY, CONNECTED_STATES, DELACK_MAX_US, inState, MSS_DEFAULT, TCP_CLOSE } from './constants.js';
import { noteSent } from './delivery-rate.js';
import { packetsInFlight } from './in-flight.js';
import { chargeSend, unchargeSend } from './memory.js';
import { NO_PROBE, PROBE_WAITS, probeSent, probeSize } from './mtu-probe.js';
import { autosized, mustWait } from './pacing.js';
import { armLossProbe, armProbeIfStuck, rearmRto } from './rearm.js';
import { currentMss } from './route.js';
import { packetsOf, type SentSegment } from './sent-segments.js';
import { seqAdd, seqDiff, seqGt, seqLe, seqLt } from './sequence.js';
import { ACK_OWED, ACK_TIMER, NAGLE_CORK, NAGLE_OFF, NAGLE_PUSH, TIMER_LOSS_PROBE, type Tcb } from './tcb.js';
import { transmit } from './transmit.js';
import { DEFER_FOR_CWND, DEFER_FOR_WINDOW, deferral, SEND_NOW } from './tso-defer.js';
import { SEGMENT_TRUESIZE, unsentLength } from './unsent-segments.js';

/** Room that Linux keeps in a super-packet for headers (MAX_TCP_HEADER). */
const GSO_HEADERS = 320;
/** GSO_LEGACY_MAX_SIZE */
const GSO_MAX_SIZE = 65_536;

/** First sequence number behind the peer's window. */
export const windowEnd = (sk: Tcb): number => seqAdd(sk.sndUna, sk.sndWnd);

/** Bytes that were never sent, FIN not counted. */
export function unsentBytes(sk: Tcb): number {
  const unsent = seqDiff(sk.writeSeq, sk.sndNxt);
  return sk.finQueued && unsent > 0 ? unsent - 1 : unsent;
}

/** Something that was never sent waits: data or FIN (tcp_send_head()). */
export const hasUnsent = (sk: Tcb): boolean => sk.unsent.head !== null;

/**
 * Bytes that a write fills a super-segment to: as many packets as the device cuts at once, but no more than half of the peer's window
 * (tcp_xmit_size_goal()).
 */
export function sizeGoal(sk: Tcb, mss: number): number {
  const device = sk.dst?.device;
  const most = Math.min(device?.gsoMaxSize ?? GSO_MAX_SIZE, GSO_MAX_SIZE) - 1 - GSO_HEADERS;
  const half = sk.maxWindow > MSS_DEFAULT ? sk.maxWindow >> 1 : sk.maxWindow;
  const bytes = half !== 0 && most > half ? Math.max(half, 68 - 20 - sk.optionBytes) : most;
  return mss * Math.max(1, Math.min(Math.floor(bytes / mss), device?.gsoMaxSegments ?? GSO_MAX_SIZE));
}

/** Nagle with Minshall's refinement: a small segment waits while another small one is not acknowledged (RFC 896, RFC 9293 3.7.4). */
function nagleHolds(sk: Tcb, nagle: number): boolean {
  if ((nagle & NAGLE_CORK) !== 0) return true;
  return nagle === 0 && sk.packetsOut > 0 && seqGt(sk.sndSmall, sk.sndUna) && seqLe(sk.sndSmall, sk.sndNxt);
}

/** Packets the congestion window lets out now; a burst takes half of it at most, so that two super-packets alternate. */
function quota(sk: Tcb): number {
  const inFlight = packetsInFlight(sk);
  if (inFlight >= sk.cwnd) return 0;
  return Math.min(Math.max(sk.cwnd >> 1, 1), sk.cwnd - inFlight);
}

/** How many packets one segment may stand for: what the device cuts by itself, sized by the rate of the connection. */
export function maxPackets(sk: Tcb, mss: number): number {
  const device = sk.dst?.device;
  // A signature is of one segment.
  if (sk.md5Key !== null || device === null || device === undefined || (device.features & sk.transport!.tsoFeature) === 0) return 1;
  const bytes = Math.min(device.gsoMaxSize, GSO_MAX_SIZE) - 1 - GSO_HEADERS;
  return autosized(sk, mss, Math.max(1, Math.min(Math.floor(bytes / mss), device.gsoMaxSegments)));
}

/** Bytes of a super-packet that windows and Nagle let out now (tcp_mss_split_point()). */
function splitPoint(sk: Tcb, segment: SentSegment, bytes: number, window: number, mss: number, packets: number, nagle: number): number {
  const most = mss * packets;
  if (most <= window && segment.next !== null) return most;
  const needed = Math.min(bytes, window);
  if (most <= needed) return most;
  const partial = needed % mss;
  return partial !== 0 && nagleHolds(sk, nagle) ? needed - partial : needed;
}

/**
 * Sends what windows and Nagle allow (Linux: tcp_write_xmit()). `limit`: at most so many segments. `probe`: a tail loss probe, one
 * packet whatever the congestion window. True: data waits although nothing is under way, so only a probe can get things moving.
 */
export function writePending(sk: Tcb, mss: number, nagle: number, limit = Number.POSITIVE_INFINITY, probe = false): boolean {
  let sentPackets = 0;
  let segments = 0;
  let windowLimited = false;
  let limited = false;
  if (sk.mtuProbing && limit === Number.POSITIVE_INFINITY) {
    const bytes = probeSize(sk);
    if (bytes === PROBE_WAITS) return false;
    if (bytes !== NO_PROBE && sendMtuProbe(sk, bytes)) sentPackets = 1;
  }
  for (let segment = sk.unsent.head; segment !== null && segments < limit; segment = sk.unsent.head) {
    if (!probe && mustWait(sk)) break;
    const bytes = unsentLength(segment);
    const fin = (segment.flags & wire.FIN) !== 0;
    let packets = quota(sk);
    if (packets === 0) {
      // Linux: the congestion window does not hold back a last FIN.
      if (!probe && (!fin || bytes > mss)) break;
      packets = 1;
    }
    const window = seqDiff(windowEnd(sk), segment.seq);
    // RFC 9293 3.8.6.2.1: what is left, if it fits, or at least a full segment.
    if (Math.min(bytes, mss) > window) {
      windowLimited = true;
      break;
    }
    // What more follows is as good as a push.
    const rule = segment.next === null ? nagle : NAGLE_PUSH;
    let count = bytes;
    if (bytes <= mss) {
      if (bytes < mss && (rule & NAGLE_PUSH) === 0 && !sk.urgentMode && !fin && nagleHolds(sk, rule)) break;
    } else {
      const most = maxPackets(sk, mss);
      // The first of a large write leaves while the rest is still being copied.
      if (limit !== 1 && !probe) {
        const reason = deferral(sk, segment, most);
        if (reason !== SEND_NOW) {
          limited = reason === DEFER_FOR_CWND;
          windowLimited = reason === DEFER_FOR_WINDOW;
          break;
        }
      }
      count = sk.urgentMode ? mss : splitPoint(sk, segment, bytes, window, mss, probe ? 1 : Math.min(packets, most), rule);
      if (count < bytes) cutUnsent(sk, count);
    }
    if (sendNew(sk, segment, mss) !== 0) break;
    sentPackets += packetsOf(count, mss);
    segments++;
  }
  if (windowLimited) chronoStart(sk, WINDOW_LIMITED);
  else chronoStop(sk, WINDOW_LIMITED);
  limited ||= packetsInFlight(sk) >= sk.cwnd;
  if (sentPackets > 0 || limited) noteWindowUse(sk, limited);
  if (sentPackets > 0) {
    if (sk.caState === CA_CWR || sk.caState === CA_RECOVERY) sk.prrOut += sentPackets;
    if (!probe) armLossProbe(sk, false);
    return false;
  }
  return sk.packetsOut === 0 && hasUnsent(sk);
}

/** Sends one packet larger than the MSS. If that fails, its bytes leave as ever. */
function sendMtuProbe(sk: Tcb, bytes: number): boolean {
  unchargeSend(sk, SEGMENT_TRUESIZE * sk.unsent.gather(bytes));
  const segment = sk.unsent.head!;
  if (unsentLength(segment) > bytes) cutUnsent(sk, bytes);
  if (sendNew(sk, segment, bytes) !== 0) return false;
  probeSent(sk, segment.seq, bytes);
  return true;
}

function cutUnsent(sk: Tcb, bytes: number): void {
  sk.unsent.cutHead(bytes);
  chargeSend(sk, SEGMENT_TRUESIZE);
}

/** Sends the first segment that never left. 0, a negative errno, or what the queue below says of a packet that it dropped. */
function sendNew(sk: Tcb, segment: SentSegment, mss: number): number {
  const bytes = unsentLength(segment);
  const result = transmit(sk, segment.seq, bytes, wire.ACK | (segment.flags & (wire.FIN | wire.PSH)), mss);
  // Linux: tcp_event_new_data_sent() only follows success.
  if (result !== 0) return result;
  sk.unsent.takeHead();
  sk.sent.adopt(segment, mss, sk.tcp.stack.nowUs);
  sk.sndNxt = segment.endSeq;
  if (sk.errorQueue !== null) sk.errorQueue.transmitted(sk, seqAdd(segment.seq, bytes));
  noteSent(sk, segment);
  sk.tcp.stats.TCPOrigDataSent += segment.packets;
  if (bytes > 0 && bytes < segment.packets * mss) sk.sndSmall = segment.endSeq;
  const first = sk.packetsOut === 0;
  sk.packetsOut += segment.packets;
  if (first || sk.pendingTimer === TIMER_LOSS_PROBE) rearmRto(sk);
  return 0;
}

/** RFC 2861 as Linux has it: how much of the congestion window was used in the last round trip (tcp_cwnd_validate()). */
function noteWindowUse(sk: Tcb, limited: boolean): void {
  if (!seqLt(sk.sndUna, sk.cwndUsageSeq) || limited || (!sk.cwndLimited && sk.packetsOut > sk.maxPacketsOut)) {
    sk.cwndLimited = limited;
    sk.maxPacketsOut = sk.packetsOut;
    sk.cwndUsageSeq = sk.sndNxt;
  }
  const nowUs = sk.tcp.stack.nowUs;
  const isLimited = sk.cwndLimited || (sk.cwnd < sk.ssthresh && sk.cwnd < 2 * sk.maxPacketsOut);
  if (isLimited) {
    sk.cwndUsed = 0;
    sk.cwndStampUs = nowUs;
    return;
  }
  // All is sent, the window is not full, the user waits for room: the buffer is too small.
  if (sk.noSpace && !hasUnsent(sk)) chronoStart(sk, BUFFER_LIMITED);
  if (sk.packetsOut > sk.cwndUsed) sk.cwndUsed = sk.packetsOut;
  if (sk.tcp.settings.slowStartAfterIdle !== 0 && nowUs - sk.cwndStampUs >= sk.rtoUs) applicationLimited(sk);
}

/** The application did not use the window for a whole time-out: half way back to what it used (RFC 2861). */
function applicationLimited(sk: Tcb): void {
  if (sk.caState === CA_OPEN) {
    const used = Math.max(sk.cwndUsed, 10);
    if (used < sk.cwnd) {
      sk.ssthresh = Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
      sk.cwnd = (sk.cwnd + used) >> 1;
    }
    sk.cwndUsed = 0;
  }
  sk.cwndStampUs = sk.tcp.stack.nowUs;
}

/** Sends what can be sent, and sees to it that a probe follows where nothing can (tcp_push_pending_frames()). */
export function pushPending(sk: Tcb, nagle: number = sk.corkNagle): void {
  if (sk.state === TCP_CLOSE || !hasUnsent(sk)) return;
  if (writePending(sk, currentMss(sk), nagle)) armProbeIfStuck(sk);
}

/** RFC 9293 3.10.7.4 wants SND.NXT; a peer that shrank its window would not accept that: then the window's end. */
export function acceptableSeq(sk: Tcb): number {
  const beyond = seqDiff(sk.sndNxt, windowEnd(sk));
  return beyond <= 0 || (sk.wscaleOk && beyond < 1 << sk.rcvWscale) ? sk.sndNxt : windowEnd(sk);
}

/** Sends an ACK now. */
export function sendAck(sk: Tcb): void {
  if (sk.state === TCP_CLOSE || sk.transport === null) return;
  if (transmit(sk, acceptableSeq(sk), 0, wire.ACK, sk.mssCache) >= 0) return;
  // Could not be sent: once more a little later.
  sk.ackState |= ACK_OWED | ACK_TIMER;
  sk.tcp.stack.timers.schedule(sk.delackTimer, sk.tcp.stack.nowUs + DELACK_MAX_US);
}

/** Sends a reset for a connection that we give up. */
export function sendActiveReset(sk: Tcb): void {
  sk.tcp.stats.OutRsts++;
  if (sk.transport !== null) transmit(sk, acceptableSeq(sk), 0, wire.ACK | wire.RST, sk.mssCache);
}

/** Nothing more will be sent: FIN, behind the data (tcp_send_fin()). */
export function sendFin(sk: Tcb): void {
  sk.finQueued = true;
  let last = sk.unsent.tail;
  if (last === null) {
    last = sk.unsent.open(sk.writeSeq);
    chargeSend(sk, SEGMENT_TRUESIZE);
  }
  last.flags |= wire.FIN;
  sk.writeSeq = seqAdd(sk.writeSeq, 1);
  last.endSeq = sk.writeSeq;
  pushPending(sk, NAGLE_OFF);
}

/** A segment without data that the peer must answer: its number lies just before what it expects. */
function sendProbeSegment(sk: Tcb, urgent: boolean): number {
  return transmit(sk, seqAdd(sk.sndUna, urgent ? 0 : -1), 0, wire.ACK, sk.mssCache);
}

/**
 * Asks the peer for a sign of life or of its window (tcp_write_wakeup()): with data where the window has room for some, else
 * with an old sequence number. What transmit() says.
 */
export function sendProbe(sk: Tcb, keepalive: boolean): number {
  if (sk.state === TCP_CLOSE) return -1;
  const window = seqDiff(windowEnd(sk), sk.sndNxt);
  const segment = sk.unsent.head;
  if (segment !== null && window > 0) {
    const mss = currentMss(sk);
    const bytes = Math.min(window, mss);
    if (unsentLength(segment) > bytes) cutUnsent(sk, bytes);
    segment.flags |= wire.PSH;
    if (seqLt(sk.pushedSeq, segment.endSeq)) sk.pushedSeq = segment.endSeq;
    return sendNew(sk, segment, mss);
  }
  if (sk.urgentMode) sendProbeSegment(sk, true);
  if (keepalive) sk.tcp.stats.TCPKeepAlive++;
  else sk.tcp.stats.TCPWinProbe++;
  return sendProbeSegment(sk, false);
}

/** Whether `state` may still send data. */
export const maySend = (sk: Tcb): boolean => inState(sk.state, CONNECTED_STATES) || sk.fastOpenRequest !== null;
