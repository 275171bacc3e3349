import { EEXIST } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import type { SetElement } from '../element.js';
import type { SetBackend } from './backend.js';
import { HashBackend } from './hash.js';
import { compareBytes, textOf } from './interval.js';

/**
 * Ranges of concatenated fields (what the kernel's pipapo does). Elements whose every field is a single value are found by hash;
 * of the others each is looked at, in the order in which they came.
 */
export class RangesBackend implements SetBackend {
  /** Bytes of each field; in the key each begins at a multiple of four. */
  readonly #fields: readonly number[];
  readonly #single: HashBackend;
  readonly #all = new Map<string, SetElement>();
  #ranges: SetElement[] = [];
  readonly #probe: Uint8Array;

  constructor(keyBytes: number, fields: readonly number[], seed: number) {
    this.#fields = fields;
    this.#single = new HashBackend(keyBytes, seed);
    this.#probe = new Uint8Array(keyBytes);
  }

  get size(): number {
    return this.#all.size;
  }

  insert(element: SetElement): SetElement | null {
    const key = keyOf(element.key!, element.keyEnd);
    const there = this.#all.get(key);
    if (there !== undefined) return there;
    for (const other of this.#ranges) if (overlaps(element, other, this.#fields)) return fail(EEXIST);
    if (isSingle(element)) this.#single.insert(element);
    else {
      for (const other of this.#single.elements()) if (overlaps(element, other, this.#fields)) return fail(EEXIST);
      this.#ranges.push(element);
    }
    this.#all.set(key, element);
    return null;
  }

  remove(element: SetElement): void {
    if (!this.#all.delete(keyOf(element.key!, element.keyEnd))) return;
    if (isSingle(element)) this.#single.remove(element);
    else this.#ranges = this.#ranges.filter((other) => other !== element);
  }

  find(key: Uint8Array, keyEnd: Uint8Array | null): SetElement | null {
    return this.#all.get(keyOf(key, keyEnd)) ?? null;
  }

  get(key: Uint8Array): SetElement | null {
    return this.#single.find(key) ?? this.#inRange(key);
  }

  lookup(registers: Int32Array, word: number): SetElement | null {
    const single = this.#single.lookup(registers, word);
    if (single !== null || this.#ranges.length === 0) return single;
    const probe = this.#probe;
    for (let i = 0; i < probe.length; i++) probe[i] = registers[word + (i >> 2)]! >>> (8 * (i & 3));
    return this.#inRange(probe);
  }

  clear(): void {
    this.#single.clear();
    this.#all.clear();
    this.#ranges = [];
  }

  elements(): Iterable<SetElement> {
    return this.#all.values();
  }

  #inRange(key: Uint8Array): SetElement | null {
    for (let i = 0; i < this.#ranges.length; i++) {
      const element = this.#ranges[i]!;
      if (contains(element, key, this.#fields)) return element;
    }
    return null;
  }
}

const keyOf = (key: Uint8Array, end: Uint8Array | null) => `${textOf(key)}-${end === null ? textOf(key) : textOf(end)}`;
const isSingle = (element: SetElement) => element.keyEnd === null || compareBytes(element.key!, element.keyEnd) === 0;

function order(a: Uint8Array, b: Uint8Array, at: number, bytes: number): number {
  for (let i = at; i < at + bytes; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function contains(element: SetElement, key: Uint8Array, fields: readonly number[]): boolean {
  const first = element.key!;
  const last = element.keyEnd ?? first;
  for (let f = 0, at = 0; f < fields.length; f++) {
    const bytes = fields[f]!;
    if (order(key, first, at, bytes) < 0 || order(key, last, at, bytes) > 0) return false;
    at += (bytes + 3) & ~3;
  }
  return true;
}

function overlaps(a: SetElement, b: SetElement, fields: readonly number[]): boolean {
  for (let f = 0, at = 0; f < fields.length; f++) {
    const bytes = fields[f]!;
    if (order(a.keyEnd ?? a.key!, b.key!, at, bytes) < 0 || order(a.key!, b.keyEnd ?? b.key!, at, bytes) > 0) return false;
    at += (bytes + 3) & ~3;
  }
  return true;
}
