import { isIPv4, isIPv6 } from 'node:net';
import { formatIpv4, ipv4Bytes, parseIpv4, readIpv4 } from '../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../wire/ipv6-address.js';
import { AF_INET, AF_INET6 } from '../netlink/constants.js';
import { codedError } from './errors.js';

/** An address in Node's words. */
export interface AddressInfo {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

/** Text as 4 or 16 bytes, a zone left aside; null when it is no address. */
export function addressBytes(text: string): Uint8Array | null {
  const ipv4 = parseIpv4(text);
  return ipv4 === null ? parseIpv6(text.replace(/%.*$/, '')) : ipv4Bytes(ipv4);
}

export const addressText = (bytes: Uint8Array) => (bytes.length === 4 ? formatIpv4(readIpv4(bytes)) : formatIpv6(bytes));

export const socketFamily = (bytes: Uint8Array) => (bytes.length === 4 ? AF_INET : AF_INET6);

export function addressInfo(endpoint: { readonly address: Uint8Array; readonly port: number }): AddressInfo {
  return { address: addressText(endpoint.address), family: endpoint.address.length === 4 ? 'IPv4' : 'IPv6', port: endpoint.port };
}

/** 4, 6, or 0 for what is no address. */
export const ipVersion = (text: string) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);

/** Node's check of a port: a whole number, or its text, from `least` (0 or 1) to 65535. */
export function checkPort(value: unknown, name = 'Port', least: 0 | 1 = 0): number {
  const port = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw codedError(
    RangeError,
    'ERR_SOCKET_BAD_PORT',
    `${name} should be ${least === 0 ? '>= 0' : '> 0'} and < 65536. Received ${describe(value)}.`,
  );
}

const describe = (value: unknown) => (typeof value === 'string' ? `type string ('${value}')` : `type ${typeof value} (${String(value)})`);
