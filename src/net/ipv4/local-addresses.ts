import { hashStep } from '../../base/hash.js';
import type { Ipv4Address } from './address.js';

/** Which addresses this namespace has: open-addressed, asked for packets (inet_addr_lst). */
export class LocalAddresses {
  readonly #seed: number;
  #keys = new Uint32Array(16);
  /** Addresses with that number, newest last; null: the slot was never used, empty: nobody has it any more. */
  #holders: (Ipv4Address[] | null)[] = new Array(16).fill(null);
  #used = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  has(address: number): boolean {
    const holders = this.#holders[this.#slot(address)]!;
    return holders !== null && holders.length > 0;
  }

  /** The address of that number that is there for longest; null: it is not ours. */
  find(address: number): Ipv4Address | null {
    const holders = this.#holders[this.#slot(address)]!;
    return holders === null || holders.length === 0 ? null : holders[0]!;
  }

  /** All devices' addresses of that number. */
  all(address: number): readonly Ipv4Address[] {
    return this.#holders[this.#slot(address)] ?? [];
  }

  add(address: Ipv4Address): void {
    if ((this.#used + 1) * 2 > this.#keys.length) this.#grow();
    const slot = this.#slot(address.local);
    if (this.#holders[slot] === null) {
      this.#used++;
      this.#keys[slot] = address.local;
      this.#holders[slot] = [];
    }
    this.#holders[slot]!.push(address);
  }

  remove(address: Ipv4Address): void {
    const holders = this.#holders[this.#slot(address.local)];
    if (holders === null || holders === undefined) return;
    const at = holders.indexOf(address);
    if (at >= 0) holders.splice(at, 1);
  }

  #slot(address: number): number {
    const mask = this.#keys.length - 1;
    let slot = hashStep(this.#seed, address) & mask;
    while (this.#holders[slot] !== null && this.#keys[slot] !== address) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const held = this.#holders.filter((holders): holders is Ipv4Address[] => holders !== null && holders.length > 0);
    let size = 16;
    while (size < held.length * 4) size *= 2;
    this.#keys = new Uint32Array(size);
    this.#holders = new Array(size).fill(null);
    this.#used = held.length;
    for (const holders of held) {
      const slot = this.#slot(holders[0]!.local);
      this.#keys[slot] = holders[0]!.local;
      this.#holders[slot] = holders;
    }
  }
}
