import { EEXIST, EINVAL, ENOENT, ESRCH } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Timer } from '../../../base/timer-wheel.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { NTF_ROUTER, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../../netlink/rtnl/constants.js';
import { equalAddress, type In6 } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { Namespace } from '../../core/namespace.js';
import { Notifier } from '../../core/notifier.js';
import { createInfo } from './create-info.js';
import { RoutesByDevice } from './device-index.js';
import type { RouteException6 } from './exceptions.js';
import { type Fib6Info, RTF_ADDRCONF, RTF_EXPIRES, RTF_LOCAL } from './info.js';
import { rebalance } from './multipath.js';
import { NexthopRoutes } from './nexthop-routes.js';
import type { Route6Request } from './request.js';
import { Fib6Rules } from './rules.js';
import { type Fib6Node, Fib6Table } from './table.js';

/**
 * `new` and `replace` are told as RTM_NEWROUTE with `flags` NLM_F_CREATE, APPEND, REPLACE, `delete` as RTM_DELROUTE. A route with
 * several ways is told once; `route.siblings` has them all, but where one way of them goes (`single`).
 */
export interface Route6Event {
  readonly type: 'new' | 'replace' | 'delete';
  readonly route: Fib6Info;
  readonly flags: number;
  readonly single: boolean;
}

const US_PER_SECOND = 1_000_000;

/** The IPv6 routing tables of a namespace: Linux's net/ipv6/ip6_fib.c. */
export class Fib6 {
  readonly namespace: Namespace;
  readonly events = new Notifier<Route6Event>();
  /** Of all that was looked up before: with another number it is obsolete (fib6_sernum). */
  generation = 0;
  readonly rules: Fib6Rules;
  readonly local: Fib6Table;
  readonly main: Fib6Table;
  readonly #byDevice = new RoutesByDevice();
  readonly #byNexthop = new NexthopRoutes(this);
  readonly #tables = new Map<number, Fib6Table>();
  readonly #seed: number;
  readonly #gcTimer = new Timer(() => this.#collect(this.#gcIntervalUs));
  /** What was learned of destinations, of all ways together. */
  learned = 0;
  #lastCollectionUs = 0;
  /** Microseconds after which a collection that is in need of room takes what was learned: less each time (ip6_rt_gc_expire). */
  #patienceUs = 30 * US_PER_SECOND;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.#seed = namespace.stack.random.u32();
    this.local = this.obtainTable(RT_TABLE_LOCAL);
    this.main = this.obtainTable(RT_TABLE_MAIN);
    this.rules = new Fib6Rules(this);
    namespace.nexthops.addFamily(this.#byNexthop);
  }

  table(id: number): Fib6Table | null {
    return this.#tables.get(id) ?? null;
  }

  obtainTable(id: number): Fib6Table {
    const number = id === 0 ? RT_TABLE_MAIN : id;
    let table = this.#tables.get(number);
    if (table === undefined) {
      table = new Fib6Table(number, this.#seed);
      this.#tables.set(number, table);
    }
    return table;
  }

  /** All tables in the order of a dump: of 256 lists by the low byte, in each the newest first. */
  tables(): Fib6Table[] {
    return [...this.#tables.values()].reverse().sort((a, b) => (a.id & 255) - (b.id & 255));
  }

  /** What was looked up so far is obsolete. */
  flushCache(): void {
    this.generation++;
  }

  /** The routes of a table in the order of a dump; of a multipath route all ways. */
  routes(tableId: number): Fib6Info[] {
    const table = this.table(tableId);
    return table === null ? [] : table.nodes().flatMap((node) => node.routes);
  }

  /** RTM_NEWROUTE. Linux: ip6_route_add(), ip6_route_multipath_add() */
  insert(request: Route6Request, nlFlags: number): void {
    if (request.nexthopId !== 0) {
      this.#insertByObject(request, nlFlags);
      return;
    }
    if (!request.multipath) {
      const info = createInfo(this, request, request.nexthops[0] ?? null);
      this.link(info, nlFlags);
      return;
    }
    const infos = request.nexthops.map((nexthop) => createInfo(this, request, nexthop));
    if (infos.some((info) => !info.joinsMultipath)) fail(EINVAL, 'Device only routes can not be added for IPv6 using the multipath API.');
    let flags = nlFlags;
    const done: Fib6Info[] = [];
    try {
      for (const info of infos) {
        this.#insertInto(info, flags, (nlFlags & NLM_F_REPLACE) !== 0);
        done.push(info);
        // The others join the first.
        flags = (flags & ~(NLM_F_EXCL | NLM_F_REPLACE)) | NLM_F_CREATE;
      }
    } catch (error) {
      for (const info of done) this.#unlink(info);
      throw error;
    }
    this.events.notify({ type: 'new', route: infos[0]!, flags: nlFlags & (NLM_F_CREATE | NLM_F_REPLACE | NLM_F_APPEND), single: false });
  }

  /** Puts a route that addresses or routers bring, or one of the user's, into its table. EEXIST, ENOENT. Linux: fib6_add() */
  link(info: Fib6Info, nlFlags: number): void {
    const replaced = this.#insertInto(info, nlFlags, false);
    const told = nlFlags & (NLM_F_CREATE | NLM_F_REPLACE | NLM_F_APPEND);
    this.events.notify({ type: replaced ? 'replace' : 'new', route: info, flags: told, single: info.siblings === null });
  }

  #insertByObject(request: Route6Request, nlFlags: number): void {
    const ways = this.#byNexthop.create(request);
    const first = ways[0]!;
    const replaced = this.#insertInto(first, nlFlags, false);
    this.#joinAll(first, ways);
    this.#byNexthop.keep(ways, request);
    const told = nlFlags & (NLM_F_CREATE | NLM_F_REPLACE | NLM_F_APPEND);
    this.events.notify({ type: replaced ? 'replace' : 'new', route: first, flags: told, single: false });
  }

  /** The ways of the route that `old` is one of give way to others. */
  exchange(old: Fib6Info, ways: readonly Fib6Info[]): void {
    const node = this.table(old.tableId)!.node(old.destination, old.prefixLength)!;
    const first = ways[0]!;
    this.#replace(node, old.siblings?.[0] ?? old, first);
    first.dead = false;
    this.#byDevice.add(first);
    this.#joinAll(first, ways);
    this.flushCache();
  }

  #joinAll(first: Fib6Info, ways: readonly Fib6Info[]): void {
    const node = this.table(first.tableId)!.node(first.destination, first.prefixLength)!;
    for (const way of ways.slice(1)) {
      this.#join(node, first, way);
      way.dead = false;
      this.#byDevice.add(way);
    }
  }

  /** RTM_DELROUTE. ESRCH. Linux: ip6_route_del() */
  delete(request: Route6Request): void {
    const ways = request.nexthops.length > 0 ? request.nexthops : [null];
    let last: Error | null = null;
    for (const way of ways) {
      const info = this.find(request, way === null ? 0 : way.oif, way === null ? null : way.gateway);
      if (info === null) {
        // Of several ways all are tried; the error is that of the last that failed.
        if (!request.multipath) fail(ESRCH);
        last = new Error('absent');
        continue;
      }
      if (way !== null && way.gateway !== null) this.remove(info);
      else this.removeWithSiblings(info);
    }
    if (last !== null) fail(ESRCH);
  }

  /** The first route that a deletion means; null: none. */
  find(request: Route6Request, oif: number, gateway: Uint32Array | null): Fib6Info | null {
    const node = this.table(request.tableId === 0 ? RT_TABLE_MAIN : request.tableId)?.node(request.destination, request.prefixLength);
    if (node === null || node === undefined) return null;
    for (const info of node.routes) {
      if (request.sourceLength !== info.sourceLength || !equalAddress(request.source, info.source)) continue;
      if (request.nexthopId !== 0 && info.object?.id !== request.nexthopId) continue;
      if (oif !== 0 && info.device.ifindex !== oif) continue;
      if (gateway !== null && (info.gateway === null || !equalAddress(info.gateway, gateway))) continue;
      if (request.metric !== 0 && request.metric !== info.metric) continue;
      if (request.protocol !== 0 && request.protocol !== info.protocol) continue;
      return info;
    }
    return null;
  }

  /** Takes one way out and tells, unless `silent`. Linux: ip6_del_rt() */
  remove(info: Fib6Info, silent = false): void {
    if (info.dead) return;
    const single = info.siblings !== null;
    this.#unlink(info);
    if (!silent) this.events.notify({ type: 'delete', route: info, flags: 0, single });
  }

  /** A whole route, told once. Linux: __ip6_del_rt_siblings() */
  removeWithSiblings(info: Fib6Info): void {
    if (info.dead) return;
    const { siblings } = info;
    this.events.notify({ type: 'delete', route: info, flags: 0, single: false });
    for (const way of siblings === null ? [info] : [...siblings]) this.#unlink(way);
  }

  /** Everything by a device, or what `which` picks. Linux: fib6_clean_all(), fib6_ifdown() */
  flush(which: (info: Fib6Info) => boolean): void {
    for (const table of this.tables())
      for (const node of table.nodes()) for (const info of [...node.routes]) if (which(info)) this.remove(info);
  }

  /** The device went down: its routes go; ways of a multipath route whose other ways live stay, dead. Linux: fib6_ifdown() */
  deviceDown(device: NetDevice, unregistered: boolean): void {
    const silent = this.namespace.ipv6.settings.routeSkipNotifyOnDevDown !== 0;
    for (const info of this.#byDevice.inOrder(device, this.tables())) {
      if (unregistered || info.siblings === null) {
        this.remove(info, silent);
        continue;
      }
      info.nexthopFlags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
      rebalance(info.siblings);
      if (info.siblings.every((way) => (way.nexthopFlags & RTNH_F_DEAD) !== 0)) this.remove(info, silent);
    }
    this.flushCache();
  }

  /** Ways by it live again. Linux: rt6_sync_up() */
  deviceUp(device: NetDevice): void {
    this.#each(device, (info) => {
      info.nexthopFlags &= ~(RTNH_F_DEAD | (device.carrier ? RTNH_F_LINKDOWN : 0));
    });
  }

  carrierChanged(device: NetDevice): void {
    this.#each(device, (info) => {
      // Local routes live as long as their device is there.
      if ((info.flags & (RTF_LOCAL | RTF_ADDRCONF)) === (RTF_LOCAL | RTF_ADDRCONF) || (info.flags & RTF_LOCAL) !== 0) return;
      if (device.carrier) info.nexthopFlags &= ~RTNH_F_LINKDOWN;
      else info.nexthopFlags |= RTNH_F_LINKDOWN;
    });
  }

  /** A route ends by itself after `expiresUs` has been set. */
  expiryChanged(): void {
    const { stack } = this.namespace;
    if (!this.#gcTimer.armed) stack.timers.schedule(this.#gcTimer, stack.nowUs + this.#gcIntervalUs);
  }

  destroy(): void {
    this.namespace.stack.timers.cancel(this.#gcTimer);
  }

  #each(device: NetDevice, change: (info: Fib6Info) => void): void {
    for (const info of this.#byDevice.of(device)) {
      change(info);
      if (info.siblings !== null) rebalance(info.siblings);
    }
    this.flushCache();
  }

  /** Linux: fib6_add_rt2node(); true: something was replaced. */
  #insertInto(info: Fib6Info, nlFlags: number, replacesMultipath: boolean): boolean {
    const table = this.obtainTable(info.tableId);
    const known = table.node(info.destination, info.prefixLength);
    const replace = (nlFlags & NLM_F_REPLACE) !== 0;
    const create = (nlFlags & NLM_F_CREATE) !== 0 || nlFlags === 0;
    if (known === null && !create) fail(replace ? ENOENT : ENOENT, replace ? 'Can not replace route - no match found' : undefined);
    const node = known ?? table.obtain(info.destination, info.prefixLength);
    let group: Fib6Info | null = null;
    let replaced: Fib6Info | null = null;
    // What can only be in the way of the same again: of the thousands of devices that ff00::/8 has ways by, one counts.
    const alone = !replace && (nlFlags & NLM_F_EXCL) === 0 && !info.joinsMultipath;
    const others = alone && this.#byDevice.count(info.device) < node.routes.length ? this.#byDevice.of(info.device) : node.routes;
    for (const other of others) {
      if (other.metric !== info.metric || (alone && !(other.device === info.device && samePrefix(other, info)))) continue;
      if (!sameSource(other, info)) continue;
      if ((nlFlags & NLM_F_EXCL) !== 0) fail(EEXIST);
      if (replace) {
        if (other.joinsMultipath === info.joinsMultipath) {
          replaced = other;
          break;
        }
        replaced ??= other;
        continue;
      }
      if (other.sameNexthop(info) && other.type === info.type) {
        // The same again: the lifetime of one that has an end is taken over.
        if ((other.flags & RTF_EXPIRES) !== 0) {
          other.expiresUs = info.expiresUs;
          if (info.expiresUs === 0) other.flags &= ~RTF_EXPIRES;
        }
        if (node.routes.length === 0) table.remove(node);
        fail(EEXIST);
      }
      if (group === null && info.joinsMultipath && other.joinsMultipath) group = other;
    }
    if (replace && replaced === null && !create) fail(ENOENT, 'Can not replace route - no match found');
    if (replaced !== null) this.#replace(node, replaced, info);
    else if (group !== null && !replacesMultipath) this.#join(node, group, info);
    else if (group !== null) this.#join(node, group, info);
    else node.routes.splice(firstAfter(node, info.metric), 0, info);
    info.dead = false;
    this.#byDevice.add(info);
    if (info.expiresUs !== 0) this.expiryChanged();
    this.flushCache();
    return replaced !== null;
  }

  #replace(node: Fib6Node, old: Fib6Info, info: Fib6Info): void {
    const at = node.routes.indexOf(old);
    const leaving = old.siblings ?? [old];
    node.routes.splice(at, 1, info);
    node.routes = node.routes.filter((other) => other === info || !leaving.includes(other));
    for (const gone of leaving) this.#retire(gone);
  }

  #join(node: Fib6Node, group: Fib6Info, info: Fib6Info): void {
    const siblings = group.siblings ?? [group];
    siblings.push(info);
    for (const way of siblings) way.siblings = siblings;
    node.routes.splice(node.routes.indexOf(siblings[siblings.length - 2]!) + 1, 0, info);
    rebalance(siblings);
  }

  #unlink(info: Fib6Info): void {
    const table = this.table(info.tableId);
    const node = table?.node(info.destination, info.prefixLength);
    if (table === null || node === null || node === undefined) return;
    const at = node.routes.indexOf(info);
    if (at < 0) return;
    node.routes.splice(at, 1);
    if (info.siblings !== null) {
      const { siblings } = info;
      siblings.splice(siblings.indexOf(info), 1);
      if (siblings.length === 1) siblings[0]!.siblings = null;
      else rebalance(siblings);
      info.siblings = null;
    }
    this.#retire(info);
    if (node.routes.length === 0) table.remove(node);
    this.flushCache();
  }

  #retire(info: Fib6Info): void {
    this.#byDevice.delete(info);
    this.#byNexthop.forget(info);
    retire(info);
  }

  /** An address that is gone is preferred no longer by the routes of its device. Linux: rt6_remove_prefsrc() */
  forgetSource(address: In6, device: NetDevice): void {
    this.#byDevice.forgetSource(address, device);
  }

  /** The MTU of `device` is no longer `before`. Linux: rt6_mtu_change() */
  deviceMtu(device: NetDevice, before: number): void {
    for (const info of this.#byDevice.of(device)) info.exceptions?.deviceMtu(device.mtu, before);
  }

  get #gcIntervalUs(): number {
    return Math.max(1, this.namespace.ipv6.settings.routeGcInterval) * US_PER_SECOND;
  }

  /** What has expired goes, and what was learned and has no end of its own once it is an interval old. Linux: fib6_run_gc() */
  #collect(ageUs: number): void {
    const { nowUs } = this.namespace.stack;
    this.#lastCollectionUs = nowUs;
    let more = false;
    this.flush((info) => {
      if (info.expired(nowUs)) return true;
      if (info.exceptions !== null) {
        info.exceptions.collect((exception) => this.#isOld(exception, nowUs, ageUs));
        if (info.exceptions.count > 0) more = true;
      }
      if (info.expiresUs !== 0) more = true;
      return false;
    });
    if (more) this.expiryChanged();
  }

  /**
   * Whether something more may be learned: above gc_thresh what is old goes first, at most each gc_min_interval; above max_size it may not.
   * Linux: ip6_dst_gc()
   */
  hasRoom(): boolean {
    const { routeGcThresh, routeGcMinInterval, routeGcTimeout, routeGcElasticity, routeMaxSize } = this.namespace.ipv6.settings;
    if (this.learned <= routeGcThresh) return true;
    const early = this.namespace.stack.nowUs < this.#lastCollectionUs + routeGcMinInterval * 1000;
    if (!early || this.learned > routeMaxSize) {
      this.#collect(this.#patienceUs);
      if (this.learned < routeGcThresh) this.#patienceUs = (routeGcTimeout * US_PER_SECOND) / 2;
    }
    this.#patienceUs -= Math.trunc(this.#patienceUs / 2 ** routeGcElasticity);
    return this.learned <= routeMaxSize;
  }

  /** Linux: rt6_age_examine_exception() */
  #isOld({ route, learnedUs }: RouteException6, nowUs: number, ageUs: number): boolean {
    if (route.expiresUs === 0 ? nowUs >= learnedUs + ageUs : nowUs > route.expiresUs) return true;
    const { gateway, device } = route;
    if (gateway === null || device === null) return false;
    const { table } = this.namespace.ipv6.ndisc;
    const neighbour = table.lookup(device, gateway[0]!, gateway[1]!, gateway[2]!, gateway[3]!);
    // Who says of himself that he is no router is none to go by.
    return neighbour === null || (neighbour.flags & NTF_ROUTER) === 0;
  }
}

function retire(info: Fib6Info): void {
  info.dead = true;
  if (info.route !== null) info.route.obsolete = true;
  info.route = null;
  info.exceptions?.clear();
  info.exceptions = null;
}

const samePrefix = (a: Fib6Info, b: Fib6Info): boolean =>
  a.tableId === b.tableId && a.prefixLength === b.prefixLength && equalAddress(a.destination, b.destination);

const sameSource = (a: Fib6Info, b: Fib6Info): boolean => a.sourceLength === b.sourceLength && equalAddress(a.source, b.source);

/** From the end: most have the same metric, and what comes goes behind them. */
function firstAfter(node: Fib6Node, metric: number): number {
  let at = node.routes.length;
  while (at > 0 && node.routes[at - 1]!.metric > metric) at--;
  return at;
}
