import { hash4 } from '../../base/hash.js';
import { RTAX_CWND, RTAX_LOCK, RTAX_REORDERING, RTAX_RTT, RTAX_RTTVAR, RTAX_SSTHRESH } from '../../netlink/rtnl/constants.js';
import { equalAddress } from '../../wire/ipv6.js';
import type { Dst } from '../core/dst.js';
import { CA_OPEN, INFINITE_SSTHRESH, TIMEOUT_FALLBACK_US } from './constants.js';
import { rtoMinUs } from './route-metrics.js';
import type { Tcb } from './tcb.js';

/** Linux: TCP_METRICS_RECLAIM_DEPTH. A chain of that length gives up what was not used for longest. */
const DEPTH = 5;
/** Chains of one namespace. Linux has 16,384 for all namespaces together. */
const CHAINS = 2048;
/** What was not used for an hour says nothing any more: the route is asked again (TCP_METRICS_TIMEOUT). */
const TIMEOUT_US = 3_600_000_000;

/** What connections to one peer have learnt of the way there (struct tcp_metrics_block). */
export class PeerMetrics {
  /** Our address and the peer's, IPv4 as ::ffff:a.b.c.d. */
  readonly local = new Uint32Array(4);
  readonly remote = new Uint32Array(4);
  /** Mean round trip time, microseconds times eight; 0: not known. So it is with all that follows. */
  rtt8 = 0;
  /** Its deviation, microseconds times four. */
  rttvar4 = 0;
  ssthresh = 0;
  cwnd = 0;
  reordering = 0;
  /** Bits by RTAX_*: what the route says and connections may not change. */
  locks = 0;
  stampUs = 0;

  locked(which: number): boolean {
    return (this.locks & (1 << which)) !== 0;
  }

  /** What a route's own words are to begin with (tcpm_suck_dst()). */
  takeRoute(dst: Dst, nowUs: number): void {
    // Times of routes are in eighths and quarters of milliseconds.
    this.rtt8 = dst.metric(RTAX_RTT) * 1000;
    this.rttvar4 = dst.metric(RTAX_RTTVAR) * 1000;
    this.ssthresh = dst.metric(RTAX_SSTHRESH);
    this.cwnd = dst.metric(RTAX_CWND);
    this.reordering = dst.metric(RTAX_REORDERING);
    this.locks = dst.metric(RTAX_LOCK);
    this.stampUs = nowUs;
  }
}

/** The peers of one namespace and what is known of the ways to them: `ip tcp_metrics`. Bounded, asked once a connection. */
export class MetricsCache {
  readonly #seed: number;
  /** Made when the first peer comes: most namespaces have none. */
  #chains: PeerMetrics[][] | null = null;

  constructor(seed: number) {
    this.#seed = seed;
  }

  find(local: Uint32Array, remote: Uint32Array): PeerMetrics | null {
    if (this.#chains === null) return null;
    for (const entry of this.#chains[this.#chainOf(remote)] ?? [])
      if (equalAddress(entry.remote, remote) && equalAddress(entry.local, local)) return entry;
    return null;
  }

  /** The entry of a pair of addresses, made from what the route says if there is none. */
  obtain(local: Uint32Array, remote: Uint32Array, dst: Dst, nowUs: number): PeerMetrics {
    const found = this.find(local, remote);
    if (found !== null) return found;
    this.#chains ??= Array.from({ length: CHAINS }, () => []);
    const chain = this.#chains[this.#chainOf(remote)]!;
    let entry: PeerMetrics;
    if (chain.length >= DEPTH) {
      entry = chain.reduce((oldest, other) => (other.stampUs < oldest.stampUs ? other : oldest));
    } else {
      entry = new PeerMetrics();
      chain.unshift(entry);
    }
    entry.local.set(local);
    entry.remote.set(remote);
    entry.takeRoute(dst, nowUs);
    return entry;
  }

  /** Those of `remote`, the newest first. */
  *of(remote: Uint32Array): Generator<PeerMetrics> {
    if (this.#chains === null) return;
    for (const entry of this.#chains[this.#chainOf(remote)]!) if (equalAddress(entry.remote, remote)) yield entry;
  }

  *all(): Generator<PeerMetrics> {
    for (const chain of this.#chains ?? []) yield* chain;
  }

  delete(entry: PeerMetrics): void {
    const chain = this.#chains?.[this.#chainOf(entry.remote)] ?? [];
    const at = chain.indexOf(entry);
    if (at !== -1) chain.splice(at, 1);
  }

  clear(): void {
    this.#chains = null;
  }

  #chainOf(remote: Uint32Array): number {
    return hash4(this.#seed, remote[0]!, remote[1]!, remote[2]!, remote[3]!) % CHAINS;
  }
}

/** The entry for `sk`'s peer as it holds now, if there is one; `make` it otherwise. */
function metricsOf(sk: Tcb, dst: Dst, make: boolean): PeerMetrics | null {
  const { metrics, stack } = sk.tcp;
  const entry = make ? metrics.obtain(sk.local.words, sk.remote.words, dst, stack.nowUs) : metrics.find(sk.local.words, sk.remote.words);
  if (entry !== null && stack.nowUs - entry.stampUs > TIMEOUT_US) entry.takeRoute(dst, stack.nowUs);
  return entry;
}

/**
 * What the last connections to the peer have learnt is where a new one starts from (tcp_init_metrics()): the slow start
 * threshold, how far packets are reordered, and the first time-out. The window starts as ever, but under a locked `cwnd`.
 */
export function startFromMetrics(sk: Tcb): void {
  const entry = sk.dst === null ? null : metricsOf(sk, sk.dst, false);
  // The handshake may have lowered it for no reason.
  sk.ssthresh = INFINITE_SSTHRESH;
  if (entry !== null) {
    if (entry.locked(RTAX_CWND)) sk.cwndClamp = entry.cwnd;
    if (entry.ssthresh !== 0 && sk.tcp.settings.noSsthreshMetricsSave === 0) sk.ssthresh = Math.min(entry.ssthresh, sk.cwndClamp);
    if (entry.reordering !== 0) sk.reordering = entry.reordering;
  }
  const cached8 = entry === null ? 0 : entry.rtt8;
  if (cached8 > sk.srtt8) {
    // A SYN is small and often quicker than data: the first time-out is that of the slower past.
    const rtt = Math.floor(cached8 / 8);
    sk.rtoUs = rtt + Math.max(2 * rtt, rtoMinUs(sk));
  } else if (sk.srtt8 === 0) {
    // RFC 6298 5.7: the SYN had to be repeated, so the first time-out is a careful one.
    sk.rttvar4 = TIMEOUT_FALLBACK_US;
    sk.mdev4 = TIMEOUT_FALLBACK_US;
    sk.mdevMax4 = TIMEOUT_FALLBACK_US;
    sk.rtoUs = TIMEOUT_FALLBACK_US;
  }
}

/** A connection that ended in order leaves what it has learnt to the next to the same peer (tcp_update_metrics()). */
export function saveMetrics(sk: Tcb): void {
  const { settings, stack } = sk.tcp;
  if (settings.noMetricsSave !== 0 || sk.dst === null) return;
  if (sk.backoff !== 0 || sk.srtt8 === 0) {
    // Nothing was measured, or it no longer holds: what is known is not to be trusted either.
    const entry = metricsOf(sk, sk.dst, false);
    if (entry !== null && !entry.locked(RTAX_RTT)) entry.rtt8 = 0;
    return;
  }
  const entry = metricsOf(sk, sk.dst, true)!;
  saveTimes(entry, sk);
  saveWindow(entry, sk, settings.noSsthreshMetricsSave === 0 && !entry.locked(RTAX_SSTHRESH));
  entry.stampUs = stack.nowUs;
}

/** A slower round trip counts at once, a quicker one by an eighth: too long a time-out harms less than one too short. */
function saveTimes(entry: PeerMetrics, sk: Tcb): void {
  const less8 = entry.rtt8 - sk.srtt8;
  if (!entry.locked(RTAX_RTT)) entry.rtt8 = less8 <= 0 ? sk.srtt8 : entry.rtt8 - (less8 >> 3);
  if (entry.locked(RTAX_RTTVAR)) return;
  const deviation4 = Math.max(Math.abs(less8) >> 1, sk.mdev4);
  const known4 = entry.rttvar4;
  entry.rttvar4 = deviation4 >= known4 ? deviation4 : known4 - ((known4 - deviation4) >> 2);
}

/** What windows say depends on whether the connection got out of slow start, and undisturbed. */
function saveWindow(entry: PeerMetrics, sk: Tcb, saveSsthresh: boolean): void {
  const saveCwnd = !entry.locked(RTAX_CWND);
  if (sk.ssthresh >= INFINITE_SSTHRESH) {
    // Still in the first slow start: both are at least this.
    if (saveSsthresh && entry.ssthresh !== 0) entry.ssthresh = Math.max(entry.ssthresh, sk.cwnd >> 1);
    if (saveCwnd) entry.cwnd = Math.max(entry.cwnd, sk.cwnd);
    return;
  }
  if (sk.cwnd >= sk.ssthresh && sk.caState === CA_OPEN) {
    // Congestion avoidance: the window is what the way holds.
    if (saveSsthresh) entry.ssthresh = Math.max(sk.cwnd >> 1, sk.ssthresh);
    if (saveCwnd) entry.cwnd = (entry.cwnd + sk.cwnd) >> 1;
    return;
  }
  // A slow start after a loss, or a recovery, did not end: the window means nothing, the threshold perhaps something.
  if (saveCwnd) entry.cwnd = (entry.cwnd + sk.ssthresh) >> 1;
  if (saveSsthresh && entry.ssthresh !== 0) entry.ssthresh = Math.max(entry.ssthresh, sk.ssthresh);
  if (!entry.locked(RTAX_REORDERING) && entry.reordering < sk.reordering && sk.reordering !== sk.tcp.settings.reordering)
    entry.reordering = sk.reordering;
}
