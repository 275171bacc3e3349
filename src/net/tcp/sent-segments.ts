import { FIN, PSH, SYN } from '../../wire/tcp.js';
import { seqDiff, seqLt } from './sequence.js';

// What is known of a segment under way: Linux's TCPCB_* bits.
/** Selectively acknowledged (RFC 2018). */
export const SEGMENT_SACKED = 1;
/** Sent again, and that repetition is not known to be lost. */
export const SEGMENT_RETRANSMITTED = 2;
export const SEGMENT_LOST = 4;
/** Sent again at least once: no round trip time is taken of it (Karn). */
export const SEGMENT_EVER_RETRANSMITTED = 8;

/** A run of the send queue that left as one segment or super-segment and is not yet acknowledged. It holds no bytes. */
export class SentSegment {
  seq = 0;
  /** Behind its last byte, SYN and FIN counted. */
  endSeq = 0;
  /** SYN, FIN (which take a number each) and PSH of the header. */
  flags = 0;
  state = 0;
  /** How many packets of `mss` bytes it is on the wire. */
  packets = 0;
  mss = 0;
  /** Bytes of the send buffer it is charged for: data and what describes it (skb->truesize). */
  truesize = 0;
  /** Pages of the user's that it refers to (MSG_ZEROCOPY). */
  fragments = 0;
  /** Nothing is put behind its data any more (MSG_EOR). */
  endsRecord = false;
  /** When it was last sent. */
  sentUs = 0;
  firstSentUs = 0;
  next: SentSegment | null = null;
  /** Neighbours in the order of sending, oldest first; `listed` says whether it stands there at all. */
  older: SentSegment | null = null;
  newer: SentSegment | null = null;
  listed = false;
  /** Its place among all that left, first or again. */
  order = 0;
  // What was delivered when it left, for the delivery rate (see delivery-rate.ts)
  delivered = 0;
  /** When the last packet had been delivered by then; 0: it was accounted already. */
  deliveredUs = 0;
  /** When the first packet of the flight it belongs to left. */
  flightStartUs = 0;
  appLimited = false;
  /** Packets delivered with an ECN mark by then. */
  deliveredCe = 0;
  /** Packets in flight once it had left. */
  inFlight = 0;
}

/** Segments not in use, shared by all sockets of a namespace. */
export class SegmentPool {
  #free: SentSegment | null = null;

  take(): SentSegment {
    const segment = this.#free;
    if (segment === null) return new SentSegment();
    this.#free = segment.next;
    segment.next = null;
    segment.state = 0;
    segment.flags = 0;
    segment.truesize = 0;
    segment.endsRecord = false;
    segment.fragments = 0;
    return segment;
  }

  give(segment: SentSegment): void {
    segment.next = this.#free;
    this.#free = segment;
  }
}

/** How many packets of `mss` carry `bytes`; a segment without bytes (SYN, FIN) is one. */
export const packetsOf = (bytes: number, mss: number): number => (bytes <= mss ? 1 : Math.ceil(bytes / mss));

/** Segments under way in the order of their sequence numbers (Linux: tcp_rtx_queue). */
export class SentSegments {
  head: SentSegment | null = null;
  tail: SentSegment | null = null;
  /** Where the search for the next segment to repeat goes on; null: at the head. */
  hint: SentSegment | null = null;
  /**
   * The order of sending, of those whose fate is open: neither selectively acknowledged nor lost and not yet repeated (Linux:
   * tsorted_sent_queue). RACK looks at the oldest ones only.
   */
  oldest: SentSegment | null = null;
  newest: SentSegment | null = null;
  /** The last segment that SACK marked: the next block mostly lies there. */
  sackHint: SentSegment | null = null;
  count = 0;
  readonly #pool: SegmentPool;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  append(seq: number, endSeq: number, flags: number, mss: number, nowUs: number): SentSegment {
    const segment = this.#pool.take();
    segment.seq = seq;
    segment.endSeq = endSeq;
    segment.flags = flags;
    this.adopt(segment, mss, nowUs);
    return segment;
  }

  /** A segment that left for the first time. */
  adopt(segment: SentSegment, mss: number, nowUs: number): void {
    segment.mss = mss;
    segment.packets = packetsOf(seqDiff(segment.endSeq, segment.seq), mss);
    segment.sentUs = nowUs;
    segment.firstSentUs = nowUs;
    if (this.tail === null) this.head = segment;
    else this.tail.next = segment;
    this.tail = segment;
    this.#listNewest(segment);
    this.count++;
  }

  #listNewest(segment: SentSegment): void {
    segment.listed = true;
    segment.older = this.newest;
    segment.newer = null;
    if (this.newest === null) this.oldest = segment;
    else this.newest.newer = segment;
    this.newest = segment;
  }

  /** Out of the order of sending: its fate is known. */
  unlist(segment: SentSegment): void {
    if (!segment.listed) return;
    segment.listed = false;
    if (segment.older === null) this.oldest = segment.newer;
    else segment.older.newer = segment.newer;
    if (segment.newer === null) this.newest = segment.older;
    else segment.newer.older = segment.older;
    segment.older = null;
    segment.newer = null;
  }

  /** It left again just now. */
  sentAgain(segment: SentSegment): void {
    this.unlist(segment);
    this.#listNewest(segment);
  }

  /** `segment` takes its place behind `before`, which was sent at the same time. */
  #listAfter(before: SentSegment, segment: SentSegment): void {
    segment.listed = true;
    segment.older = before;
    segment.newer = before.newer;
    if (before.newer === null) this.newest = segment;
    else before.newer.older = segment;
    before.newer = segment;
  }

  /** Marks of loss were taken back: what is not listed and not selectively acknowledged counts as the oldest. */
  relist(): void {
    let last: SentSegment | null = null;
    for (let segment = this.head; segment !== null; segment = segment.next) {
      if (segment.listed || (segment.state & SEGMENT_SACKED) !== 0) continue;
      if (last !== null) this.#listAfter(last, segment);
      else {
        segment.listed = true;
        segment.older = null;
        segment.newer = this.oldest;
        if (this.oldest === null) this.newest = segment;
        else this.oldest.older = segment;
        this.oldest = segment;
      }
      last = segment;
    }
  }

  removeHead(): void {
    const segment = this.head!;
    this.head = segment.next;
    if (this.head === null) this.tail = null;
    if (this.hint === segment) this.hint = segment.next;
    if (this.sackHint === segment) this.sackHint = null;
    this.count--;
    this.unlist(segment);
    this.#pool.give(segment);
  }

  /**
   * Cuts `segment` in two at `seq`; both parts keep what is known of it, and the sum of what they are charged is `overhead` more.
   * Returns by how many packets the sum of the parts differs.
   */
  split(segment: SentSegment, seq: number, mss: number, overhead = 0): number {
    const before = segment.packets;
    const rest = this.#pool.take();
    this.count++;
    rest.seq = seq;
    rest.endSeq = segment.endSeq;
    rest.flags = segment.flags & ~SYN;
    segment.flags &= ~(FIN | PSH);
    rest.state = segment.state;
    rest.endsRecord = segment.endsRecord;
    segment.endsRecord = false;
    const moved = seqDiff(rest.endSeq, seq) - (rest.flags & FIN);
    rest.truesize = overhead + moved;
    segment.truesize -= moved;
    rest.mss = mss;
    rest.sentUs = segment.sentUs;
    rest.firstSentUs = segment.firstSentUs;
    rest.order = segment.order;
    rest.delivered = segment.delivered;
    rest.deliveredUs = segment.deliveredUs;
    rest.deliveredCe = segment.deliveredCe;
    rest.flightStartUs = segment.flightStartUs;
    rest.appLimited = segment.appLimited;
    rest.inFlight = segment.inFlight;
    if (segment.listed) this.#listAfter(segment, rest);
    rest.next = segment.next;
    segment.next = rest;
    if (this.tail === segment) this.tail = rest;
    segment.endSeq = seq;
    segment.mss = mss;
    segment.packets = packetsOf(seqDiff(seq, segment.seq), mss);
    rest.packets = packetsOf(seqDiff(rest.endSeq, seq), mss);
    return segment.packets + rest.packets - before;
  }

  /** Makes one packet of `segment` and the one behind it, which goes; what that one was charged beside its bytes is the result. */
  joinNext(segment: SentSegment): number {
    const next = segment.next!;
    const bytes = seqDiff(next.endSeq, next.seq) - (next.flags & FIN);
    segment.next = next.next;
    if (this.tail === next) this.tail = segment;
    if (this.hint === next) this.hint = segment;
    if (this.sackHint === next) this.sackHint = segment;
    segment.endSeq = next.endSeq;
    segment.flags |= next.flags;
    segment.state |= next.state & SEGMENT_EVER_RETRANSMITTED;
    segment.endsRecord = next.endsRecord;
    segment.fragments += next.fragments;
    segment.truesize += bytes;
    const overhead = next.truesize - bytes;
    this.count--;
    this.unlist(next);
    this.#pool.give(next);
    return overhead;
  }

  clear(): void {
    this.hint = null;
    while (this.head !== null) this.removeHead();
  }

  /** For checks in tests: whether the segments are in order and without a gap. */
  contiguous(): boolean {
    for (let segment = this.head; segment !== null; segment = segment.next) {
      if (!seqLt(segment.seq, segment.endSeq)) return false;
      if (segment.next !== null && segment.next.seq !== segment.endSeq) return false;
    }
    return true;
  }
}
