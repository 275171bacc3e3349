import { hash2 } from '../../base/hash.js';

const FIRST_SLOTS = 16;

/** Things by MAC address: open addressed, seeded; a lookup reads the address where it lies and allocates nothing. */
export class MacTable<T> {
  readonly #seed: number;
  #high = new Uint16Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #values: (T | null)[] = new Array(FIRST_SLOTS).fill(null);
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#count;
  }

  /** By the six bytes at `at`; null: there is none. */
  find(bytes: Uint8Array, at = 0): T | null {
    return this.#values[this.#slotOf(highOf(bytes, at), lowOf(bytes, at))]!;
  }

  set(address: Uint8Array, value: T): void {
    if ((this.#count + 1) * 2 > this.#values.length) this.#grow();
    const slot = this.#slotOf(highOf(address, 0), lowOf(address, 0));
    if (this.#values[slot] === null) this.#count++;
    this.#high[slot] = highOf(address, 0);
    this.#low[slot] = lowOf(address, 0);
    this.#values[slot] = value;
  }

  delete(address: Uint8Array): void {
    let hole = this.#slotOf(highOf(address, 0), lowOf(address, 0));
    if (this.#values[hole] === null) return;
    this.#count--;
    const mask = this.#values.length - 1;
    for (let slot = (hole + 1) & mask; this.#values[slot] !== null; slot = (slot + 1) & mask) {
      const home = hash2(this.#seed, this.#high[slot]!, this.#low[slot]!) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#move(slot, hole);
      hole = slot;
    }
    this.#values[hole] = null;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#values.length - 1;
    let slot = hash2(this.#seed, high, low) & mask;
    while (this.#values[slot] !== null && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  #move(from: number, to: number): void {
    this.#high[to] = this.#high[from]!;
    this.#low[to] = this.#low[from]!;
    this.#values[to] = this.#values[from]!;
  }

  #grow(): void {
    const high = this.#high;
    const low = this.#low;
    const values = this.#values;
    const slots = values.length * 2;
    this.#high = new Uint16Array(slots);
    this.#low = new Uint32Array(slots);
    this.#values = new Array(slots).fill(null);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === null) continue;
      const slot = this.#slotOf(high[i]!, low[i]!);
      this.#high[slot] = high[i]!;
      this.#low[slot] = low[i]!;
      this.#values[slot] = values[i]!;
    }
  }
}

const highOf = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const lowOf = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
