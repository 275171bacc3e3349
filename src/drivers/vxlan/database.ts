import { EADDRNOTAVAIL, EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js';
import { NTF_SELF, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE, NUD_STALE } from '../../netlink/rtnl/constants.js';
import * as vxlan from '../../wire/vxlan.js';
import type { FdbRecord, FdbRequest, ForwardingDatabase } from '../../net/core/forwarding-database.js';
import type { NexthopUser } from '../../net/nexthop/family.js';
import type { NexthopObject } from '../../net/nexthop/object.js';
import type { VxlanDevice } from './device.js';
import { nexthopGroup } from './nexthop.js';
import { bytesOf, type Endpoint, endpointOf, isNowhere, nowhere, type Remote, sameEndpoint, sameRemote } from './remote.js';
import { overIpv6 } from './settings.js';
import { FdbEntry, FdbTable } from './table.js';

const US_PER_SECOND = 1_000_000;
const NO_REPLACE = 'Cannot replace non-unicast fdb entries';

export const highOf = (address: Uint8Array): number => (address[0]! << 8) | address[1]!;
export const lowOf = (address: Uint8Array): number => ((address[2]! << 24) | (address[3]! << 16) | (address[4]! << 8) | address[5]!) >>> 0;

/** The forwarding database of one vxlan device: what the user says, and what frames that come in teach. */
export class VxlanDatabase implements ForwardingDatabase, NexthopUser {
  onChange: ((record: FdbRecord, gone: boolean) => void) | null = null;
  onMiss: ((address: Uint8Array | null, destination: Uint8Array | null) => void) | null = null;
  readonly #device: VxlanDevice;
  readonly #table: FdbTable;
  /** It hears of nexthop groups: some entry has led to one. */
  #watching = false;

  constructor(device: VxlanDevice) {
    this.#device = device;
    this.#table = new FdbTable(device.stack.hashSeed);
  }

  /** `vni` is 0 for a device that has but one. */
  find(high: number, low: number, vni: number): FdbEntry | null {
    return this.#table.find(high, low, vni);
  }

  /** Linux: vxlan_fdb_add(), vxlan_fdb_update() */
  add(request: FdbRequest): void {
    const { state, nlFlags, address } = request;
    if ((state & (NUD_PERMANENT | NUD_REACHABLE)) === 0) fail(EINVAL);
    const { nexthopId } = request;
    if (request.destination === undefined && nexthopId === undefined) fail(EINVAL);
    const remote = this.#remoteOf(request);
    const high = highOf(address);
    const low = lowOf(address);
    const vni = this.#vniOf(request);
    const many = (high === 0 && low === 0) || (address[0]! & 1) !== 0;
    const found = this.#table.find(high, low, vni);
    if (found === null) {
      if ((nlFlags & NLM_F_CREATE) === 0) fail(ENOENT);
      if ((nlFlags & NLM_F_REPLACE) !== 0 && many) fail(EOPNOTSUPP, NO_REPLACE);
      const group = nexthopId === undefined ? null : this.#groupOf(nexthopId);
      this.create(address, vni, remote, state, request.flags & ~NTF_SELF, group);
      return;
    }
    if ((nlFlags & NLM_F_EXCL) !== 0) fail(EEXIST);
    if (nexthopId !== undefined && found.nexthop === null) fail(EOPNOTSUPP, 'Cannot replace an existing non nexthop fdb with a nexthop');
    if (nexthopId !== undefined && (nlFlags & NLM_F_APPEND) !== 0) fail(EOPNOTSUPP, 'Cannot append to a nexthop fdb');
    const { nowUs } = this.#device.stack;
    let changed = found.state !== state;
    if (changed) {
      found.state = state;
      found.updatedUs = nowUs;
    }
    let told = found.remotes[0] ?? null;
    if ((nlFlags & NLM_F_REPLACE) !== 0) {
      if (many) fail(EOPNOTSUPP, NO_REPLACE);
      if (nexthopId !== undefined && nexthopId !== found.nexthop?.id) {
        found.nexthop = this.#groupOf(nexthopId);
        changed = true;
      }
      if (told !== null && !sameRemote(told, remote)) {
        found.remotes.splice(0, 1, remote);
        told = remote;
        changed = true;
      }
    }
    if ((nlFlags & NLM_F_APPEND) !== 0 && many && found.nexthop === null && !found.remotes.some((other) => sameRemote(other, remote))) {
      found.remotes.push(remote);
      told = remote;
      changed = true;
    }
    if (!changed) return;
    found.usedUs = nowUs;
    this.#tell(found, told, false);
  }

  /** Linux: vxlan_fdb_delete() */
  delete(request: FdbRequest): void {
    const remote = this.#remoteOf(request);
    const entry = this.#table.find(highOf(request.address), lowOf(request.address), this.#vniOf(request));
    if (entry === null) return fail(ENOENT);
    if (isNowhere(remote)) {
      this.destroy(entry);
      return;
    }
    const index = entry.remotes.findIndex((other) => sameRemote(other, remote));
    // Linux: __vxlan_fdb_delete() has no error for an address that goes elsewhere.
    if (index < 0) return;
    if (entry.remotes.length === 1) {
      this.destroy(entry);
      return;
    }
    const gone = entry.remotes.splice(index, 1);
    this.#tell(entry, gone[0]!, true);
  }

  /** Makes an entry and tells of it. ENOSPC at the device's limit. Linux: vxlan_fdb_create() */
  create(address: Uint8Array, vni: number, remote: Remote, state: number, flags: number, group: NexthopObject | null = null): void {
    const { limit } = this.#device.settings;
    if (limit !== 0 && this.#table.size >= limit) fail(ENOSPC);
    const entry = new FdbEntry(address.slice(), highOf(address), lowOf(address), vni, state, flags, this.#device.stack.nowUs);
    entry.nexthop = group;
    if (group === null) entry.remotes.push(remote);
    this.#table.insert(entry);
    this.#tell(entry, entry.remotes[0] ?? null, false);
  }

  destroy(entry: FdbEntry): void {
    this.#table.delete(entry);
    if (entry.nexthop !== null) this.#tell(entry, null, true);
    for (const remote of entry.remotes) this.#tell(entry, remote, true);
  }

  /** The entries of a nexthop group go with it, and nobody is told. Linux: vxlan_fdb_nh_flush() */
  gone(object: NexthopObject): void {
    for (const entry of this.#table.all()) if (entry.nexthop === object) this.#table.delete(entry);
  }

  /** The members of a group are looked at packet by packet. */
  changed(): void {
    return;
  }

  /** Takes away one of the remotes of the address of all zeros, if it is there (the default destination has changed). */
  forgetDefault(remote: Remote, vni = 0): void {
    const entry = this.#table.find(0, 0, vni);
    if (entry === null) return;
    const index = entry.remotes.findIndex((other) => sameRemote(other, remote));
    if (index < 0) return;
    if (entry.remotes.length === 1) this.destroy(entry);
    else this.#tell(entry, entry.remotes.splice(index, 1)[0]!, true);
  }

  /** The default destination: of frames with `vni`, where the device has many. */
  addDefault(remote: Remote, vni = 0): void {
    const zeros = new Uint8Array(6);
    const entry = this.#table.find(0, 0, vni);
    if (entry === null) this.create(zeros, vni, remote, NUD_REACHABLE | NUD_PERMANENT, 0);
    else if (!entry.remotes.some((other) => sameRemote(other, remote))) {
      entry.remotes.push(remote);
      this.#tell(entry, remote, false);
    }
  }

  /**
   * A frame from the address `high`:`low` (at `at` of `bytes`) came from `source`. False: it must not have, the frame is dropped.
   * Linux: vxlan_snoop()
   */
  snoop(bytes: Uint8Array, at: number, high: number, low: number, vni: number, source: Endpoint): boolean {
    const { stack, settings } = this.#device;
    const entry = this.#table.find(high, low, vni);
    if (entry !== null) {
      entry.usedUs = stack.nowUs;
      const remote = entry.remotes[0];
      // Who is set to be behind several is not learned to be behind one.
      if (remote === undefined) return false;
      if (sameEndpoint(remote, source)) return true;
      // Who is set by hand does not move.
      if ((entry.state & (NUD_PERMANENT | NUD_NOARP)) !== 0) return false;
      remote.address = source.address;
      remote.address6 = source.address6 === null ? null : source.address6.slice();
      entry.updatedUs = stack.nowUs;
      this.#tell(entry, remote, false);
      return true;
    }
    if (settings.limit === 0 || this.#table.size < settings.limit)
      this.create(
        bytes.subarray(at, at + 6),
        vni,
        { ...source, address6: source.address6?.slice() ?? null, port: settings.port, vni: settings.vni, ifindex: 0 },
        NUD_REACHABLE,
        0,
      );
    return true;
  }

  /** What was not used for long goes. Linux: vxlan_cleanup() */
  age(): void {
    const { stack, settings } = this.#device;
    for (const entry of this.#table.all()) {
      if ((entry.state & (NUD_PERMANENT | NUD_NOARP)) !== 0) continue;
      if (entry.usedUs + settings.ageingS * US_PER_SECOND > stack.nowUs) continue;
      entry.state = NUD_STALE;
      this.destroy(entry);
    }
  }

  /** `all`: permanent ones too. Linux: vxlan_flush() */
  flush(all: boolean): void {
    if (all && this.#watching) this.#device.underlay.nexthops.removeUser(this);
    if (all) this.#watching = false;
    for (const entry of this.#table.all()) if (all || (entry.state & (NUD_PERMANENT | NUD_NOARP)) === 0) this.destroy(entry);
  }

  /** Linux: vxlan_fdb_get() */
  get(address: Uint8Array, vni: number): FdbRecord | null {
    const entry = this.#table.find(highOf(address), lowOf(address), this.#device.settings.external ? vni : 0);
    return entry === null ? null : this.#record(entry, entry.remotes[0] ?? null);
  }

  *entries(): Iterable<FdbRecord> {
    for (const entry of this.#table.all()) {
      if (entry.nexthop !== null) yield this.#record(entry, null);
      for (const remote of entry.remotes) yield this.#record(entry, remote);
    }
  }

  #groupOf(id: number): NexthopObject {
    const { underlay, settings } = this.#device;
    const group = nexthopGroup(underlay, id, overIpv6(settings));
    if (!this.#watching) underlay.nexthops.addUser(this);
    this.#watching = true;
    return group;
  }

  /** Linux: vxlan_fdb_parse() */
  #remoteOf(request: FdbRequest): Remote {
    const { destination, port, vni, ifindex, nexthopId } = request;
    if (nexthopId !== undefined && [destination, port, vni, ifindex].some((given) => given !== undefined))
      fail(EINVAL, 'DST, VNI, ifindex and port are mutually exclusive with NH_ID');
    const { settings, underlay } = this.#device;
    const endpoint = destination === undefined ? nowhere() : endpointOf(destination);
    if (destination !== undefined && !settings.external && (endpoint.address6 !== null) !== overIpv6(settings)) fail(EAFNOSUPPORT);
    if (vni !== undefined && vni >= vxlan.VNI_LIMIT) fail(EINVAL);
    if (ifindex !== undefined && underlay.deviceByIndex(ifindex) === undefined) fail(EADDRNOTAVAIL);
    return { ...endpoint, port: port ?? settings.port, vni: vni ?? settings.vni, ifindex: ifindex ?? 0 };
  }

  /** Only a device with many VNIs has entries by VNI. Linux: vxlan_find_mac() */
  #vniOf({ srcVni }: FdbRequest): number {
    if (srcVni !== undefined && srcVni >= vxlan.VNI_LIMIT) fail(EINVAL);
    return this.#device.settings.external ? (srcVni ?? 0) : 0;
  }

  /** `remote` null: the entry leads to a nexthop group. */
  #tell(entry: FdbEntry, remote: Remote | null, gone: boolean): void {
    this.onChange?.(this.#record(entry, remote), gone);
  }

  // Linux: vxlan_fdb_info()
  #record(entry: FdbEntry, remote: Remote | null): FdbRecord {
    return {
      address: entry.address,
      state: entry.state,
      flags: entry.flags | NTF_SELF,
      ...(entry.nexthop === null ? {} : { nexthopId: entry.nexthop.id }),
      ...(remote === null ? {} : this.#remoteRecord(remote)),
      ...(entry.vni === 0 ? {} : { srcVni: entry.vni }),
      usedUs: entry.usedUs,
      updatedUs: entry.updatedUs,
    };
  }

  #remoteRecord(remote: Remote) {
    const { settings } = this.#device;
    return {
      ...(isNowhere(remote) ? {} : { destination: bytesOf(remote) }),
      ...(remote.port === 0 || remote.port === settings.port ? {} : { port: remote.port }),
      ...(remote.vni === settings.vni ? {} : { vni: remote.vni }),
      ...(remote.ifindex === 0 ? {} : { ifindex: remote.ifindex }),
    };
  }
}
