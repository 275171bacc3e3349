import { hashStep } from '../../../../base/hash.js';

/** Addresses that are remembered at most (16 times the buckets of Linux's table), and how often it is looked for old ones. */
const MOST = 16_384;
const SWEEP_MS = 60_000;

interface Entry<T> {
  readonly address: Uint32Array;
  value: T;
  usedMs: number;
}

/** What the schedulers for caches remember of destinations, the longest unused first to go. */
export class AddressCache<T> {
  readonly #entries = new Map<number, Entry<T>[]>();
  #count = 0;
  #sweptMs = 0;

  get(address: Uint32Array, nowMs: number): T | undefined {
    const entry = this.#find(address);
    if (entry !== undefined) entry.usedMs = nowMs;
    return entry?.value;
  }

  set(address: Uint32Array, value: T, nowMs: number, keepMs: number): void {
    const entry = this.#find(address);
    if (entry !== undefined) {
      entry.value = value;
      return;
    }
    if (this.#count >= MOST || nowMs - this.#sweptMs >= SWEEP_MS) this.#sweep(nowMs, keepMs);
    const key = keyOf(address);
    const made = { address: address.slice(), value, usedMs: nowMs };
    const others = this.#entries.get(key);
    if (others === undefined) this.#entries.set(key, [made]);
    else others.push(made);
    this.#count++;
  }

  #find(address: Uint32Array): Entry<T> | undefined {
    return this.#entries.get(keyOf(address))?.find((entry) => entry.address.every((word, i) => word === address[i]));
  }

  /** Those that nobody has used for so long go; of too many, the oldest half. */
  #sweep(nowMs: number, keepMs: number): void {
    this.#sweptMs = nowMs;
    let limit = nowMs - keepMs;
    if (this.#count >= MOST) {
      const stamps = [...this.#entries.values()].flat().map(({ usedMs }) => usedMs);
      stamps.sort((a, b) => a - b);
      limit = Math.max(limit, stamps[stamps.length >>> 1]!);
    }
    for (const [key, entries] of this.#entries) {
      const kept = entries.filter(({ usedMs }) => usedMs > limit);
      this.#count -= entries.length - kept.length;
      if (kept.length === 0) this.#entries.delete(key);
      else this.#entries.set(key, kept);
    }
  }
}

const keyOf = (address: Uint32Array): number =>
  hashStep(hashStep(hashStep(hashStep(0, address[0]!), address[1]!), address[2]!), address[3]!);
