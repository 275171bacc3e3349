import { EINVAL } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { AF_INET6, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { RT_SCOPE_LINK, RTN_BLACKHOLE, RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import type { NexthopFamily, NexthopWay, ReachedNexthop } from '../../nexthop/family.js';
import type { NexthopObject } from '../../nexthop/object.js';
import { createInfo, reachNexthop } from './create-info.js';
import type { Fib6 } from './fib.js';
import type { Fib6Info } from './info.js';
import type { Route6Request } from './request.js';

/** The IPv6 routes that nexthop objects are the ways of: they change and go with them. Linux: f6i_list of struct nexthop */
export class NexthopRoutes implements NexthopFamily {
  readonly family = AF_INET6;
  readonly #fib: Fib6;
  /** Of each object its routes' ways, with what the user had asked for. */
  readonly #byObject = new Map<NexthopObject, Map<Fib6Info, Route6Request>>();

  constructor(fib: Fib6) {
    this.#fib = fib;
  }

  /** The ways of a route by the object that `request.nexthopId` names, not yet in a table. EINVAL. Linux: fib6_check_nexthop() */
  create(request: Route6Request): Fib6Info[] {
    const object = this.#fib.namespace.nexthops.find(request.nexthopId) ?? fail(EINVAL, 'Nexthop id does not exist');
    if (object.fdb) fail(EINVAL, 'Route cannot point to a fdb nexthop');
    checkFamily(object.ways.map((way) => way.object));
    if (request.sourceLength !== 0) fail(EINVAL, 'Nexthops can not be used with source routing');
    return this.#waysOf(object, request);
  }

  /** The ways are in their table now. */
  keep(ways: readonly Fib6Info[], request: Route6Request): void {
    const object = ways[0]!.object!;
    const kept = this.#byObject.get(object) ?? new Map<Fib6Info, Route6Request>();
    this.#byObject.set(object, kept);
    for (const way of ways) kept.set(way, request);
  }

  reach(way: NexthopWay, tableId: number): ReachedNexthop {
    const { device, flags } = reachNexthop(this.#fib, { tableId, oif: way.oif, gateway: way.gateway6, flags: way.flags });
    return { device, scope: RT_SCOPE_LINK, flags };
  }

  mayBecome(object: NexthopObject, ways: readonly NexthopObject[]): void {
    if ([object, ...object.groups].some((used) => this.#byObject.has(used))) checkFamily(ways);
  }

  forget(way: Fib6Info): void {
    if (way.object === null) return;
    const kept = this.#byObject.get(way.object);
    if (kept?.delete(way) !== true) return;
    if (kept.size === 0) this.#byObject.delete(way.object);
  }

  #waysOf(object: NexthopObject, request: Route6Request): Fib6Info[] {
    return object.ways.map(({ object: { blackhole, device, gateway6, encapsulation, flags }, weight }) => {
      // What an object's gateway needs was looked at when the object was made.
      const way = { oif: device?.ifindex ?? 0, gateway: gateway6, encapsulation, weight, flags: flags | RTNH_F_ONLINK };
      const info = blackhole ? createInfo(this.#fib, { ...request, type: RTN_BLACKHOLE }, null) : createInfo(this.#fib, request, way);
      if ((flags & RTNH_F_ONLINK) === 0) info.nexthopFlags &= ~RTNH_F_ONLINK;
      info.object = object;
      return info;
    });
  }

  gone(object: NexthopObject): void {
    for (const way of [...(this.#byObject.get(object)?.keys() ?? [])]) this.#fib.removeWithSiblings(way);
  }

  /** A route's ways are made anew, in their old place. */
  changed(object: NexthopObject): void {
    for (const [way, request] of [...(this.#byObject.get(object) ?? [])]) {
      if (way.dead) continue;
      try {
        const ways = this.#waysOf(object, request);
        this.#fib.exchange(way, ways);
        this.keep(ways, request);
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        this.#fib.removeWithSiblings(way);
      }
    }
  }

  /** The route that came last first. Linux: fib6_rt_update() */
  tell(object: NexthopObject): void {
    if (!this.#fib.namespace.ipv4.settings.nexthopCompatMode) return;
    for (const way of [...(this.#byObject.get(object)?.keys() ?? [])].reverse())
      if (way.siblings === null || way.siblings[0] === way)
        this.#fib.events.notify({ type: 'replace', route: way, flags: NLM_F_REPLACE, single: false });
  }
}

function checkFamily(ways: readonly NexthopObject[]): void {
  if (ways.some(({ family }) => family !== AF_INET6)) fail(EINVAL, 'IPv6 routes can not use an IPv4 nexthop');
}
