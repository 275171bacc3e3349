import { AF_INET, AF_INET6, AF_PACKET, AF_UNSPEC } from '../../netlink/constants.js';
import { formatIpv4, ipv4Bytes, ipv4PrefixLength, parseIpv4, readIpv4 } from '../../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../../wire/ipv6-address.js';
import { formatMac } from '../../wire/mac-address.js';
import { fatal } from './failure.js';
import { addressBits, familyName } from './families.js';
import { parseUnsigned } from './numbers.js';

/** An address from a command line; `bytes` is empty for "default", "any" and "all". */
export interface Address {
  readonly family: number;
  readonly bytes: Uint8Array;
  /** Bits that count: /24, or all of them; 0 for "default". */
  readonly length: number;
  /** A prefix length was written out. */
  readonly hasLength: boolean;
  /** All bits zero, and no word for it: 0.0.0.0, ::. */
  readonly isZero: boolean;
}

const make = (family: number, bytes: Uint8Array, length: number, hasLength: boolean): Address => ({
  family,
  bytes,
  length,
  hasLength,
  isZero: bytes.length > 0 && allZero(bytes),
});

function allZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** "any" and "all" stand for the unspecified address, "default" as well. */
function parseWord(text: string, family: number): Address | null {
  if (text !== 'default' && text !== 'any' && text !== 'all') return null;
  return make(family, family === AF_INET ? new Uint8Array(4) : family === AF_INET6 ? new Uint8Array(16) : new Uint8Array(0), 0, false);
}

/** iproute2 lets trailing octets go: "10.1" is 10.1.0.0. */
function parseShortIpv4(text: string): Uint8Array | null {
  const bytes = new Uint8Array(4);
  let octet = 0;
  let digits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || at === 3) return null;
      bytes[at++] = octet;
      octet = 0;
      digits = 0;
      continue;
    }
    if (code < ZERO || code > ZERO + 9 || ++digits > 3) return null;
    octet = octet * 10 + code - ZERO;
    if (octet > 255) return null;
  }
  if (digits === 0) return null;
  bytes[at] = octet;
  return bytes;
}
const DOT = 0x2e;
const ZERO = 0x30;

/** The address that `text` is in `family`, or in the family it looks like for AF_UNSPEC; null when it is none. */
export function readAddress(text: string, family: number): Address | null {
  if (family === AF_PACKET) return null;
  const word = parseWord(text, family);
  if (word !== null) return word;
  if (text.includes(':')) {
    if (family !== AF_UNSPEC && family !== AF_INET6) return null;
    const bytes = parseIpv6(text);
    return bytes === null ? null : make(AF_INET6, bytes, 128, false);
  }
  if (family !== AF_UNSPEC && family !== AF_INET) return null;
  const bytes = parseShortIpv4(text);
  return bytes === null ? null : make(AF_INET, bytes, 32, false);
}

const described = (family: number) => (family === AF_UNSPEC ? 'any valid' : familyName(family));

/** An address without a prefix length. */
export function parseAddress(text: string, family: number): Address {
  const address = readAddress(text, family);
  if (address === null) {
    const what = family === AF_UNSPEC ? 'any valid' : described(family);
    throw fatal(`Error: ${what} address is expected rather than "${text}".`, 1);
  }
  return address;
}

/** An address and perhaps "/24", or "/255.255.255.0" for IPv4. */
export function readPrefix(text: string, family: number): Address | null {
  if (text === 'default' || text === 'any' || text === 'all') {
    const word = parseWord(text, family);
    return word === null ? null : { ...word, bytes: new Uint8Array(0) };
  }
  const slash = text.indexOf('/');
  const address = readAddress(slash === -1 ? text : text.slice(0, slash), family);
  if (address === null || slash === -1) return address;
  const length = prefixLength(text.slice(slash + 1), address.family);
  return length === null || length > addressBits(address.family) ? null : make(address.family, address.bytes, length, true);
}

function prefixLength(text: string, family: number): number | null {
  const number = parseUnsigned(text, 255);
  if (number !== null) return number;
  if (family !== AF_INET) return null;
  const mask = parseIpv4(text);
  if (mask === null) return null;
  const length = ipv4PrefixLength(mask);
  return length === -1 ? null : length;
}

export function parsePrefix(text: string, family: number): Address {
  if (family === AF_PACKET) throw fatal(`Error: "${text}" may be inet prefix, but it is not allowed in this context.`, 1);
  const prefix = readPrefix(text, family);
  if (prefix === null) throw fatal(`Error: ${described(family)} prefix is expected rather than "${text}".`, 1);
  return prefix;
}

/** An IPv4 address as a number. */
export function parseIpv4Number(text: string): number {
  const address = readAddress(text, AF_INET);
  if (address === null) throw fatal(`Error: an IP address is expected rather than "${text}"`, 1);
  return readIpv4(address.bytes);
}

export function formatAddress(family: number, bytes: Uint8Array): string {
  if (family === AF_INET && bytes.length >= 4) return formatIpv4(readIpv4(bytes));
  if (family === AF_INET6 && bytes.length >= 16) return formatIpv6(bytes);
  if (family === AF_PACKET) return formatMac(bytes);
  return '???';
}

/** Are the first `length` bits of the two equal? */
export function sameBits(a: Uint8Array, b: Uint8Array, length: number): boolean {
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = length & 7;
  return rest === 0 || (((a[whole] ?? 0) ^ (b[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0;
}

export { ipv4Bytes, readIpv4 };
