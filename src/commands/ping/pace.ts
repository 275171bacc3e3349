/** How long the next packet has to wait at least where no time is kept between packets and replies are missing. */
const MIN_INTERVAL_MS = 10;

/** When packets go out: a bucket of tokens, one of which is worth an interval. Times in milliseconds. */
export class Pace {
  intervalMs: number;
  readonly #preload: number;
  #tokens = 0;
  #lastMs: number | null = null;

  constructor(intervalMs: number, preload: number) {
    this.intervalMs = intervalMs;
    this.#preload = preload;
  }

  /** Takes the token for a packet to be sent now: 0, or how long it has to wait for one. */
  take(nowMs: number, inFlight: number): number {
    if (this.#lastMs === null) {
      this.#lastMs = nowMs;
      this.#tokens = this.intervalMs * (this.#preload - 1);
      return 0;
    }
    let tokens = nowMs - this.#lastMs;
    // Without an interval a missing reply lets one packet through in ten milliseconds.
    if (this.intervalMs === 0 && tokens < MIN_INTERVAL_MS && inFlight >= this.#preload) return MIN_INTERVAL_MS - tokens;
    tokens = Math.min(tokens + this.#tokens, this.intervalMs * this.#preload);
    if (tokens < this.intervalMs) return this.intervalMs - tokens;
    this.#lastMs = nowMs;
    this.#tokens = tokens - this.intervalMs;
    return 0;
  }

  /** How long to wait after a packet went out. */
  get nextMs(): number {
    return Math.max(0, this.intervalMs - this.#tokens);
  }

  /** A packet that could not be sent: its token is spent, and with it all others. */
  clear(): void {
    this.#tokens = 0;
  }

  /** The packet was not sent after all and may be at once. */
  giveBack(): number {
    this.#tokens += this.intervalMs;
    return MIN_INTERVAL_MS;
  }
}
