/**
 * Blocks of words inside one growing Uint32Array, for tables too large for objects: blocks of one size that were given back are
 * used again first. `unit` is the number of words an element has, a block is 1 to `largest` elements. Element 0 is never given out.
 */
export class Arena {
  words: Uint32Array;
  readonly unit: number;
  /** First free block of each size; a free block's first word holds the next one. */
  readonly #free: Uint32Array;
  /** Elements in use or free; what lies behind was never used. */
  #end = 1;
  #live = 0;

  constructor(unit: number, largest: number, initial: number) {
    this.unit = unit;
    this.words = new Uint32Array(unit * initial);
    this.#free = new Uint32Array(largest + 1);
  }

  /** Elements given out at present. */
  get live(): number {
    return this.#live;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  /** A block of `count` elements with any content; the index of its first element. `words` may be another array afterwards. */
  take(count: number): number {
    this.#live += count;
    const free = this.#free[count]!;
    if (free !== 0) {
      this.#free[count] = this.words[free * this.unit]!;
      return free;
    }
    const at = this.#end;
    this.#end += count;
    if (this.#end * this.unit > this.words.length) this.#grow();
    return at;
  }

  give(at: number, count: number): void {
    this.#live -= count;
    this.words[at * this.unit] = this.#free[count]!;
    this.#free[count] = at;
  }

  #grow(): void {
    // By a quarter: a table of a million routes is not to be half empty.
    const elements = this.#end + Math.max(16, this.#end >>> 2);
    const words = new Uint32Array(elements * this.unit);
    words.set(this.words);
    this.words = words;
  }
}
