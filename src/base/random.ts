/** Where randomness comes from: the daemon hands in the system's, tests a seeded generator. */
export interface RandomSource {
  /** A uniformly distributed unsigned 32-bit number. */
  u32(): number;
}

/** xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32: the same seed gives the same trace. Not for secrets. */
export class SeededRandom implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    let state = seed | 0;
    const splitmix = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = splitmix();
    this.#b = splitmix();
    this.#c = splitmix();
    this.#d = splitmix();
  }

  u32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }
}

/** A number in [0, bound), without modulo bias that matters for bounds far below 2^32. */
export function randomBelow(random: RandomSource, bound: number): number {
  return Math.floor((random.u32() / 0x1_0000_0000) * bound);
}
