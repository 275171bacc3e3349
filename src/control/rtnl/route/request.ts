import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NexthopRequest, RouteRequest } from '../../../net/ipv4/fib/request.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import type { RouteAttributes, Via } from '../../../netlink/rtnl/route.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { type In6, IN6_BYTES } from '../../../wire/ipv6.js';
import { encapsulationOf } from '../encap.js';
import { ipv4Number } from '../ipv4.js';
import { in6 } from '../ipv6/in6.js';
import { congestionOf, metricWords } from './metrics.js';

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
  const gateway6 = gateway6Of(attributes);
  const oif = attributes.oif ?? 0;
  const { metrics, multipath } = attributes;
  return {
    tableId: (attributes.table ?? header.table) || RT_TABLE_MAIN,
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
    nexthops: multipath === undefined ? oneNexthop(attributes, gateway, gateway6, header.flags) : multipath.map(leg),
    multipath: multipath !== undefined,
    outerOif: multipath === undefined ? 0 : oif,
    outerGateway: multipath === undefined ? 0 : gateway,
    outerGateway6: multipath === undefined ? null : gateway6,
    nexthopId: attributes.nhId ?? 0,
    outerRealms: multipath === undefined ? 0 : (attributes.flow ?? 0),
  };
}

function oneNexthop(attributes: RouteAttributes, gateway: number, gateway6: In6 | null, flags: number): readonly NexthopRequest[] {
  const { oif = 0, flow: realms = 0 } = attributes;
  const encapsulation = encapsulationOf(attributes);
  if (oif === 0 && gateway === 0 && gateway6 === null && encapsulation === null && realms === 0) return [];
  return [{ oif, gateway, gateway6, encapsulation, weight: 1, flags: flags & 0xff, realms }];
}

type Leg = NonNullable<RouteAttributes['multipath']>[number];

// Linux: fib_get_nhs()
function leg({ flags, hops, ifindex, attributes }: Leg): NexthopRequest {
  if (attributes.gateway !== undefined && attributes.via !== undefined)
    fail(EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA');
  return {
    oif: ifindex,
    gateway: gatewayOf(attributes),
    gateway6: gateway6Of(attributes),
    encapsulation: encapsulationOf(attributes),
    weight: hops + 1,
    flags,
    realms: attributes.flow ?? 0,
  };
}

interface Gateways {
  readonly gateway?: Uint8Array | undefined;
  readonly via?: Via | undefined;
}

/** 0: none of IPv4. */
function gatewayOf({ gateway, via }: Gateways): number {
  if (via === undefined) return gateway === undefined ? 0 : ipv4Number(gateway);
  checkVia(via);
  return via.family === AF_INET ? ipv4Number(via.address) : 0;
}

/** Null: none of IPv6. */
const gateway6Of = ({ via }: Gateways): In6 | null => (via === undefined || via.family !== AF_INET6 ? null : in6(via.address));

// Linux: fib_gw_from_via()
function checkVia({ family, address }: Via): void {
  if (family !== AF_INET && family !== AF_INET6) fail(EINVAL, 'Unsupported address family in RTA_VIA');
  if (family === AF_INET && address.length !== 4) fail(EINVAL, 'Invalid IPv4 address in RTA_VIA');
  if (family === AF_INET6 && address.length !== IN6_BYTES) fail(EINVAL, 'Invalid IPv6 address in RTA_VIA');
}

function checkNexthopId({ oif, gateway, via, encap, multipath }: RouteAttributes): void {
  if ([oif, gateway, via, encap, multipath].some((given) => given !== undefined))
    fail(EINVAL, 'Nexthop specification and nexthop id are mutually exclusive');
}
