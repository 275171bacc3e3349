import { hash2 } from '../../base/hash.js';
import type { NexthopObject } from '../../net/nexthop/object.js';
import type { Remote } from './remote.js';

/** What is known of one link-layer address (struct vxlan_fdb). The address of all zeros stands for all that is not known. */
export class FdbEntry {
  readonly address: Uint8Array;
  /** The address as two numbers. */
  readonly high: number;
  readonly low: number;
  /** Of frames with that VNI; 0 where the device has but one. */
  readonly vni: number;
  /** NUD_* */
  state: number;
  /** NTF_* */
  flags: number;
  usedUs: number;
  updatedUs: number;
  readonly remotes: Remote[] = [];
  /** The group of nexthops that it leads to in their stead; null: none. */
  nexthop: NexthopObject | null = null;

  constructor(address: Uint8Array, high: number, low: number, vni: number, state: number, flags: number, nowUs: number) {
    this.address = address;
    this.high = high;
    this.low = low;
    this.vni = vni;
    this.state = state;
    this.flags = flags;
    this.usedUs = nowUs;
    this.updatedUs = nowUs;
  }
}

/** Entries by address: open-addressed and seeded, as each frame asks twice. */
export class FdbTable {
  readonly #seed: number;
  #slots: (FdbEntry | null)[] = new Array(64).fill(null);
  #size = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  /** `high` are the first two bytes of the address, `low` the other four. */
  find(high: number, low: number, vni: number): FdbEntry | null {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#home(high, low, vni);
    for (let entry = slots[slot]!; entry !== null; entry = slots[slot]!) {
      if (entry.low === low && entry.high === high && entry.vni === vni) return entry;
      slot = (slot + 1) & mask;
    }
    return null;
  }

  insert(entry: FdbEntry): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    this.#place(entry);
    this.#size++;
  }

  delete(entry: FdbEntry): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = slots.indexOf(entry);
    if (hole < 0) return;
    this.#size--;
    // Those behind it that cannot be found any more move up (Knuth 6.4, algorithm R).
    for (let slot = (hole + 1) & mask; slots[slot] !== null; slot = (slot + 1) & mask) {
      const other = slots[slot]!;
      const home = this.#home(other.high, other.low, other.vni);
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = other;
      hole = slot;
    }
    slots[hole] = null;
  }

  /** A list of all there are: entries may go while it is read. */
  all(): FdbEntry[] {
    return this.#slots.filter((entry) => entry !== null);
  }

  #home(high: number, low: number, vni: number): number {
    return hash2(this.#seed, high ^ Math.imul(vni, 0x9e37_79b1), low) & (this.#slots.length - 1);
  }

  #place(entry: FdbEntry): void {
    const mask = this.#slots.length - 1;
    let slot = this.#home(entry.high, entry.low, entry.vni);
    while (this.#slots[slot] !== null) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    const old = this.all();
    this.#slots = new Array(this.#slots.length * 2).fill(null);
    for (const entry of old) this.#place(entry);
  }
}
