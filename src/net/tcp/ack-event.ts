/**
 * What one acknowledgment told, gathered by those who look at it one after the other: the SACK scoreboard, the clean-up of what was
 * under way, the recovery. One object for all, filled anew for each segment.
 */

// `flags`
/** The segment carried data, or moved the window. Neither can be a duplicate ACK (RFC 5681 2). */
export const HAD_DATA = 1 << 0;
export const WINDOW_MOVED = 1 << 1;
/** SND.UNA moved. */
export const UNA_ADVANCED = 1 << 2;
/** Data was acknowledged; some of it had been sent again; the SYN was acknowledged. */
export const DATA_ACKED = 1 << 3;
export const RETRANSMITTED_ACKED = 1 << 4;
export const SYN_ACKED = 1 << 5;
/** New data was selectively acknowledged. */
export const DATA_SACKED = 1 << 6;
/** Something that left once only, before the present recovery began, arrived: what F-RTO asks for. */
export const ORIGINAL_ARRIVED = 1 << 7;
/** A D-SACK: the peer got something twice (RFC 2883). */
export const DUPLICATE_SACK = 1 << 8;
/** ... and that was a tail loss probe. */
export const PROBE_DUPLICATED = 1 << 9;
/** The peer forgot what it had selectively acknowledged. */
export const RENEGED = 1 << 10;
/** A congestion mark was echoed (RFC 3168). */
export const ECN_ECHO = 1 << 11;
/** A repetition was found to be lost. */
export const REPETITION_LOST = 1 << 12;
/** The retransmission timer is to be set anew. */
export const SET_TIMER = 1 << 13;
/** One segment alone and its ACK: the peer may have held it back. */
export const MAYBE_DELAYED = 1 << 14;

export const ACKED = DATA_ACKED | SYN_ACKED;
export const NOT_DUPLICATE = HAD_DATA | WINDOW_MOVED | ACKED;
export const FORWARD_PROGRESS = ACKED | DATA_SACKED;
/** What makes an ACK worth a second look even where all is well. */
export const ALERTING = DATA_SACKED | ECN_ECHO | DUPLICATE_SACK;

/** One sample of the delivery rate (struct rate_sample); see delivery-rate.ts. */
export class RateSample {
  /** Packets delivered before the sampled one left; 0: no sample yet. */
  priorDelivered = 0;
  priorDeliveredCe = 0;
  /** When that was, microseconds; 0: not known. */
  priorUs = 0;
  /** Packets delivered over the interval; -1: the sample is not valid. */
  delivered = -1;
  deliveredCe = 0;
  /** The longer of the phases of sending and of acknowledging, microseconds; -1: not valid. */
  intervalUs = -1;
  /** Round trip time of the newest packet, microseconds; -1: none. */
  rttUs = -1;
  losses = 0;
  /** Packets that this ACK delivered. */
  acknowledged = 0;
  /** Packets in flight before this ACK. */
  priorInFlight = 0;
  lastOrder = 0;
  appLimited = false;
  retransmitted = false;
  ackDelayed = false;
}

export class AckEvent {
  flags = 0;
  /** SND.UNA and the highest number selectively acknowledged, as they were before. */
  priorUna = 0;
  priorHighestSack = 0;
  priorSacked = 0;
  /** Packets that were cumulatively acknowledged. */
  packets = 0;
  /** When the first and the last newly selectively acknowledged packet, sent once, left, microseconds; 0: none. */
  firstSackUs = 0;
  lastSackUs = 0;
  /** Lowest number of a packet that left once and arrived behind later ones: that far does the network reorder. */
  reorderSeq = 0;
  readonly rate = new RateSample();

  start(una: number, highestSack: number, sacked: number, inFlight: number, next: number): void {
    this.flags = 0;
    this.priorUna = una;
    this.priorHighestSack = highestSack;
    this.priorSacked = sacked;
    this.packets = 0;
    this.firstSackUs = 0;
    this.lastSackUs = 0;
    this.reorderSeq = next;
    const rate = this.rate;
    rate.priorDelivered = 0;
    rate.priorUs = 0;
    rate.rttUs = -1;
    rate.priorInFlight = inFlight;
    rate.appLimited = false;
    rate.retransmitted = false;
    rate.ackDelayed = false;
    rate.intervalUs = 0;
    rate.delivered = -1;
  }
}
