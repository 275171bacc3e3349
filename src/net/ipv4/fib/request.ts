import type { In6 } from '../../../wire/ipv6.js';
import type { Encapsulation } from '../../core/lwtunnel.js';

/** One way of a route as the user gave it. */
export interface NexthopRequest {
  /** 0: to be found by the gateway. */
  readonly oif: number;
  /** 0: none. */
  readonly gateway: number;
  /** A gateway of IPv6 (RTA_VIA); null or not given: none. */
  readonly gateway6?: In6 | null;
  readonly encapsulation?: Encapsulation | null;
  /** 1 to 256: rtnh_hops + 1. */
  readonly weight: number;
  /** RTNH_F_ONLINK, RTNH_F_PERVASIVE */
  readonly flags: number;
  /** RTA_FLOW: realms of source and destination, 16 bits each. */
  readonly realms?: number;
}

/** What RTM_NEWROUTE and RTM_DELROUTE ask (struct fib_config), numbers as in rtmsg. */
export interface RouteRequest {
  readonly tableId: number;
  readonly destination: number;
  readonly prefixLength: number;
  readonly tos: number;
  /** RTN_*; for a deletion RTN_UNSPEC: any. */
  readonly type: number;
  /** RT_SCOPE_*; for a deletion RT_SCOPE_NOWHERE: any. */
  readonly scope: number;
  readonly protocol: number;
  readonly priority: number;
  /** 0: none; for a deletion: any. */
  readonly preferredSource: number;
  /** rtm_flags */
  readonly flags: number;
  /** By RTAX_*, 17 words; null: none. A lock on a metric is a bit of RTAX_LOCK. */
  readonly metrics: Uint32Array | null;
  readonly congestionControl: string;
  /** As RTA_OIF and RTA_GATEWAY have it, or one each of RTA_MULTIPATH; for a deletion empty: any. */
  readonly nexthops: readonly NexthopRequest[];
  /** The nexthops are from RTA_MULTIPATH. */
  readonly multipath: boolean;
  /** RTA_OIF and RTA_GATEWAY beside RTA_MULTIPATH: the first way has to have them. 0: not given. */
  readonly outerOif: number;
  readonly outerGateway: number;
  readonly outerGateway6: In6 | null;
  readonly outerRealms: number;
  /** The nexthop object; 0: none. */
  readonly nexthopId: number;
}

/** A request with Linux's defaults where `values` says nothing. */
export function routeRequest(values: Partial<RouteRequest>): RouteRequest {
  return {
    tableId: 254,
    destination: 0,
    prefixLength: 0,
    tos: 0,
    type: 1,
    scope: 0,
    protocol: 0,
    priority: 0,
    preferredSource: 0,
    flags: 0,
    metrics: null,
    congestionControl: '',
    nexthops: [],
    multipath: false,
    outerOif: 0,
    outerGateway: 0,
    outerGateway6: null,
    outerRealms: 0,
    nexthopId: 0,
    ...values,
  };
}
