import * as wire from '../../wire/tcp.js';
import { CA_RECOVERY } from './constants.js';
import { packetsInFlight } from './in-flight.js';
import type { SentSegment } from './sent-segments.js';
import { seqAdd, seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';
import { unsentLength } from './unsent-segments.js';

/** Writes that lie further back than this are no part of a burst that goes on, microseconds. */
const RECENT_US = 1000;
/** Full segments that wait at most where no part of the window is named (tcp_tso_win_divisor 0): TCP's reordering degree of 3. */
const MOST_DEFERRED = 3;

// deferral(): the packet leaves, or waits; and then what for.
export const SEND_NOW = 0;
export const DEFER = 1;
export const DEFER_FOR_CWND = 2;
export const DEFER_FOR_WINDOW = 3;

/**
 * Whether a super-packet had better wait for the next ACK, so that more of it may leave at once (Linux: tcp_tso_should_defer()).
 * `mostPackets`: of which one super-packet consists at most; the congestion window lets out one packet at least.
 */
export function deferral(sk: Tcb, segment: SentSegment, mostPackets: number): number {
  const { nowUs } = sk.tcp.stack;
  const head = sk.sent.head;
  if (sk.caState >= CA_RECOVERY || head === null || nowUs - sk.lastSentUs > RECENT_US) return SEND_NOW;
  const bytes = unsentLength(segment);
  const sendWindow = seqDiff(seqAdd(sk.sndUna, sk.sndWnd), segment.seq);
  const congestionWindow = (sk.cwnd - packetsInFlight(sk)) * sk.mssCache;
  const limit = Math.min(sendWindow, congestionWindow);
  if (limit >= mostPackets * sk.mssCache || (segment.next !== null && limit >= bytes)) return SEND_NOW;
  const divisor = sk.tcp.settings.tsoWinDivisor;
  if (divisor !== 0) {
    const chunk = Math.min(sk.sndWnd, sk.cwnd * sk.mssCache);
    if (limit >= Math.floor(chunk / divisor)) return SEND_NOW;
  } else if (limit > MOST_DEFERRED * sk.mssCache) return SEND_NOW;
  // The next ACK is expected half a round trip from now, or later: too late.
  if (nowUs - head.sentUs < sk.srtt8 / 16) return SEND_NOW;
  if (congestionWindow < sendWindow) {
    if (congestionWindow <= bytes) return DEFER_FOR_CWND;
  } else if (sendWindow <= bytes) return DEFER_FOR_WINDOW;
  return (segment.flags & wire.FIN) !== 0 || segment.endsRecord ? SEND_NOW : DEFER;
}
