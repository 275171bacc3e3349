import { EEXIST, EINVAL, ENETDOWN, ENOENT, ENOSPC } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { AF_UNSPEC, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js';
import { RT_SCOPE_LINK } from '../../netlink/rtnl/constants.js';
import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { l3TableOf } from '../core/l3mdev.js';
import type { Encapsulation } from '../core/lwtunnel.js';
import type { Namespace } from '../core/namespace.js';
import { Notifier } from '../core/notifier.js';
import type { NexthopFamily, NexthopUser, NexthopWay, ReachedNexthop } from './family.js';
import { NexthopObject } from './object.js';
import { ResilientTable } from './resilient-table.js';

/** NH_RES_DEFAULT_IDLE_TIMER: 120 s */
const DEFAULT_IDLE_US = 120_000_000;

/** RTM_NEWNEXTHOP in the stack's words (struct nh_config); checked for what concerns attributes alone. */
export interface NexthopWish {
  /** 0: the next that is free. */
  readonly id: number;
  readonly protocol: number;
  readonly flags: number;
  readonly blackhole: boolean;
  readonly fdb: boolean;
  readonly oif: number;
  readonly gateway: number;
  /** AF_INET, AF_INET6; of a group AF_UNSPEC. */
  readonly family: number;
  readonly gateway6: In6 | null;
  readonly encapsulation: Encapsulation | null;
  readonly group: readonly { readonly id: number; readonly weight: number }[] | null;
  /** Null: flows are shared out by the hash alone. */
  readonly resilient: {
    readonly buckets: number | null;
    readonly idleTimerUs: number | null;
    readonly unbalancedTimerUs: number | null;
  } | null;
}

/**
 * The nexthop objects of a namespace. What a next hop of their addresses is, families tell; what is kept by an object, its users
 * change with it. Linux: net/ipv4/nexthop.c
 */
export class NexthopTable {
  readonly events = new Notifier<{ readonly type: 'new' | 'delete'; readonly object: NexthopObject; readonly flags: number }>();
  readonly #namespace: Namespace;
  readonly #families: NexthopFamily[] = [];
  readonly #users: NexthopUser[] = [];
  readonly #objects = new Map<number, NexthopObject>();
  #lastId = 0;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'down' || type === 'unregister' || (type === 'carrier' && !device.carrier))
        this.#flushDevice(device, type === 'unregister');
    });
  }

  /** A family of routes, when the namespace is made. */
  addFamily(family: NexthopFamily): void {
    this.#families.push(family);
    this.#users.push(family);
  }

  addUser(user: NexthopUser): void {
    this.#users.push(user);
  }

  removeUser(user: NexthopUser): void {
    this.#users.splice(this.#users.indexOf(user), 1);
  }

  /** By which device a way leads whose gateway is of `family`, for a route of table `tableId` (0: main). Throws with Linux's errno and text. */
  reach(family: number, way: NexthopWay, tableId: number): ReachedNexthop {
    const known = this.#families.find((other) => other.family === family) ?? fail(EINVAL, 'IPv6 support not enabled in kernel');
    return known.reach(way, tableId);
  }

  find(id: number): NexthopObject | undefined {
    return this.#objects.get(id);
  }

  /** By id. */
  all(): NexthopObject[] {
    return [...this.#objects.values()].sort((a, b) => a.id - b.id);
  }

  /** Linux: nexthop_add(), insert_nexthop() */
  add(wish: NexthopWish, nlFlags: number): void {
    const replace = (nlFlags & NLM_F_REPLACE) !== 0;
    if (replace && wish.id === 0) fail(EINVAL, 'Replace requires nexthop id');
    const id = wish.id === 0 ? this.#freeId() : wish.id;
    const object = wish.group === null ? this.#createOne(id, wish) : this.#createGroup(id, wish, wish.group);
    const old = this.#objects.get(id);
    if (old !== undefined) {
      if (!replace || (nlFlags & NLM_F_EXCL) !== 0) fail(EEXIST);
      this.#replace(old, object, wish.resilient);
      this.events.notify({ type: 'new', object: old, flags: NLM_F_REPLACE });
      this.#tellUsers(old);
      return;
    }
    if ((nlFlags & NLM_F_CREATE) === 0) fail(ENOENT, replace ? 'Replace specified without create and no entry exists' : undefined);
    if (object.resilient === null && wish.resilient !== null) fail(EINVAL, 'Number of buckets not specified for nexthop group insertion');
    this.#objects.set(id, object);
    for (const member of object.members ?? []) member.object.groups.add(object);
    object.resilient?.setMembers(object.members ?? []);
    this.events.notify({ type: 'new', object, flags: replace ? NLM_F_REPLACE : 0 });
  }

  /** ENOENT */
  delete(id: number): void {
    const object = this.#objects.get(id) ?? fail(ENOENT);
    this.events.notify({ type: 'delete', object, flags: 0 });
    this.#remove(object, true);
  }

  #freeId(): number {
    for (let tries = 0; tries <= this.#objects.size; tries++) {
      this.#lastId = (this.#lastId + 1) >>> 0;
      if (this.#lastId !== 0 && !this.#objects.has(this.#lastId)) return this.#lastId;
    }
    return fail(EINVAL, 'No unused id');
  }

  // Linux: rtm_to_nh_config(), nexthop_create()
  #createOne(id: number, wish: NexthopWish): NexthopObject {
    const namespace = this.#namespace;
    const object = new NexthopObject(id);
    object.protocol = wish.protocol;
    object.family = wish.family;
    object.fdb = wish.fdb;
    object.blackhole = wish.blackhole;
    object.gateway = wish.gateway;
    object.gateway6 = wish.gateway6;
    object.encapsulation = wish.encapsulation;
    if (wish.fdb) {
      object.scope = RT_SCOPE_LINK;
      return object;
    }
    const device = wish.blackhole ? namespace.loopback : namespace.deviceByIndex(wish.oif);
    if (device === undefined) fail(EINVAL, 'Invalid device index');
    if (!wish.blackhole && !device.up) fail(ENETDOWN, 'Nexthop device is not up');
    if (!wish.blackhole && !device.carrier) fail(ENETDOWN, 'Carrier for nexthop device is down');
    const { device: way, scope, flags } = this.reach(wish.family, { ...wish, oif: device.ifindex }, l3TableOf(device));
    object.device = way;
    object.scope = scope;
    object.flags = flags;
    return object;
  }

  // Linux: nh_check_attr_group(), nexthop_create_group()
  #createGroup(id: number, wish: NexthopWish, entries: readonly { readonly id: number; readonly weight: number }[]): NexthopObject {
    for (const [index, entry] of entries.entries())
      if (entries.findIndex((other) => other.id === entry.id) !== index) fail(EINVAL, 'Nexthop id can not be used twice in a group');
    const members = entries.map((entry) => ({ object: this.#memberOf(entry.id, entries.length, wish.fdb), weight: entry.weight }));
    if (wish.fdb && members.some((member) => member.object.family !== members[0]?.object.family))
      fail(EINVAL, 'FDB nexthop group cannot have mixed family nexthops');
    const object = new NexthopObject(id);
    object.protocol = wish.protocol;
    object.family = AF_UNSPEC;
    object.fdb = wish.fdb;
    object.members = members;
    const { resilient } = wish;
    if (resilient !== null && resilient.buckets !== null) {
      if (resilient.buckets > 65_535) fail(ENOSPC);
      object.resilient = new ResilientTable(this.#namespace.stack, resilient.buckets);
      object.resilient.idleTimerUs = resilient.idleTimerUs ?? DEFAULT_IDLE_US;
      object.resilient.unbalancedTimerUs = resilient.unbalancedTimerUs ?? 0;
    }
    return object;
  }

  // Linux: valid_group_nh()
  #memberOf(id: number, count: number, fdb: boolean): NexthopObject {
    const object = this.#objects.get(id) ?? fail(EINVAL, 'Invalid nexthop id');
    if (object.members !== null)
      fail(EINVAL, `${object.resilient === null ? 'Hash-threshold' : 'Resilient'} group can not be a nexthop within a group`);
    if (object.blackhole && count > 1) fail(EINVAL, 'Blackhole nexthop can not be used in a group with more than 1 path');
    if (fdb && !object.fdb) fail(EINVAL, 'FDB nexthop group can only have fdb nexthops');
    if (!fdb && object.fdb) fail(EINVAL, 'Non FDB nexthop group cannot have fdb nexthops');
    return object;
  }

  // Linux: replace_nexthop()
  #replace(old: NexthopObject, wanted: NexthopObject, buckets: NexthopWish['resilient']): void {
    const ways = wanted.ways.map(({ object }) => object);
    for (const family of this.#families) family.mayBecome?.(old, ways);
    if (wanted.members !== null) {
      if (old.members === null) fail(EINVAL, 'Can not replace a nexthop with a nexthop group.');
      if ((old.resilient === null) !== (buckets === null)) fail(EINVAL, 'Can not replace a nexthop group of one type with another.');
      if (old.resilient !== null && buckets !== null) {
        if (buckets.buckets !== null && buckets.buckets !== old.resilient.buckets)
          fail(EINVAL, 'Can not change number of buckets of a resilient nexthop group.');
        old.resilient.idleTimerUs = buckets.idleTimerUs ?? old.resilient.idleTimerUs;
        old.resilient.unbalancedTimerUs = buckets.unbalancedTimerUs ?? old.resilient.unbalancedTimerUs;
      }
      for (const { object } of old.members) object.groups.delete(old);
      old.protocol = wanted.protocol;
      old.members = wanted.members;
      for (const { object } of wanted.members) object.groups.add(old);
      old.resilient?.setMembers(old.members);
    } else {
      if (old.members !== null) fail(EINVAL, 'Can not replace a nexthop group with a nexthop.');
      if (wanted.blackhole && [...old.groups].some((group) => (group.members?.length ?? 0) > 1))
        fail(EINVAL, 'Blackhole nexthop can not be a member of a group with more than one path');
      if (old.groups.size > 0 && old.fdb !== wanted.fdb) fail(EINVAL, 'Cannot change nexthop FDB status while in a group');
      old.become(wanted);
    }
    this.#changed(old);
    for (const group of old.groups) this.#changed(group);
  }

  #changed(object: NexthopObject): void {
    for (const user of this.#users) user.changed(object);
  }

  /** Linux: nexthop_replace_notify() */
  #tellUsers(object: NexthopObject): void {
    for (const told of [object, ...object.groups]) for (const user of this.#users) user.tell?.(told);
  }

  // Linux: remove_nexthop()
  #remove(object: NexthopObject, told: boolean): void {
    this.#objects.delete(object.id);
    object.resilient?.destroy();
    for (const member of object.members ?? []) member.object.groups.delete(object);
    for (const group of object.groups) {
      group.members = (group.members ?? []).filter((member) => member.object !== object);
      if (group.members.length === 0) {
        this.#remove(group, told);
        continue;
      }
      group.resilient?.setMembers(group.members);
      this.#changed(group);
      if (told) this.events.notify({ type: 'new', object: group, flags: 0 });
    }
    for (const user of this.#users) user.gone(object);
  }

  // Linux: nexthop_flush_dev()
  #flushDevice(device: NetDevice, gone: boolean): void {
    for (const object of this.all()) {
      if (object.device !== device || this.#objects.get(object.id) !== object) continue;
      if (object.blackhole && !gone) continue;
      this.#remove(object, false);
    }
  }

  /** No timer is left. */
  destroy(): void {
    for (const object of this.#objects.values()) object.resilient?.destroy();
  }
}
