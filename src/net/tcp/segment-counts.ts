import * as wire from '../../wire/tcp.js';
import { SEGMENT_LOST, SEGMENT_RETRANSMITTED, SEGMENT_SACKED, type SentSegment } from './sent-segments.js';
import { seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';

/** The count of a segment's packets changed by `difference`: so do the sums it is part of. */
export function adjustPackets(sk: Tcb, segment: SentSegment, difference: number): void {
  sk.packetsOut += difference;
  if ((segment.state & SEGMENT_RETRANSMITTED) !== 0) sk.retransOut += difference;
  if ((segment.state & SEGMENT_LOST) !== 0) sk.lostOut += difference;
  if ((segment.state & SEGMENT_SACKED) !== 0) sk.sackedOut += difference;
}

/** Bytes of data in `segment`. */
export const dataBytes = (segment: SentSegment): number =>
  seqDiff(segment.endSeq, segment.seq) - (segment.flags & wire.FIN) - ((segment.flags & wire.SYN) >> 1);
