import type { NetDevice } from './device.js';
import type { LinkGroup } from './multicast-list.js';

/** The groups of a device that stands upon another, kept in the list of that one too. Linux: dev_mc_sync(), dev_mc_unsync() */
export class MulticastSync {
  readonly #upper: NetDevice;
  readonly #lower: NetDevice;
  #synced: LinkGroup[] = [];

  constructor(upper: NetDevice, lower: NetDevice) {
    this.#upper = upper;
    this.#lower = lower;
  }

  /** The upper list has changed. */
  sync(): void {
    const { multicastList } = this.#upper;
    let changed = false;
    for (const group of multicastList.groups) {
      if (this.#synced.includes(group)) continue;
      this.#synced.push(group);
      group.users++;
      if (this.#lower.multicastList.add(group.address)) changed = true;
    }
    for (const group of this.#synced.filter(({ users }) => users === 1)) changed = this.#forget(group) || changed;
    if (changed) this.#lower.rxModeChanged();
  }

  unsync(): void {
    let changed = false;
    for (const group of [...this.#synced]) changed = this.#forget(group) || changed;
    if (changed) this.#lower.rxModeChanged();
  }

  /** True: the lower device listens to it no longer. */
  #forget(group: LinkGroup): boolean {
    this.#synced = this.#synced.filter((other) => other !== group);
    this.#upper.multicastList.remove(group.address, false);
    const { multicastList } = this.#lower;
    return multicastList.remove(group.address, false) && multicastList.find(group.address) === undefined;
  }
}
