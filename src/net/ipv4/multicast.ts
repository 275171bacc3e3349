import { hash2 } from '../../base/hash.js';
import type { NetDevice } from '../core/device.js';
import type { Namespace } from '../core/namespace.js';

/** 224.0.0.1: every host is in it on every device. */
const ALL_HOSTS = 0xe000_0001;

/**
 * Which multicast groups this host is in, on which device, and how often it was asked to be (ip_mc_list). Open-addressed, as every
 * packet to a group asks. No IGMP is spoken yet: a switch that snoops does not hear of it.
 */
export class Multicast {
  readonly #seed: number;
  #groups = new Uint32Array(16);
  #ifindexes = new Int32Array(16);
  #users = new Int32Array(16);
  #used = 0;

  constructor(namespace: Namespace) {
    this.#seed = namespace.stack.random.u32();
    namespace.deviceEvents.subscribe((event) => {
      if (event.type === 'unregister') this.#forget(event.device.ifindex);
    });
  }

  /** Whether packets to `group` that come in by `device` are for this host (ip_check_mc_rcu()). */
  isMember(device: NetDevice, group: number): boolean {
    if (group === ALL_HOSTS) return true;
    const slot = this.#find(device.ifindex, group);
    return this.#groups[slot] === group && this.#users[slot]! > 0;
  }

  join(device: NetDevice, group: number): void {
    if ((this.#used + 1) * 2 > this.#groups.length) this.#grow();
    const slot = this.#find(device.ifindex, group);
    if (this.#groups[slot] === 0) this.#used++;
    this.#groups[slot] = group;
    this.#ifindexes[slot] = device.ifindex;
    if (++this.#users[slot]! === 1) device.rxModeChanged();
  }

  leave(device: NetDevice, group: number): void {
    const slot = this.#find(device.ifindex, group);
    if (this.#groups[slot] !== group || this.#users[slot]! <= 0) return;
    if (--this.#users[slot]! === 0) device.rxModeChanged();
  }

  /** Calls `visit` for each group, for `ip maddr` and /proc/net/igmp. */
  forEach(visit: (ifindex: number, group: number, users: number) => void): void {
    for (let i = 0; i < this.#groups.length; i++)
      if (this.#groups[i] !== 0 && this.#users[i]! > 0) visit(this.#ifindexes[i]!, this.#groups[i]!, this.#users[i]!);
  }

  #find(ifindex: number, group: number): number {
    const mask = this.#groups.length - 1;
    let slot = hash2(this.#seed, ifindex, group) & mask;
    while (this.#groups[slot] !== 0 && (this.#groups[slot] !== group || this.#ifindexes[slot] !== ifindex)) slot = (slot + 1) & mask;
    return slot;
  }

  #forget(ifindex: number): void {
    for (let i = 0; i < this.#groups.length; i++) if (this.#ifindexes[i] === ifindex) this.#users[i] = 0;
  }

  #grow(): void {
    const groups = this.#groups;
    const ifindexes = this.#ifindexes;
    const users = this.#users;
    let live = 0;
    for (const count of users) if (count > 0) live++;
    const size = live * 4 > groups.length ? groups.length * 2 : groups.length;
    this.#groups = new Uint32Array(size);
    this.#ifindexes = new Int32Array(size);
    this.#users = new Int32Array(size);
    this.#used = live;
    for (let i = 0; i < groups.length; i++) {
      if (users[i]! <= 0) continue;
      const slot = this.#find(ifindexes[i]!, groups[i]!);
      this.#groups[slot] = groups[i]!;
      this.#ifindexes[slot] = ifindexes[i]!;
      this.#users[slot] = users[i]!;
    }
  }
}
