import { ADDRESS_BYTES } from '../../../wire/ethernet.js';
import type { Slave } from '../slave.js';

export const ENTRIES = 256;
const ENTRY_MASK = ENTRIES - 1;
/** Seconds between two balancings. Linux: BOND_TLB_REBALANCE_INTERVAL */
export const REBALANCE_INTERVAL = 10;
const MEBI = 1 << 20;

/** Who sends which flows (struct tlb_client_info), and how much that is. */
export class TransmitTable {
  readonly #slaves: (Slave | null)[] = new Array<Slave | null>(ENTRIES).fill(null);
  readonly #bytes = new Float64Array(ENTRIES);
  readonly #history = new Float64Array(ENTRIES);
  /** Bytes that left by the active slave for want of another. */
  unbalanced = 0;

  /** The slave of a flow, chosen where there is none yet; null: none can send. Linux: tlb_choose_channel() */
  choose(slaves: readonly Slave[], hash: number, bytes: number): Slave | null {
    const at = hash & ENTRY_MASK;
    let slave: Slave | null = this.#slaves[at]!;
    if (slave === null) {
      slave = leastLoaded(slaves);
      if (slave === null) return null;
      this.#slaves[at] = slave;
      slave.load += this.#history[at]!;
    }
    this.#bytes[at]! += bytes;
    return slave;
  }

  /** The slave's flows are nobody's; `keep`: what they sent counts in the next balance. Linux: tlb_clear_slave() */
  clear(slave: Slave, keep: boolean): void {
    for (let at = 0; at < ENTRIES; at++) {
      if (this.#slaves[at] !== slave) continue;
      if (keep) {
        this.#history[at] = 1 + Math.floor(this.#bytes[at]! / REBALANCE_INTERVAL);
        this.#bytes[at] = 0;
      }
      this.#slaves[at] = null;
    }
    slave.load = 0;
  }
}

/** The one with the most to spare: bits a second. Linux: tlb_get_least_loaded_slave(), compute_gap() */
function leastLoaded(slaves: readonly Slave[]): Slave | null {
  let best: Slave | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < slaves.length; i++) {
    const slave = slaves[i]!;
    if (!slave.canTransmit) continue;
    const gap = slave.speedMbps * MEBI - slave.load * 8;
    if (gap > most) {
      best = slave;
      most = gap;
    }
  }
  return best;
}

/** Which clients are told which slave's address (struct rlb_client_info), by a hash of the client's IPv4 address. */
export class ReceiveTable {
  readonly assigned = new Uint8Array(ENTRIES);
  readonly own = new Uint32Array(ENTRIES);
  readonly client = new Uint32Array(ENTRIES);
  readonly hardware = new Uint8Array(ENTRIES * ADDRESS_BYTES);
  readonly slaves: (Slave | null)[] = new Array<Slave | null>(ENTRIES).fill(null);
  /** The client is still to be told. */
  readonly pending = new Uint8Array(ENTRIES);

  /** Linux: _simple_hash() over the address. */
  static slot(address: number): number {
    return (address ^ (address >>> 8) ^ (address >>> 16) ^ (address >>> 24)) & ENTRY_MASK;
  }

  /** The client's hardware address is known. */
  knows(at: number): boolean {
    const from = at * ADDRESS_BYTES;
    if ((this.hardware[from]! & 1) !== 0) return false;
    for (let i = 0; i < ADDRESS_BYTES; i++) if (this.hardware[from + i] !== 0) return true;
    return false;
  }

  /** True: it was another. */
  learn(at: number, bytes: Uint8Array, from: number): boolean {
    let changed = false;
    for (let i = 0; i < ADDRESS_BYTES; i++) {
      if (this.hardware[at * ADDRESS_BYTES + i] === bytes[from + i]) continue;
      this.hardware[at * ADDRESS_BYTES + i] = bytes[from + i]!;
      changed = true;
    }
    return changed;
  }

  hardwareOf(at: number): Uint8Array {
    return this.hardware.slice(at * ADDRESS_BYTES, (at + 1) * ADDRESS_BYTES);
  }

  forget(at: number): void {
    this.assigned[at] = 0;
    this.pending[at] = 0;
    this.slaves[at] = null;
  }

  clear(): void {
    for (let at = 0; at < ENTRIES; at++) this.forget(at);
  }
}
