import { EACCES, EHOSTUNREACH, EINVAL, ENETDOWN, ENODEV } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import {
  IFF_LOOPBACK,
  IFF_UP,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_KERNEL,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../netlink/rtnl/constants.js';
import { equalAddress, type In6, isAny, isLinkLocal, isLoopback, isMapped, isMulticast, maskAddress } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { l3MasterOf } from '../../core/l3mdev.js';
import type { Fib6 } from './fib.js';
import { Fib6Info, IP6_RT_PRIO_USER, RTF_ANYCAST, RTF_EXPIRES, RTF_GATEWAY, RTF_LOCAL, RTF_REJECT, RTF_UP } from './info.js';
import type { Nexthop6Request, Route6Request } from './request.js';

const LOCAL_GATEWAY = 'Gateway can not be a local address';
const REJECTS: ReadonlySet<number> = new Set([RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_THROW]);

/** A way as the user, an address or a router wants it, checked. Linux: ip6_route_info_create(), fib6_nh_init() */
export function createInfo(fib: Fib6, request: Route6Request, way: Nexthop6Request | null): Fib6Info {
  const { namespace } = fib;
  if (request.prefixLength > 128) fail(EINVAL, 'Invalid prefix length');
  if (request.sourceLength > 128) fail(EINVAL, 'Invalid source address length');
  const oif = way === null ? 0 : way.oif;
  const gateway = way === null ? null : way.gateway;
  let flags = (request.flags | RTF_UP) >>> 0;
  let device: NetDevice | null = oif === 0 ? null : deviceOf(fib, oif);
  if (request.expires !== null) flags |= RTF_EXPIRES;
  if (request.type === RTN_LOCAL) flags = (flags | RTF_LOCAL) >>> 0;
  const toLoopback = device !== null && (device.flags & IFF_LOOPBACK) !== 0;
  const onLoopback = toLoopback && gateway === null && !isLoopback(request.destination) && (flags & (RTF_ANYCAST | RTF_LOCAL)) === 0;
  let via: In6 | null = null;
  let nexthopFlags = way === null ? 0 : way.flags;
  if (REJECTS.has(request.type) || onLoopback) {
    flags = (flags | RTF_REJECT) >>> 0;
    device = namespace.loopback;
  } else if (gateway !== null) {
    device = checkGateway(fib, request.tableId, gateway, device, nexthopFlags);
    flags |= RTF_GATEWAY;
    via = gateway.slice();
  } else if (device === null) fail(ENODEV);
  if (device.ipv6 === null) fail(ENODEV);
  if (device.ipv6.disabled() && (flags & RTF_REJECT) === 0) fail(EACCES, 'IPv6 is disabled on nexthop device');
  if ((device.flags & IFF_UP) === 0 && (flags & (RTF_LOCAL | RTF_ANYCAST | RTF_REJECT)) === 0) fail(ENETDOWN, 'Nexthop device is not up');
  if ((flags & (RTF_LOCAL | RTF_ANYCAST)) === 0 && !device.carrier) nexthopFlags |= RTNH_F_LINKDOWN;
  if (request.preferredSource !== null && !isAny(request.preferredSource) && !hasLocal(fib, request.preferredSource, device, false))
    fail(EINVAL, 'Invalid source address');
  const info = new Fib6Info({
    tableId: request.tableId === 0 ? RT_TABLE_MAIN : request.tableId,
    destination: maskAddress(request.destination.slice(), request.prefixLength),
    prefixLength: request.prefixLength,
    source: maskAddress(request.source.slice(), request.sourceLength),
    sourceLength: request.sourceLength,
    // Addresses of this host have the metric 0.
    metric:
      request.metric !== 0 || (request.protocol === RTPROT_KERNEL && (flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0)
        ? request.metric
        : IP6_RT_PRIO_USER,
    protocol: request.protocol,
    type: request.type === 0 ? RTN_UNICAST : request.type,
    flags: flags >>> 0,
    device,
    gateway: via,
    weight: way === null ? 1 : way.weight,
    nexthopFlags,
  });
  if (request.preferredSource !== null && !isAny(request.preferredSource)) info.preferredSource = request.preferredSource.slice();
  info.encapsulation = way?.encapsulation ?? null;
  info.metrics = request.metrics;
  info.congestionControl = request.congestionControl;
  if (request.expires !== null) info.expiresUs = Math.max(1, namespace.stack.nowUs + request.expires * 1_000_000);
  return info;
}

/** A next hop of IPv6 that is no IPv6 route's own: a nexthop object's, an IPv4 route's. Linux: fib6_nh_init() */
export function reachNexthop(
  fib: Fib6,
  {
    tableId,
    oif,
    gateway,
    flags,
  }: { readonly tableId: number; readonly oif: number; readonly gateway: In6 | null; readonly flags: number },
): { readonly device: NetDevice; readonly flags: number } {
  const given = oif === 0 ? null : deviceOf(fib, oif);
  // A nexthop object that is a blackhole.
  if (given !== null && gateway === null && (given.flags & IFF_LOOPBACK) !== 0) return { device: given, flags };
  const device = gateway === null ? given : checkGateway(fib, tableId, gateway, given, flags);
  if (device === null || device.ipv6 === null) fail(ENODEV);
  if (device.ipv6.disabled()) fail(EACCES, 'IPv6 is disabled on nexthop device');
  if ((device.flags & IFF_UP) === 0) fail(ENETDOWN, 'Nexthop device is not up');
  return { device, flags: device.carrier ? flags : flags | RTNH_F_LINKDOWN };
}

function deviceOf(fib: Fib6, oif: number): NetDevice {
  const device = fib.namespace.deviceByIndex(oif) ?? fail(ENODEV);
  return device.ipv6 === null ? fail(ENODEV) : device;
}

/**
 * Whether the address is this host's in the domain of `device`: `anywhere`, or on `device` alone where it is of a link. Addresses that
 * are still tentative count on `device`. Linux: ipv6_chk_addr_and_flags()
 */
function hasLocal(fib: Fib6, address: In6, device: NetDevice | null, anywhere: boolean): boolean {
  const domain = device === null ? null : l3MasterOf(device);
  const node = fib.table(domain === null ? RT_TABLE_LOCAL : domain.l3Table)?.node(address, 128);
  const global = !isLinkLocal(address);
  if (node?.routes.some((info) => info.type === RTN_LOCAL && (anywhere || global || info.device === device)) === true) return true;
  return device?.ipv6?.addresses.some((held) => equalAddress(held.address, address)) === true;
}

/** The device by which a gateway is reached. Linux: ip6_validate_gw() */
function checkGateway(fib: Fib6, tableId: number, gateway: In6, given: NetDevice | null, nexthopFlags: number): NetDevice {
  if (isAny(gateway)) fail(EINVAL, 'Invalid gateway address');
  const linkLocal = isLinkLocal(gateway);
  if (given !== null && hasLocal(fib, gateway, given, !linkLocal)) fail(EINVAL, LOCAL_GATEWAY);
  let device = given;
  if (!linkLocal) {
    // A gateway beyond the link by another gateway would be needed; only direct ones are taken, IPv4-mapped ones too.
    if (isMulticast(gateway) || isLoopback(gateway)) fail(EINVAL, 'Invalid gateway address');
    if ((nexthopFlags & RTNH_F_ONLINK) !== 0) checkOnLink(fib, tableId, gateway, device);
    else device = findOnLink(fib, tableId, gateway, device);
  } else if ((nexthopFlags & RTNH_F_ONLINK) !== 0) checkOnLink(fib, tableId, gateway, device);
  if (device === null) fail(EINVAL, 'Egress device not specified');
  if ((device.flags & IFF_LOOPBACK) !== 0) fail(EINVAL, 'Egress device can not be loopback device for this route');
  if (given === null && hasLocal(fib, gateway, device, !linkLocal)) fail(EINVAL, LOCAL_GATEWAY);
  return device;
}

function checkOnLink(fib: Fib6, tableId: number, gateway: In6, device: NetDevice | null): void {
  if (device === null) fail(EINVAL, 'Nexthop device required for onlink');
  const found = covering(fib, tableId, gateway, device, false);
  // Linux: an address of this host, or one that no unicast way leads to, is no neighbour even if the user says so.
  if (found !== null && (found.flags & RTF_LOCAL) !== 0 && found.device !== device)
    fail(EINVAL, 'Nexthop has invalid gateway or device mismatch');
}

function findOnLink(fib: Fib6, tableId: number, gateway: In6, device: NetDevice | null): NetDevice {
  const found = covering(fib, tableId, gateway, device, true);
  if (found === null || found.rejects || (found.gateway !== null && !isMapped(gateway)) || (device !== null && found.device !== device))
    fail(EHOSTUNREACH);
  return found.device;
}

/** The route by which `gateway` is reached, by `device` where it is given: in the route's own table, then as any packet. */
function covering(fib: Fib6, tableId: number, gateway: In6, device: NetDevice | null, direct: boolean): Fib6Info | null {
  for (const id of new Set([tableId === 0 ? RT_TABLE_MAIN : tableId, RT_TABLE_LOCAL, RT_TABLE_MAIN])) {
    const table = fib.table(id);
    if (table === null) continue;
    for (const length of table.lengths) {
      const node = table.node(gateway, length);
      const found = node?.routes.find(
        (info) => (device === null || info.device === device) && !(direct && info.gateway !== null && id !== RT_TABLE_MAIN),
      );
      if (found !== undefined) return found;
    }
  }
  return null;
}
