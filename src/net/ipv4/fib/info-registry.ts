import { hashStep } from '../../../base/hash.js';
import { IFF_UP, RTNH_F_DEAD, RTNH_F_LINKDOWN, RT_SCOPE_NOWHERE } from '../../../netlink/rtnl/constants.js';
import type { NetDevice } from '../../core/device.js';
import type { NexthopObject } from '../../nexthop/object.js';
import { type FibInfo, sameInfo } from './info.js';
import type { RouteStore } from './table.js';

const DOWN = RTNH_F_DEAD | RTNH_F_LINKDOWN;

/** The FibInfos of a namespace: alike ones are one, and each is found by what may take it away. */
export class InfoRegistry {
  readonly #store: RouteStore;
  readonly #byHash = new Map<number, FibInfo[]>();
  readonly #byDevice = new Map<NetDevice, Set<FibInfo>>();
  /** Of a device's, those with a way that is dead or without carrier: only they can live again. */
  readonly #downByDevice = new Map<NetDevice, Set<FibInfo>>();
  readonly #byObject = new Map<NexthopObject, Set<FibInfo>>();
  readonly #bySource = new Map<number, Set<FibInfo>>();
  #count = 0;

  constructor(store: RouteStore) {
    this.#store = store;
  }

  get count(): number {
    return this.#count;
  }

  /** `info` listed, or the one that is there already and just like it. References are the caller's to count. */
  share(info: FibInfo): FibInfo {
    const hash = hashOf(info);
    const bucket = this.#byHash.get(hash);
    if (bucket !== undefined) for (const other of bucket) if (sameInfo(other, info)) return other;
    this.#store.list(info);
    this.#count++;
    if (bucket === undefined) this.#byHash.set(hash, [info]);
    else bucket.push(info);
    if (info.object !== null) addTo(this.#byObject, info.object, info);
    else
      for (const nexthop of info.nexthops)
        if (nexthop.device !== null) {
          addTo(this.#byDevice, nexthop.device, info);
          if ((nexthop.flags & DOWN) !== 0) addTo(this.#downByDevice, nexthop.device, info);
        }
    if (info.preferredSource !== 0) addTo(this.#bySource, info.preferredSource, info);
    return info;
  }

  /** What routes have by a nexthop object. */
  byObject(object: NexthopObject): Iterable<FibInfo> {
    return this.#byObject.get(object) ?? [];
  }

  release(info: FibInfo): void {
    info.references--;
    this.dropIfUnused(info);
  }

  dropIfUnused(info: FibInfo): void {
    if (info.references > 0 || info.id === 0) return;
    const hash = hashOf(info);
    const bucket = this.#byHash.get(hash)!;
    if (bucket.length === 1) this.#byHash.delete(hash);
    else bucket.splice(bucket.indexOf(info), 1);
    if (info.object !== null) removeFrom(this.#byObject, info.object, info);
    for (const nexthop of info.nexthops) {
      if (nexthop.device !== null && info.object === null) {
        removeFrom(this.#byDevice, nexthop.device, info);
        removeFrom(this.#downByDevice, nexthop.device, info);
      }
      // Who still has one of its routes sees that it is nothing any more.
      if (nexthop.outputRoute !== null) nexthop.outputRoute.obsolete = true;
      if (nexthop.inputRoute !== null) nexthop.inputRoute.obsolete = true;
    }
    if (info.preferredSource !== 0) removeFrom(this.#bySource, info.preferredSource, info);
    this.#store.unlist(info);
    this.#count--;
  }

  /**
   * Ways by `device` die; true: some route has none left. `all`: its local addresses' too. `unregistered`: the device goes for good,
   * and all of a route that has one way by it. Linux: fib_sync_down_dev()
   */
  deviceDown(device: NetDevice, all: boolean, unregistered: boolean): boolean {
    let dead = false;
    for (const info of this.#byDevice.get(device) ?? []) {
      addTo(this.#downByDevice, device, info);
      if (!markDown(info, device, RTNH_F_DEAD | RTNH_F_LINKDOWN, all) && !(unregistered && usesDevice(info, device))) continue;
      info.flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
      dead = true;
    }
    return dead;
  }

  /** The MTU of `device` is no longer `before`. Linux: fib_sync_mtu() */
  deviceMtu(device: NetDevice, before: number): void {
    for (const infos of [this.#byDevice.get(device) ?? [], ...this.#byObject.values()])
      for (const { nexthops } of infos)
        for (const nexthop of nexthops) if (nexthop.device === device) nexthop.exceptions?.deviceMtu(device.mtu, before);
  }

  carrierDown(device: NetDevice): void {
    for (const info of this.#byDevice.get(device) ?? []) {
      addTo(this.#downByDevice, device, info);
      if (markDown(info, device, RTNH_F_LINKDOWN, false)) info.flags |= RTNH_F_LINKDOWN;
    }
  }

  carrierUp(device: NetDevice): void {
    this.#revive(device, RTNH_F_LINKDOWN);
  }

  /** Linux: fib_sync_up(dev, RTNH_F_DEAD) */
  deviceUp(device: NetDevice): void {
    this.#revive(device, device.carrier ? RTNH_F_DEAD | RTNH_F_LINKDOWN : RTNH_F_DEAD);
  }

  sourceGone(source: number, tableId: number): boolean {
    let dead = false;
    for (const info of this.#bySource.get(source) ?? []) {
      if (info.tableId !== tableId) continue;
      info.flags |= RTNH_F_DEAD;
      dead = true;
    }
    return dead;
  }

  #revive(device: NetDevice, flags: number): void {
    if ((device.flags & IFF_UP) === 0) return;
    for (const info of [...(this.#downByDevice.get(device) ?? [])]) {
      let alive = 0;
      for (const nexthop of info.nexthops) {
        if ((nexthop.flags & flags) !== 0) {
          if (nexthop.device !== device || device.ipv4 === null) continue;
          nexthop.flags &= ~flags;
        }
        alive++;
      }
      if (alive > 0) info.flags &= ~flags;
      info.rebalance();
      if (!info.nexthops.some((nexthop) => nexthop.device === device && (nexthop.flags & DOWN) !== 0))
        removeFrom(this.#downByDevice, device, info);
    }
  }
}

/** True: all its ways are down. A local address (RT_SCOPE_NOWHERE) stays while its device is only down. */
function markDown(info: FibInfo, device: NetDevice, flags: number, all: boolean): boolean {
  let down = 0;
  for (const nexthop of info.nexthops) {
    if (nexthop.dead) down++;
    else if (nexthop.device === device && (all || nexthop.scope !== RT_SCOPE_NOWHERE)) {
      nexthop.flags |= flags;
      down++;
    }
  }
  info.rebalance();
  return down === info.nexthops.length;
}

const usesDevice = (info: FibInfo, device: NetDevice): boolean =>
  info.object === null && info.nexthops.some((nexthop) => nexthop.device === device);

function hashOf(info: FibInfo): number {
  let hash = hashStep(hashStep(info.protocol | (info.scope << 8) | (info.type << 16), info.preferredSource), info.priority);
  if (info.object !== null) return hashStep(hash, info.object.id) >>> 0;
  for (const nexthop of info.nexthops)
    hash = hashStep(hashStep(hash, nexthop.oif), nexthop.gateway6 === null ? nexthop.gateway : nexthop.gateway6[3]!);
  return hash >>> 0;
}

function addTo<K>(index: Map<K, Set<FibInfo>>, key: K, info: FibInfo): void {
  const held = index.get(key);
  if (held === undefined) index.set(key, new Set([info]));
  else held.add(info);
}

function removeFrom<K>(index: Map<K, Set<FibInfo>>, key: K, info: FibInfo): void {
  const held = index.get(key);
  if (held?.delete(info) === true && held.size === 0) index.delete(key);
}
