import { hash3 } from '../../base/hash.js';
import type { BridgePort } from './port.js';

// Flags of an entry.
export const FDB_LOCAL = 1 << 0;
export const FDB_STATIC = 1 << 1;
export const FDB_STICKY = 1 << 2;
export const FDB_ADDED_BY_USER = 1 << 3;
export const FDB_EXT_LEARNED = 1 << 4;
/** Never set: there is no hardware below. */
export const FDB_OFFLOADED = 1 << 5;

const FREE = 0;
const USED = 1;
const DELETED = 2;

/** One entry, for those who list them. */
export interface FdbEntry {
  readonly address: Uint8Array;
  readonly vlan: number;
  /** Null: the bridge itself. */
  readonly port: BridgePort | null;
  readonly flags: number;
  readonly updatedUs: number;
  readonly usedUs: number;
}

/**
 * Which port an address was seen at, by address and VLAN: a seeded open-addressed table, found and refreshed without allocating.
 * A slot number is good until the next insert().
 */
export class ForwardingTable {
  readonly #seed: number;
  #mask = 255;
  #state = new Uint8Array(256);
  #low = new Uint32Array(256);
  /** High 16 bits of the address, then the VLAN id. */
  #high = new Uint32Array(256);
  #flags = new Uint8Array(256);
  #updated = new Float64Array(256);
  #used = new Float64Array(256);
  #ports: (BridgePort | null)[] = new Array<BridgePort | null>(256).fill(null);
  /** The how manyth entry it is, to list the newest first. */
  #order = new Float64Array(256);
  #inserted = 0;
  #occupied = 0;
  size = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The slot of the address at `bytes[at]` in `vlan`; -1: there is none. */
  find(bytes: Uint8Array, at: number, vlan: number): number {
    const low = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
    const high = ((bytes[at]! << 20) | (bytes[at + 1]! << 12) | vlan) >>> 0;
    let slot = hash3(this.#seed, low, high, 0) & this.#mask;
    for (; this.#state[slot] !== FREE; slot = (slot + 1) & this.#mask)
      if (this.#state[slot] === USED && this.#low[slot] === low && this.#high[slot] === high) return slot;
    return -1;
  }

  /** A slot for an address that is not there yet. */
  insert(bytes: Uint8Array, at: number, vlan: number, port: BridgePort | null, flags: number, nowUs: number): number {
    if ((this.#occupied + 1) * 2 > this.#mask + 1) this.#rebuild();
    const low = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
    const high = ((bytes[at]! << 20) | (bytes[at + 1]! << 12) | vlan) >>> 0;
    const slot = this.#place(low, high);
    this.#flags[slot] = flags;
    this.#updated[slot] = nowUs;
    this.#used[slot] = nowUs;
    this.#ports[slot] = port;
    this.#order[slot] = ++this.#inserted;
    this.size++;
    return slot;
  }

  remove(slot: number): void {
    this.#state[slot] = DELETED;
    this.#ports[slot] = null;
    this.size--;
  }

  port(slot: number): BridgePort | null {
    return this.#ports[slot]!;
  }

  setPort(slot: number, port: BridgePort | null): void {
    this.#ports[slot] = port;
  }

  flags(slot: number): number {
    return this.#flags[slot]!;
  }

  setFlags(slot: number, flags: number): void {
    this.#flags[slot] = flags;
  }

  updatedUs(slot: number): number {
    return this.#updated[slot]!;
  }

  setUpdated(slot: number, nowUs: number): void {
    this.#updated[slot] = nowUs;
  }

  setUsed(slot: number, nowUs: number): void {
    this.#used[slot] = nowUs;
  }

  entry(slot: number): FdbEntry {
    const high = this.#high[slot]!;
    const low = this.#low[slot]!;
    const address = Uint8Array.of(
      (high >>> 20) & 0xff,
      (high >>> 12) & 0xff,
      low >>> 24,
      (low >>> 16) & 0xff,
      (low >>> 8) & 0xff,
      low & 0xff,
    );
    return {
      address,
      vlan: high & 0xfff,
      port: this.#ports[slot]!,
      flags: this.#flags[slot]!,
      updatedUs: this.#updated[slot]!,
      usedUs: this.#used[slot]!,
    };
  }

  /** The slots in use; removing them meanwhile is allowed. */
  *slots(): Generator<number> {
    for (let slot = 0; slot <= this.#mask; slot++) if (this.#state[slot] === USED) yield slot;
  }

  /** The slots in use, the newest entry first, as Linux lists them. */
  newestFirst(): number[] {
    return [...this.slots()].sort((a, b) => this.#order[b]! - this.#order[a]!);
  }

  #place(low: number, high: number): number {
    let slot = hash3(this.#seed, low, high, 0) & this.#mask;
    while (this.#state[slot] === USED) slot = (slot + 1) & this.#mask;
    if (this.#state[slot] === FREE) this.#occupied++;
    this.#state[slot] = USED;
    this.#low[slot] = low;
    this.#high[slot] = high;
    return slot;
  }

  /** Twice as large where entries fill it; the same size where only deleted ones do. */
  #rebuild(): void {
    const slots = [...this.slots()];
    const old = {
      low: this.#low,
      high: this.#high,
      flags: this.#flags,
      updated: this.#updated,
      used: this.#used,
      ports: this.#ports,
      order: this.#order,
    };
    const length = (this.size + 1) * 4 > this.#mask + 1 ? (this.#mask + 1) * 2 : this.#mask + 1;
    this.#mask = length - 1;
    this.#state = new Uint8Array(length);
    this.#low = new Uint32Array(length);
    this.#high = new Uint32Array(length);
    this.#flags = new Uint8Array(length);
    this.#updated = new Float64Array(length);
    this.#used = new Float64Array(length);
    this.#order = new Float64Array(length);
    this.#ports = new Array<BridgePort | null>(length).fill(null);
    this.#occupied = 0;
    for (const from of slots) {
      const slot = this.#place(old.low[from]!, old.high[from]!);
      this.#flags[slot] = old.flags[from]!;
      this.#updated[slot] = old.updated[from]!;
      this.#used[slot] = old.used[from]!;
      this.#order[slot] = old.order[from]!;
      this.#ports[slot] = old.ports[from]!;
    }
  }
}
