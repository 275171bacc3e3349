import { ROUTER_ADVERTISEMENT as TYPE } from './icmpv6.js';
import {
  linkAddressOption,
  OPT_MTU,
  OPT_PREFIX_INFO,
  OPT_ROUTE_INFO,
  OPT_SOURCE_LL_ADDR,
  ROUTER_ADVERTISEMENT as HEADER,
} from './ndisc.js';

// RFC 4861 4.2:  0 type, code, checksum | 4 hop limit | 5 flags M O, preference | 6 lifetime | 8 reachable | 12 retransmission | 16 options
export const HOP_LIMIT = 4;
export const FLAGS = 5;
export const LIFETIME = 6;
export const REACHABLE = 8;
export const RETRANSMISSION = 12;

export const MANAGED_FLAG = 0x80;
export const OTHER_FLAG = 0x40;
/** Where a preference (RFC 4191 2.1: 1 high, 0 medium, 3 low) stands in the flags of a router, and of a route. */
export const PREFERENCE_SHIFT = 3;

// Prefix information, RFC 4861 4.6.2:  2 length | 3 flags L A | 4 valid | 8 preferred | 12 reserved | 16 prefix
const PREFIX_BYTES = 32;
export const ON_LINK_FLAG = 0x80;
export const AUTONOMOUS_FLAG = 0x40;
const MTU_BYTES = 8;
const ROUTE_PREFIX = 8;

export interface PrefixInformation {
  /** 16 bytes. */
  readonly prefix: Uint8Array;
  readonly length: number;
  /** ON_LINK_FLAG, AUTONOMOUS_FLAG */
  readonly flags: number;
  /** Seconds; 0xffffffff: for ever. */
  readonly valid: number;
  readonly preferred: number;
}

/** RFC 4191 2.3:  2 length | 3 preference | 4 lifetime | 8 prefix, as much of it as there is. */
export interface RouteInformation {
  readonly prefix: Uint8Array;
  readonly length: number;
  readonly preference: number;
  /** Seconds. */
  readonly lifetime: number;
}

export interface Advertisement {
  /** That hosts give their packets; 0: not said. */
  readonly hopLimit: number;
  readonly managed: boolean;
  readonly other: boolean;
  readonly preference: number;
  /** Seconds as a default router; 0: none. */
  readonly lifetime: number;
  /** The router's own; empty: not said. */
  readonly linkAddress: Uint8Array;
  /** 0: not said. */
  readonly mtu: number;
  readonly prefixes: readonly PrefixInformation[];
  readonly routes: readonly RouteInformation[];
}

const routeBytes = (length: number): number => (length === 0 ? 8 : length <= 64 ? 16 : 24);

/** The message, from its type on; the checksum is left to who sends it. */
export function build(said: Advertisement): Uint8Array {
  const linkBytes = said.linkAddress.length === 0 ? 0 : linkAddressOption(said.linkAddress.length);
  const mtuBytes = said.mtu === 0 ? 0 : MTU_BYTES;
  const routesBytes = said.routes.reduce((sum, { length }) => sum + routeBytes(length), 0);
  const bytes = new Uint8Array(HEADER + linkBytes + mtuBytes + said.prefixes.length * PREFIX_BYTES + routesBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TYPE);
  view.setUint8(HOP_LIMIT, said.hopLimit);
  view.setUint8(FLAGS, (said.managed ? MANAGED_FLAG : 0) | (said.other ? OTHER_FLAG : 0) | (said.preference << PREFERENCE_SHIFT));
  view.setUint16(LIFETIME, said.lifetime);
  let at = HEADER;
  /** Type, and length in units of eight bytes, of the option at `at`, which the next one follows. */
  const option = (type: number, length: number): number => {
    const start = at;
    view.setUint8(start, type);
    view.setUint8(start + 1, length >>> 3);
    at += length;
    return start;
  };
  if (linkBytes > 0) bytes.set(said.linkAddress, option(OPT_SOURCE_LL_ADDR, linkBytes) + 2);
  if (mtuBytes > 0) view.setUint32(option(OPT_MTU, MTU_BYTES) + 4, said.mtu);
  for (const { prefix, length, flags, valid, preferred } of said.prefixes) {
    const start = option(OPT_PREFIX_INFO, PREFIX_BYTES);
    view.setUint8(start + 2, length);
    view.setUint8(start + 3, flags);
    view.setUint32(start + 4, valid);
    view.setUint32(start + 8, preferred);
    bytes.set(prefix, start + 16);
  }
  for (const { prefix, length, preference, lifetime } of said.routes) {
    const size = routeBytes(length);
    const start = option(OPT_ROUTE_INFO, size);
    view.setUint8(start + 2, length);
    view.setUint8(start + 3, preference << PREFERENCE_SHIFT);
    view.setUint32(start + 4, lifetime);
    bytes.set(prefix.subarray(0, size - ROUTE_PREFIX), start + ROUTE_PREFIX);
  }
  return bytes;
}
