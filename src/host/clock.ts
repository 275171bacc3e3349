import { randomFillSync } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import type { RandomSource } from '../base/random.js';

/** The host's time. */
export class HostClock implements Clock {
  monotonicUs(): number {
    return Math.floor(performance.now() * 1000);
  }

  wallUs(): number {
    return Math.floor((performance.timeOrigin + performance.now()) * 1000);
  }
}

/** The host's randomness, drawn by the kilobyte. */
export class HostRandom implements RandomSource {
  readonly #words = new Uint32Array(256);
  #next = this.#words.length;

  u32(): number {
    if (this.#next === this.#words.length) {
      randomFillSync(this.#words);
      this.#next = 0;
    }
    return this.#words[this.#next++]!;
  }
}
