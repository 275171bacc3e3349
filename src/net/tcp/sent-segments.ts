import { FIN, PSH, SYN } from '../../wire/tcp.js';
import { seqDiff, seqLt } from './sequence.js';

// What is known of a segment under way: Linux's TCPCB_* bits.
/** Selectively acknowledged; set by SACK (issue: RFC 2018), for which its place is here. */
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
  /** When it was last sent. */
  sentUs = 0;
  firstSentUs = 0;
  next: SentSegment | null = null;
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
  readonly #pool: SegmentPool;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  append(seq: number, endSeq: number, flags: number, mss: number, nowUs: number): SentSegment {
    const segment = this.#pool.take();
    segment.seq = seq;
    segment.endSeq = endSeq;
    segment.flags = flags;
    segment.mss = mss;
    segment.packets = packetsOf(seqDiff(endSeq, seq), mss);
    segment.sentUs = nowUs;
    segment.firstSentUs = nowUs;
    if (this.tail === null) this.head = segment;
    else this.tail.next = segment;
    this.tail = segment;
    return segment;
  }

  removeHead(): void {
    const segment = this.head!;
    this.head = segment.next;
    if (this.head === null) this.tail = null;
    if (this.hint === segment) this.hint = segment.next;
    this.#pool.give(segment);
  }

  /** Cuts `segment` in two at `seq`; both parts keep what is known of it. Returns by how many packets the sum of the parts differs. */
  split(segment: SentSegment, seq: number, mss: number): number {
    const before = segment.packets;
    const rest = this.#pool.take();
    rest.seq = seq;
    rest.endSeq = segment.endSeq;
    rest.flags = segment.flags & ~SYN;
    segment.flags &= ~(FIN | PSH);
    rest.state = segment.state;
    rest.mss = mss;
    rest.sentUs = segment.sentUs;
    rest.firstSentUs = segment.firstSentUs;
    rest.next = segment.next;
    segment.next = rest;
    if (this.tail === segment) this.tail = rest;
    segment.endSeq = seq;
    segment.mss = mss;
    segment.packets = packetsOf(seqDiff(seq, segment.seq), mss);
    rest.packets = packetsOf(seqDiff(rest.endSeq, seq), mss);
    return segment.packets + rest.packets - before;
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
