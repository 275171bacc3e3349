import type { ConntrackReferences } from '../../core/packet-pool.js';
import {
  IPS_CONFIRMED,
  MASTER,
  NAMESPACE,
  ORIGINAL,
  ORIGINAL_PORTS,
  PROTOCOL,
  REFERENCES,
  REPLY,
  REPLY_PORTS,
  STATUS,
  WORDS,
  ZONE,
} from './layout.js';
import type { Tuple } from './tuple.js';

const PAGE_BITS = 10;
const PAGE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE - 1;
const FIRST_SLOTS = 1024;

/**
 * The connections of a stack, of all its namespaces: flat words in pages that never move, and an index of both directions of each, open
 * addressed. A connection is a number from 1 on; it lives while the index or a packet refers to it. Linux: nf_conntrack_hash
 */
export class ConntrackTable implements ConntrackReferences {
  readonly #seed: number;
  readonly #pages: Int32Array[] = [];
  #free: number[] = [];
  #next = 1;
  /** Number << 1 | direction; 0: nothing was there yet. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #used = 0;
  /** Somebody has wanted connections: what there is of them in /proc is there (the module is loaded). */
  loaded = false;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Words of the page of a connection; its own begin at base(). */
  words(id: number): Int32Array {
    return this.#pages[id >> PAGE_BITS]!;
  }

  base(id: number): number {
    return (id & PAGE_MASK) * WORDS;
  }

  get(id: number, field: number): number {
    return this.words(id)[this.base(id) + field]!;
  }

  set(id: number, field: number, value: number): void {
    this.words(id)[this.base(id) + field] = value;
  }

  /** Sets bits of the status; false: they were set already. */
  setStatus(id: number, bits: number): boolean {
    const words = this.words(id);
    const at = this.base(id) + STATUS;
    if ((words[at]! & bits) === bits) return false;
    words[at]! |= bits;
    return true;
  }

  status(id: number): number {
    return this.words(id)[this.base(id) + STATUS]!;
  }

  /** A new connection that is nowhere yet, with one reference. */
  allocate(namespace: number, zone: number, original: Tuple, reply: Tuple): number {
    const id = this.#free.pop() ?? this.#next++;
    const page = id >> PAGE_BITS;
    if (page === this.#pages.length) this.#pages.push(new Int32Array(PAGE * WORDS));
    const words = this.words(id);
    const base = this.base(id);
    words.fill(0, base, base + WORDS);
    words[base + REFERENCES] = 1;
    words[base + NAMESPACE] = namespace;
    words[base + ZONE] = zone;
    words[base + PROTOCOL] = (original.family << 8) | original.protocol;
    this.writeTuple(id, 0, original);
    this.writeTuple(id, 1, reply);
    return id;
  }

  hold(id: number): void {
    this.words(id)[this.base(id) + REFERENCES]!++;
  }

  release(id: number): void {
    const words = this.words(id);
    const at = this.base(id) + REFERENCES;
    if (--words[at]! > 0) return;
    const base = at - REFERENCES;
    const master = words[base + MASTER]!;
    if (master !== 0) {
      words[base + MASTER] = 0;
      this.release(master);
    }
    this.#free.push(id);
  }

  writeTuple(id: number, direction: number, tuple: Tuple): void {
    const words = this.words(id);
    const base = this.base(id);
    const at = base + (direction === 0 ? ORIGINAL : REPLY);
    for (let i = 0; i < 4; i++) {
      words[at + i] = tuple.source[i]!;
      words[at + 4 + i] = tuple.destination[i]!;
    }
    words[base + (direction === 0 ? ORIGINAL_PORTS : REPLY_PORTS)] = tuple.ports;
  }

  readTuple(id: number, direction: number, into: Tuple): Tuple {
    const words = this.words(id);
    const base = this.base(id);
    const at = base + (direction === 0 ? ORIGINAL : REPLY);
    into.family = words[base + PROTOCOL]! >>> 8;
    into.protocol = words[base + PROTOCOL]! & 0xff;
    for (let i = 0; i < 4; i++) {
      into.source[i] = words[at + i]!;
      into.destination[i] = words[at + 4 + i]!;
    }
    into.ports = words[base + (direction === 0 ? ORIGINAL_PORTS : REPLY_PORTS)]! >>> 0;
    return into;
  }

  /** The connection that a tuple is a direction of: number << 1 | direction; 0: none. `zone` as the packet has it. */
  find(namespace: number, zone: number, tuple: Tuple): number {
    const hash = tuple.hash(this.#seed, namespace);
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]!;
      if (found === 0) return 0;
      if (this.#hashes[slot] === hash && this.#is(found, namespace, zone, tuple)) return found;
    }
  }

  /** Puts both directions of a connection into the index, which refers to it from now on. */
  insert(id: number, scratch: Tuple): void {
    if ((this.#used + 2) * 2 > this.#slots.length) this.#grow();
    const namespace = this.get(id, NAMESPACE);
    for (let direction = 0; direction < 2; direction++)
      this.#place((id << 1) | direction, this.readTuple(id, direction, scratch).hash(this.#seed, namespace));
    this.#used += 2;
    this.setStatus(id, IPS_CONFIRMED);
    this.hold(id);
  }

  remove(id: number, scratch: Tuple): void {
    const namespace = this.get(id, NAMESPACE);
    for (let direction = 0; direction < 2; direction++)
      this.#erase((id << 1) | direction, this.readTuple(id, direction, scratch).hash(this.#seed, namespace));
    this.#used -= 2;
    this.release(id);
  }

  /** Numbers of all that are in the index, each once. */
  *ids(): Iterable<number> {
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot++) {
      const found = slots[slot]!;
      if (found !== 0 && (found & 1) === 0) yield found >> 1;
    }
  }

  #is(found: number, namespace: number, zone: number, tuple: Tuple): boolean {
    const id = found >> 1;
    const direction = found & 1;
    const words = this.words(id);
    const base = this.base(id);
    const at = base + (direction === 0 ? ORIGINAL : REPLY);
    if (words[base + PROTOCOL] !== ((tuple.family << 8) | tuple.protocol) || words[base + NAMESPACE] !== namespace) return false;
    if (words[base + (direction === 0 ? ORIGINAL_PORTS : REPLY_PORTS)]! >>> 0 !== tuple.ports) return false;
    for (let i = 0; i < 4; i++)
      if (words[at + i]! >>> 0 !== tuple.source[i] || words[at + 4 + i]! >>> 0 !== tuple.destination[i]) return false;
    return zoneOf(words[base + ZONE]!, direction) === zoneOf(zone, direction);
  }

  #place(entry: number, hash: number): void {
    const mask = this.#mask;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
    this.#hashes[slot] = hash;
  }

  #erase(entry: number, hash: number): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = this.#mask;
    let slot = hash & mask;
    while (slots[slot] !== entry) {
      if (slots[slot] === 0) return;
      slot = (slot + 1) & mask;
    }
    // Those behind move up, so that no search ends too early.
    for (let next = (slot + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = hashes[next]! & mask;
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        slots[slot] = slots[next]!;
        hashes[slot] = hashes[next]!;
        slot = next;
      }
    }
    slots[slot] = 0;
  }

  #grow(): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    this.#slots = new Int32Array(slots.length * 2);
    this.#hashes = new Int32Array(slots.length * 2);
    this.#mask = this.#slots.length - 1;
    for (let slot = 0; slot < slots.length; slot++) if (slots[slot] !== 0) this.#place(slots[slot]!, hashes[slot]!);
  }
}

/** The zone's number that counts for a direction. Linux: nf_ct_zone_id() */
export const zoneOf = (zone: number, direction: number): number => (((zone >>> 16) & (1 << direction)) === 0 ? 0 : zone & 0xffff);
