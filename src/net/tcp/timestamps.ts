import { PAWS_24_DAYS_S, PAWS_WINDOW } from './constants.js';
import { seqDiff, seqLe } from './sequence.js';
import type { Tcb } from './tcb.js';

export const nowSeconds = (nowUs: number): number => Math.floor(nowUs / 1_000_000);

/** RFC 7323 5.3, PAWS: whether a timestamp is not older than the last one by more than `tolerance`, or that one has expired. */
export function pawsAccepts(tsRecent: number, tsRecentStamp: number, value: number, seconds: number, tolerance: number): boolean {
  if (seqDiff(tsRecent, value) <= tolerance) return true;
  if (seconds - tsRecentStamp >= PAWS_24_DAYS_S) return true;
  // Some stacks send zero in a SYN that they send again.
  return tsRecent === 0;
}

/** RFC 7323 4.3: the value to echo is that of the segment which spans the last ACK sent. */
export function replaceTsRecent(sk: Tcb, seq: number): void {
  const options = sk.tcp.options;
  if (!sk.timestampsOk || !options.hasTimestamps || !seqLe(seq, sk.rcvWup)) return;
  const seconds = nowSeconds(sk.tcp.stack.nowUs);
  if (!pawsAccepts(sk.tsRecent, sk.tsRecentStamp, options.timestampValue, seconds, 0)) return;
  sk.tsRecent = options.timestampValue;
  sk.tsRecentStamp = seconds;
}

/** Whether PAWS rejects the present segment; `pureDuplicate`: an ACK that moves nothing and may have been overtaken. */
export function pawsRejects(sk: Tcb, pureDuplicate: boolean): boolean {
  const options = sk.tcp.options;
  if (!sk.timestampsOk || !options.hasTimestamps) return false;
  const seconds = nowSeconds(sk.tcp.stack.nowUs);
  if (pawsAccepts(sk.tsRecent, sk.tsRecentStamp, options.timestampValue, seconds, PAWS_WINDOW)) return false;
  // Linux: tcp_disordered_ack(), ACKs may overtake each other within a time-out.
  return !(pureDuplicate && seqDiff(sk.tsRecent, options.timestampValue) <= Math.floor(sk.rtoUs / 1000));
}
