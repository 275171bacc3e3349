import { US_PER_TICK } from '../../../base/clock.js';
import type { RouteException6 } from '../../../net/ipv6/fib/exceptions.js';
import { type Fib6Info, RTF_CACHE, routerPreference } from '../../../net/ipv6/fib/info.js';
import type { Rt6 } from '../../../net/ipv6/rt6.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import { RTM_F_CLONED, RTNH_F_DEAD, RTNH_F_LINKDOWN, RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import type { Nexthop } from '../../../netlink/rtnl/route.js';
import type { In6 } from '../../../wire/ipv6.js';
import { describeEncapsulation } from '../encap.js';
import { type DescribedRoute, tableByte } from '../route/describe.js';
import { describeMetrics } from '../route/metrics.js';
import { in6Bytes } from './in6.js';

/** What a question about one destination was answered with. */
export interface Way6 {
  readonly route: Rt6;
  readonly destination: In6;
  /** As the question had it; null: there was none, this is one of all exceptions. */
  readonly source: In6 | null;
  /** That packets would leave from; null: not said. */
  readonly chosen: In6 | null;
  readonly iif: number;
}

/** What was learned of one destination, as it stands in the list of all. Linux: rt6_nh_dump_exceptions() */
export function describeException6(info: Fib6Info, { route, destination, learnedUs }: RouteException6, nowUs: number): DescribedRoute {
  const { header, attributes } = describeRoute6(info, true, nowUs, {
    route,
    destination,
    source: null,
    chosen: info.preferredSource,
    iif: 0,
  });
  const { cacheinfo } = attributes;
  if (cacheinfo === undefined) return { header, attributes };
  // The list of exceptions alone holds it.
  const used = { clntref: 1, lastuse: Math.floor((nowUs - learnedUs) / US_PER_TICK) };
  return { header, attributes: { ...attributes, cacheinfo: { ...cacheinfo, ...used } } };
}

/** A route of a table, `single` without its other ways. Linux: rt6_fill_node() */
export function describeRoute6(info: Fib6Info, single: boolean, nowUs: number, way?: Way6): DescribedRoute {
  // A group is one of several ways, even if only one is left.
  const ways = info.siblings ?? (info.object !== null && info.object.members !== null ? [info] : null);
  // Without nexthop_compat_mode a nexthop object stands for its ways.
  const object = way === undefined && info.object !== null && !info.device.namespace.ipv4.settings.nexthopCompatMode;
  const siblings = single || way !== undefined ? null : ways;
  const gateway = way === undefined ? info.gateway : way.route.gateway;
  const device = way?.route.device ?? info.device;
  const source = way?.chosen ?? (way === undefined || way.iif !== 0 ? info.preferredSource : null);
  const learned = way !== undefined && (way.route.flags & RTF_CACHE) !== 0;
  // The answer to a question is a packet's route, which has an end only where something was learned.
  const expiresUs = way === undefined ? info.expiresUs : learned ? way.route.expiresUs : 0;
  return {
    header: {
      family: AF_INET6,
      dstLen: way === undefined ? info.prefixLength : 128,
      srcLen: way === undefined ? info.sourceLength : way.source === null ? 0 : 128,
      tos: 0,
      table: tableByte(info.tableId),
      protocol: info.protocol,
      scope: 0,
      type: info.type,
      flags: (siblings === null ? shownFlags(info) : 0) | (learned ? RTM_F_CLONED : 0),
    },
    attributes: {
      table: info.tableId,
      ...(way !== undefined ? { dst: in6Bytes(way.destination) } : info.prefixLength === 0 ? {} : { dst: in6Bytes(info.destination) }),
      ...sourceOf(info, way),
      ...(way !== undefined && way.iif !== 0 ? { iif: way.iif } : {}),
      ...(source === null ? {} : { prefsrc: in6Bytes(source) }),
      ...(info.object === null || way !== undefined ? {} : { nhId: info.object.id }),
      metrics: describeMetrics(info.metrics, info.congestionControl, way === undefined ? 0 : way.route.mtu),
      priority: info.metric,
      ...(object
        ? {}
        : siblings !== null
          ? { multipath: siblings.map(describeLeg) }
          : {
              ...(gateway === null ? {} : { gateway: in6Bytes(gateway) }),
              oif: device.ifindex,
              ...describeEncapsulation(info.encapsulation),
            }),
      cacheinfo: {
        clntref: 0,
        lastuse: 0,
        expires: expiresUs === 0 ? 0 : Math.floor((expiresUs - nowUs) / US_PER_TICK),
        error: 0,
        used: 0,
        id: 0,
        ts: 0,
        tsage: 0,
      },
      pref: routerPreference(info.flags),
    },
  };
}

function sourceOf(info: Fib6Info, way: Way6 | undefined): { src?: Uint8Array } {
  if (way !== undefined) return way.source === null ? {} : { src: in6Bytes(way.source) };
  return info.sourceLength === 0 ? {} : { src: in6Bytes(info.source) };
}

const shownFlags = (info: Fib6Info): number => info.nexthopFlags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK);

const describeLeg = (info: Fib6Info): Nexthop => ({
  flags: shownFlags(info),
  hops: info.weight - 1,
  ifindex: info.device.ifindex,
  attributes: { ...(info.gateway === null ? {} : { gateway: in6Bytes(info.gateway) }), ...describeEncapsulation(info.encapsulation) },
});
