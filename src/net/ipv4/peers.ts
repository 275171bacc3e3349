/** What is remembered of one remote host (struct inet_peer): rate limits of what is sent to it. */
export class Peer {
  /** Token bucket of ICMP errors, in milliseconds' worth; Linux: inet_peer_xrlim_allow(). */
  tokens = 0;
  rateLastMs = 0;
  redirects = 0;
  redirectLastMs = Number.NEGATIVE_INFINITY;
  /** When it was asked for last, milliseconds. */
  usedMs = 0;
  /** Fragments that came from it, to see an id used again (ipfrag_max_dist). */
  fragments = 0;
}

/** XRLIM_BURST_FACTOR: six errors at once, after a pause. */
const BURST = 6;

/** The time, and how many are remembered for how long. */
interface PeerClock {
  readonly nowUs: number;
  readonly settings: { readonly inetPeerThreshold: number; readonly inetPeerMinttl: number; readonly inetPeerMaxttl: number };
}

/** The peers of one namespace. Asked when something is sent that has a limit, not per packet. */
export class PeerTable {
  readonly #peers = new Map<number, Peer>();
  readonly #stack: PeerClock;

  /** As many are remembered as inet_peer_threshold says; then the one not seen for longest goes. */
  constructor(stack: PeerClock) {
    this.#stack = stack;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** The peer, remembered from now on. */
  get(address: number): Peer {
    let peer = this.#peers.get(address);
    const nowMs = this.#stack.nowUs / 1000;
    if (peer === undefined) {
      this.#collect(nowMs);
      peer = new Peer();
      peer.rateLastMs = Number.NEGATIVE_INFINITY;
      while (this.#peers.size > 0 && this.#peers.size >= this.#stack.settings.inetPeerThreshold) this.#forgetOldest();
    } else this.#peers.delete(address);
    peer.usedMs = nowMs;
    this.#peers.set(address, peer);
    return peer;
  }

  /** Who was not asked for in so long goes; the fuller it is, the sooner. Linux: inet_peer_gc() */
  #collect(nowMs: number): void {
    const { inetPeerThreshold, inetPeerMinttl, inetPeerMaxttl } = this.#stack.settings;
    const share = this.#peers.size / Math.max(1, inetPeerThreshold);
    const ttlMs = (inetPeerMaxttl - (inetPeerMaxttl - inetPeerMinttl) * share) * 1000;
    for (const [address, { usedMs }] of this.#peers) {
      if (nowMs - usedMs < ttlMs) return;
      this.#peers.delete(address);
    }
  }

  #forgetOldest(): void {
    for (const oldest of this.#peers.keys()) {
      this.#peers.delete(oldest);
      return;
    }
  }

  /** Whether one more message may go to `address`, at one each `timeoutMs`. */
  allow(address: number, nowMs: number, timeoutMs: number): boolean {
    const peer = this.get(address);
    const elapsed = nowMs - peer.rateLastMs;
    peer.rateLastMs = nowMs;
    peer.tokens = Math.min(peer.tokens + elapsed, BURST * timeoutMs);
    if (peer.tokens < timeoutMs) return false;
    peer.tokens -= timeoutMs;
    return true;
  }
}
