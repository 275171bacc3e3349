import { EINVAL, ENETUNREACH, ENODEV, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Flow } from '../../../net/core/flow.js';
import type { Namespace } from '../../../net/core/namespace.js';
import {
  type Fib6Info,
  IP6_RT_PRIO_USER,
  PREF_HIGH,
  PREF_LOW,
  PREF_MEDIUM,
  RTF_PREFIX_RT,
  routerPreferenceFlags,
} from '../../../net/ipv6/fib/info.js';
import { forgetLearned } from '../../../net/ipv6/fib/forget.js';
import { LOOKUP_HAS_SADDR } from '../../../net/ipv6/fib/lookup.js';
import { type Nexthop6Request, type Route6Request, route6Request } from '../../../net/ipv6/fib/request.js';
import type { Rt6 } from '../../../net/ipv6/rt6.js';
import { AF_INET6, NETLINK_ROUTE, NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import {
  INFINITY_LIFE_TIME,
  RTM_DELROUTE,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_PREFIX,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTNH_F_ONLINK,
} from '../../../netlink/rtnl/constants.js';
import { type RouteAttributes, routeMessage, rtmsg } from '../../../netlink/rtnl/route.js';
import { isAny, samePrefix } from '../../../wire/ipv6.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { encapsulationOf } from '../encap.js';
import type { DescribedRoute } from '../route/describe.js';
import { congestionOf, metricWords } from '../route/metrics.js';
import type { RtnetlinkModule } from '../rtnetlink.js';
import { parseStrictly } from '../strict.js';
import { in6, in6Prefix } from './in6.js';
import { describeException6, describeRoute6 } from './route-describe.js';

const RTN_MAX = 11;

// Linux: rtm_to_fib6_config()
function requestOf(request: NetlinkRequest, deleting: boolean): Route6Request {
  const { header, attributes } = routeMessage.parse(request.message);
  if (header.tos !== 0) fail(EINVAL, 'Invalid dsfield (tos): option not available for IPv6');
  if (header.type > RTN_MAX) fail(EINVAL, 'Invalid route type');
  if (attributes.via !== undefined) fail(EINVAL, 'IPv6 does not support RTA_VIA attribute');
  const own = attributes.gateway !== undefined || attributes.oif !== undefined || attributes.multipath !== undefined;
  if (attributes.nhId !== undefined && own) fail(EINVAL, 'Nexthop specification and nexthop id are mutually exclusive');
  const { multipath, metrics, pref, expires } = attributes;
  const preference = pref === PREF_LOW || pref === PREF_HIGH ? pref : PREF_MEDIUM;
  const source = attributes.prefsrc === undefined ? null : in6(attributes.prefsrc);
  return route6Request({
    tableId: attributes.table ?? header.table,
    destination: in6Prefix(attributes.dst, header.dstLen),
    prefixLength: header.dstLen,
    source: in6Prefix(attributes.src, header.srcLen),
    sourceLength: header.srcLen,
    type: header.type,
    protocol: header.protocol,
    metric: attributes.priority === undefined || attributes.priority === 0 ? (deleting ? 0 : IP6_RT_PRIO_USER) : attributes.priority,
    flags: routerPreferenceFlags(preference) >>> 0,
    expires: expires === undefined || expires === INFINITY_LIFE_TIME ? null : expires,
    preferredSource: source !== null && !isAny(source) ? source : null,
    metrics: metricWords(metrics),
    congestionControl: congestionOf(metrics?.ccAlgo),
    nexthops: multipath === undefined ? oneNexthop(attributes, header.flags) : multipath.map((each) => leg(each, header.flags)),
    multipath: multipath !== undefined,
    nexthopId: attributes.nhId ?? 0,
  });
}

function oneNexthop(attributes: RouteAttributes, flags: number): readonly Nexthop6Request[] {
  const { oif = 0, gateway } = attributes;
  const encapsulation = encapsulationOf(attributes);
  return oif === 0 && gateway === undefined
    ? []
    : [{ oif, gateway: gateway === undefined ? null : in6(gateway), encapsulation, weight: 1, flags: flags & 0xff }];
}

type Leg = NonNullable<RouteAttributes['multipath']>[number];

function leg({ flags, hops, ifindex, attributes }: Leg, outerFlags: number): Nexthop6Request {
  if (attributes.via !== undefined) fail(EINVAL, 'IPv6 does not support RTA_VIA attribute');
  const gateway = attributes.gateway === undefined ? null : in6(attributes.gateway);
  return {
    oif: ifindex,
    gateway,
    encapsulation: encapsulationOf(attributes),
    weight: hops + 1,
    flags: flags | (outerFlags & RTNH_F_ONLINK),
  };
}

// Linux: ip6_route_del()
function deleteRoute(request: NetlinkRequest): void {
  const { fib } = request.namespace.ipv6;
  const wanted = requestOf(request, true);
  if ((routeMessage.readHeader(request.message).flags & RTM_F_CLONED) !== 0) forgetLearned(fib, wanted);
  else fib.delete(wanted);
}

// Linux: inet6_rtm_getroute()
function getRoute(request: NetlinkRequest): void {
  const { header, attributes } = parseGet(request);
  const { namespace } = request;
  const { ipv6 } = namespace;
  const { routes } = ipv6;
  const flow = new Flow();
  flow.destination6.set(in6Prefix(attributes.dst, 128));
  flow.source6.set(in6Prefix(attributes.src, 128));
  flow.tos = header.tos;
  flow.mark = attributes.mark ?? 0;
  flow.uid = attributes.uid ?? 0;
  flow.protocol = attributes.ipProto ?? 0;
  flow.sourcePort = attributes.sport ?? 0;
  flow.destinationPort = attributes.dport ?? 0;
  const iif = attributes.iif ?? 0;
  let route: Rt6;
  if (iif !== 0) {
    if (namespace.deviceByIndex(iif) === undefined) fail(ENODEV);
    flow.iif = iif;
    route = routes.lookupInput(flow, isAny(flow.source6) ? 0 : LOOKUP_HAS_SADDR, null);
  } else {
    flow.oif = attributes.oif ?? 0;
    route = routes.lookupOutput(flow, 0);
  }
  const { info } = route;
  if (route.error !== 0) fail(route.error);
  if (info === null) fail(ENETUNREACH);
  const { nowUs } = namespace.stack;
  let found: DescribedRoute;
  if ((header.flags & RTM_F_FIB_MATCH) !== 0) found = describeRoute6(info, false, nowUs);
  else {
    const wanted = new Flow();
    wanted.destination6.set(flow.destination6);
    const chosen = iif === 0 && routes.chooseSource(wanted, info) ? wanted.source6 : null;
    found = describeRoute6(info, true, nowUs, { route, destination: flow.destination6, source: flow.source6, chosen, iif });
  }
  request.answer(routeMessage, found.header, found.attributes, RTM_NEWROUTE);
}

// Linux: inet6_rtm_valid_getroute_req()
function parseGet(request: NetlinkRequest) {
  if (request.message.end - payloadStart(request.message) < rtmsg.size) fail(EINVAL, 'Invalid header for get route request');
  if (!request.strict) return routeMessage.parse(request.message);
  const parsed = parseStrictly(request, routeMessage, rtmsg.size, {
    badHeader: 'Invalid header for get route request',
    allowed: ['src', 'dst', 'iif', 'oif', 'mark', 'uid', 'sport', 'dport', 'ipProto'],
    badAttribute: 'Unsupported attribute in get route request',
  });
  const { header, attributes } = parsed;
  const lengths = [header.srcLen, header.dstLen].every((length) => length === 0 || length === 128);
  if (!lengths || header.table !== 0 || header.protocol !== 0 || header.scope !== 0 || header.type !== 0)
    fail(EINVAL, 'Invalid values in header for get route request');
  if ((header.flags & ~RTM_F_FIB_MATCH) !== 0) fail(EINVAL, 'Invalid flags for get route request');
  if ((attributes.src !== undefined && header.srcLen === 0) || (attributes.dst !== undefined && header.dstLen === 0))
    fail(EINVAL, 'rtm_src_len and rtm_dst_len must be 128 for IPv6');
  return parsed;
}

interface Filter {
  readonly flags: number;
  readonly protocol: number;
  readonly type: number;
  readonly tableId: number;
  readonly oif: number;
  /** Those of the tables, and what was learned of single destinations. */
  readonly routes: boolean;
  readonly learned: boolean;
}

/** RTM_GETROUTE of a table or all. Linux: inet6_dump_fib() */
function dumpRoutes(request: NetlinkRequest): Dump {
  const { namespace } = request;
  return {
    *messages(writer) {
      const filter = request.strict ? strictFilter(request) : liberalFilter(request);
      const { fib } = namespace.ipv6;
      const set = filter.flags !== 0 || filter.protocol !== 0 || filter.type !== 0 || filter.tableId !== 0 || filter.oif !== 0;
      const flags = NLM_F_MULTI | (request.strict && set ? NLM_F_DUMP_FILTERED : 0);
      const tables = filter.tableId === 0 ? fib.tables() : [fib.table(filter.tableId) ?? missingTable(request)];
      for (const table of tables) {
        if (table === null) return;
        for (const info of dumpedRoutes(namespace, table.id)) {
          if (info.dead || !passes(info, filter)) continue;
          if (info.siblings !== null && info.siblings[0] !== info) continue;
          for (const { header, attributes } of described(info, filter, namespace.stack.nowUs)) {
            routeMessage.build(writer, RTM_NEWROUTE, flags, request.message.sequence, request.socket.portId, header, attributes);
            yield;
          }
        }
      }
    },
  };
}

/** A route and what was learned of destinations that go by it, as far as the filter wants both. Linux: rt6_dump_route() */
function* described(info: Fib6Info, filter: Filter, nowUs: number): Generator<DescribedRoute> {
  if (filter.routes) yield describeRoute6(info, false, nowUs);
  if (!filter.learned || info.exceptions === null) return;
  for (const exception of info.exceptions.list())
    if (exception.route.expiresUs === 0 || nowUs < exception.route.expiresUs) yield describeException6(info, exception, nowUs);
}

const missingTable = (request: NetlinkRequest): null =>
  request.message.bytes[payloadStart(request.message)] === AF_INET6 ? fail(ENOENT, 'FIB table does not exist') : null;

/** The routes of a table as Linux walks its tree: what lies in a prefix before the prefix itself. */
export function dumpedRoutes(namespace: Namespace, tableId: number): Fib6Info[] {
  return namespace.ipv6.fib.routes(tableId).sort((a, b) => {
    const shorter = Math.min(a.prefixLength, b.prefixLength);
    if (samePrefix(a.destination, b.destination, shorter)) return b.prefixLength - a.prefixLength;
    for (let i = 0; i < 4; i++) if (a.destination[i] !== b.destination[i]) return a.destination[i]! - b.destination[i]!;
    return 0;
  });
}

function passes(info: Fib6Info, filter: Filter): boolean {
  if ((filter.flags & RTM_F_PREFIX) !== 0 && (info.flags & RTF_PREFIX_RT) === 0) return false;
  if (filter.type !== 0 && info.type !== filter.type) return false;
  if (filter.protocol !== 0 && info.protocol !== filter.protocol) return false;
  return filter.oif === 0 || (info.siblings ?? [info]).some((way) => way.device.ifindex === filter.oif);
}

function liberalFilter(request: NetlinkRequest): Filter {
  const bytes = request.message.end - payloadStart(request.message);
  const flags = bytes < rtmsg.size ? 0 : routeMessage.readHeader(request.message).flags & (RTM_F_PREFIX | RTM_F_CLONED);
  return { flags, protocol: 0, type: 0, tableId: 0, oif: 0, routes: true, learned: true };
}

// Linux: ip_valid_fib_dump_req()
function strictFilter(request: NetlinkRequest): Filter {
  const { header, attributes } = parseStrictly(request, routeMessage, rtmsg.size, {
    badHeader: 'Invalid header for FIB dump request',
    allowed: ['table', 'oif'],
    badAttribute: 'Unsupported attribute in dump request',
  });
  if (header.dstLen !== 0 || header.srcLen !== 0 || header.tos !== 0 || header.scope !== 0)
    fail(EINVAL, 'Invalid values in header for FIB dump request');
  if ((header.flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) !== 0) fail(EINVAL, 'Invalid flags for FIB dump request');
  const oif = attributes.oif ?? 0;
  if (oif !== 0 && request.namespace.deviceByIndex(oif) === undefined) fail(ENODEV);
  const { flags, protocol, type } = header;
  const learned = (flags & RTM_F_CLONED) !== 0;
  return { flags, protocol, type, tableId: attributes.table ?? header.table, oif, routes: !learned, learned };
}

/** IPv6 routes: RTM_*ROUTE, RTNLGRP_IPV6_ROUTE. */
export const route6Module: RtnetlinkModule = {
  handlers: [
    {
      type: RTM_NEWROUTE,
      family: AF_INET6,
      handle: (request) => request.namespace.ipv6.fib.insert(requestOf(request, false), request.flags),
    },
    { type: RTM_DELROUTE, family: AF_INET6, handle: deleteRoute },
    { type: RTM_GETROUTE, family: AF_INET6, handle: getRoute, dump: dumpRoutes },
  ],
  watch(server, namespace) {
    namespace.ipv6.fib.events.subscribe(({ type, route, flags, single }) => {
      const notification = { protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_IPV6_ROUTE, answersRequest: true };
      server.notify(notification, (writer, sequence, portId) => {
        const { header, attributes } = describeRoute6(route, single, namespace.stack.nowUs);
        routeMessage.build(writer, type === 'delete' ? RTM_DELROUTE : RTM_NEWROUTE, flags, sequence, portId, header, attributes);
      });
    });
  },
};
