import { hash3 } from '../../base/hash.js';
import type { RandomSource } from '../../base/random.js';
import { randomBelow } from '../../base/random.js';

const GENERATORS = 2048;

/**
 * Identification fields (RFC 791, RFC 6864) as Linux hands them out: one counter for a hash of the addresses and the protocol, which
 * jumps ahead by a random step bounded by the time passed, so that nobody counts our packets (ip_idents_reserve()).
 */
export class IpIdentifiers {
  readonly #ids = new Uint16Array(GENERATORS);
  readonly #stampMs = new Float64Array(GENERATORS);
  readonly #seed: number;
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
    this.#seed = random.u32();
    for (let i = 0; i < GENERATORS; i++) this.#ids[i] = random.u32() & 0xffff;
  }

  /** The first of `count` ids for packets of `protocol` from `source` to `destination`. */
  take(source: number, destination: number, protocol: number, count: number, nowMs: number): number {
    const generator = hash3(this.#seed, destination, source, protocol) % GENERATORS;
    const elapsed = nowMs - this.#stampMs[generator]!;
    let step = 0;
    if (elapsed > 0) {
      this.#stampMs[generator] = nowMs;
      step = randomBelow(this.#random, Math.min(elapsed, 0xffff));
    }
    const id = (this.#ids[generator]! + step) & 0xffff;
    this.#ids[generator] = id + count;
    return id;
  }
}
