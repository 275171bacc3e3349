import { sendAck } from './output.js';
import { nowSeconds } from './timestamps.js';
import type { Tcp } from './tcp.js';
import type { Tcb } from './tcb.js';

type SkipCounter =
  | 'TCPACKSkippedSynRecv'
  | 'TCPACKSkippedPAWS'
  | 'TCPACKSkippedSeq'
  | 'TCPACKSkippedFinWait2'
  | 'TCPACKSkippedTimeWait'
  | 'TCPACKSkippedChallenge';

/**
 * Whether an ACK that answers a segment without use is too soon after the last such one (tcp_invalid_ratelimit): two ends that
 * disagree would otherwise answer each other for ever. Returns true if it is to be left out.
 */
export function tooSoon(tcp: Tcp, lastUs: number, counter: SkipCounter): boolean {
  if (tcp.stack.nowUs - lastUs >= tcp.settings.invalidRatelimit * 1000) return false;
  tcp.stats[counter]++;
  return true;
}

/** RFC 5961 3, 4, 5: answers what may be forged with an ACK, within the limits of the socket and of the namespace (7). */
export function challengeAck(sk: Tcb): void {
  const tcp = sk.tcp;
  const nowUs = tcp.stack.nowUs;
  if (tooSoon(tcp, sk.lastOutOfWindowUs, 'TCPACKSkippedChallenge')) return;
  sk.lastOutOfWindowUs = nowUs;
  const limit = tcp.settings.challengeAckLimit;
  if (limit !== 0x7fff_ffff) {
    const second = nowSeconds(nowUs);
    if (second !== tcp.challengeSecond) {
      tcp.challengeSecond = second;
      // Half of the limit is left to chance, so that nobody can count what others used (CVE-2016-5696).
      tcp.challengeCount = Math.ceil(limit / 2) + (limit > 0 ? tcp.stack.random.u32() % limit : 0);
    }
    if (tcp.challengeCount <= 0) return;
    tcp.challengeCount--;
  }
  tcp.stats.TCPChallengeACK++;
  sendAck(sk);
}
