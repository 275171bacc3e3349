import { EEXIST } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_SET_ELEM_INTERVAL_END } from '../../../../netlink/nfnl/nf-tables.js';
import type { SetElement } from '../element.js';
import type { SetBackend } from './backend.js';

/** Bytes of a register word the other way round: what compares as a number. */
const swap = (word: number): number => ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/**
 * Intervals: each is an element where it begins and one, flagged as end, where the next key is outside again. For packets they are
 * boundaries in order of their keys (big endian words), found by halving; these are made anew when elements have changed.
 */
export class IntervalBackend implements SetBackend {
  readonly #words: number;
  readonly #bytes: number;
  /** By the bytes of the key, as text; begins and ends apart. */
  readonly #begins = new Map<string, SetElement>();
  readonly #ends = new Map<string, SetElement>();
  #dirty = true;
  #count = 0;
  #keys = new Uint32Array(0);
  /** What lies from a boundary on up to the next: an interval's first element, or null. */
  #values: (SetElement | null)[] = [];
  readonly #probe: Uint32Array;

  constructor(
    keyBytes: number,
    /** Of a set without a name: an interval may begin where the one before it has no end of its own. */
    readonly anonymous = false,
  ) {
    this.#bytes = keyBytes;
    this.#words = (keyBytes + 3) >> 2;
    this.#probe = new Uint32Array(this.#words);
  }

  get size(): number {
    return this.#begins.size + this.#ends.size;
  }

  insert(element: SetElement): SetElement | null {
    const map = element.endsInterval ? this.#ends : this.#begins;
    const key = textOf(element.key!);
    const there = map.get(key);
    if (there !== undefined) return there;
    map.set(key, element);
    this.#dirty = true;
    return null;
  }

  remove(element: SetElement): void {
    const map = element.endsInterval ? this.#ends : this.#begins;
    const key = textOf(element.key!);
    if (map.get(key) !== element) return;
    map.delete(key);
    this.#dirty = true;
  }

  find(key: Uint8Array, _keyEnd: Uint8Array | null, flags: number): SetElement | null {
    return ((flags & NFT_SET_ELEM_INTERVAL_END) !== 0 ? this.#ends : this.#begins).get(textOf(key)) ?? null;
  }

  get(key: Uint8Array, _keyEnd: Uint8Array | null, flags: number): SetElement | null {
    this.#build();
    this.#fromBytes(key);
    if ((flags & NFT_SET_ELEM_INTERVAL_END) === 0) {
      const at = this.#boundary();
      return at < 0 ? null : this.#values[at]!;
    }
    // The end of the interval that the key, the first one behind what was asked for, ends or lies in.
    let at = this.#boundary();
    if (at < 0) return null;
    if (!this.#equalAt(at)) at++;
    for (; at < this.#count; at++) {
      const end = this.#endAt(at);
      if (end !== null) return end;
    }
    return null;
  }

  lookup(registers: Int32Array, word: number): SetElement | null {
    if (this.#dirty) this.#build();
    const words = this.#words;
    const keys = this.#keys;
    let low = 0;
    let high = this.#count - 1;
    if (words === 1) {
      // Shorter keys lie at the low end of their word.
      const key = swap(registers[word]!);
      while (low <= high) {
        const middle = (low + high) >>> 1;
        if (keys[middle]! <= key) low = middle + 1;
        else high = middle - 1;
      }
      return high < 0 ? null : this.#values[high]!;
    }
    for (let i = 0; i < words; i++) this.#probe[i] = swap(registers[word + i]!);
    const at = this.#boundary();
    return at < 0 ? null : this.#values[at]!;
  }

  /** EEXIST where intervals overlap. */
  check(): void {
    if (!this.#build()) fail(EEXIST);
  }

  clear(): void {
    this.#begins.clear();
    this.#ends.clear();
    this.#dirty = true;
  }

  /** From the highest key down, as the kernel's tree is walked. */
  *elements(): Iterable<SetElement> {
    const all = [...this.#begins.values(), ...this.#ends.values()];
    all.sort((a, b) => compareBytes(b.key!, a.key!) || (a.endsInterval ? 1 : 0) - (b.endsInterval ? 1 : 0));
    yield* all;
  }

  /** The last boundary at or before the probe; -1: all are behind it. */
  #boundary(): number {
    const words = this.#words;
    const keys = this.#keys;
    const probe = this.#probe;
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      let order = 0;
      for (let i = 0; i < words && order === 0; i++) order = keys[middle * words + i]! - probe[i]!;
      if (order <= 0) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  #equalAt(at: number): boolean {
    for (let i = 0; i < this.#words; i++) if (this.#keys[at * this.#words + i] !== this.#probe[i]) return false;
    return true;
  }

  #endAt(at: number): SetElement | null {
    const bytes = new Uint8Array(this.#bytes);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#keys[at * this.#words + (i >> 2)]! >>> (24 - 8 * (i & 3));
    return this.#ends.get(textOf(bytes)) ?? null;
  }

  /** Puts boundaries in order; false: intervals overlap. */
  #build(): boolean {
    if (!this.#dirty) return true;
    const keys = new Set<string>([...this.#begins.keys(), ...this.#ends.keys()]);
    const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const words = this.#words;
    this.#keys = new Uint32Array(sorted.length * words);
    this.#values = new Array(sorted.length).fill(null);
    this.#count = sorted.length;
    let inside = false;
    let fits = true;
    for (const [at, key] of sorted.entries()) {
      const begin = this.#begins.get(key);
      const ends = this.#ends.has(key);
      // One that begins inside another, with no end at the same place.
      if (begin !== undefined && inside && !ends && !this.anonymous) fits = false;
      if (ends) inside = false;
      if (begin !== undefined) {
        inside = true;
        this.#values[at] = begin;
      }
      for (let i = 0; i < key.length; i++) this.#keys[at * words + (i >> 2)]! |= key.charCodeAt(i) << (24 - 8 * (i & 3));
    }
    this.#dirty = false;
    return fits;
  }

  #fromBytes(key: Uint8Array): void {
    this.#probe.fill(0);
    for (let i = 0; i < key.length; i++) this.#probe[i >> 2]! |= key[i]! << (24 - 8 * (i & 3));
  }
}

export const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
