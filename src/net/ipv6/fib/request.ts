import type { In6 } from '../../../wire/ipv6.js';
import type { Encapsulation } from '../../core/lwtunnel.js';

/** One way of a route as the user gave it. */
export interface Nexthop6Request {
  /** 0: to be found by the gateway. */
  readonly oif: number;
  readonly gateway: In6 | null;
  readonly encapsulation?: Encapsulation | null;
  /** 1 to 256: rtnh_hops + 1. */
  readonly weight: number;
  /** RTNH_F_ONLINK */
  readonly flags: number;
}

/** What RTM_NEWROUTE and RTM_DELROUTE ask (struct fib6_config). */
export interface Route6Request {
  readonly tableId: number;
  readonly destination: In6;
  readonly prefixLength: number;
  readonly source: In6;
  readonly sourceLength: number;
  /** RTN_*; for a deletion not looked at but for reject routes. */
  readonly type: number;
  readonly protocol: number;
  /** 0: 1024; for a deletion any. */
  readonly metric: number;
  /** RTF_* beyond those that follow from the rest: ADDRCONF, ANYCAST, a router preference, ... */
  readonly flags: number;
  /** Seconds; null: for ever. */
  readonly expires: number | null;
  readonly preferredSource: In6 | null;
  /** By RTAX_*, 17 words; null: none. */
  readonly metrics: Uint32Array | null;
  readonly congestionControl: string;
  /** As RTA_OIF and RTA_GATEWAY have it, or one each of RTA_MULTIPATH; for a deletion empty: any. */
  readonly nexthops: readonly Nexthop6Request[];
  readonly multipath: boolean;
  /** The nexthop object that has the ways; 0: none. */
  readonly nexthopId: number;
}

const NONE = new Uint32Array(4);

/** A request with Linux's defaults where `values` says nothing. */
export function route6Request(values: Partial<Route6Request>): Route6Request {
  return {
    tableId: 254,
    destination: NONE,
    prefixLength: 0,
    source: NONE,
    sourceLength: 0,
    type: 1,
    protocol: 3,
    metric: 0,
    flags: 0,
    expires: null,
    preferredSource: null,
    metrics: null,
    congestionControl: '',
    nexthops: [],
    multipath: false,
    nexthopId: 0,
    ...values,
  };
}
