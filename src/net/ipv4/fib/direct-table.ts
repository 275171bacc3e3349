/** Of an entry: the trie is to be asked. */
export const ASK = 0xffff;
/** Pairs of value and length that entries can name; 0 and ASK are none. */
const PAIRS = ASK;
/** Shorter prefixes are not painted: one of them covers so much that each change would be felt. */
export const SHORTEST = 9;
const LONGEST = 24;

/**
 * The best match of each of the 2^24 blocks of 256 addresses, in two bytes a block: with a million prefixes a lookup touches one
 * line of memory where a walk down a tree touches five. (Gupta, Lin, McKeown: "Routing Lookups in Hardware at Memory Access
 * Speeds", 1998.) It stands beside the tree, which stays the truth: a block that holds prefixes of more than 24 bits says
 * ASK; one without a match of 9 to 24 bits is 0.
 */
export class DirectTable {
  readonly entries = new Uint16Array(1 << LONGEST);
  readonly values = new Uint32Array(PAIRS);
  readonly lengths = new Uint8Array(PAIRS);
  /** How many prefixes a pair stands for; at 0 its number is another's to have. */
  readonly #uses = new Uint32Array(PAIRS);
  readonly #numbers = new Map<number, number>();
  readonly #free: number[] = [];
  #next = 1;

  get bytes(): number {
    return this.entries.byteLength + PAIRS * 9 + this.#numbers.size * 40;
  }

  /** A prefix has come, or has another value than `before` (0: it is new). False: numbers have run out, the table is of no use. */
  set(prefix: number, length: number, value: number, before: number): boolean {
    if (length > LONGEST) {
      this.entries[prefix >>> 8] = ASK;
      return true;
    }
    if (length < SHORTEST) return true;
    const number = this.#obtain(value, length);
    if (number === ASK) return false;
    const { entries, lengths } = this;
    const first = prefix >>> 8;
    const last = first + (1 << (LONGEST - length));
    for (let i = first; i < last; i++) if (entries[i] !== ASK && lengths[entries[i]!]! <= length) entries[i] = number;
    if (before !== 0) this.#release(before, length);
    return true;
  }

  /**
   * A prefix of value `before` has gone; what it covered falls to `value` of `shorter` bits, the next that covers it (0: none).
   * `longer`: of a prefix of more than 24 bits, whether its block holds others.
   */
  delete(prefix: number, length: number, before: number, value: number, shorter: number, longer: boolean): void {
    const { entries, lengths } = this;
    const first = prefix >>> 8;
    const known = value !== 0 && shorter >= SHORTEST ? this.#numbers.get(keyOf(value, shorter))! : 0;
    if (length > LONGEST) {
      if (!longer) entries[first] = known;
      return;
    }
    if (length < SHORTEST) return;
    const last = first + (1 << (LONGEST - length));
    for (let i = first; i < last; i++) if (entries[i] !== ASK && lengths[entries[i]!] === length) entries[i] = known;
    this.#release(before, length);
  }

  #obtain(value: number, length: number): number {
    const key = keyOf(value, length);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#free.pop() ?? (this.#next < PAIRS ? this.#next++ : ASK);
      if (number === ASK) return ASK;
      this.#numbers.set(key, number);
      this.values[number] = value;
      this.lengths[number] = length;
    }
    this.#uses[number]!++;
    return number;
  }

  #release(value: number, length: number): void {
    const key = keyOf(value, length);
    const number = this.#numbers.get(key);
    if (number === undefined || --this.#uses[number]! > 0) return;
    this.#numbers.delete(key);
    this.#free.push(number);
  }
}

const keyOf = (value: number, length: number): number => value * 64 + length;
