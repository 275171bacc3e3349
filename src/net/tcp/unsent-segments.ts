import { FIN, PSH } from '../../wire/tcp.js';
import type { SegmentPool, SentSegment } from './sent-segments.js';
import { seqAdd, seqDiff } from './sequence.js';

/** What a segment costs of the send buffer beside its bytes: Linux's MAX_TCP_HEADER of 320 and skb_shared_info in a kilobyte, and the sk_buff. */
export const SEGMENT_TRUESIZE = 1280;

/** Pages of the user's that one segment refers to at most (MAX_SKB_FRAGS). */
export const MAX_FRAGMENTS = 17;

/** Bytes of data in `segment`; only for what has no SYN. */
export const unsentLength = (segment: SentSegment): number => seqDiff(segment.endSeq, segment.seq) - (segment.flags & FIN);

/**
 * What the user sent and never left, in the super-segments it will leave in at most (Linux: sk_write_queue). Each write goes on at the
 * last of them while that has room; where they end is where PSH stands, and where MSG_EOR keeps writes apart. They hold no bytes.
 */
export class UnsentSegments {
  head: SentSegment | null = null;
  tail: SentSegment | null = null;
  readonly #pool: SegmentPool;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  /** A new, empty one at the end (tcp_skb_entail()). */
  open(seq: number): SentSegment {
    const segment = this.#pool.take();
    segment.seq = seq;
    segment.endSeq = seq;
    segment.truesize = SEGMENT_TRUESIZE;
    if (this.tail === null) this.head = segment;
    else this.tail.next = segment;
    this.tail = segment;
    return segment;
  }

  /** Leaves the first `bytes` of the head in it; the rest becomes the next, with its PSH, FIN and MSG_EOR (tso_fragment()). */
  cutHead(bytes: number): void {
    const head = this.head!;
    const rest = this.#pool.take();
    rest.seq = seqAdd(head.seq, bytes);
    rest.endSeq = head.endSeq;
    rest.flags = head.flags;
    rest.endsRecord = head.endsRecord;
    const moved = unsentLength(rest);
    rest.truesize = SEGMENT_TRUESIZE + moved;
    head.truesize -= moved;
    head.endSeq = rest.seq;
    head.flags &= ~(FIN | PSH);
    head.endsRecord = false;
    rest.next = head.next;
    head.next = rest;
    if (this.tail === head) this.tail = rest;
  }

  /** Makes one segment of as many as `bytes` lie in; how many were joined to the first. No record ends among them. */
  gather(bytes: number): number {
    const head = this.head!;
    let joined = 0;
    while (unsentLength(head) < bytes && head.next !== null) {
      const after = head.next;
      head.next = after.next;
      if (this.tail === after) this.tail = head;
      head.endSeq = after.endSeq;
      head.flags |= after.flags;
      head.endsRecord = after.endsRecord;
      head.truesize += after.truesize - SEGMENT_TRUESIZE;
      this.#pool.give(after);
      joined++;
    }
    return joined;
  }

  /** The head, which left: it is another list's now. */
  takeHead(): SentSegment {
    const head = this.head!;
    this.head = head.next;
    if (this.head === null) this.tail = null;
    head.next = null;
    return head;
  }

  /** Gives the last one up, which holds nothing. */
  dropTail(): void {
    const tail = this.tail!;
    let before = this.head === tail ? null : this.head;
    while (before !== null && before.next !== tail) before = before.next;
    if (before === null) this.head = null;
    else before.next = null;
    this.tail = before;
    this.#pool.give(tail);
  }

  clear(): void {
    while (this.head !== null) this.#pool.give(this.takeHead());
  }
}
