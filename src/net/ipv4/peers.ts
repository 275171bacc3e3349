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

/** As many hosts as are remembered at most; the one not seen for longest goes (inet_peer_threshold is 65664). */
const LIMIT = 4096;
/** XRLIM_BURST_FACTOR: six errors at once, after a pause. */
const BURST = 6;

/** The peers of one namespace. Asked when something is sent that has a limit, not per packet. */
export class PeerTable {
  readonly #peers = new Map<number, Peer>();

  get size(): number {
    return this.#peers.size;
  }

  /** The peer, remembered from now on. */
  get(address: number): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = new Peer();
      peer.rateLastMs = Number.NEGATIVE_INFINITY;
      if (this.#peers.size >= LIMIT) for (const oldest of this.#peers.keys()) if (this.#peers.delete(oldest)) break;
    } else this.#peers.delete(address);
    this.#peers.set(address, peer);
    return peer;
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
