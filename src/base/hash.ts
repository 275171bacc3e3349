/**
 * Seeded integer hashing for tables that packets touch: the finaliser of MurmurHash3 folded over 32-bit words.
 * The seed comes from the stack's random source, so that nobody outside can aim for one bucket.
 */
export function hashStep(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function hash2(seed: number, a: number, b: number): number {
  return hashStep(hashStep(seed, a), b) >>> 0;
}

export function hash3(seed: number, a: number, b: number, c: number): number {
  return hashStep(hashStep(hashStep(seed, a), b), c) >>> 0;
}

export function hash4(seed: number, a: number, b: number, c: number, d: number): number {
  return hashStep(hashStep(hashStep(hashStep(seed, a), b), c), d) >>> 0;
}
