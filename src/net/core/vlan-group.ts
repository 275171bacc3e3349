import { ETH_P_8021AD } from '../../wire/ethernet.js';
import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';

const IDS = 4096;

/** A device that takes the packets of one VLAN of the device below it. */
export interface VlanReceiver extends NetDevice {
  /** A packet whose tag says that it is this VLAN's, the tag in `skb.vlanTci`; takes ownership. */
  receiveTagged(skb: PacketBuffer): void;
}

/** The VLAN devices on one device by protocol and VLAN id (struct vlan_group). */
export class VlanGroup {
  readonly #customer: (VlanReceiver | null)[] = new Array<VlanReceiver | null>(IDS).fill(null);
  readonly #service: (VlanReceiver | null)[] = new Array<VlanReceiver | null>(IDS).fill(null);
  count = 0;

  find(protocol: number, id: number): VlanReceiver | null {
    return this.#of(protocol)[id]!;
  }

  set(protocol: number, id: number, device: VlanReceiver | null): void {
    const devices = this.#of(protocol);
    this.count += (device === null ? 0 : 1) - (devices[id] === null ? 0 : 1);
    devices[id] = device;
  }

  #of(protocol: number): (VlanReceiver | null)[] {
    return protocol === ETH_P_8021AD ? this.#service : this.#customer;
  }
}
