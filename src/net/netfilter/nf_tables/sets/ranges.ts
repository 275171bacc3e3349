import { EEXIST } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import type { SetElement } from '../element.js';
import type { SetBackend } from './backend.js';
import { HashBackend } from './hash.js';
import { compareBytes, textOf } from './interval.js';

/** So many are looked at one by one rather than told apart by another field. */
const LEAF = 4;
/** Up to so many each new one is held against all others at once, so that an error points to it. */
const AT_ONCE = 512;

/** Elements that a part of all keys may be in, told apart by one field; a leaf has them themselves. */
interface Node {
  /** Which field; -1: a leaf. */
  readonly field: number;
  /** Where in the field its parts begin, in order: words, as many a part as the field has. */
  readonly bounds: Uint32Array;
  readonly parts: readonly Node[];
  readonly elements: readonly SetElement[];
  /** Of a leaf: first and last key of each, in words. */
  readonly limits: Uint32Array;
}

const NO_WORDS = new Uint32Array(0);
const EMPTY: Node = { field: -1, bounds: NO_WORDS, parts: [], elements: [], limits: NO_WORDS };

/** Bytes of a register word the other way round: what compares as a number. */
const swap = (word: number): number => ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/**
 * Ranges of concatenated fields (what the kernel's pipapo is for). Elements whose every field is a single value are found by hash; others
 * by a tree that goes by one field after the other, down to the few that may hold a key. It is made anew when elements have changed.
 */
export class RangesBackend implements SetBackend {
  /** Bytes of each field, and where in the key it begins: at a multiple of four. */
  readonly #fields: readonly number[];
  readonly #starts: readonly number[];
  readonly #single: HashBackend;
  readonly #all = new Map<string, SetElement>();
  /** In the order in which they came. */
  readonly #ranges = new Set<SetElement>();
  #tree: Node | null = EMPTY;
  /** Added since all was last looked at. */
  #added: SetElement[] = [];
  readonly #probe: Uint32Array;
  readonly #words: number;

  constructor(keyBytes: number, fields: readonly number[], seed: number) {
    this.#fields = fields;
    let at = 0;
    this.#starts = fields.map((bytes) => {
      const start = at;
      at += (bytes + 3) & ~3;
      return start;
    });
    this.#single = new HashBackend(keyBytes, seed);
    this.#words = (keyBytes + 3) >> 2;
    this.#probe = new Uint32Array(this.#words);
  }

  get size(): number {
    return this.#all.size;
  }

  insert(element: SetElement): SetElement | null {
    const key = keyOf(element.key!, element.keyEnd);
    const there = this.#all.get(key);
    if (there !== undefined) return there;
    const single = isSingle(element);
    if (this.#all.size < AT_ONCE) {
      for (const other of this.#ranges) if (this.#overlap(element, other)) return fail(EEXIST);
      if (!single) for (const other of this.#single.elements()) if (this.#overlap(element, other)) return fail(EEXIST);
    } else this.#added.push(element);
    if (single) this.#single.insert(element);
    else {
      this.#ranges.add(element);
      this.#tree = null;
    }
    this.#all.set(key, element);
    return null;
  }

  remove(element: SetElement): void {
    if (!this.#all.delete(keyOf(element.key!, element.keyEnd))) return;
    if (isSingle(element)) this.#single.remove(element);
    else {
      this.#ranges.delete(element);
      this.#tree = null;
    }
    if (this.#added.length > 0) this.#added = this.#added.filter((other) => other !== element);
  }

  find(key: Uint8Array, keyEnd: Uint8Array | null): SetElement | null {
    return this.#all.get(keyOf(key, keyEnd)) ?? null;
  }

  get(key: Uint8Array): SetElement | null {
    return this.#single.find(key) ?? this.#inRange(this.#read(key, this.#probe, 0));
  }

  lookup(registers: Int32Array, word: number): SetElement | null {
    const single = this.#single.size === 0 ? null : this.#single.lookup(registers, word);
    if (single !== null || this.#ranges.size === 0) return single;
    const probe = this.#probe;
    for (let i = 0; i < probe.length; i++) probe[i] = swap(registers[word + i]!);
    return this.#inRange(probe);
  }

  /** EEXIST where elements of this batch overlap others. */
  check(): void {
    const added = this.#added;
    this.#added = [];
    if (added.length === 0) return;
    const tree = this.#build();
    const singles = this.#single.size > 0 ? this.#makeNode([...this.#single.elements()], this.#allFields()) : EMPTY;
    for (const element of added) if (this.#meets(tree, element) || (!isSingle(element) && this.#meets(singles, element))) fail(EEXIST);
  }

  clear(): void {
    this.#single.clear();
    this.#all.clear();
    this.#ranges.clear();
    this.#added = [];
    this.#tree = EMPTY;
  }

  elements(): Iterable<SetElement> {
    return this.#all.values();
  }

  #allFields(): readonly number[] {
    return this.#fields.map((_, field) => field);
  }

  #build(): Node {
    this.#tree ??= this.#makeNode([...this.#ranges], this.#allFields());
    return this.#tree;
  }

  /** Tells elements apart by the field that does it best. */
  #makeNode(elements: readonly SetElement[], fields: readonly number[]): Node {
    if (elements.length <= LEAF || fields.length === 0) return this.#makeLeaf(elements);
    let best: { field: number; bounds: Uint8Array[]; parts: SetElement[][]; largest: number } | null = null;
    for (const field of fields) {
      const split = this.#split(elements, field);
      if (split !== null && (best === null || split.largest < best.largest)) best = split;
    }
    if (best === null || best.largest === elements.length) return this.#makeLeaf(elements);
    const rest = fields.filter((field) => field !== best.field);
    const { field, bounds, parts } = best;
    const words = (this.#fields[field]! + 3) >> 2;
    const flat = new Uint32Array(bounds.length * words);
    for (const [i, bound] of bounds.entries()) this.#read(bound, flat, i * words);
    return { ...EMPTY, field, bounds: flat, parts: parts.map((part) => this.#makeNode(part, rest)) };
  }

  #makeLeaf(elements: readonly SetElement[]): Node {
    const words = this.#words;
    const limits = new Uint32Array(elements.length * words * 2);
    for (const [i, { key, keyEnd }] of elements.entries()) {
      this.#read(key!, limits, 2 * i * words);
      this.#read(keyEnd ?? key!, limits, (2 * i + 1) * words);
    }
    return { ...EMPTY, elements, limits };
  }

  /** Bytes as words that compare as numbers. */
  #read(bytes: Uint8Array, into: Uint32Array, at: number): Uint32Array {
    for (let i = 0; i < (bytes.length + 3) >> 2; i++) into[at + i] = 0;
    for (let i = 0; i < bytes.length; i++) into[at + (i >> 2)]! |= bytes[i]! << (24 - 8 * (i & 3));
    return into;
  }

  /** Parts of a field in each of which the same elements may be; null: they would be too many. */
  #split(elements: readonly SetElement[], field: number) {
    const bytes = this.#fields[field]!;
    const at = this.#starts[field]!;
    const slice = (key: Uint8Array) => key.slice(at, at + bytes);
    const events: { readonly key: Uint8Array; readonly element: SetElement; readonly begins: boolean }[] = [];
    for (const element of elements) {
      events.push({ key: slice(element.key!), element, begins: true });
      const behind = slice(element.keyEnd ?? element.key!);
      if (increase(behind)) events.push({ key: behind, element, begins: false });
    }
    events.sort((a, b) => compareBytes(a.key, b.key));
    const inside = new Set<SetElement>();
    const bounds: Uint8Array[] = [];
    const parts: SetElement[][] = [];
    let copies = 0;
    let largest = 0;
    for (let i = 0; i < events.length; ) {
      const { key } = events[i]!;
      for (; i < events.length && compareBytes(events[i]!.key, key) === 0; i++) {
        if (events[i]!.begins) inside.add(events[i]!.element);
        else inside.delete(events[i]!.element);
      }
      copies += inside.size;
      if (copies > 64 * elements.length) return null;
      largest = Math.max(largest, inside.size);
      bounds.push(key);
      parts.push([...inside]);
    }
    return { field, bounds, parts, largest };
  }

  #inRange(key: Uint32Array): SetElement | null {
    let node = this.#tree ?? this.#build();
    while (node.field >= 0) {
      const part = this.#partOf(node, key);
      if (part < 0) return null;
      node = node.parts[part]!;
    }
    const { elements, limits } = node;
    for (let i = 0; i < elements.length; i++) if (this.#contains(limits, 2 * i * this.#words, key)) return elements[i]!;
    return null;
  }

  /** The part that a key's field lies in; -1: before the first. */
  #partOf({ field, bounds }: Node, key: Uint32Array): number {
    const at = this.#starts[field]! >> 2;
    const words = (this.#fields[field]! + 3) >> 2;
    let low = 0;
    let high = bounds.length / words - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      let order = 0;
      for (let i = 0; i < words && order === 0; i++) order = bounds[middle * words + i]! - key[at + i]!;
      if (order <= 0) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** Whether an element overlaps another one of the tree. */
  #meets(node: Node, element: SetElement): boolean {
    if (node.field < 0) return node.elements.some((other) => other !== element && this.#overlap(element, other));
    const from = Math.max(this.#partOf(node, this.#read(element.key!, this.#probe, 0)), 0);
    const to = this.#partOf(node, this.#read(element.keyEnd ?? element.key!, this.#probe, 0));
    for (let part = from; part <= to; part++) if (this.#meets(node.parts[part]!, element)) return true;
    return false;
  }

  /** Whether each field lies between those of the two keys at `at`. */
  #contains(limits: Uint32Array, at: number, key: Uint32Array): boolean {
    const last = at + this.#words;
    for (let f = 0; f < this.#fields.length; f++) {
      const from = this.#starts[f]! >> 2;
      const to = from + ((this.#fields[f]! + 3) >> 2);
      for (let i = from, order = 0; i < to && order === 0; i++) {
        order = key[i]! - limits[at + i]!;
        if (order < 0) return false;
      }
      for (let i = from, order = 0; i < to && order === 0; i++) {
        order = key[i]! - limits[last + i]!;
        if (order > 0) return false;
      }
    }
    return true;
  }

  #overlap(a: SetElement, b: SetElement): boolean {
    for (let f = 0; f < this.#fields.length; f++) {
      const bytes = this.#fields[f]!;
      const at = this.#starts[f]!;
      if (order(a.keyEnd ?? a.key!, b.key!, at, bytes) < 0 || order(a.key!, b.keyEnd ?? b.key!, at, bytes) > 0) return false;
    }
    return true;
  }
}

const keyOf = (key: Uint8Array, end: Uint8Array | null) => `${textOf(key)}-${end === null ? textOf(key) : textOf(end)}`;
const isSingle = (element: SetElement) => element.keyEnd === null || compareBytes(element.key!, element.keyEnd) === 0;

function order(a: Uint8Array, b: Uint8Array, at: number, bytes: number): number {
  for (let i = at; i < at + bytes; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** One more than a number of many bytes; false: there is none. */
function increase(bytes: Uint8Array): boolean {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i]!++;
    if (bytes[i] !== 0) return true;
  }
  return false;
}
