import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import { TCP_ESTABLISHED } from './constants.js';
import type { Tcb } from './tcb.js';

/**
 * Middleboxes that swallow what follows a SYN with data: where one shows itself, no Fast Open leaves this namespace for
 * net.ipv4.tcp_fastopen_blackhole_timeout_sec, and for twice as long each time it happens again, up to 64 times (RFC 7413 7.1).
 */
const MOST_DOUBLINGS = 6;

/** How often, and when last, a namespace had to give up Fast Open for a while. */
export class FastOpenPause {
  times = 0;
  sinceUs = 0;
}

/** Linux: tcp_fastopen_active_disable() */
function pause(sk: Tcb): void {
  const { settings, stats, stack, fastOpenPause } = sk.tcp;
  if (settings.fastopenBlackholeTimeout === 0) return;
  fastOpenPause.sinceUs = stack.nowUs;
  fastOpenPause.times++;
  stats.TCPFastOpenBlackhole++;
}

/** No data and no option may go with the SYN of `sk` now. Linux: tcp_fastopen_active_should_disable() */
export function isPaused(sk: Tcb): boolean {
  const { settings, stack, fastOpenPause } = sk.tcp;
  const { times, sinceUs } = fastOpenPause;
  if (settings.fastopenBlackholeTimeout === 0 || times === 0) return false;
  const lengthUs = settings.fastopenBlackholeTimeout * 1_000_000 * 2 ** Math.min(times - 1, MOST_DOUBLINGS);
  if (stack.nowUs < sinceUs + lengthUs) return true;
  // It is over: if this connection gets data across, the next pause is a short one again.
  sk.fastopenTries = true;
  return false;
}

/**
 * A time-out of a connection that began with Fast Open: the third in a row, or the last one where the limit comes before that.
 * Linux: tcp_fastopen_active_detect_blackhole()
 */
export function suspectFastOpen(sk: Tcb, expired: boolean): void {
  if (!sk.fastopenOption && sk.synData === 0 && !sk.synDataAcked) return;
  if (sk.retransmits !== 2 && !(sk.retransmits < 2 && expired)) return;
  pause(sk);
  sk.tcp.stats.TCPFastOpenActiveFail++;
}

/** A reset that is not at RCV.NXT, before any data: what lay between did not come through. */
export function resetOutOfOrder(sk: Tcb): void {
  if (sk.fastopenOption && sk.dataSegmentsIn === 0 && sk.state === TCP_ESTABLISHED) pause(sk);
}

/** The connection goes: with a FIN alone beyond a hole, or with data that came. Linux: tcp_fastopen_active_disable_ofo_check() */
export function judgeFastOpen(sk: Tcb): void {
  if (!sk.fastopenOption) return;
  const { outOfOrder, dst } = sk;
  if (sk.dataSegmentsIn === 0) {
    if (outOfOrder !== null && outOfOrder.length === 1 && outOfOrder.at(0).cb2 !== 0) pause(sk);
  } else if (sk.fastopenTries && dst !== null && (dst.device!.flags & IFF_LOOPBACK) === 0) sk.tcp.fastOpenPause.times = 0;
}
