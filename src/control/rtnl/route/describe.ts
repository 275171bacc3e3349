import type { FibRoute } from '../../../net/ipv4/fib/fib.js';
import type { FibNexthop } from '../../../net/ipv4/fib/info.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { RT_TABLE_COMPAT, RTN_BLACKHOLE, RTNH_F_DEAD, RTNH_F_LINKDOWN, RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import type { Nexthop, RouteAttributes, RouteHeader, Via } from '../../../netlink/rtnl/route.js';
import type { In6 } from '../../../wire/ipv6.js';
import { describeEncapsulation } from '../encap.js';
import { ipv4Bytes } from '../ipv4.js';
import { in6Bytes } from '../ipv6/in6.js';
import { describeMetrics } from './metrics.js';

/** rtm_table has one byte; RTA_TABLE says the rest. */
export const tableByte = (tableId: number): number => (tableId < 256 ? tableId : RT_TABLE_COMPAT);

export interface DescribedRoute {
  readonly header: RouteHeader;
  readonly attributes: RouteAttributes;
}

/**
 * A route of a table. `compatible`: one by a nexthop object is shown with the ways of the object, too (nexthop_compat_mode).
 * Linux: fib_dump_info()
 */
export function describeRoute(route: FibRoute, compatible: boolean): DescribedRoute {
  const { info } = route;
  const nexthops = info.object === null || compatible ? info.nexthops : [];
  const [first] = nexthops;
  const single = nexthops.length === 1 && first !== undefined ? first : null;
  return {
    header: {
      family: AF_INET,
      dstLen: route.prefixLength,
      srcLen: 0,
      tos: route.tos,
      table: tableByte(route.tableId),
      protocol: info.protocol,
      scope: info.scope,
      type: info.blackhole ? RTN_BLACKHOLE : route.type,
      flags: single === null ? info.flags : shownFlags(single),
    },
    attributes: {
      table: route.tableId,
      ...(route.prefixLength === 0 ? {} : { dst: ipv4Bytes(route.destination) }),
      ...(info.priority === 0 ? {} : { priority: info.priority }),
      metrics: describeMetrics(info.metrics, info.congestionControl),
      ...(info.preferredSource === 0 ? {} : { prefsrc: ipv4Bytes(info.preferredSource) }),
      ...(info.object === null ? {} : { nhId: info.object.id }),
      ...(single === null ? {} : describeGateway(single)),
      ...(single === null || single.device === null ? {} : { oif: single.device.ifindex }),
      ...(single === null ? {} : describeEncapsulation(single.encapsulation)),
      ...(single === null || single.realms === 0 ? {} : { flow: single.realms }),
      ...(nexthops.length < 2 ? {} : { multipath: nexthops.map(describeLeg) }),
    },
  };
}

// Linux: fib_nexthop_info()
function shownFlags(nexthop: FibNexthop): number {
  let flags = nexthop.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK);
  if ((flags & RTNH_F_LINKDOWN) !== 0 && nexthop.device?.ipv4?.ignoresLinkDown() === true) flags |= RTNH_F_DEAD;
  return flags;
}

/** A gateway of another family than the route's stands in RTA_VIA. */
export function describeGateway({ gateway, gateway6 }: { readonly gateway: number; readonly gateway6: In6 | null }): {
  readonly gateway?: Uint8Array;
  readonly via?: Via;
} {
  if (gateway6 !== null) return { via: { family: AF_INET6, address: in6Bytes(gateway6) } };
  return gateway === 0 ? {} : { gateway: ipv4Bytes(gateway) };
}

// Linux: fib_add_nexthop()
function describeLeg(nexthop: FibNexthop): Nexthop {
  return {
    flags: shownFlags(nexthop),
    hops: nexthop.weight - 1,
    ifindex: nexthop.device?.ifindex ?? 0,
    attributes: {
      ...describeGateway(nexthop),
      ...describeEncapsulation(nexthop.encapsulation),
      ...(nexthop.realms === 0 ? {} : { flow: nexthop.realms }),
    },
  };
}
