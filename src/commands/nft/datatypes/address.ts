import { formatAddress } from '../../shared/address.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { integerType } from './basic.js';
import { type Datatype, type NameSource, type Parsed, TypeProblem } from './datatype.js';

/** Addresses: MAC, IPv4, IPv6. */

const NOT_KNOWN = 'Could not resolve hostname: Name or service not known';
const OTHER_FAMILY = 'Could not resolve hostname: Address family for hostname not supported';

export function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

/** inet_aton(3): one to four parts, of which the last one fills what is left; octal behind a zero, hexadecimal behind 0x. */
export function inetAton(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let value = 0n;
  for (const [index, part] of parts.entries()) {
    if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(part)) return null;
    const number = BigInt(/^0[0-7]+$/.test(part) ? `0o${part}` : part);
    const bits = BigInt(index === parts.length - 1 ? 8 * (5 - parts.length) : 8);
    if (number >> bits !== 0n) return null;
    value = (value << bits) | number;
  }
  return value;
}

export function parseIpv6(text: string): bigint | null {
  if (!text.includes(':') || /[^0-9a-fA-F:.]/.test(text)) return null;
  let source = text;
  const dotted = /(^|:)([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)$/.exec(source);
  if (dotted !== null) {
    const low = parseIpv4(dotted[2]!);
    if (low === null) return null;
    source = `${source.slice(0, source.length - dotted[2]!.length)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return null;
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const head = groups(halves[0]!);
  const tail = halves.length === 2 ? groups(halves[1]!) : [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  let value = 0n;
  for (const group of [...head, ...new Array<string>(missing).fill('0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

export function bytesOf(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function resolve(text: string, names: NameSource, parse: (text: string) => bigint | null, other: (text: string) => bigint | null): Parsed {
  if (other(text) !== null) throw new TypeProblem(OTHER_FAMILY);
  const found: bigint[] = [];
  for (const address of names.hostAddresses(text)) {
    const value = parse(address);
    if (value !== null) found.push(value);
  }
  if (found.length === 0) throw new TypeProblem(NOT_KNOWN);
  return found.length === 1 ? found[0]! : found;
}

export const ipv4Text = (value: bigint) => formatAddress(AF_INET, bytesOf(value, 4));
export const ipv6Text = (value: bigint) => formatAddress(AF_INET6, bytesOf(value, 16));

export const ipv4AddressType: Datatype = {
  id: 7,
  name: 'ipv4_addr',
  description: 'IPv4 address',
  bits: 32,
  byteorder: 'big',
  base: integerType,
  prefix: true,
  parse(text, names) {
    // getaddrinfo() takes what inet_aton(3) reads.
    return inetAton(text) ?? resolve(text, names, parseIpv4, parseIpv6);
  },
  print: (value, style) => (style.reverseDns ? style.names.hostName(ipv4Text(value)) : undefined) ?? ipv4Text(value),
  json: (value) => ipv4Text(value),
};

export const ipv6AddressType: Datatype = {
  id: 8,
  name: 'ipv6_addr',
  description: 'IPv6 address',
  bits: 128,
  byteorder: 'big',
  base: integerType,
  prefix: true,
  parse: (text, names) => parseIpv6(text) ?? resolve(text, names, parseIpv6, inetAton),
  print: (value, style) => (style.reverseDns ? style.names.hostName(ipv6Text(value)) : undefined) ?? ipv6Text(value),
  json: (value) => ipv6Text(value),
};

/** "00:11:..": as many bytes as the value has, or for MAC addresses six. */
function lladdrText(value: bigint, bits: number): string {
  const digits = value.toString(16).padStart((bits / 8) * 2, '0');
  return digits.match(/../g)?.join(':') ?? '';
}

export const linkAddressType: Datatype = {
  id: 6,
  name: 'll_addr',
  description: 'link layer address',
  bits: 0,
  byteorder: 'big',
  base: integerType,
  parse: parseLinkAddress,
  print: (value, _style, bits) => lladdrText(value, bits),
  json: (value, _style, bits) => lladdrText(value, bits),
};

function parseLinkAddress(text: string): bigint {
  let value = 0n;
  for (const part of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,2}$/.test(part)) throw new TypeProblem('Could not parse link layer address');
    value = (value << 8n) | BigInt(`0x${part}`);
  }
  return value;
}

export const etherAddressType: Datatype = {
  ...linkAddressType,
  id: 9,
  name: 'ether_addr',
  description: 'Ethernet address',
  bits: 48,
  base: linkAddressType,
  print: (value) => lladdrText(value, 48),
  json: (value) => lladdrText(value, 48),
};
