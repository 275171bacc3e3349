/** What a service, a server or all of them together have seen, and how fast (struct ip_vs_stats, struct ip_vs_estimator). */
export class IpvsStats {
  // What packets count.
  conns = 0;
  inPackets = 0;
  outPackets = 0;
  inBytes = 0;
  outBytes = 0;
  /** What the estimator has added up last: what users see, less `zeroed`. */
  readonly shown = new Float64Array(5);
  readonly #zeroed = new Float64Array(5);
  readonly #last = new Float64Array(5);
  /** Rates, scaled: connections and packets by 1024, bytes by 32. */
  readonly #rates = new Float64Array(5);

  connection(): void {
    this.conns++;
  }

  /** A packet from the client. */
  incoming(bytes: number): void {
    this.inPackets++;
    this.inBytes += bytes;
  }

  outgoing(bytes: number): void {
    this.outPackets++;
    this.outBytes += bytes;
  }

  /** Adds up and estimates, each two seconds. True: there is something that the next round will change. Linux: estimation_timer() */
  estimate(): boolean {
    const { shown } = this;
    shown[0] = this.conns;
    shown[1] = this.inPackets;
    shown[2] = this.outPackets;
    shown[3] = this.inBytes;
    shown[4] = this.outBytes;
    let moving = false;
    for (let i = 0; i < 5; i++) {
      // Per second, in two seconds: half of it, times 1024 or 32.
      const rate = (shown[i]! - this.#last[i]!) * (i < 3 ? 512 : 16);
      this.#last[i] = shown[i]!;
      this.#rates[i] = this.#rates[i]! + Math.floor((rate - this.#rates[i]!) / 4);
      if (this.#rates[i] !== 0) moving = true;
    }
    return moving;
  }

  /** Connections, packets and bytes in and out since the last zero(). */
  total(which: number): number {
    return this.shown[which]! - this.#zeroed[which]!;
  }

  /** The same per second. Linux: ip_vs_read_estimator() */
  rate(which: number): number {
    const scaled = this.#rates[which]!;
    return which < 3 ? Math.floor((scaled + 0x1ff) / 1024) : Math.floor((scaled + 0xf) / 32);
  }

  /** Counting begins anew for who looks. Linux: ip_vs_zero_stats() */
  zero(): void {
    this.#zeroed.set(this.shown);
    this.#last.set(this.shown);
    this.#rates.fill(0);
  }
}
