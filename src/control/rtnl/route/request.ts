import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NexthopRequest, RouteRequest } from '../../../net/ipv4/fib/request.js';
import { congestionByName } from '../../../net/tcp/congestion/registry.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import type { RouteAttributes, Via } from '../../../netlink/rtnl/route.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { ipv4Number } from '../ipv4.js';
import { metricWords } from './metrics.js';

const RTN_MAX = 11;
/** INET_ECN_MASK: bits of the TOS that no route decides by. */
const ECN_BITS = 0x03;

/** RTM_NEWROUTE and RTM_DELROUTE in the stack's words. Linux: rtm_to_fib_config() */
export function routeRequestOf(request: NetlinkRequest): RouteRequest {
  const { header, attributes } = routeMessage.parse(request.message);
  if ((header.tos & ECN_BITS) !== 0) fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0');
  if (header.type > RTN_MAX) fail(EINVAL, 'Invalid route type');
  if (attributes.gateway !== undefined && attributes.via !== undefined)
    fail(EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA');
  if (attributes.nhId !== undefined) checkNexthopId(attributes);
  const gateway = gatewayOf(attributes);
  const oif = attributes.oif ?? 0;
  const { metrics, multipath } = attributes;
  return {
    tableId: attributes.table ?? header.table,
    destination: attributes.dst === undefined ? 0 : ipv4Number(attributes.dst),
    prefixLength: header.dstLen,
    tos: header.tos,
    type: header.type,
    scope: header.scope,
    protocol: header.protocol,
    priority: attributes.priority ?? 0,
    preferredSource: attributes.prefsrc === undefined ? 0 : ipv4Number(attributes.prefsrc),
    flags: header.flags,
    metrics: metricWords(metrics),
    congestionControl: congestionOf(metrics?.ccAlgo),
    nexthops: multipath === undefined ? oneNexthop(oif, gateway, header.flags, attributes.flow ?? 0) : multipath.map(leg),
    multipath: multipath !== undefined,
    outerOif: multipath === undefined ? 0 : oif,
    outerGateway: multipath === undefined ? 0 : gateway,
    nexthopId: attributes.nhId ?? 0,
    outerRealms: multipath === undefined ? 0 : (attributes.flow ?? 0),
  };
}

function oneNexthop(oif: number, gateway: number, flags: number, realms: number): readonly NexthopRequest[] {
  return oif === 0 && gateway === 0 && realms === 0 ? [] : [{ oif, gateway, weight: 1, flags: flags & 0xff, realms }];
}

type Leg = NonNullable<RouteAttributes['multipath']>[number];

// Linux: fib_get_nhs()
function leg({ flags, hops, ifindex, attributes }: Leg): NexthopRequest {
  if (attributes.gateway !== undefined && attributes.via !== undefined)
    fail(EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA');
  return { oif: ifindex, gateway: gatewayOf(attributes), weight: hops + 1, flags, realms: attributes.flow ?? 0 };
}

const gatewayOf = ({ gateway, via }: { readonly gateway?: Uint8Array | undefined; readonly via?: Via | undefined }): number =>
  via !== undefined ? viaGateway(via) : gateway === undefined ? 0 : ipv4Number(gateway);

// Linux: fib_gw_from_via(), of a kernel without IPv6
function viaGateway({ family, address }: Via): number {
  if (family === AF_INET6) fail(EINVAL, 'IPv6 support not enabled in kernel');
  if (family !== AF_INET) fail(EINVAL, 'Unsupported address family in RTA_VIA');
  if (address.length !== 4) fail(EINVAL, 'Invalid IPv4 address in RTA_VIA');
  return ipv4Number(address);
}

function checkNexthopId({ oif, gateway, via, encap, multipath }: RouteAttributes): void {
  if ([oif, gateway, via, encap, multipath].some((given) => given !== undefined))
    fail(EINVAL, 'Nexthop specification and nexthop id are mutually exclusive');
}

function congestionOf(name: string | undefined): string {
  if (name === undefined || name === '') return '';
  if (congestionByName(name) === undefined) fail(EINVAL, 'Unknown tcp congestion algorithm');
  return name;
}
