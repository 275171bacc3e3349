import {
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTN_UNSPEC,
  RTN_XRESOLVE,
} from '../../../netlink/rtnl/constants.js';
import { parseUnsigned } from '../../shared/numbers.js';

const types: readonly (readonly [number: number, name: string])[] = [
  [RTN_UNSPEC, 'none'],
  [RTN_UNICAST, 'unicast'],
  [RTN_LOCAL, 'local'],
  [RTN_BROADCAST, 'broadcast'],
  [RTN_ANYCAST, 'anycast'],
  [RTN_MULTICAST, 'multicast'],
  [RTN_BLACKHOLE, 'blackhole'],
  [RTN_UNREACHABLE, 'unreachable'],
  [RTN_PROHIBIT, 'prohibit'],
  [RTN_THROW, 'throw'],
  [RTN_NAT, 'nat'],
  [RTN_XRESOLVE, 'xresolve'],
];

export const typeName = (type: number, numeric: boolean) =>
  (numeric ? undefined : types.find(([number]) => number === type)?.[1]) ?? String(type);

export function parseType(word: string): number | null {
  if (word === 'brd') return RTN_BROADCAST;
  return types.find(([number, name]) => number !== RTN_UNSPEC && name === word)?.[0] ?? parseUnsigned(word, 255);
}

export const typeNames: readonly string[] = types.slice(1, 11).map(([, name]) => name);

/** IPv6 router preference, RTA_PREF. */
export const preferences: readonly (readonly [number: number, name: string])[] = [
  [0, 'medium'],
  [3, 'low'],
  [1, 'high'],
];

/** Seconds or milliseconds of a metric: "100ms", "1.5s", or a bare number that is meant as the kernel's own unit. */
export function parseRoundTrip(text: string): { readonly value: number; readonly raw: boolean } | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([a-z]*)$/i.exec(text);
  if (match === null) {
    const number = parseUnsigned(text);
    return number === null ? null : { value: number, raw: true };
  }
  const number = Number(match[1]);
  switch (match[2]!.toLowerCase()) {
    case 's':
    case 'sec':
    case 'secs':
      return { value: Math.ceil(number * 1000), raw: false };
    case 'ms':
    case 'msec':
    case 'msecs':
      return { value: Math.ceil(number), raw: false };
    case '':
      return { value: Math.floor(number), raw: true };
    default:
      return null;
  }
}
