import { sameLinkAddress } from '../../net/core/device-addresses.js';
import type { NetDevice } from '../../net/core/device.js';
import { MacTable } from '../../net/ethernet/mac-table.js';

const GOLDEN_RATIO_64 = 0x61c8_8646_80b5_83ebn;
const MASK_64 = (1n << 64n) - 1n;

/** In which of 256 lists Linux keeps an address: dumps go by them. Linux: macvlan_eth_hash() */
function bucketOf(address: Uint8Array): number {
  let value = 0n;
  for (let i = 5; i >= 0; i--) value = (value << 8n) | BigInt(address[i]!);
  return Number((((value << 16n) * GOLDEN_RATIO_64) & MASK_64) >> 56n);
}

/** Whose frames go to which devices of mode source (vlan_source_hash). */
export class SourceTable<D extends NetDevice> {
  readonly #devices: MacTable<D[]>;
  readonly #addresses = new Map<D, Uint8Array[]>();

  constructor(seed: number) {
    this.#devices = new MacTable(seed);
  }

  /** The devices that want frames from the address at `at`; null: none does. */
  find(bytes: Uint8Array, at: number): readonly D[] | null {
    return this.#devices.size === 0 ? null : this.#devices.find(bytes, at);
  }

  /** As a dump has them. */
  of(device: D): readonly Uint8Array[] {
    const addresses = [...(this.#addresses.get(device) ?? [])].reverse();
    return addresses.sort((a, b) => bucketOf(a) - bucketOf(b));
  }

  add(device: D, address: Uint8Array): void {
    const own = this.#addresses.get(device) ?? [];
    if (own.some((other) => sameLinkAddress(other, address))) return;
    this.#addresses.set(device, [...own, address.slice()]);
    this.#devices.set(address, [...(this.#devices.find(address) ?? []), device]);
  }

  remove(device: D, address: Uint8Array): void {
    const own = this.#addresses.get(device) ?? [];
    if (!own.some((other) => sameLinkAddress(other, address))) return;
    const left = own.filter((other) => !sameLinkAddress(other, address));
    if (left.length === 0) this.#addresses.delete(device);
    else this.#addresses.set(device, left);
    const others = (this.#devices.find(address) ?? []).filter((other) => other !== device);
    if (others.length === 0) this.#devices.delete(address);
    else this.#devices.set(address, others);
  }

  flush(device: D): void {
    for (const address of this.#addresses.get(device) ?? []) this.remove(device, address);
  }
}
