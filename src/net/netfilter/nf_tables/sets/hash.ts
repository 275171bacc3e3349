import { hashStep } from '../../../../base/hash.js';
import { SetElement } from '../element.js';
import type { PlainSetBackend } from './backend.js';

const FIRST_SLOTS = 16;
const EMPTY = 0;
/** In the place of elements that are nothing but their key. */
const PLAIN = new SetElement(null, null, 0);

/**
 * Single keys: open addressing over flat words. `slots` holds numbers of entries, one added (0: empty); entries keep their keys one
 * behind the other in `keys`.
 */
export class HashBackend implements PlainSetBackend {
  readonly #seed: number;
  readonly #bytes: number;
  readonly #words: number;
  /** What of the last word belongs to the key. */
  readonly #lastMask: number;
  #slots = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #keys: Int32Array;
  #entries: (SetElement | null)[] = [];
  readonly #free: number[] = [];
  readonly #probe: Int32Array;
  size = 0;

  constructor(keyBytes: number, seed: number) {
    this.#bytes = keyBytes;
    this.#seed = seed;
    this.#words = (keyBytes + 3) >> 2;
    const rest = keyBytes & 3;
    this.#lastMask = rest === 0 ? -1 : (1 << (8 * rest)) - 1;
    this.#keys = new Int32Array(FIRST_SLOTS * this.#words);
    this.#probe = new Int32Array(this.#words);
  }

  insert(element: SetElement): SetElement | null {
    this.#toWords(element.key!, 0);
    const slot = this.#slotOf(this.#probe, 0);
    if (slot >= 0) return this.#elementOf(this.#slots[slot]! - 1);
    this.#add(element.isPlain ? PLAIN : element);
    return null;
  }

  insertPlain(bytes: Uint8Array, at: number): boolean {
    this.#toWords(bytes, at);
    if (this.#slotOf(this.#probe, 0) >= 0) return false;
    this.#add(PLAIN);
    return true;
  }

  /** The probe becomes the key of an element. */
  #add(element: SetElement): void {
    if ((this.size + 1) * 2 > this.#slots.length) this.#grow();
    const entry = this.#free.pop() ?? this.#entries.length;
    if ((entry + 1) * this.#words > this.#keys.length) {
      const keys = new Int32Array(this.#keys.length * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    this.#keys.set(this.#probe, entry * this.#words);
    this.#entries[entry] = element;
    this.#place(entry);
    this.size++;
  }

  remove(element: SetElement): void {
    this.#toWords(element.key!, 0);
    this.#removeProbe();
  }

  removePlain(bytes: Uint8Array, at: number): void {
    this.#toWords(bytes, at);
    this.#removeProbe();
  }

  #removeProbe(): void {
    let slot = this.#slotOf(this.#probe, 0);
    if (slot < 0) return;
    const entry = this.#slots[slot]! - 1;
    this.#entries[entry] = null;
    this.#free.push(entry);
    this.size--;
    // Those behind move up, so that no search ends too early.
    const slots = this.#slots;
    const mask = this.#mask;
    for (let next = (slot + 1) & mask; slots[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.#hash(this.#keys, (slots[next]! - 1) * this.#words) & mask;
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        slots[slot] = slots[next]!;
        slot = next;
      }
    }
    slots[slot] = EMPTY;
  }

  find(key: Uint8Array): SetElement | null {
    this.#toWords(key, 0);
    const slot = this.#slotOf(this.#probe, 0);
    return slot < 0 ? null : this.#elementOf(this.#slots[slot]! - 1);
  }

  get(key: Uint8Array): SetElement | null {
    return this.find(key);
  }

  lookup(registers: Int32Array, word: number): SetElement | null {
    const slot = this.#slotOf(registers, word);
    return slot < 0 ? null : this.#entries[this.#slots[slot]! - 1]!;
  }

  clear(): void {
    this.#slots.fill(EMPTY);
    this.#entries = [];
    this.#free.length = 0;
    this.size = 0;
  }

  *elements(): Iterable<SetElement> {
    for (let entry = 0; entry < this.#entries.length; entry++) if (this.#entries[entry] !== null) yield this.#elementOf(entry);
  }

  #slotOf(words: Int32Array, at: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = this.#hash(words, at) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === EMPTY) return -1;
      if (this.#equal((entry - 1) * this.#words, words, at)) return slot;
    }
  }

  #equal(place: number, words: Int32Array, at: number): boolean {
    const keys = this.#keys;
    const last = this.#words - 1;
    for (let i = 0; i < last; i++) if (keys[place + i] !== words[at + i]) return false;
    return keys[place + last] === (words[at + last]! & this.#lastMask);
  }

  #hash(words: Int32Array, at: number): number {
    let hash = this.#seed;
    const last = this.#words - 1;
    for (let i = 0; i < last; i++) hash = hashStep(hash, words[at + i]!);
    return hashStep(hash, words[at + last]! & this.#lastMask);
  }

  #place(entry: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = this.#hash(this.#keys, entry * this.#words) & mask;
    while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot] = entry + 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#mask = this.#slots.length - 1;
    for (let entry = 0; entry < this.#entries.length; entry++) if (this.#entries[entry] !== null) this.#place(entry);
  }

  /** The element as users see it. */
  #elementOf(entry: number): SetElement {
    const element = this.#entries[entry]!;
    if (element !== PLAIN) return element;
    const key = new Uint8Array(this.#bytes);
    for (let i = 0; i < key.length; i++) key[i] = this.#keys[entry * this.#words + (i >> 2)]! >>> (8 * (i & 3));
    return new SetElement(key, null, 0);
  }

  #toWords(key: Uint8Array, at: number): void {
    const probe = this.#probe;
    probe.fill(0);
    for (let i = 0; i < this.#bytes; i++) probe[i >> 2]! |= key[at + i]! << (8 * (i & 3));
  }
}
