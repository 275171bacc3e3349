import { EINVAL, ENETDOWN, ENODEV } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import {
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../netlink/rtnl/constants.js';
import { Flow } from '../../core/flow.js';
import type { Fib } from './fib.js';
import { FibInfo, FibNexthop, sameGateway6 } from './info.js';
import { waysOf } from './nexthop-ways.js';
import type { RouteRequest } from './request.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FibResult } from './result.js';
import { TYPE_ERROR } from './table.js';

const RTN_MAX = 11;
/** The narrowest scope that a route of each RTN_* may have (fib_props). */
const TYPE_SCOPE: readonly number[] = [
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_NOWHERE,
];

/**
 * Checks what a route asks for and makes its FibInfo, not yet listed or shared. Throws with Linux's errno and text.
 * Linux: fib_create_info()
 */
export function createInfo(fib: Fib, request: RouteRequest): FibInfo {
  const { type, scope } = request;
  if (type > RTN_MAX) fail(EINVAL);
  if (TYPE_SCOPE[type]! > scope) fail(EINVAL, 'Invalid scope');
  if ((request.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) fail(EINVAL, 'Invalid rtm_flags - can not contain DEAD or LINKDOWN');
  const info = new FibInfo(request);
  if (request.nexthopId !== 0) return byObject(fib, request, info);
  for (const wanted of request.nexthops) {
    const nexthop = new FibNexthop(info);
    nexthop.oif = wanted.oif;
    nexthop.gateway = wanted.gateway;
    nexthop.gateway6 = wanted.gateway6 ?? null;
    nexthop.encapsulation = wanted.encapsulation ?? null;
    nexthop.weight = wanted.weight;
    nexthop.flags = wanted.flags;
    nexthop.realms = wanted.realms ?? 0;
    if (request.multipath && (wanted.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0)
      fail(EINVAL, 'Invalid flags for nexthop - can not contain DEAD or LINKDOWN');
    info.nexthops.push(nexthop);
  }
  if (request.multipath) checkOuter(request);
  if (TYPE_ERROR[type] !== 0) {
    if (request.multipath || info.nexthops.some((nexthop) => nexthop.oif !== 0 || nexthop.hasGateway))
      fail(EINVAL, 'Gateway, device and multipath can not be specified for this route type');
    // What would be put around its packets is shown all the same.
    info.nexthops = info.nexthops.filter(({ encapsulation }) => encapsulation !== null);
    return info;
  }
  if (type !== RTN_UNICAST && type !== RTN_LOCAL && type !== RTN_BROADCAST && type !== RTN_ANYCAST && type !== RTN_MULTICAST)
    fail(EINVAL, 'Invalid route type');
  if (scope > RT_SCOPE_HOST) fail(EINVAL, 'Invalid scope');
  if (info.nexthops.length === 0) info.nexthops.push(new FibNexthop(info));
  if (scope === RT_SCOPE_HOST) checkHostScope(fib, info);
  else {
    let down = 0;
    for (const nexthop of info.nexthops) {
      checkNexthop(fib, nexthop, request.tableId, scope);
      if ((nexthop.flags & RTNH_F_LINKDOWN) !== 0) down++;
    }
    if (down === info.nexthops.length) info.flags |= RTNH_F_LINKDOWN;
  }
  if (request.preferredSource !== 0 && !validPreferredSource(fib, request)) fail(EINVAL, 'Invalid prefsrc address');
  info.rebalance();
  return info;
}

/** A route whose ways are those of a nexthop object. Linux: fib_check_nexthop() */
function byObject(fib: Fib, request: RouteRequest, info: FibInfo): FibInfo {
  const object = fib.namespace.nexthops.find(request.nexthopId) ?? fail(EINVAL, 'Nexthop id does not exist');
  if (object.fdb) fail(EINVAL, 'Route cannot point to a fdb nexthop');
  if (request.scope === RT_SCOPE_HOST && object.members !== null && object.members.length > 1)
    fail(EINVAL, 'Route with host scope can not have multiple nexthops');
  info.object = object;
  info.nexthops = waysOf(object, info);
  if (request.scope === RT_SCOPE_HOST && info.nexthops.some(({ hasGateway }) => hasGateway))
    fail(EINVAL, 'Route with host scope can not have a gateway');
  if (request.scope >= RT_SCOPE_LINK && info.nexthops.some(({ flags }) => (flags & RTNH_F_ONLINK) !== 0))
    fail(EINVAL, 'Scope mismatch with nexthop');
  if (request.preferredSource !== 0 && !validPreferredSource(fib, request)) fail(EINVAL, 'Invalid prefsrc address');
  info.rebalance();
  return info;
}

/** What stands beside RTA_MULTIPATH must be what its first way says (fib_get_nhs()). */
function checkOuter(request: RouteRequest): void {
  const first = request.nexthops[0];
  if (first === undefined) fail(EINVAL, 'Invalid nexthop configuration - extra data after nexthops');
  if (request.outerOif !== 0 && first.oif !== request.outerOif) fail(EINVAL, 'Nexthop device index does not match RTA_OIF');
  const { outerGateway, outerGateway6 } = request;
  const sameOuter = first.gateway === outerGateway && sameGateway6(first.gateway6 ?? null, outerGateway6);
  if ((outerGateway !== 0 || outerGateway6 !== null) && !sameOuter) fail(EINVAL, 'Nexthop gateway does not match RTA_GATEWAY or RTA_VIA');
  if (request.outerRealms !== 0 && (first.realms ?? 0) !== request.outerRealms) fail(EINVAL, 'Nexthop class id does not match RTA_FLOW');
}

/** An address of this host: there is nothing behind it. */
function checkHostScope(fib: Fib, info: FibInfo): void {
  if (info.nexthops.length !== 1) fail(EINVAL, 'Route with host scope can not have multiple nexthops');
  const nexthop = info.nexthops[0]!;
  if (nexthop.hasGateway) fail(EINVAL, 'Route with host scope can not have a gateway');
  nexthop.scope = RT_SCOPE_NOWHERE;
  nexthop.device = fib.namespace.deviceByIndex(nexthop.oif) ?? fail(ENODEV);
}

/** Finds the device of a way, and whether its gateway can be reached. Linux: fib_check_nh() */
export function checkNexthop(fib: Fib, nexthop: FibNexthop, tableId: number, scope: number): void {
  if (nexthop.gateway6 !== null) {
    // Linux: fib_check_nh_v6_gw(), which leaves the state of the carrier to IPv6.
    const { device } = fib.namespace.nexthops.reach(AF_INET6, nexthop, tableId);
    nexthop.device = device;
    nexthop.oif = device.ifindex;
    nexthop.scope = RT_SCOPE_LINK;
    return;
  }
  if (nexthop.gateway !== 0) checkGateway(fib, nexthop, tableId, scope);
  else {
    if ((nexthop.flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) !== 0)
      fail(EINVAL, 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set');
    const device = fib.namespace.deviceByIndex(nexthop.oif);
    if (device === undefined || device.ipv4 === null) fail(ENODEV);
    if (!device.up) fail(ENETDOWN, 'Device for nexthop is not up');
    nexthop.device = device;
    nexthop.scope = RT_SCOPE_HOST;
  }
  if (!nexthop.device!.carrier) nexthop.flags |= RTNH_F_LINKDOWN;
}

/** Linux: fib_check_nh_v4_gw() */
function checkGateway(fib: Fib, nexthop: FibNexthop, tableId: number, scope: number): void {
  if ((nexthop.flags & RTNH_F_ONLINK) !== 0) {
    if (scope >= RT_SCOPE_LINK) fail(EINVAL, 'Nexthop has invalid scope');
    const device = fib.namespace.deviceByIndex(nexthop.oif) ?? fail(ENODEV, 'Nexthop device required for onlink');
    if (!device.up) fail(ENETDOWN, 'Nexthop device is not up');
    if (fib.addressTypeOn(device, nexthop.gateway) !== RTN_UNICAST) fail(EINVAL, 'Nexthop has invalid gateway');
    nexthop.device = device;
    nexthop.scope = RT_SCOPE_LINK;
    return;
  }
  const flow = new Flow();
  flow.destination = nexthop.gateway;
  flow.scope = Math.max(scope + 1, RT_SCOPE_LINK);
  flow.oif = nexthop.oif;
  flow.iif = fib.namespace.loopback.ifindex;
  const result = new FibResult();
  const table = tableId !== 0 && tableId !== RT_TABLE_MAIN ? fib.table(tableId) : null;
  let error = table === null ? -1 : table.lookup(flow, result, FIB_LOOKUP_IGNORE_LINKSTATE);
  // Its gateway may well be in other tables.
  if (error !== 0) error = fib.lookup(flow, result, FIB_LOOKUP_IGNORE_LINKSTATE);
  if (error !== 0) fail(-error, 'Nexthop has invalid gateway');
  if (result.type !== RTN_UNICAST && result.type !== RTN_LOCAL) fail(EINVAL, 'Nexthop has invalid gateway');
  const device = result.nexthop!.device ?? fail(EINVAL, 'No egress device for nexthop gateway');
  nexthop.scope = result.info!.scope;
  nexthop.oif = device.ifindex;
  nexthop.device = device;
  if (!device.up) fail(ENETDOWN);
}

/** Linux: fib_valid_prefsrc() */
function validPreferredSource(fib: Fib, request: RouteRequest): boolean {
  const source = request.preferredSource;
  if (request.type === RTN_LOCAL && request.destination !== 0 && source === request.destination) return true;
  const tableId = request.tableId === RT_TABLE_MAIN ? RT_TABLE_LOCAL : request.tableId;
  if (fib.addressType(source, tableId) === RTN_LOCAL) return true;
  return tableId !== RT_TABLE_LOCAL && fib.addressType(source, RT_TABLE_LOCAL) === RTN_LOCAL;
}
