import type { RateSample } from './ack-event.js';
import { packetsInFlight } from './in-flight.js';
import { SEGMENT_EVER_RETRANSMITTED, SEGMENT_SACKED, type SentSegment } from './sent-segments.js';
import { seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * How fast the path delivers (draft-cheng-iccrg-delivery-rate-estimation, struct tcp_info's tcpi_delivery_rate): each packet notes what
 * had been delivered when it left; when it is acknowledged, what was delivered since is divided by the time that took - the longer of
 * the time in which those packets were sent and the time in which they were acknowledged, so that neither a burst of
 * packets nor a burst of ACKs looks like a faster path.
 */

/** Which of two packets left later; the order of those that left at one instant is known by a count. */
export const sentAfter = (aUs: number, bUs: number, aOrder: number, bOrder: number): boolean =>
  aUs > bUs || (aUs === bUs && aOrder > bOrder);

/** `segment` leaves now. */
export function noteSent(sk: Tcb, segment: SentSegment): void {
  if (sk.packetsOut === 0) {
    // A flight begins: the time in which nothing was under way does not count.
    const nowUs = sk.tcp.stack.nowUs;
    sk.flightStartUs = nowUs;
    sk.deliveredUs = nowUs;
  }
  segment.order = ++sk.sendOrder;
  segment.flightStartUs = sk.flightStartUs;
  segment.deliveredUs = sk.deliveredUs;
  segment.delivered = sk.delivered;
  segment.deliveredCe = sk.deliveredCe;
  segment.appLimited = sk.appLimited !== 0;
}

/** `segment` arrived: of all that one ACK tells of, the one sent last makes the sample. */
export function noteDelivered(sk: Tcb, rate: RateSample, segment: SentSegment): void {
  if (segment.deliveredUs === 0) return;
  if (rate.priorDelivered === 0 || sentAfter(segment.sentUs, sk.flightStartUs, segment.order, rate.lastOrder)) {
    rate.priorDelivered = segment.delivered;
    rate.priorDeliveredCe = segment.deliveredCe;
    rate.priorUs = segment.deliveredUs;
    rate.appLimited = segment.appLimited;
    rate.retransmitted = (segment.state & SEGMENT_EVER_RETRANSMITTED) !== 0;
    rate.lastOrder = segment.order;
    sk.flightStartUs = segment.sentUs;
    rate.intervalUs = segment.sentUs - segment.flightStartUs;
  }
  // Acknowledged cumulatively later, it must not count twice.
  if ((segment.state & SEGMENT_SACKED) !== 0) segment.deliveredUs = 0;
}

/** The sample of the present ACK is complete: `delivered` and `lost` packets it told of. */
export function takeRateSample(sk: Tcb, rate: RateSample, delivered: number, lost: number): void {
  const nowUs = sk.tcp.stack.nowUs;
  if (sk.appLimited !== 0 && sk.delivered > sk.appLimited) sk.appLimited = 0;
  if (delivered > 0) sk.deliveredUs = nowUs;
  rate.acknowledged = delivered;
  rate.losses = lost;
  if (rate.priorUs === 0 || sk.sackReneged) {
    rate.delivered = -1;
    rate.intervalUs = -1;
    return;
  }
  rate.delivered = sk.delivered - rate.priorDelivered;
  rate.deliveredCe = sk.deliveredCe - rate.priorDeliveredCe;
  rate.intervalUs = Math.max(rate.intervalUs, nowUs - rate.priorUs);
  // Less than the least round trip: a repetition was taken for its original.
  if (rate.intervalUs < sk.minRttUs) {
    rate.intervalUs = -1;
    return;
  }
  if (!rate.appLimited || rate.delivered * sk.rateIntervalUs >= sk.rateDelivered * rate.intervalUs) {
    sk.rateDelivered = rate.delivered;
    sk.rateIntervalUs = rate.intervalUs;
    sk.rateAppLimited = rate.appLimited;
  }
}

/** The user is about to send: did the connection run dry, so that samples until what is under way now has arrived say little? */
export function noteApplicationLimit(sk: Tcb): void {
  const inFlight = packetsInFlight(sk);
  if (seqDiff(sk.writeSeq, sk.sndNxt) >= sk.mssCache || inFlight >= sk.cwnd || sk.lostOut > sk.retransOut) return;
  sk.appLimited = sk.delivered + inFlight || 1;
}

/** Bytes a second, as tcpi_delivery_rate; 0: not known. */
export function deliveryRate(sk: Tcb): number {
  if (sk.rateDelivered === 0 || sk.rateIntervalUs === 0) return 0;
  return Math.floor((sk.rateDelivered * sk.mssCache * 1_000_000) / sk.rateIntervalUs);
}
