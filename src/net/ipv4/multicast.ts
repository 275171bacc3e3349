import { hash2 } from '../../base/hash.js';
import { ALL_HOSTS, PROTOCOL as IGMP } from '../../wire/igmp.js';
import type { NetDevice } from '../core/device.js';
import type { Membership } from '../core/group-reporter.js';
import { MCAST_EXCLUDE } from '../core/source-filter.js';
import { IgmpReporter } from './igmp/reporter.js';
import type { Ipv4 } from './ipv4.js';

/**
 * Which multicast groups this host is in, on which device, from which sources. Open-addressed, as every packet to a group asks;
 * what routers are told of it is with each device's IgmpReporter.
 */
export class Multicast {
  readonly #ipv4: Ipv4;
  readonly #seed: number;
  readonly #reporters = new Map<NetDevice, IgmpReporter>();
  #groups = new Uint32Array(16);
  #ifindexes = new Int32Array(16);
  /** Null where nobody is in the group any more. */
  #members: (Membership<number> | null)[] = new Array(16).fill(null);
  #used = 0;

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
    const { namespace } = ipv4;
    this.#seed = namespace.stack.random.u32();
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'up') this.#up(device);
      else if (type === 'down') this.#down(device);
      else if (type === 'resendIgmp') this.#reporters.get(device)?.rejoin();
      else if (type === 'unregister') this.forget(device);
    });
  }

  /**
   * Whether packets to `group` from `source` (0: from anybody) that come in by `device` are for this host. Linux: ip_check_mc_rcu()
   */
  isMember(device: NetDevice, group: number, source = 0, protocol = 0): boolean {
    const slot = this.#find(device.ifindex, group);
    const member = this.#members[slot]!;
    if (member === null || this.#groups[slot] !== group) return group === ALL_HOSTS;
    return source === 0 || protocol === IGMP || member.accepts(source);
  }

  /** What is known of the groups of a device; undefined: it never was in one. */
  reporterOf(device: NetDevice): IgmpReporter | undefined {
    return this.#reporters.get(device);
  }

  /** Newest first. */
  groupsOf(device: NetDevice): readonly Membership<number>[] {
    return this.#reporters.get(device)?.groups ?? [];
  }

  /** One more user, with a filter that lets nothing (MCAST_INCLUDE) or all in. Linux: __ip_mc_inc_group() */
  join(device: NetDevice, group: number, mode: number = MCAST_EXCLUDE): void {
    const member = this.#obtain(device).join(group, mode);
    if ((this.#used + 1) * 2 > this.#groups.length) this.#grow();
    const slot = this.#find(device.ifindex, group);
    if (this.#groups[slot] === 0) this.#used++;
    this.#groups[slot] = group;
    this.#ifindexes[slot] = device.ifindex;
    this.#members[slot] = member;
  }

  /** One user less. Linux: __ip_mc_dec_group() */
  leave(device: NetDevice, group: number): void {
    if (this.#reporters.get(device)?.leave(group) == null) return;
    const slot = this.#find(device.ifindex, group);
    if (this.#groups[slot] === group) this.#members[slot] = null;
  }

  /** A socket's filter of `mode` comes (`whole`), or sources come to it. */
  addSources(device: NetDevice, group: number, mode: number, sources: readonly number[], whole: boolean): void {
    const reporter = this.#reporters.get(device);
    const member = reporter?.find(group) ?? null;
    if (member !== null) reporter!.addSources(member, mode, sources, whole);
  }

  removeSources(device: NetDevice, group: number, mode: number, sources: readonly number[], whole: boolean): void {
    const reporter = this.#reporters.get(device);
    const member = reporter?.find(group) ?? null;
    if (member !== null) reporter!.removeSources(member, mode, sources, whole);
  }

  /** IPv4 leaves the device. Linux: ip_mc_destroy_dev() */
  forget(device: NetDevice): void {
    const reporter = this.#reporters.get(device);
    if (reporter === undefined) return;
    reporter.deviceDown();
    for (const { group } of reporter.groups) {
      const slot = this.#find(device.ifindex, group);
      if (this.#groups[slot] === group) this.#members[slot] = null;
    }
    this.#reporters.delete(device);
  }

  /** The namespace goes: no timer is left. */
  destroy(): void {
    for (const reporter of this.#reporters.values()) reporter.stop();
    this.#reporters.clear();
  }

  #obtain(device: NetDevice): IgmpReporter {
    let reporter = this.#reporters.get(device);
    if (reporter === undefined) {
      reporter = new IgmpReporter(this.#ipv4, device);
      this.#reporters.set(device, reporter);
    }
    return reporter;
  }

  // Linux: ip_mc_up()
  #up(device: NetDevice): void {
    if (device.ipv4 === null) return;
    if (this.#reporters.get(device)?.find(ALL_HOSTS) == null) this.join(device, ALL_HOSTS);
    this.#obtain(device).deviceUp();
  }

  // Linux: ip_mc_down()
  #down(device: NetDevice): void {
    this.#reporters.get(device)?.deviceDown();
    this.leave(device, ALL_HOSTS);
  }

  #find(ifindex: number, group: number): number {
    const mask = this.#groups.length - 1;
    let slot = hash2(this.#seed, ifindex, group) & mask;
    while (this.#groups[slot] !== 0 && (this.#groups[slot] !== group || this.#ifindexes[slot] !== ifindex)) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const groups = this.#groups;
    const ifindexes = this.#ifindexes;
    const members = this.#members;
    let live = 0;
    for (const member of members) if (member !== null) live++;
    const size = live * 4 > groups.length ? groups.length * 2 : groups.length;
    this.#groups = new Uint32Array(size);
    this.#ifindexes = new Int32Array(size);
    this.#members = new Array(size).fill(null);
    this.#used = live;
    for (let i = 0; i < groups.length; i++) {
      const member = members[i]!;
      if (member === null) continue;
      const slot = this.#find(ifindexes[i]!, groups[i]!);
      this.#groups[slot] = groups[i]!;
      this.#ifindexes[slot] = ifindexes[i]!;
      this.#members[slot] = member;
    }
  }
}
