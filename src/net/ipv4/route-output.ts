import { EINVAL, ENETUNREACH, ENODEV } from '../../base/errno.js';
import {
  IFF_LOOPBACK,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
} from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import { l3DomainOf, l3LoopbackOf } from '../core/l3mdev.js';
import type { Flow } from '../core/flow.js';
import type { FibInfo, FibNexthop } from './fib/info.js';
import { selectNexthop } from './multipath.js';
import type { Ipv4Routes } from './routes.js';
import type { Rtable } from './rtable.js';

export const INADDR_LOOPBACK = 0x7f00_0001;
export const LIMITED_BROADCAST = 0xffff_ffff;
const IPPROTO_IGMP = 2;

export const isMulticast = (address: number): boolean => address >>> 28 === 0xe;
export const isLoopback = (address: number): boolean => address >>> 24 === 127;
export const isZeroNet = (address: number): boolean => address === 0;
/** 224.0.0.0/24 */
export const isLocalMulticast = (address: number): boolean => address >>> 8 === 0xe0_0000;

/** Where a packet made here goes; fills in its source, and 0 as destination. Linux: ip_route_output_key_hash_rcu() */
export function routeOutput(routes: Ipv4Routes, flow: Flow): Rtable {
  const { addresses, namespace } = routes;
  const { loopback } = namespace;
  let device: NetDevice | null = null;
  if (flow.source !== 0) {
    if (isMulticast(flow.source) || flow.source === LIMITED_BROADCAST || isZeroNet(flow.source)) return routes.error(EINVAL);
    const holder = addresses.local.find(flow.source);
    if (flow.oif === 0 && (isMulticast(flow.destination) || flow.destination === LIMITED_BROADCAST)) {
      if (holder === null) return routes.error(ENETUNREACH);
      // To a group, the address that one speaks from says by which device.
      flow.oif = holder.device.ifindex;
      return makeRoute(routes, flow, holder.device, RTN_UNICAST, null, null, 0);
    }
    // Linux: __ip_dev_find(): a source may be local by a route alone, with no address.
    const foreign =
      holder === null && !flow.anySource && !routes.ipv4.settings.ipNonlocalBind && routes.fib.addressType(flow.source) !== RTN_LOCAL;
    if (foreign) return routes.error(ENETUNREACH);
  }
  if (flow.oif !== 0) {
    const bound = namespace.deviceByIndex(flow.oif);
    if (bound === undefined) return routes.error(ENODEV);
    if (!bound.up || bound.ipv4 === null) return routes.error(ENETUNREACH);
    device = bound;
    const groups = isLocalMulticast(flow.destination) || flow.destination === LIMITED_BROADCAST || flow.protocol === IPPROTO_IGMP;
    if (flow.source === 0) {
      if (groups) flow.source = addresses.select(device, 0, RT_SCOPE_LINK);
      else if (isMulticast(flow.destination)) flow.source = addresses.select(device, 0, flow.scope);
      else if (flow.destination === 0) flow.source = addresses.select(device, 0, RT_SCOPE_HOST);
    }
    if (groups) return makeRoute(routes, flow, device, RTN_UNICAST, null, null, 0);
  }
  if (flow.destination === 0) {
    flow.destination = flow.source;
    if (flow.destination === 0) {
      flow.destination = INADDR_LOOPBACK;
      flow.source = INADDR_LOOPBACK;
    }
    flow.oif = loopback.ifindex;
    return makeRoute(routes, flow, loopback, RTN_LOCAL, null, null, 0);
  }
  const { result } = routes;
  const error = routes.fib.lookup(flow, result, 0);
  if (error !== 0) {
    // In a VRF the table has the last word, except about groups.
    if (device === null || (flow.l3Domain !== 0 && !isMulticast(flow.destination))) return routes.error(-error);
    // No route, but the device is given: what it wants is taken to be on the link.
    if (flow.source === 0) flow.source = addresses.select(device, 0, RT_SCOPE_LINK);
    return makeRoute(routes, flow, device, RTN_UNICAST, null, null, 0);
  }
  const info = result.info!;
  if (result.type === RTN_LOCAL) {
    if (flow.source === 0) flow.source = info.preferredSource !== 0 ? info.preferredSource : flow.destination;
    const local = l3LoopbackOf(result.nexthop!.device!);
    flow.oif = local.ifindex;
    return makeRoute(routes, flow, local, RTN_LOCAL, info, result.nexthop, result.prefixLength);
  }
  let nexthop = result.nexthop!;
  if (flow.oif === 0 && info.nexthops.length > 1) nexthop = selectNexthop(routes, info, nexthop, flow, null);
  if (flow.source === 0) flow.source = leaves(flow, nexthop) ? domainSource(routes, flow) : routes.sourceOf(info, nexthop);
  return makeRoute(routes, flow, nexthop.device!, result.type, info, nexthop, result.prefixLength);
}

/** The way leads out of the VRF that the flow belongs to, into another or into none. */
const leaves = ({ l3Domain }: Flow, { device }: FibNexthop): boolean =>
  l3Domain !== 0 && device !== null && l3DomainOf(device) !== l3Domain;

/** An address of the flow's own VRF: answers to one of another would go there. Linux: fib_select_path() */
function domainSource({ namespace, addresses }: Ipv4Routes, flow: Flow): number {
  const domain = namespace.deviceByIndex(flow.l3Domain);
  return domain === undefined ? 0 : addresses.select(domain, 0, RT_SCOPE_LINK);
}

/** Linux: __mkroute_output() */
function makeRoute(
  routes: Ipv4Routes,
  flow: Flow,
  device: NetDevice,
  found: number,
  info: FibInfo | null,
  nexthop: FibNexthop | null,
  prefixLength: number,
): Rtable {
  const inDevice = device.ipv4;
  if (inDevice === null) return routes.error(EINVAL);
  const loopback = (device.flags & IFF_LOOPBACK) !== 0;
  if (isLoopback(flow.source) && !loopback && device.l3Table === 0 && !inDevice.routesLocalnet()) return routes.error(EINVAL);
  let type = found;
  if (flow.destination === LIMITED_BROADCAST) type = RTN_BROADCAST;
  else if (isMulticast(flow.destination)) type = RTN_MULTICAST;
  else if (isZeroNet(flow.destination)) return routes.error(EINVAL);
  flow.oif = device.ifindex;
  // Everybody's and a group's have no gateway, unless a route says so for just them.
  const onLink = type === RTN_BROADCAST || (type === RTN_MULTICAST && prefixLength < 4);
  if (info === null || nexthop === null || onLink) return routes.routeOnDevice(device, type, false);
  return routes.routeVia(info, nexthop, device, type, flow.destination, false);
}
