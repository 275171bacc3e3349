import { hash4 } from '../../../base/hash.js';
import { equalAddress, type In6, maskAddress } from '../../../wire/ipv6.js';
import type { Fib6Info } from './info.js';

/** All routes of one prefix, by metric; those of one metric in the order in which they came. */
export class Fib6Node {
  readonly prefix: In6;
  readonly prefixLength: number;
  routes: Fib6Info[] = [];
  /** With whom the round of equal default routers begins (rr_ptr). */
  roundRobin = 0;

  constructor(prefix: In6, prefixLength: number) {
    this.prefix = prefix;
    this.prefixLength = prefixLength;
  }
}

/**
 * A routing table of IPv6: prefixes in one seeded, open-addressed table, asked once for each length that occurs, longest first.
 * Tables have few lengths: 128, 64, some between, 0.
 */
export class Fib6Table {
  readonly id: number;
  readonly #seed: number;
  #slots: (Fib6Node | null)[] = new Array(16).fill(null);
  #count = 0;
  /** Nodes of each length. */
  readonly #ofLength = new Int32Array(129);
  /** The lengths that occur, longest first. */
  #lengths: number[] = [];
  readonly #key = new Uint32Array(4);

  constructor(id: number, seed: number) {
    this.id = id;
    this.#seed = seed;
  }

  get size(): number {
    return this.#count;
  }

  /** Lengths to be walked by the lookup, longest first: `node(address, length(i))`. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  /** The node of exactly the first `length` bits of `address`. */
  node(address: In6, length: number): Fib6Node | null {
    const key = this.#key;
    key[0] = address[0]!;
    key[1] = address[1]!;
    key[2] = address[2]!;
    key[3] = address[3]!;
    maskAddress(key, length);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(key, length) & mask;
    for (let node = slots[slot]!; node !== null; node = slots[slot]!) {
      if (node.prefixLength === length && equalAddress(node.prefix, key)) return node;
      slot = (slot + 1) & mask;
    }
    return null;
  }

  obtain(address: In6, length: number): Fib6Node {
    const found = this.node(address, length);
    if (found !== null) return found;
    const node = new Fib6Node(maskAddress(address.slice(), length), length);
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
    this.#link(this.#slots, node);
    this.#count++;
    if (this.#ofLength[length]!++ === 0) this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
    return node;
  }

  /** Takes a node without routes out. */
  remove(node: Fib6Node): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#hash(node.prefix, node.prefixLength) & mask;
    while (slots[hole] !== node) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== null; slot = (slot + 1) & mask) {
      const home = this.#hash(slots[slot]!.prefix, slots[slot]!.prefixLength) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot]!;
      hole = slot;
    }
    slots[hole] = null;
    this.#count--;
    if (--this.#ofLength[node.prefixLength]! === 0) this.#lengths = this.#lengths.filter((length) => length !== node.prefixLength);
  }

  /** Nodes in the order of Linux's tree walk: a prefix before what lies in it, 0 before 1. */
  nodes(): Fib6Node[] {
    const all = this.#slots.filter((node): node is Fib6Node => node !== null);
    return all.sort((a, b) => comparePrefixes(a.prefix, a.prefixLength, b.prefix, b.prefixLength));
  }

  #hash(key: In6, length: number): number {
    return hash4(this.#seed ^ Math.imul(length, 0x9e37_79b1), key[0]!, key[1]!, key[2]!, key[3]!);
  }

  #link(slots: (Fib6Node | null)[], node: Fib6Node): void {
    const mask = slots.length - 1;
    let slot = this.#hash(node.prefix, node.prefixLength) & mask;
    while (slots[slot] !== null) slot = (slot + 1) & mask;
    slots[slot] = node;
  }

  #grow(): void {
    const slots: (Fib6Node | null)[] = new Array(this.#slots.length * 2).fill(null);
    for (const node of this.#slots) if (node !== null) this.#link(slots, node);
    this.#slots = slots;
  }
}

/** A prefix before what lies in it, 0 before 1. */
export function comparePrefixes(a: In6, aLength: number, b: In6, bLength: number): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return aLength - bLength;
}
