import { CA_RECOVERY } from './constants.js';
import { REPETITION_LOST, SET_TIMER, type AckEvent, type RateSample } from './ack-event.js';
import { sentAfter } from './delivery-rate.js';
import { armTimer, PROBE_MARGIN_US } from './rearm.js';
import { markLost } from './retransmit.js';
import { seqLe } from './sequence.js';
import { SEGMENT_EVER_RETRANSMITTED, SEGMENT_LOST, SEGMENT_RETRANSMITTED, type SentSegment } from './sent-segments.js';
import { TIMER_REORDER, type Tcb } from './tcb.js';

/**
 * RACK, RFC 8985: a packet is lost when one that was sent later arrived, and it did not within a round trip plus a reordering
 * window. It judges repetitions by the same rule as originals, and needs no count of duplicate ACKs.
 */

// net.ipv4.tcp_recovery
export const RACK_LOSS_DETECTION = 1;
/** The window is not adapted. */
const RACK_STATIC_WINDOW = 2;
/** Three duplicate ACKs mean nothing to it. */
const RACK_NO_THRESHOLD = 4;

/** Recoveries through which a widened window is kept (RFC 8985 6.2 step 4). */
const PERSIST = 16;
const MAX_STEPS = 255;

export const usesRack = (sk: Tcb): boolean => sk.sackOk && (sk.tcp.settings.recovery & RACK_LOSS_DETECTION) !== 0;

/** `segment` arrived, cumulatively or selectively acknowledged (RFC 8985 6.2 step 1 and 2). */
export function rackAdvance(sk: Tcb, segment: SentSegment): void {
  const rttUs = sk.tcp.stack.nowUs - segment.sentUs;
  // Faster than the path: that ACK is for the original.
  if ((sk.minRttUs === 0 || rttUs < sk.minRttUs) && (segment.state & (SEGMENT_RETRANSMITTED | SEGMENT_EVER_RETRANSMITTED)) !== 0) return;
  sk.rackAdvanced = true;
  sk.rackRttUs = rttUs;
  if (segment.order === sk.rackOrder && seqLe(segment.endSeq, sk.rackEndSeq)) return;
  if (segment.order !== sk.rackOrder && !sentAfter(segment.sentUs, sk.rackSentUs, segment.order, sk.rackOrder)) return;
  sk.rackSentUs = segment.sentUs;
  sk.rackOrder = segment.order;
  sk.rackEndSeq = segment.endSeq;
}

/** RFC 8985 6.2 step 4: microseconds by which a packet may come later than one sent after it. */
function reorderingWindow(sk: Tcb): number {
  if (sk.reordSeen === 0) {
    // No reordering was ever seen: recovery repeats at once, and three packets beyond a hole begin it.
    if (sk.caState >= CA_RECOVERY) return 0;
    if (sk.sackedOut >= sk.reordering && (sk.tcp.settings.recovery & RACK_NO_THRESHOLD) === 0) return 0;
  }
  const most = sk.srtt8 / 8;
  return sk.minRttUs === 0 ? most : Math.min(Math.floor(sk.minRttUs / 4) * sk.rackSteps, most);
}

/** How long until `segment` counts as lost, if it was sent before one that arrived; not positive: it is. */
export const rackRemaining = (sk: Tcb, segment: SentSegment, windowUs: number): number =>
  sk.rackRttUs + windowUs - (sk.tcp.stack.nowUs - segment.sentUs);

/** Marks what is lost (RFC 8985 6.2 step 5). Microseconds until the next look at those that may yet come; 0: there are none. */
export function rackDetectLoss(sk: Tcb): number {
  const windowUs = reorderingWindow(sk);
  let waitUs = 0;
  let next: SentSegment | null;
  for (let segment = sk.sent.oldest; segment !== null; segment = next) {
    next = segment.newer;
    if ((segment.state & (SEGMENT_LOST | SEGMENT_RETRANSMITTED)) === SEGMENT_LOST) continue;
    // Parts of one super-packet left in the order of their bytes.
    if (
      segment.order === sk.rackOrder
        ? seqLe(sk.rackEndSeq, segment.endSeq)
        : !sentAfter(sk.rackSentUs, segment.sentUs, sk.rackOrder, segment.order)
    )
      break;
    const left = rackRemaining(sk, segment, windowUs);
    if (left > 0) waitUs = Math.max(waitUs, left);
    else {
      markLost(sk, segment);
      sk.sent.unlist(segment);
    }
  }
  return waitUs;
}

/** An ACK came: looks for losses, and arms the reordering timer for what may yet come. */
export function rackMarkLost(sk: Tcb, event: AckEvent): void {
  if (!sk.rackAdvanced) return;
  sk.rackAdvanced = false;
  const repeated = sk.retransOut;
  const waitUs = rackDetectLoss(sk);
  if (waitUs > 0) {
    armTimer(sk, TIMER_REORDER, waitUs + PROBE_MARGIN_US);
    event.flags &= ~SET_TIMER;
  }
  if (repeated > sk.retransOut) event.flags |= REPETITION_LOST;
}

/** A D-SACK says that a repetition was needless: the window widens by a quarter of the least round trip, at most once a round. */
export function rackAdaptWindow(sk: Tcb, rate: RateSample): void {
  if ((sk.tcp.settings.recovery & RACK_STATIC_WINDOW) !== 0 || rate.priorDelivered === 0) return;
  if (rate.priorDelivered < sk.rackLastDelivered) sk.rackDuplicateSeen = false;
  if (sk.rackDuplicateSeen) {
    sk.rackDuplicateSeen = false;
    sk.rackSteps = Math.min(sk.rackSteps + 1, MAX_STEPS);
    sk.rackLastDelivered = sk.delivered;
    sk.rackPersist = PERSIST;
  } else if (sk.rackPersist === 0) sk.rackSteps = 1;
}

/** A recovery was undone by D-SACKs: the widened window is kept a little longer. */
export function rackKeepWindow(sk: Tcb): void {
  sk.rackPersist = Math.min(PERSIST, sk.rackPersist + 1);
}
