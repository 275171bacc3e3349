/** What is remembered of one remote host (struct inet_peer): rate limits of what is sent to it. */
export class Peer {
  /** Token bucket of ICMP errors, in milliseconds' worth; Linux: inet_peer_xrlim_allow(). */
  tokens = 0;
  rateLastMs = 0;
  redirects = 0;
  redirectLastMs = Number.NEGATIVE_INFINITY;
  /** Fragments that came from it, to see an id used again (ipfrag_max_dist). */
  fragments = 0;
}

/** XRLIM_BURST_FACTOR: six errors at once, after a pause. */
const BURST = 6;

/** The peers of one namespace. Asked when something is sent that has a limit, not per packet. */
export class PeerTable {
  readonly #peers = new Map<number, Peer>();
  readonly #settings: { readonly inetPeerThreshold: number };

  /** As many are remembered as inet_peer_threshold says; then the one not seen for longest goes. */
  constructor(settings: { readonly inetPeerThreshold: number }) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** The peer, remembered from now on. */
  get(address: number): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = new Peer();
      peer.rateLastMs = Number.NEGATIVE_INFINITY;
      while (this.#peers.size > 0 && this.#peers.size >= this.#settings.inetPeerThreshold) this.#forgetOldest();
    } else this.#peers.delete(address);
    this.#peers.set(address, peer);
    return peer;
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
