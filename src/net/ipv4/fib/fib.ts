import { EAGAIN, EEXIST, EINVAL, ENETUNREACH, ENOENT, ESRCH } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import {
  RT_SCOPE_NOWHERE,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTPROT_KERNEL,
} from '../../../netlink/rtnl/constants.js';
import { ipv4Mask } from '../../../wire/ipv4-address.js';
import type { NetDevice } from '../../core/device.js';
import { Flow } from '../../core/flow.js';
import { joinL3Domain, l3TableOf } from '../../core/l3mdev.js';
import { sameEncapsulation } from '../../core/lwtunnel.js';
import type { Namespace } from '../../core/namespace.js';
import { Notifier } from '../../core/notifier.js';
import { createInfo } from './create-info.js';
import { type FibInfo, sameGateway6 } from './info.js';
import { InfoRegistry } from './info-registry.js';
import { NexthopRoutes } from './nexthop-routes.js';
import type { NexthopRequest, RouteRequest } from './request.js';
import { FibResult } from './result.js';
import { FibRules } from './rules.js';
import { FibTable, NO_MATCH, RouteStore, TYPE_ERROR } from './table.js';

/** One route as dumps and messages show it. */
export interface FibRoute {
  readonly tableId: number;
  readonly destination: number;
  readonly prefixLength: number;
  readonly tos: number;
  readonly type: number;
  readonly info: FibInfo;
}

/**
 * `new` and `replace` are told as RTM_NEWROUTE with `flags` NLM_F_CREATE, APPEND, REPLACE, `delete` as RTM_DELROUTE. `flush` is not
 * told by rtnetlink: the route died with its device or its source address.
 */
export interface RouteEvent {
  readonly type: 'new' | 'replace' | 'delete' | 'flush';
  readonly route: FibRoute;
  /** NLM_F_* of the message. */
  readonly flags: number;
}

/** The IPv4 routing tables of a namespace: Linux's net/ipv4/fib_frontend.c, fib_trie.c, fib_semantics.c. */
export class Fib {
  readonly namespace: Namespace;
  readonly events = new Notifier<RouteEvent>();
  readonly rules: FibRules;
  readonly infos: InfoRegistry;
  readonly store = new RouteStore();
  /** Of all that was looked up before: with another number it is obsolete (rt_genid). */
  generation = 0;
  /** A local route that no address brought: then martians are not seen by the addresses alone. */
  customLocalRoutes = false;
  /** Told of addresses that have become broadcast: neighbours of that name are not hosts any more. */
  onBroadcastAddress: ((device: NetDevice, address: number) => void) | null = null;
  /** IPv4 ends on a device: it went down or lost its last address. */
  onDisable: ((device: NetDevice) => void) | null = null;
  readonly #tables = new Map<number, FibTable>();
  readonly #local: FibTable;
  readonly #main: FibTable;
  readonly #flow = new Flow();
  readonly #result = new FibResult();

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.rules = new FibRules(this);
    this.infos = new InfoRegistry(this.store);
    namespace.nexthops.addFamily(new NexthopRoutes(this));
    this.#local = this.obtainTable(RT_TABLE_LOCAL);
    this.#main = this.obtainTable(RT_TABLE_MAIN);
  }

  /** Null: nothing was ever put there. */
  table(id: number): FibTable | null {
    return this.#tables.get(id) ?? null;
  }

  /** Linux: fib_new_table() */
  obtainTable(id: number): FibTable {
    const number = id === 0 ? RT_TABLE_MAIN : id;
    let table = this.#tables.get(number);
    if (table === undefined) {
      table = new FibTable(number, this.store);
      this.#tables.set(number, table);
    }
    return table;
  }

  /** All tables in the order of a dump: of FIB_TABLE_HASHSZ = 256 lists by the low byte, in each the newest first. */
  tables(): FibTable[] {
    const all = [...this.#tables.values()].reverse();
    return all.sort((a, b) => (a.id & 255) - (b.id & 255));
  }

  /** What was looked up so far is obsolete. Linux: rt_cache_flush() */
  flushCache(): void {
    this.generation++;
  }

  /** 0 and `result`, or a negative errno. Linux: fib_lookup() */
  lookup(flow: Flow, result: FibResult, flags: number): number {
    result.realms = 0;
    if (!this.rules.onlyDefaults) {
      joinL3Domain(this.namespace, flow);
      const found = this.rules.lookup(flow, result, flags);
      return found === -ESRCH ? -ENETUNREACH : found;
    }
    let error = this.#local.lookup(flow, result, flags);
    if (error === -EAGAIN) error = this.#main.lookup(flow, result, flags);
    if (error === -EAGAIN) {
      const last = this.#tables.get(RT_TABLE_DEFAULT);
      if (last !== undefined) error = last.lookup(flow, result, flags);
    }
    return error === -EAGAIN ? -ENETUNREACH : error;
  }

  /** RTN_* of an address, by one table. Linux: inet_addr_type(), inet_addr_type_table() */
  addressType(address: number, tableId: number = RT_TABLE_LOCAL): number {
    return this.#addressType(null, address, tableId);
  }

  /** As seen on a device: what is local or broadcast elsewhere is a host here. Linux: inet_addr_type_dev_table() */
  addressTypeOn(device: NetDevice, address: number): number {
    return this.#addressType(device, address, l3TableOf(device) || RT_TABLE_LOCAL);
  }

  /** The same without regard to which device of the domain has it. Linux: inet_addr_type_dev_table(), for the callers that give the table alone */
  addressTypeIn(device: NetDevice, address: number): number {
    return this.#addressType(null, address, l3TableOf(device) || RT_TABLE_LOCAL);
  }

  #addressType(device: NetDevice | null, address: number, tableId: number): number {
    if (address === 0 || address === 0xffff_ffff) return RTN_BROADCAST;
    if (address >>> 28 === 0xe) return RTN_MULTICAST;
    const table = this.table(tableId);
    // Linux: RTN_BROADCAST is what is answered for a table that is not there.
    if (table === null) return RTN_BROADCAST;
    const flow = this.#flow.reset();
    flow.destination = address;
    const result = this.#result;
    if (table.lookup(flow, result, 0) !== 0) return RTN_UNICAST;
    if (device !== null && result.nexthop!.device !== device) return RTN_UNICAST;
    return result.type;
  }

  /** By which device an address is local that need not be any device's own (`ip route add local`); null: it is not. */
  localDevice(address: number): NetDevice | null {
    const flow = this.#flow.reset();
    flow.destination = address;
    const result = this.#result;
    const error = this.table(RT_TABLE_LOCAL)?.lookup(flow, result, 0) ?? NO_MATCH;
    return error === 0 && result.type === RTN_LOCAL ? result.nexthop!.device : null;
  }

  /** RTM_NEWROUTE. `nlFlags`: NLM_F_CREATE, EXCL, REPLACE, APPEND. Linux: fib_table_insert() */
  insert(request: RouteRequest, nlFlags: number): void {
    checkPrefix(request);
    const table = this.obtainTable(request.tableId);
    const created = createInfo(this, request);
    const info = this.infos.share(created);
    const { destination, prefixLength, tos, type } = request;
    const { store } = this;
    // The first route of the same prefix, TOS and priority, or before whom one such would stand.
    let at = table.first(destination, prefixLength);
    while (at !== 0 && (store.tos(at) > tos || (store.tos(at) === tos && store.infoOf(at).priority < info.priority))) at = store.next(at);
    const first = at;
    let flags = 0;
    if (first !== 0 && alike(store, first, tos, info.priority)) {
      if ((nlFlags & NLM_F_EXCL) !== 0) this.#refuse(info, EEXIST);
      let same = 0;
      for (; at !== 0 && alike(store, at, tos, info.priority); at = store.next(at))
        if (store.type(at) === type && store.infoOf(at) === info) {
          same = at;
          break;
        }
      if ((nlFlags & NLM_F_REPLACE) !== 0) {
        if (same === first) {
          this.infos.dropIfUnused(info);
          return;
        }
        if (same !== 0) this.#refuse(info, EEXIST);
        this.#replace(table, request, first, info, nlFlags);
        return;
      }
      if (same !== 0) this.#refuse(info, EEXIST);
      if ((nlFlags & NLM_F_APPEND) !== 0) flags |= NLM_F_APPEND;
      else at = first;
    }
    if ((nlFlags & NLM_F_CREATE) === 0) this.#refuse(info, ENOENT);
    info.references++;
    table.insert(destination, prefixLength, tos, type, info, at);
    if (type === RTN_LOCAL && info.protocol !== RTPROT_KERNEL) this.customLocalRoutes = true;
    this.flushCache();
    this.events.notify({ type: 'new', route: routeOf(table, request, tos, type, info), flags: flags | NLM_F_CREATE });
  }

  /** RTM_DELROUTE: the first route that fits. ESRCH. Linux: fib_table_delete() */
  delete(request: RouteRequest): void {
    checkPrefix(request);
    const table = this.table(request.tableId === 0 ? RT_TABLE_MAIN : request.tableId) ?? fail(ESRCH);
    const { store } = this;
    let at = table.first(request.destination, request.prefixLength);
    while (at !== 0 && store.tos(at) > request.tos) at = store.next(at);
    for (; at !== 0 && store.tos(at) === request.tos; at = store.next(at)) {
      const info = store.infoOf(at);
      const type = store.type(at);
      if (request.type !== 0 && request.type !== type) continue;
      if (request.scope !== RT_SCOPE_NOWHERE && request.scope !== info.scope) continue;
      if (request.preferredSource !== 0 && request.preferredSource !== info.preferredSource) continue;
      if (request.protocol !== 0 && request.protocol !== info.protocol) continue;
      if (!nexthopsMatch(request, info) || !metricsMatch(request, info)) continue;
      const route = routeOf(table, request, request.tos, type, info);
      table.remove(request.destination, request.prefixLength, at);
      this.flushCache();
      this.events.notify({ type: 'delete', route, flags: 0 });
      this.infos.release(info);
      return;
    }
    fail(ESRCH);
  }

  /** For a device that went down; `all`: its local addresses go too; `unregistered`: it goes for good. Linux: fib_disable_ip() */
  disable(device: NetDevice, all: boolean, unregistered = false): void {
    if (this.infos.deviceDown(device, all, unregistered)) this.flushDead();
    this.flushCache();
    this.onDisable?.(device);
  }

  /** The carrier went: routes stay, as RTNH_F_LINKDOWN. */
  carrierDown(device: NetDevice): void {
    this.infos.carrierDown(device);
    this.flushCache();
  }

  carrierUp(device: NetDevice): void {
    this.infos.carrierUp(device);
    this.flushCache();
  }

  /** Ways by `device` that died with it, or its last address, live again. */
  deviceUp(device: NetDevice): void {
    this.infos.deviceUp(device);
  }

  /** Nobody has the address `source` any more: routes that prefer it go. Linux: fib_sync_down_addr() */
  sourceGone(source: number, tableId: number): void {
    if (this.infos.sourceGone(source, tableId)) this.flushDead();
  }

  /** Calls `visit` for the routes of a table in Linux's order; false ends it. Nothing is changed meanwhile. */
  walk(table: FibTable, visit: (route: FibRoute) => boolean, from = 0): void {
    const { store } = this;
    table.prefixes.walk((destination, prefixLength, first) => {
      for (let at = first; at !== 0; at = store.next(at))
        if (!visit({ tableId: table.id, destination, prefixLength, tos: store.tos(at), type: store.type(at), info: store.infoOf(at) }))
          return false;
      return true;
    }, from);
  }

  /** The routes of a table, or of all, in the order of a dump. For large tables: walk(). */
  routes(tableId?: number): FibRoute[] {
    const found: FibRoute[] = [];
    const tables = tableId === undefined ? this.tables() : [this.table(tableId)];
    for (const table of tables)
      if (table !== null)
        this.walk(table, (route) => {
          found.push(route);
          return true;
        });
    return found;
  }

  /** Those of a table that go by one of `infos`, in the order of a dump. */
  routesBy(table: FibTable, infos: ReadonlySet<FibInfo>): FibRoute[] {
    const { store } = this;
    const found: FibRoute[] = [];
    table.prefixes.walk((destination, prefixLength, first) => {
      for (let at = first; at !== 0; at = store.next(at)) {
        const info = store.infoOf(at);
        if (!infos.has(info)) continue;
        found.push({ tableId: table.id, destination, prefixLength, tos: store.tos(at), type: store.type(at), info });
      }
      return true;
    });
    return found;
  }

  #replace(table: FibTable, request: RouteRequest, old: number, info: FibInfo, nlFlags: number): void {
    const { destination, prefixLength, tos, type } = request;
    const oldInfo = this.store.infoOf(old);
    const next = this.store.next(old);
    info.references++;
    table.remove(destination, prefixLength, old);
    table.insert(destination, prefixLength, tos, type, info, next);
    this.infos.release(oldInfo);
    this.flushCache();
    this.events.notify({ type: 'replace', route: routeOf(table, request, tos, type, info), flags: nlFlags & NLM_F_REPLACE });
  }

  #refuse(info: FibInfo, errno: number): never {
    this.infos.dropIfUnused(info);
    fail(errno);
  }

  /** Routes whose ways are all dead go. Linux: fib_flush() */
  flushDead(): void {
    const { store } = this;
    for (const table of this.#tables.values()) {
      const dead: { readonly alias: number; readonly route: FibRoute }[] = [];
      table.prefixes.walk((destination, prefixLength, first) => {
        for (let at = first; at !== 0; at = store.next(at)) {
          const info = store.infoOf(at);
          const type = store.type(at);
          if (info.dead && TYPE_ERROR[type] === 0)
            dead.push({ alias: at, route: { tableId: table.id, destination, prefixLength, tos: store.tos(at), type, info } });
        }
        return true;
      });
      for (const { alias, route } of dead) {
        table.remove(route.destination, route.prefixLength, alias);
        this.events.notify({ type: 'flush', route, flags: 0 });
        this.infos.release(route.info);
      }
    }
    this.flushCache();
  }
}

const alike = (store: RouteStore, alias: number, tos: number, priority: number): boolean =>
  store.tos(alias) === tos && store.infoOf(alias).priority === priority;

function routeOf(table: FibTable, request: RouteRequest, tos: number, type: number, info: FibInfo): FibRoute {
  return { tableId: table.id, destination: request.destination, prefixLength: request.prefixLength, tos, type, info };
}

/** Linux: fib_valid_key_len() */
function checkPrefix(request: RouteRequest): void {
  if (request.prefixLength > 32) fail(EINVAL, 'Invalid prefix length');
  if ((request.destination & ~ipv4Mask(request.prefixLength)) !== 0) fail(EINVAL, 'Invalid prefix for given prefix length');
}

/** Linux: fib_nh_match(); true: what the request says fits. */
function nexthopsMatch(request: RouteRequest, info: FibInfo): boolean {
  if (request.priority !== 0 && request.priority !== info.priority) return false;
  const fits = (wanted: NexthopRequest, index: number) => {
    const nexthop = info.nexthops[index];
    const gateway6 = wanted.gateway6 ?? null;
    const encapsulation = wanted.encapsulation ?? null;
    if (nexthop === undefined) return wanted.oif === 0 && wanted.gateway === 0 && gateway6 === null;
    if (wanted.realms !== undefined && wanted.realms !== 0 && wanted.realms !== nexthop.realms) return false;
    // Linux: fib_encap_match(), asked of a single way alone
    if (!request.multipath && encapsulation !== null && !sameEncapsulation(encapsulation, nexthop.encapsulation)) return false;
    if (gateway6 !== null && !sameGateway6(gateway6, nexthop.gateway6)) return false;
    return (wanted.oif === 0 || wanted.oif === nexthop.oif) && (wanted.gateway === 0 || wanted.gateway === nexthop.gateway);
  };
  if (request.nexthopId !== 0) return info.object?.id === request.nexthopId;
  if (info.object !== null) return !request.multipath && request.nexthops.length === 0;
  if (!request.multipath) return request.nexthops.length === 0 || fits(request.nexthops[0]!, 0);
  return request.nexthops.length >= info.nexthops.length && info.nexthops.every((_, i) => fits(request.nexthops[i]!, i));
}

/** Linux: fib_metrics_match() */
function metricsMatch(request: RouteRequest, info: FibInfo): boolean {
  if (request.congestionControl !== '' && request.congestionControl !== info.congestionControl) return false;
  return request.metrics === null || request.metrics.every((value, i) => value === 0 || value === info.metric(i));
}
