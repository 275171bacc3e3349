import { hash4 } from '../../base/hash.js';

const FIRST_SLOTS = 16;
const WORDS = 4;

/** Things by IP address, IPv4's as ::ffff:a.b.c.d: open addressed, seeded; a lookup allocates nothing. */
export class AddressTable<T> {
  readonly #seed: number;
  #keys = new Uint32Array(FIRST_SLOTS * WORDS);
  #values: (T | null)[] = new Array(FIRST_SLOTS).fill(null);
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  find(a: number, b: number, c: number, d: number): T | null {
    return this.#values[this.#slotOf(a, b, c, d)]!;
  }

  set(words: Uint32Array, value: T): void {
    if ((this.#count + 1) * 2 > this.#values.length) this.#grow();
    const slot = this.#slotOf(words[0]!, words[1]!, words[2]!, words[3]!);
    if (this.#values[slot] === null) this.#count++;
    this.#keys.set(words.subarray(0, WORDS), slot * WORDS);
    this.#values[slot] = value;
  }

  delete(words: Uint32Array): void {
    const gone = this.#slotOf(words[0]!, words[1]!, words[2]!, words[3]!);
    if (this.#values[gone] === null) return;
    this.#values[gone] = null;
    // Few come and go: the table is put together anew.
    this.#rebuild(this.#values.length);
  }

  #slotOf(a: number, b: number, c: number, d: number): number {
    const keys = this.#keys;
    const mask = this.#values.length - 1;
    let slot = hash4(this.#seed, a, b, c, d) & mask;
    for (; this.#values[slot] !== null; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (keys[at + 3] === d && keys[at + 2] === c && keys[at + 1] === b && keys[at] === a) break;
    }
    return slot;
  }

  #grow(): void {
    this.#rebuild(this.#values.length * 2);
  }

  #rebuild(slots: number): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Uint32Array(slots * WORDS);
    this.#values = new Array(slots).fill(null);
    this.#count = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value === null) continue;
      const at = i * WORDS;
      const slot = this.#slotOf(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!);
      this.#keys.set(keys.subarray(at, at + WORDS), slot * WORDS);
      this.#values[slot] = value;
      this.#count++;
    }
  }
}
