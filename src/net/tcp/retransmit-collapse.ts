import * as wire from '../../wire/tcp.js';
import { unchargeSend } from './memory.js';
import { adjustPackets, dataBytes } from './segment-counts.js';
import { SEGMENT_SACKED, type SentSegment } from './sent-segments.js';
import { seqAdd, seqGt } from './sequence.js';
import type { Tcb } from './tcb.js';
import { MAX_FRAGMENTS } from './unsent-segments.js';

/** One packet that the peer is not known to have. Linux: tcp_can_collapse() */
const mayJoin = (segment: SentSegment): boolean => segment.packets === 1 && (segment.state & SEGMENT_SACKED) === 0;

/**
 * What is sent again takes small segments behind it along, as far as `space` bytes allow and no record ends among them
 * (net.ipv4.tcp_retrans_collapse; tcp_retrans_try_collapse()): fewer packets where every one may get lost.
 */
export function collapseBehind(sk: Tcb, segment: SentSegment, space: number): void {
  if (sk.tcp.settings.retransCollapse === 0 || (segment.flags & wire.SYN) !== 0 || !mayJoin(segment)) return;
  const windowEnd = seqAdd(sk.sndUna, sk.sndWnd);
  let left = space - dataBytes(segment);
  for (let next = segment.next; next !== null && !segment.endsRecord && mayJoin(next); next = segment.next) {
    left -= dataBytes(next);
    if (left < 0 || seqGt(next.endSeq, windowEnd) || segment.fragments + next.fragments > MAX_FRAGMENTS) return;
    const packets = next.packets;
    adjustPackets(sk, next, -packets);
    // Without SACK what duplicate ACKs stand for is not told apart.
    if (!sk.sackOk) sk.sackedOut -= Math.min(sk.sackedOut, packets);
    unchargeSend(sk, sk.sent.joinNext(segment));
  }
}
