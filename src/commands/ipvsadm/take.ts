import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { TUNNEL_GRE, TUNNEL_GUE, TUNNEL_IPIP } from '../../netlink/genl/ip-vs.js';
import { ipv4Bytes } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { isMulticast as isMulticast4 } from '../../wire/ipv4.js';
import { parseService, type Resolver } from './resolve.js';
import { parseInetAton } from './inet-aton.js';
import { type IpvsadmWords, refusal } from './words.js';

/** 31 days: as long as a client may be kept. */
export const MAX_TIMEOUT = 86_400 * 31;
const DEFAULT_PERSISTENT = 360;

/** A whole number in decimal within limits; else `text` is said. */
export function number(value: string, min: number, max: number, text: string): number {
  const parsed = /^\s*[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(parsed >= min && parsed <= max)) throw refusal(text);
  return parsed;
}

export const timeout = (value: string, min: number): number =>
  number(value, min, MAX_TIMEOUT, `invalid timeout value \`${value}' specified`);

export function state(words: IpvsadmWords, value: string, what: string): void {
  if (value !== 'master' && value !== 'backup') throw refusal(`illegal ${what} specified`);
  words.state = value === 'master' ? 1 : 2;
}

export function service(words: IpvsadmWords, value: string, protocol: number, resolver: Resolver): void {
  words.take('service-address');
  words.protocol = protocol;
  const found = parseService(value, protocol, resolver);
  if (found === null) throw refusal('illegal virtual server address[:port] specified');
  words.family = found.address.family;
  words.address = found.address;
  words.port = found.port ?? 0;
  // A mask that was named before is of no use.
  if (words.family === AF_INET6) words.netmask = 128;
}

export function fwmark(words: IpvsadmWords, value: string): void {
  words.take('service-address');
  words.protocol = 6;
  words.fwmark = number(value, 1, 0xffff_ffff, `invalid fwmark value \`${value}' specified`);
}

export function ipv6(words: IpvsadmWords): void {
  if (words.fwmark === 0) throw refusal('-6 used before -f\n');
  words.family = AF_INET6;
  words.address = { family: AF_INET6, bytes: new Uint8Array(16) };
  words.netmask = 128;
}

export function persistent(words: IpvsadmWords, value: string | undefined): void {
  words.take('persistent');
  words.persistent = value === undefined ? DEFAULT_PERSISTENT : timeout(value, 1);
}

export function netmask(words: IpvsadmWords, value: string): void {
  words.take('netmask');
  if (words.family === AF_INET6) {
    words.netmask = number(value, 1, 128, 'illegal ipv6 netmask specified');
    return;
  }
  words.netmask = parseInetAton(value) ?? mistaken('illegal virtual server persistent mask specified');
}

export function server(words: IpvsadmWords, value: string, resolver: Resolver): void {
  words.take('real-server');
  const found = parseService(value, words.protocol, resolver);
  if (found === null) throw refusal('illegal real server address[:port] specified');
  words.server = found.address;
  // Without a port it has that of the service.
  words.serverPort = found.port ?? words.port;
}

export function method(words: IpvsadmWords, forward: number): void {
  words.take('forwarding-method');
  words.forward = forward;
}

const tunnels: Readonly<Record<string, number>> = { ipip: TUNNEL_IPIP, gue: TUNNEL_GUE, gre: TUNNEL_GRE };

export function tunnelType(words: IpvsadmWords, value: string): void {
  words.take('tun-type');
  words.tunnelType = tunnels[value] ?? mistaken('illegal tunnel type specified');
}

export function group(words: IpvsadmWords, value: string): void {
  words.take('mcast-group');
  const six = value.includes(':');
  if (six) {
    const bytes = parseIpv6(value);
    if (bytes === null || bytes[0] !== 0xff) throw refusal(`invalid IPv6 mcast-group \`${value}'`);
    words.group = { family: AF_INET6, bytes };
    return;
  }
  const address = /^\d+\.\d+\.\d+\.\d+$/.test(value) ? parseInetAton(value) : null;
  if (address === null || !isMulticast4(address)) throw refusal(`invalid IPv4 mcast-group \`${value}'`);
  words.group = { family: AF_INET, bytes: ipv4Bytes(address) };
}

function mistaken(text: string): never {
  throw refusal(text);
}
