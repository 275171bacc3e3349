/** Round-trip times and counts of one ping, all times in whole microseconds as iputils counts them. */
export class Statistics {
  transmitted = 0;
  received = 0;
  duplicates = 0;
  corrupted = 0;
  errors = 0;
  /** The most packets that were on their way at once. */
  pipe = 0;
  /** Eight times the smoothed round-trip time. */
  smoothed = 0;
  minUs = Number.MAX_SAFE_INTEGER;
  maxUs = 0;
  #sumUs = 0;
  #squares = 0;
  startUs = 0;
  /** When the last packet was sent. */
  lastUs = 0;

  addRoundTrip(us: number): void {
    this.#sumUs += us;
    this.#squares += us * us;
    if (us < this.minUs) this.minUs = us;
    if (us > this.maxUs) this.maxUs = us;
    if (this.smoothed === 0) this.smoothed = us * 8;
    else this.smoothed += us - Math.trunc(this.smoothed / 8);
  }

  get #samples(): number {
    return this.received + this.duplicates;
  }

  /** The block at the end. `timed`: the packets are long enough for a time stamp; `paced`: packets went out at fixed times. */
  summary(host: string, timed: boolean, paced: boolean): string {
    let text = `\n--- ${host} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.duplicates > 0) text += `, +${this.duplicates} duplicates`;
    if (this.corrupted > 0) text += `, +${this.corrupted} corrupted`;
    if (this.errors > 0) text += `, +${this.errors} errors`;
    const elapsedUs = this.lastUs - this.startUs;
    if (this.transmitted > 0) {
      text += `, ${general(((this.transmitted - this.received) * 100) / this.transmitted)}% packet loss`;
      text += `, time ${Math.trunc((elapsedUs + 500) / 1000)}ms`;
    }
    text += '\n';
    const parts: string[] = [];
    if (this.received > 0 && timed) {
      const mean = Math.trunc(this.#sumUs / this.#samples);
      const deviation = Math.trunc(Math.sqrt(Math.max(0, Math.trunc(this.#squares / this.#samples) - mean * mean)));
      parts.push(`rtt min/avg/max/mdev = ${ms(this.minUs)}/${ms(mean)}/${ms(this.maxUs)}/${ms(deviation)} ms`);
    }
    if (this.pipe > 1) parts.push(`pipe ${this.pipe}`);
    if (this.received > 0 && !paced && this.transmitted > 1)
      parts.push(`ipg/ewma ${ms(Math.trunc(elapsedUs / (this.transmitted - 1)))}/${ms(Math.trunc(this.smoothed / 8))} ms`);
    return `${text}${parts.join(', ')}\n`;
  }

  /** The line that SIGQUIT asks for. */
  status(timed: boolean): string {
    const lost = this.transmitted === 0 ? 0 : Math.trunc(((this.transmitted - this.received) * 100) / this.transmitted);
    let text = `\r${this.received}/${this.transmitted} packets, ${lost}% loss`;
    if (this.received > 0 && timed) {
      const mean = Math.trunc(this.#sumUs / this.#samples);
      text += `, min/avg/ewma/max = ${ms(this.minUs)}/${ms(mean)}/${ms(Math.trunc(this.smoothed / 8))}/${ms(this.maxUs)} ms`;
    }
    return `${text}\n`;
  }
}

/** Microseconds as milliseconds with three decimals. */
const ms = (us: number) => `${Math.trunc(us / 1000)}.${String(us % 1000).padStart(3, '0')}`;

/** A percentage as printf's %g has it: six significant digits. */
const general = (value: number) => String(Number(Math.fround(value).toPrecision(6)));

/** The time of one reply: three significant digits or more. */
export function roundTripText(us: number): string {
  if (us >= 100_000 - 50) return `${Math.trunc((us + 500) / 1000)}`;
  if (us >= 10_000 - 5) return `${Math.trunc((us + 50) / 1000)}.${Math.trunc(((us + 50) % 1000) / 100)}`;
  if (us >= 1000) return `${Math.trunc((us + 5) / 1000)}.${String(Math.trunc(((us + 5) % 1000) / 10)).padStart(2, '0')}`;
  return ms(us);
}
