import { markLost, retransmitLost } from './retransmit.js';
import type { SentSegment } from './sent-segments.js';
import type { Tcb } from './tcb.js';

// enum tcp_fastopen_client_fail
const DATA_NOT_ACKED = 2;
const SYN_RETRANSMITTED = 3;

/** The SYN-ACK came: keeps the cookie it may bring, and sends again at once what it does not acknowledge (tcp_rcv_fastopen_synack()); true: it did. */
export function takeSynAck(sk: Tcb, peerMss: number): boolean {
  const { options, fastOpenCache, stats } = sk.tcp;
  if (options.fastOpenBytes > 0) {
    fastOpenCache.set(sk.remote.words, {
      mss: peerMss,
      cookie: options.fastOpenCookie.slice(0, options.fastOpenBytes),
      experimental: options.fastOpenExperimental,
    });
  }
  if (sk.synData === 0) return false;
  if (sk.sent.head === null) {
    sk.synDataAcked = true;
    stats.TCPFastOpenActive++;
    // SYN and data were one packet.
    if (sk.delivered > 1) sk.delivered--;
    return false;
  }
  sk.fastopenFail = sk.totalRetrans > 0 ? SYN_RETRANSMITTED : DATA_NOT_ACKED;
  stats.TCPFastOpenActiveFail++;
  for (let segment: SentSegment | null = sk.sent.head; segment !== null; segment = segment.next) markLost(sk, segment);
  retransmitLost(sk);
  return true;
}
