import { RTN_BLACKHOLE, RTN_PROHIBIT, RTN_THROW } from '../../../netlink/rtnl/constants.js';
import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL } from '../../../base/errno.js';
import { equalAddress, type In6 } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { type Encapsulation, sameEncapsulation } from '../../core/lwtunnel.js';
import type { NexthopObject } from '../../nexthop/object.js';
import type { RouteExceptions6 } from './exceptions.js';
import type { Rt6 } from '../rt6.js';

// linux/route.h and linux/ipv6_route.h
export const RTF_UP = 0x0001;
export const RTF_GATEWAY = 0x0002;
export const RTF_DYNAMIC = 0x0010;
export const RTF_MODIFIED = 0x0020;
export const RTF_REJECT = 0x0200;
export const RTF_DEFAULT = 0x0001_0000;
export const RTF_ALLONLINK = 0x0002_0000;
export const RTF_ADDRCONF = 0x0004_0000;
export const RTF_PREFIX_RT = 0x0008_0000;
export const RTF_ANYCAST = 0x0010_0000;
export const RTF_NONEXTHOP = 0x0020_0000;
export const RTF_EXPIRES = 0x0040_0000;
export const RTF_ROUTEINFO = 0x0080_0000;
export const RTF_CACHE = 0x0100_0000;
export const RTF_LOCAL = 0x8000_0000;
const PREF_SHIFT = 27;

// RFC 4191 2.1, as it stands in router advertisements and RTA_PREF.
export const PREF_MEDIUM = 0;
export const PREF_HIGH = 1;
export const PREF_LOW = 3;
/** The bits of a router preference in RTF_*. */
export const routerPreferenceFlags = (preference: number): number => (preference & 3) << PREF_SHIFT;
export const routerPreference = (flags: number): number => (flags >>> PREF_SHIFT) & 3;

/** Metric of a route that the user gave none, and of those that addresses bring. */
export const IP6_RT_PRIO_USER = 1024;
export const IP6_RT_PRIO_ADDRCONF = 256;

/** One way of one route in a table (struct fib6_info with its fib6_nh). Ways of one multipath route are siblings. */
export class Fib6Info {
  readonly tableId: number;
  readonly destination: In6;
  readonly prefixLength: number;
  /** RTA_SRC; a length of 0: any. */
  readonly source: In6;
  readonly sourceLength: number;
  readonly metric: number;
  /** RTPROT_* */
  readonly protocol: number;
  /** RTN_* */
  readonly type: number;
  /** RTF_* */
  flags: number;
  /** Microseconds; 0: never. */
  expiresUs = 0;
  preferredSource: In6 | null = null;
  /** By RTAX_*, 17 words; null: none. */
  metrics: Uint32Array | null = null;
  congestionControl = '';
  readonly device: NetDevice;
  readonly gateway: In6 | null;
  encapsulation: Encapsulation | null = null;
  /** 1 to 256: rtnh_hops + 1. */
  readonly weight: number;
  /** RTNH_F_* */
  nexthopFlags: number;
  /** All ways of the route, itself among them; null: it is the only one. */
  siblings: Fib6Info[] | null = null;
  /** Of the hash's 31 bits, up to where this sibling takes the packets. */
  upperBound = 0;
  /** The nexthop object that the way is of; null: it is the route's own. */
  object: NexthopObject | null = null;
  /** It is in no table any more. */
  dead = false;
  /** When the router was last probed (RFC 4191 3.5). */
  lastProbeUs = Number.NEGATIVE_INFINITY;
  route: Rt6 | null = null;
  exceptions: RouteExceptions6 | null = null;

  constructor(values: {
    readonly tableId: number;
    readonly destination: In6;
    readonly prefixLength: number;
    readonly source: In6;
    readonly sourceLength: number;
    readonly metric: number;
    readonly protocol: number;
    readonly type: number;
    readonly flags: number;
    readonly device: NetDevice;
    readonly gateway: In6 | null;
    readonly weight: number;
    readonly nexthopFlags: number;
  }) {
    this.tableId = values.tableId;
    this.destination = values.destination;
    this.prefixLength = values.prefixLength;
    this.source = values.source;
    this.sourceLength = values.sourceLength;
    this.metric = values.metric;
    this.protocol = values.protocol;
    this.type = values.type;
    this.flags = values.flags;
    this.device = values.device;
    this.gateway = values.gateway;
    this.weight = values.weight;
    this.nexthopFlags = values.nexthopFlags;
  }

  metricOf(which: number): number {
    return this.metrics === null ? 0 : this.metrics[which]!;
  }

  get rejects(): boolean {
    return (this.flags & RTF_REJECT) !== 0;
  }

  /** The positive errno of packets by it; 0: they go. Linux: fib6_prop */
  get error(): number {
    if (!this.rejects) return 0;
    if (this.type === RTN_BLACKHOLE) return EINVAL;
    if (this.type === RTN_PROHIBIT) return EACCES;
    if (this.type === RTN_THROW) return EAGAIN;
    return EHOSTUNREACH;
  }

  expired(nowUs: number): boolean {
    return this.expiresUs !== 0 && nowUs > this.expiresUs;
  }

  /** May be one of several ways of a route. Linux: rt6_qualify_for_ecmp() */
  get joinsMultipath(): boolean {
    return (this.flags & (RTF_ADDRCONF | RTF_DYNAMIC)) === 0 && this.gateway !== null && this.object === null;
  }

  sameNexthop(other: Fib6Info): boolean {
    if (this.object !== null || other.object !== null) return this.object === other.object;
    if (this.device !== other.device || !sameEncapsulation(this.encapsulation, other.encapsulation)) return false;
    if (this.gateway === null || other.gateway === null) return this.gateway === other.gateway;
    return equalAddress(this.gateway, other.gateway);
  }
}
