import { EEXIST } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_SET_ELEM_INTERVAL_END } from '../../../../netlink/nfnl/nf-tables.js';
import { SetElement } from '../element.js';
import type { PlainSetBackend } from './backend.js';

/** Bytes of a register word the other way round: what compares as a number. */
const swap = (word: number): number => ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/** Boundaries of a block: what a new one among them moves at most. */
const BLOCK = 64;
const BEGINS = 1;
const ENDS = 2;
/** Bits of a key that the index of blocks goes by. */
const INDEX_BITS = 18;
const INDEX_SHIFT = 32 - INDEX_BITS;
/** With fewer blocks halving is as quick. */
const INDEX_FROM = 64;
/** More changes than this are looked at by one walk over all. */
const WATCHED = 1024;

/**
 * Intervals: each is an element where it begins and one, flagged as end, where the next key is outside again. Both are boundaries, in order
 * of their keys (big endian words) in blocks of one flat array, so that one more moves few. What is nothing but its key is no object.
 */
export class IntervalBackend implements PlainSetBackend {
  readonly #words: number;
  readonly #bytes: number;
  #size = 0;
  /** Of block b the boundaries from b * BLOCK on: their keys, what is there (BEGINS, ENDS), and how many. */
  #keys: Uint32Array;
  #states = new Uint8Array(BLOCK);
  #counts = new Uint16Array(1);
  /** Blocks in order of their keys, and the first key of each. */
  #order: Int32Array = new Int32Array(1);
  #firsts: Uint32Array;
  #blocks = 0;
  /** Elements that are more than their key, by block: at twice their place, ends one behind. */
  readonly #objects: ((SetElement | undefined)[] | undefined)[] = [];
  readonly #probe: Uint32Array;
  /** Of keys of one word: by their highest bits, how many blocks begin before; null: to be made. */
  #index: Int32Array | null = null;
  /** Keys that have changed since all was last looked at; null: too many. */
  #changed: Uint32Array[] | null = [];
  readonly #plain = new SetElement(null, null, 0);
  // Where locate() has found its place: a block by its order, and in it.
  #block = 0;
  #place = 0;

  constructor(
    keyBytes: number,
    /** Of a set without a name: an interval may begin where the one before it has no end of its own. */
    readonly anonymous = false,
  ) {
    this.#bytes = keyBytes;
    this.#words = (keyBytes + 3) >> 2;
    this.#probe = new Uint32Array(this.#words);
    this.#keys = new Uint32Array(BLOCK * this.#words);
    this.#firsts = new Uint32Array(this.#words);
  }

  get size(): number {
    return this.#size;
  }

  insert(element: SetElement): SetElement | null {
    const key = element.key!;
    this.#read(key, 0);
    const end = element.endsInterval;
    if (!this.#add(end)) return this.#elementAt(end);
    if (!element.isPlain) this.#putObject(end, element);
    return null;
  }

  insertPlain(bytes: Uint8Array, at: number, flags: number): boolean {
    this.#read(bytes, at);
    return this.#add((flags & NFT_SET_ELEM_INTERVAL_END) !== 0);
  }

  remove(element: SetElement): void {
    this.#read(element.key!, 0);
    this.#removeProbe(element.endsInterval);
  }

  removePlain(bytes: Uint8Array, at: number, flags: number): void {
    this.#read(bytes, at);
    this.#removeProbe((flags & NFT_SET_ELEM_INTERVAL_END) !== 0);
  }

  find(key: Uint8Array, _keyEnd: Uint8Array | null, flags: number): SetElement | null {
    this.#read(key, 0);
    const end = (flags & NFT_SET_ELEM_INTERVAL_END) !== 0;
    return this.#locate() && (this.#stateHere() & (end ? ENDS : BEGINS)) !== 0 ? this.#elementAt(end) : null;
  }

  get(key: Uint8Array, _keyEnd: Uint8Array | null, flags: number): SetElement | null {
    this.#read(key, 0);
    const exact = this.#locate();
    if ((flags & NFT_SET_ELEM_INTERVAL_END) === 0) {
      if (!exact && !this.#back()) return null;
      return (this.#stateHere() & BEGINS) === 0 ? null : this.#elementAt(false);
    }
    // The end that is the next one from the key on: with a beginning between them the key is in no interval. Linux: __nft_rbtree_get()
    let there = this.#inBlock();
    if (there && exact && (this.#stateHere() & ENDS) === 0) there = this.#forth();
    return there && (this.#stateHere() & ENDS) !== 0 ? this.#elementAt(true) : null;
  }

  lookup(registers: Int32Array, word: number): SetElement | null {
    const words = this.#words;
    if (this.#blocks === 0) return null;
    if (words > 1) {
      for (let i = 0; i < words; i++) this.#probe[i] = swap(registers[word + i]!);
      if (!this.#locate() && !this.#back()) return null;
    } else {
      // Shorter keys lie at the low end of their word.
      const key = swap(registers[word]!);
      const firsts = this.#firsts;
      let low = 0;
      let high = this.#blocks - 1;
      if (high >= INDEX_FROM) {
        const index = this.#index ?? this.#makeIndex();
        const slot = key >>> INDEX_SHIFT;
        low = index[slot]!;
        high = index[slot + 1]! - 1;
      }
      while (low <= high) {
        const middle = (low + high) >>> 1;
        if (firsts[middle]! <= key) low = middle + 1;
        else high = middle - 1;
      }
      if (high < 0) return null;
      const block = this.#order[high]!;
      const keys = this.#keys;
      const base = block * BLOCK;
      let from = base;
      let to = base + this.#counts[block]! - 1;
      while (from <= to) {
        const middle = (from + to) >>> 1;
        if (keys[middle]! <= key) from = middle + 1;
        else to = middle - 1;
      }
      if ((this.#states[to]! & BEGINS) === 0) return null;
      const objects = this.#objects[block];
      return objects === undefined ? this.#plain : (objects[2 * (to - base)] ?? this.#plain);
    }
    if ((this.#stateHere() & BEGINS) === 0) return null;
    const block = this.#order[this.#block]!;
    return this.#objects[block]?.[2 * this.#place] ?? this.#plain;
  }

  /** EEXIST where intervals overlap. */
  check(): void {
    const changed = this.#changed;
    this.#changed = [];
    if (this.anonymous) return;
    if (changed === null) {
      this.#checkAll();
      return;
    }
    for (const key of changed) {
      this.#probe.set(key);
      this.#locate();
      // The boundary itself, or the one behind the place where it was, and its neighbour.
      if (!this.#inBlock()) continue;
      if (this.#overlapsHere()) fail(EEXIST);
      this.#locate();
      if (this.#forth() && this.#overlapsHere()) fail(EEXIST);
    }
  }

  clear(): void {
    this.#size = 0;
    this.#blocks = 0;
    this.#counts.fill(0);
    this.#objects.length = 0;
    this.#index = null;
    this.#changed = [];
  }

  #makeIndex(): Int32Array {
    const index = new Int32Array((1 << INDEX_BITS) + 1);
    const firsts = this.#firsts;
    let at = 0;
    for (let slot = 0; slot < index.length; slot++) {
      while (at < this.#blocks && firsts[at]! >>> INDEX_SHIFT < slot) at++;
      index[slot] = at;
    }
    this.#index = index;
    return index;
  }

  /** From the highest key down, as the kernel's tree is walked. */
  *elements(): Iterable<SetElement> {
    for (let at = this.#blocks - 1; at >= 0; at--) {
      const block = this.#order[at]!;
      for (let place = this.#counts[block]! - 1; place >= 0; place--) {
        const state = this.#states[block * BLOCK + place]!;
        if ((state & BEGINS) !== 0) yield this.#elementOf(block, place, false);
        if ((state & ENDS) !== 0) yield this.#elementOf(block, place, true);
      }
    }
  }

  /** One that begins inside another, with no end at the same place. */
  #overlapsHere(): boolean {
    const state = this.#stateHere();
    if ((state & BEGINS) === 0 || (state & ENDS) !== 0) return false;
    return this.#back() && (this.#stateHere() & BEGINS) !== 0;
  }

  #checkAll(): void {
    let inside = false;
    for (let at = 0; at < this.#blocks; at++) {
      const block = this.#order[at]!;
      const base = block * BLOCK;
      for (let place = base; place < base + this.#counts[block]!; place++) {
        const state = this.#states[place]!;
        if (inside && state === BEGINS) fail(EEXIST);
        inside = (state & BEGINS) !== 0;
      }
    }
  }

  #read(bytes: Uint8Array, at: number): void {
    const probe = this.#probe;
    if (this.#bytes === 4) {
      probe[0] = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      return;
    }
    probe.fill(0);
    for (let i = 0; i < this.#bytes; i++) probe[i >> 2]! |= bytes[at + i]! << (24 - 8 * (i & 3));
  }

  /** Compares the key at a place (of `keys`, in keys) with the probe. */
  #compare(keys: Uint32Array, at: number): number {
    const words = this.#words;
    const probe = this.#probe;
    for (let i = 0; i < words; i++) {
      const difference = keys[at * words + i]! - probe[i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Finds the first boundary at or behind the probe; true: it is the very one. */
  #locate(): boolean {
    let low = 0;
    let high = this.#blocks - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#firsts, middle) <= 0) low = middle + 1;
      else high = middle - 1;
    }
    this.#block = Math.max(high, 0);
    this.#place = 0;
    if (this.#blocks === 0 || high < 0) return false;
    const block = this.#order[high]!;
    const base = block * BLOCK;
    const last = base + this.#counts[block]! - 1;
    // What comes in order comes behind the last.
    let order = this.#compare(this.#keys, last);
    if (order < 0) {
      this.#place = last - base + 1;
      return false;
    }
    let from = base;
    let to = last;
    while (from < to) {
      const middle = (from + to) >>> 1;
      order = this.#compare(this.#keys, middle);
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    this.#place = from - base;
    return this.#compare(this.#keys, from) === 0;
  }

  /** Whether there is a boundary at the place; from behind a block's last to the next block's first. */
  #inBlock(): boolean {
    if (this.#blocks === 0) return false;
    if (this.#place < this.#counts[this.#order[this.#block]!]!) return true;
    if (this.#block + 1 >= this.#blocks) return false;
    this.#block++;
    this.#place = 0;
    return true;
  }

  #forth(): boolean {
    this.#place++;
    return this.#inBlock();
  }

  #back(): boolean {
    if (this.#blocks === 0) return false;
    if (this.#place > 0) this.#place--;
    else {
      if (this.#block === 0) return false;
      this.#block--;
      this.#place = this.#counts[this.#order[this.#block]!]! - 1;
    }
    return true;
  }

  #stateHere(): number {
    return this.#states[this.#order[this.#block]! * BLOCK + this.#place]!;
  }

  #elementAt(end: boolean): SetElement {
    return this.#elementOf(this.#order[this.#block]!, this.#place, end);
  }

  #elementOf(block: number, place: number, end: boolean): SetElement {
    const object = this.#objects[block]?.[2 * place + (end ? 1 : 0)];
    if (object !== undefined) return object;
    const key = new Uint8Array(this.#bytes);
    const at = (block * BLOCK + place) * this.#words;
    for (let i = 0; i < key.length; i++) key[i] = this.#keys[at + (i >> 2)]! >>> (24 - 8 * (i & 3));
    return new SetElement(key, null, end ? NFT_SET_ELEM_INTERVAL_END : 0);
  }

  #putObject(end: boolean, element: SetElement): void {
    const block = this.#order[this.#block]!;
    let objects = this.#objects[block];
    if (objects === undefined) {
      objects = new Array(2 * BLOCK).fill(undefined);
      this.#objects[block] = objects;
    }
    objects[2 * this.#place + (end ? 1 : 0)] = element;
  }

  #watch(): void {
    if (this.#changed === null) return;
    if (this.#changed.length >= WATCHED) this.#changed = null;
    else this.#changed.push(this.#probe.slice());
  }

  /** Adds the probe; false: it is there. Its place is the present one then. */
  #add(end: boolean): boolean {
    const bit = end ? ENDS : BEGINS;
    if (!this.#locate()) this.#makeRoom();
    const at = this.#order[this.#block]! * BLOCK + this.#place;
    if ((this.#states[at]! & bit) !== 0) return false;
    this.#states[at]! |= bit;
    this.#size++;
    this.#watch();
    return true;
  }

  /** A boundary with the probe as its key at the present place. */
  #makeRoom(): void {
    if (this.#blocks === 0) this.#newBlock(0);
    let block = this.#order[this.#block]!;
    let count = this.#counts[block]!;
    if (count === BLOCK) {
      if (this.#place === BLOCK && this.#block === this.#blocks - 1) {
        // Behind all there are: a full block stays full.
        this.#newBlock(this.#blocks);
        this.#block++;
        this.#place = 0;
      } else this.#split();
      block = this.#order[this.#block]!;
      count = this.#counts[block]!;
    }
    const words = this.#words;
    const base = block * BLOCK;
    const at = base + this.#place;
    if (this.#place < count) {
      this.#keys.copyWithin((at + 1) * words, at * words, (base + count) * words);
      this.#states.copyWithin(at + 1, at, base + count);
      this.#objects[block]?.copyWithin(2 * this.#place + 2, 2 * this.#place, 2 * count);
    }
    const objects = this.#objects[block];
    if (objects !== undefined) objects.fill(undefined, 2 * this.#place, 2 * this.#place + 2);
    this.#keys.set(this.#probe, at * words);
    this.#states[at] = 0;
    this.#counts[block] = count + 1;
    if (this.#place === 0) {
      this.#firsts.set(this.#probe, this.#block * words);
      this.#index = null;
    }
  }

  /** An empty block in the `at`th place of the order. */
  #newBlock(at: number): number {
    const block = this.#blocks;
    const words = this.#words;
    this.#index = null;
    if (block === this.#counts.length) {
      const grown = block * 2;
      this.#keys = extended(this.#keys, grown * BLOCK * words);
      this.#states = extended(this.#states, grown * BLOCK);
      this.#counts = extended(this.#counts, grown);
      this.#order = extended(this.#order, grown);
      this.#firsts = extended(this.#firsts, grown * words);
    }
    this.#order.copyWithin(at + 1, at, this.#blocks);
    this.#firsts.copyWithin((at + 1) * words, at * words, this.#blocks * words);
    this.#order[at] = block;
    this.#counts[block] = 0;
    this.#blocks++;
    return block;
  }

  /** The upper half of the present block goes into one of its own. */
  #split(): void {
    const words = this.#words;
    const from = this.#order[this.#block]!;
    const half = BLOCK >> 1;
    const to = this.#newBlock(this.#block + 1);
    const source = from * BLOCK + half;
    this.#keys.copyWithin(to * BLOCK * words, source * words, (source + half) * words);
    this.#states.copyWithin(to * BLOCK, source, source + half);
    const objects = this.#objects[from];
    if (objects !== undefined) {
      this.#objects[to] = [...objects.slice(2 * half), ...new Array<SetElement | undefined>(2 * half).fill(undefined)];
      objects.fill(undefined, 2 * half);
    }
    this.#counts[from] = half;
    this.#counts[to] = half;
    this.#firsts.set(this.#keys.subarray(to * BLOCK * words, (to * BLOCK + 1) * words), (this.#block + 1) * words);
    if (this.#place > half) {
      this.#block++;
      this.#place -= half;
    }
  }

  #removeProbe(end: boolean): void {
    if (!this.#locate()) return;
    const block = this.#order[this.#block]!;
    const at = block * BLOCK + this.#place;
    const bit = end ? ENDS : BEGINS;
    if ((this.#states[at]! & bit) === 0) return;
    this.#states[at]! &= ~bit;
    this.#size--;
    this.#watch();
    const objects = this.#objects[block];
    if (objects !== undefined) objects[2 * this.#place + (end ? 1 : 0)] = undefined;
    if (this.#states[at] !== 0) return;
    const words = this.#words;
    const count = this.#counts[block]! - 1;
    const base = block * BLOCK;
    this.#keys.copyWithin(at * words, (at + 1) * words, (base + count + 1) * words);
    this.#states.copyWithin(at, at + 1, base + count + 1);
    objects?.copyWithin(2 * this.#place, 2 * this.#place + 2, 2 * count + 2);
    this.#counts[block] = count;
    if (count === 0) this.#dropBlock();
    else if (this.#place === 0) {
      this.#firsts.set(this.#keys.subarray(base * words, (base + 1) * words), this.#block * words);
      this.#index = null;
    }
  }

  /** The present block is empty: the last of all moves into its place. */
  #dropBlock(): void {
    const words = this.#words;
    this.#index = null;
    const gone = this.#order[this.#block]!;
    this.#order.copyWithin(this.#block, this.#block + 1, this.#blocks);
    this.#firsts.copyWithin(this.#block * words, (this.#block + 1) * words, this.#blocks * words);
    const last = --this.#blocks;
    if (gone !== last) {
      this.#keys.copyWithin(gone * BLOCK * words, last * BLOCK * words, (last + 1) * BLOCK * words);
      this.#states.copyWithin(gone * BLOCK, last * BLOCK, (last + 1) * BLOCK);
      this.#counts[gone] = this.#counts[last]!;
      this.#objects[gone] = this.#objects[last];
      this.#order[this.#order.indexOf(last)] = gone;
    }
    this.#counts[last] = 0;
    this.#objects[last] = undefined;
  }
}

/** A longer array with the same beginning. */
function extended<T extends Uint32Array | Int32Array | Uint16Array | Uint8Array>(array: T, length: number): T {
  const longer = new (array.constructor as new (length: number) => T)(length);
  longer.set(array as never);
  return longer;
}

export const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
