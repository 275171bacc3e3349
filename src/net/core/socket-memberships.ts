import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS } from '../../base/errno.js';
import { equalAddress, type In6 } from '../../wire/ipv6.js';
import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';
import { MCAST_EXCLUDE, MCAST_INCLUDE } from './source-filter.js';

/** What the groups of sockets are joined at: a family's groups of one namespace. */
export interface GroupLayer<A> {
  join(device: NetDevice, group: A, mode?: number): void;
  leave(device: NetDevice, group: A): void;
  /** A filter of `mode` comes (`whole`), or sources come to it; and the reverse. */
  addSources(device: NetDevice, group: A, mode: number, sources: readonly A[], whole: boolean): void;
  removeSources(device: NetDevice, group: A, mode: number, sources: readonly A[], whole: boolean): void;
}

interface Entry<A> {
  readonly group: A;
  readonly device: NetDevice;
  /** MCAST_EXCLUDE: all but `sources`; MCAST_INCLUDE: those alone. */
  mode: number;
  sources: A[];
}

/** The groups that one socket is in, with its filters (struct ip_mc_socklist, ipv6_mc_socklist). */
export class SocketMemberships<A> {
  readonly #entries: Entry<A>[] = [];
  readonly #same: (a: A, b: A) => boolean;

  constructor(same: (a: A, b: A) => boolean) {
    this.#same = same;
  }

  get size(): number {
    return this.#entries.length;
  }

  has(group: A, ifindex: number): boolean {
    return this.#find(group, ifindex) !== null;
  }

  /**
   * Whether a packet to `group` from `source` is for the socket, by the device that it came in by or, of a VRF, by its member; `all`:
   * also where it did not join the group (IP_MULTICAST_ALL). Linux: ip_mc_sf_allow(), inet6_mc_check()
   */
  allows(group: A, source: A, skb: PacketBuffer, all: boolean): boolean {
    const entry = this.#find(group, skb.iif) ?? (skb.sdif === 0 ? null : this.#find(group, skb.sdif));
    if (entry === null) return all;
    for (let i = 0; i < entry.sources.length; i++) if (this.#same(entry.sources[i]!, source)) return entry.mode === MCAST_INCLUDE;
    return entry.mode === MCAST_EXCLUDE;
  }

  /** 0 or -EADDRINUSE. */
  join(layer: GroupLayer<A>, group: A, device: NetDevice, mode: number = MCAST_EXCLUDE): number {
    if (this.has(group, device.ifindex)) return -EADDRINUSE;
    this.#entries.push({ group, device, mode, sources: [] });
    layer.join(device, group, mode);
    return 0;
  }

  /** `ifindex` 0: by whatever device. 0 or -EADDRNOTAVAIL. */
  leave(layer: GroupLayer<A>, group: A, ifindex: number): number {
    const at = this.#entries.findIndex((held) => this.#same(held.group, group) && (ifindex === 0 || held.device.ifindex === ifindex));
    if (at < 0) return -EADDRNOTAVAIL;
    const [entry] = this.#entries.splice(at, 1);
    dissolve(layer, entry!);
    return 0;
  }

  leaveAll(layer: GroupLayer<A>): void {
    for (const entry of this.#entries.splice(0)) dissolve(layer, entry);
  }

  /**
   * One source comes to the filter of a group that the socket is in, or leaves it; `mode` is what the filter must be. -EINVAL,
   * -EADDRNOTAVAIL, -ENOBUFS beyond `limit` sources. Linux: ip_mc_source(), ip6_mc_source()
   */
  changeSource(layer: GroupLayer<A>, add: boolean, mode: number, group: A, ifindex: number, source: A, limit: number): number {
    const entry = this.#find(group, ifindex);
    if (entry === null) return -EINVAL;
    if (entry.mode !== mode) {
      // Only an empty filter turns into the other.
      if (entry.sources.length > 0) return -EINVAL;
      layer.addSources(entry.device, group, mode, [], true);
      layer.removeSources(entry.device, group, entry.mode, [], true);
      entry.mode = mode;
    }
    const at = entry.sources.findIndex((other) => this.#same(other, source));
    if (add) {
      if (entry.sources.length >= limit) return -ENOBUFS;
      if (at >= 0) return -EADDRNOTAVAIL;
      entry.sources.push(source);
      layer.addSources(entry.device, group, mode, [source], false);
      return 0;
    }
    if (at < 0) return -EADDRNOTAVAIL;
    // RFC 3678 4.1.3: to include nobody is to leave.
    if (mode === MCAST_INCLUDE && entry.sources.length === 1) return this.leave(layer, group, ifindex);
    layer.removeSources(entry.device, group, mode, [source], false);
    entry.sources.splice(at, 1);
    return 0;
  }

  /** The whole filter of a group that the socket is in. -EINVAL. Linux: ip_mc_msfilter(), ip6_mc_msfilter() */
  setFilter(layer: GroupLayer<A>, group: A, ifindex: number, mode: number, sources: readonly A[]): number {
    if (mode !== MCAST_INCLUDE && mode !== MCAST_EXCLUDE) return -EINVAL;
    const entry = this.#find(group, ifindex);
    if (entry === null) return -EINVAL;
    if (mode === MCAST_INCLUDE && sources.length === 0) return this.leave(layer, group, ifindex);
    layer.addSources(entry.device, group, mode, sources, true);
    layer.removeSources(entry.device, group, entry.mode, entry.sources, true);
    entry.mode = mode;
    entry.sources = [...sources];
    return 0;
  }

  /** Mode and sources; null: it is not in the group. */
  filterOf(group: A, ifindex: number): { readonly mode: number; readonly sources: readonly A[] } | null {
    return this.#find(group, ifindex);
  }

  #find(group: A, ifindex: number): Entry<A> | null {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      if (entry.device.ifindex === ifindex && this.#same(entry.group, group)) return entry;
    }
    return null;
  }
}

/** Linux: ip_mc_leave_src(), __ip_mc_dec_group() */
function dissolve<A>(layer: GroupLayer<A>, { device, group, mode, sources }: Entry<A>): void {
  layer.removeSources(device, group, mode, sources, true);
  layer.leave(device, group);
}

export const ipv4Memberships = (): SocketMemberships<number> => new SocketMemberships((a, b) => a === b);
export const ipv6Memberships = (): SocketMemberships<In6> => new SocketMemberships(equalAddress);
