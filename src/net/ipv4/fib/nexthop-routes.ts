import { AF_INET, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { RTNH_F_DEAD } from '../../../netlink/rtnl/constants.js';
import type { NexthopFamily, NexthopWay, ReachedNexthop } from '../../nexthop/family.js';
import type { NexthopObject } from '../../nexthop/object.js';
import { checkNexthop } from './create-info.js';
import type { Fib } from './fib.js';
import { FibInfo, FibNexthop } from './info.js';
import { waysOf } from './nexthop-ways.js';
import { routeRequest } from './request.js';

/** The IPv4 routes that nexthop objects are the ways of: they change and go with them. Linux: fi_list of struct nexthop */
export class NexthopRoutes implements NexthopFamily {
  readonly family = AF_INET;
  readonly #fib: Fib;

  constructor(fib: Fib) {
    this.#fib = fib;
  }

  reach(way: NexthopWay, tableId: number): ReachedNexthop {
    const nexthop = new FibNexthop(new FibInfo(routeRequest({})));
    nexthop.oif = way.oif;
    nexthop.gateway = way.gateway;
    nexthop.flags = way.flags;
    checkNexthop(this.#fib, nexthop, tableId, 0);
    return { device: nexthop.device!, scope: nexthop.scope, flags: nexthop.flags };
  }

  changed(object: NexthopObject): void {
    for (const info of this.#fib.infos.byObject(object)) {
      info.nexthops = waysOf(object, info);
      info.rebalance();
    }
    this.#fib.flushCache();
  }

  /** The last first, as Linux walks its tables there. Linux: fib_info_notify_update() */
  tell(object: NexthopObject): void {
    if (!this.#fib.namespace.ipv4.settings.nexthopCompatMode) return;
    const infos = new Set(this.#fib.infos.byObject(object));
    if (infos.size === 0) return;
    for (const table of this.#fib.tables())
      for (const route of this.#fib.routesBy(table, infos).reverse())
        this.#fib.events.notify({ type: 'replace', route, flags: NLM_F_REPLACE });
  }

  gone(object: NexthopObject): void {
    let dead = false;
    for (const info of this.#fib.infos.byObject(object)) {
      info.flags |= RTNH_F_DEAD;
      dead = true;
    }
    if (dead) this.#fib.flushDead();
  }
}
