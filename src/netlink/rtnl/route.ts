import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import {
  type AttributeCodec,
  type AttributesOf,
  type StructOf,
  attributes,
  be16,
  binary,
  layout,
  nest,
  plain,
  string,
  struct,
  u16,
  u32,
  u8,
} from '../attributes.js';
import { align4 } from '../constants.js';
import { deferred, type HeaderOf, message } from '../schema.js';

/** struct rtmsg, linux/rtnetlink.h. */
export const rtmsg = layout({
  family: 'u8',
  dstLen: 'u8',
  srcLen: 'u8',
  tos: 'u8',
  table: 'u8',
  protocol: 'u8',
  scope: 'u8',
  type: 'u8',
  flags: 'u32',
});

/** struct rtnexthop; `length` covers the attributes behind it. */
export const rtnexthop = layout({ length: 'u16', flags: 'u8', hops: 'u8', ifindex: 's32' });

/** RTA_METRICS: RTAX_*. `lock` is a mask of 1 << RTAX_*. */
export const routeMetrics = attributes('RTAX', {
  lock: u32(1),
  mtu: u32(2),
  window: u32(3),
  rtt: u32(4),
  rttvar: u32(5),
  ssthresh: u32(6),
  cwnd: u32(7),
  advmss: u32(8),
  reordering: u32(9),
  hoplimit: u32(10),
  initcwnd: u32(11),
  features: u32(12),
  rtoMin: u32(13),
  initrwnd: u32(14),
  quickack: u32(15),
  ccAlgo: string(16, { max: 15 }),
  fastopenNoCookie: u32(17),
});
export type RouteMetrics = AttributesOf<typeof routeMetrics>;

export interface Via {
  readonly family: number;
  readonly address: Uint8Array;
}

/** struct rtvia: a gateway of another family than the route's. */
function via(type: number): AttributeCodec<Via> {
  return {
    type,
    read(source, start, end) {
      if (end - start < 2) throw new NetError(EINVAL, 'Invalid attribute length for RTA_VIA', start - 4 - source.base);
      return { family: source.view.getUint16(start, true), address: source.bytes.slice(start + 2, end) };
    },
    write(writer, value) {
      writer.u16(value.family);
      writer.raw(value.address);
    },
  };
}

/** The RTA_* that a leg of RTA_MULTIPATH may have. */
export const nexthopAttributes = attributes('RTA', {
  gateway: binary(5, { min: 4, max: 16 }),
  via: via(18),
  encap: plain(deferred(22)),
  encapType: u16(21),
  flow: u32(11),
  newdst: binary(19),
});

export interface Nexthop {
  /** RTNH_F_*. */
  readonly flags: number;
  /** Weight minus one. */
  readonly hops: number;
  readonly ifindex: number;
  readonly attributes: AttributesOf<typeof nexthopAttributes>;
}

/** `none`: it may be without a leg. */
export function multipath(type: number, none = false): AttributeCodec<readonly Nexthop[]> {
  return {
    type,
    read(source, start, end) {
      const legs: Nexthop[] = [];
      let at = start;
      // Linux: rtnh_ok()
      while (end - at >= rtnexthop.size) {
        const { length, flags, hops, ifindex } = rtnexthop.read(source.view, at);
        if (length < rtnexthop.size || length > end - at) break;
        legs.push({ flags, hops, ifindex, attributes: nexthopAttributes.parse(source, at + rtnexthop.size, at + length) });
        at += align4(length);
      }
      if ((legs.length === 0 && !none) || at < end)
        throw new NetError(EINVAL, 'Invalid nexthop configuration - extra data after nexthops', start - 4 - source.base);
      return legs;
    },
    write(writer, legs) {
      for (const leg of legs) {
        const mark = writer.at;
        rtnexthop.write(writer, { flags: leg.flags, hops: leg.hops, ifindex: leg.ifindex });
        nexthopAttributes.write(writer, leg.attributes);
        writer.view.setUint16(mark, writer.at - mark, true);
      }
    },
  };
}

/** struct rta_cacheinfo. */
export const routeCacheinfo = layout({
  clntref: 'u32',
  lastuse: 'u32',
  expires: 's32',
  error: 'u32',
  used: 'u32',
  id: 'u32',
  ts: 'u32',
  tsage: 'u32',
});
export type RouteCacheinfo = StructOf<typeof routeCacheinfo>;

/** RTA_*, linux/rtnetlink.h, in the order of Linux's fib_dump_info(). */
export const routeAttributes = attributes('RTA', {
  table: u32(15),
  dst: binary(1, { min: 4, max: 16 }),
  src: binary(2, { min: 4, max: 16 }),
  priority: u32(6),
  metrics: plain(nest(8, routeMetrics)),
  prefsrc: binary(7, { min: 4, max: 16 }),
  nhId: u32(30),
  gateway: binary(5, { min: 4, max: 16 }),
  via: via(18),
  oif: u32(4),
  encap: plain(deferred(22)),
  encapType: u16(21),
  flow: u32(11),
  newdst: binary(19),
  ttlPropagate: u8(26),
  multipath: multipath(9),
  mark: u32(16),
  uid: u32(25),
  iif: u32(3),
  mfcStats: struct(17, { packets: 'u64', bytes: 'u64', wrongIf: 'u64' }),
  cacheinfo: struct(12, routeCacheinfo),
  pref: u8(20),
  expires: u32(23),
  // Only in requests of RTM_GETROUTE:
  ipProto: u8(27),
  sport: be16(28),
  dport: be16(29),
});
export type RouteAttributes = AttributesOf<typeof routeAttributes>;

/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. */
export const routeMessage = message('route', rtmsg, routeAttributes);
export type RouteHeader = HeaderOf<typeof routeMessage>;
