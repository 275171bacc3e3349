// What an address, a number or a name means with the qualifiers before it: gen_scode(), gen_mcode(), gen_ncode(), gen_ecode().
import { parseIpv6 } from '../../../wire/ipv6-address.js';
import { type Block, filterError, or } from './code.js';
import { arcnetHost, hasMacAddresses, host, host6, macHost } from './hosts.js';
import { port, portRange, protocol, protocolChain } from './protocols.js';
import type { Qualifiers } from './qualifiers.js';
import { NOT_SET, type State } from './state.js';

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const ANY = -1;
const WHOLE = 0xffffffff;

export const syntaxError = (): never => filterError('syntax error in filter expression');

/** A number. */
export function numberCode(state: State, value: number, q: Qualifiers): Block {
  switch (q.kind) {
    case '':
    case 'host':
    case 'net': {
      const what = q.kind === 'net' ? 'net' : 'host';
      if (q.protocol === 'decnet') return host(state, value, 0, 'decnet', q.direction, what);
      if (q.protocol === 'link') return filterError('illegal link layer address');
      const [address, mask] = q.kind === 'net' ? classless(value) : [value, WHOLE];
      return host(state, address, mask, q.protocol, q.direction, what);
    }
    case 'port':
    case 'portrange': {
      const number = portProtocol(q);
      if (value > 65535) filterError(`illegal port number ${value} > 65535`);
      return q.kind === 'port' ? port(state, value, number, q.direction) : portRange(state, value, value, number, q.direction);
    }
    case 'gateway':
      return filterError("'gateway' requires a name");
    case 'proto':
      return protocol(state, value, q.protocol, q.direction);
    case 'protochain':
      return protocolChain(state, value, q.protocol);
    case 'undefined':
      return syntaxError();
  }
}

/** A network's number with its zero bytes before it: 10 is 10.0.0.0/8. */
function classless(number: number): [address: number, mask: number] {
  let address = number;
  let mask = WHOLE;
  while (address !== 0 && address >>> 24 === 0) {
    address = (address << 8) >>> 0;
    mask = (mask << 8) >>> 0;
  }
  return [address, mask];
}

const portProtocols: Readonly<Record<string, number>> = { '': ANY, tcp: TCP, udp: UDP, sctp: SCTP };

const portProtocol = (q: Qualifiers): number => portProtocols[q.protocol] ?? filterError(`illegal qualifier of '${q.kind}'`);

/** "10.0.1" and the bits that it has. */
function partialAddress(text: string): [address: number, bits: number] {
  let address = 0;
  const parts = text.split('.');
  for (const part of parts) {
    const value = /^\d+$/.test(part) ? Number(part) : 256;
    if (value > 255) return filterError(`invalid IPv4 address '${text}'`);
    address = address * 256 + value;
  }
  return [address, parts.length * 8];
}

const shifted = (value: number, bits: number) => (bits >= 32 ? 0 : (value << bits) >>> 0);

/** "10.0.1.2", or the start of an address. */
export function ipv4Code(state: State, text: string, q: Qualifiers): Block {
  if (q.kind === 'port' || q.kind === 'portrange' || q.kind === 'proto' || q.kind === 'protochain')
    filterError(`'${q.kind}' modifier applied to ip host`);
  if (q.kind === 'gateway') filterError("'gateway' requires a name");
  if (q.kind === 'undefined') syntaxError();
  const what = q.kind === 'net' ? 'net' : 'host';
  if (q.protocol === 'decnet') {
    const [area = '', node = ''] = text.split('.');
    return host(state, ((Number(area) << 10) & 0xfc00) | (Number(node) & 0x3ff), 0, 'decnet', q.direction, what);
  }
  const [address, bits] = partialAddress(text);
  if (q.protocol === 'link') filterError('illegal link layer address');
  return host(state, shifted(address, 32 - bits), shifted(WHOLE, 32 - bits), q.protocol, q.direction, what);
}

/** "10.0/16", or with `mask` "10.0 mask 255.255". */
export function ipv4NetworkCode(state: State, text: string, mask: string | null, length: number, q: Qualifiers): Block {
  const [number, bits] = partialAddress(text);
  const address = shifted(number, 32 - bits);
  let m: number;
  if (mask !== null) {
    const [maskNumber, maskBits] = partialAddress(mask);
    m = shifted(maskNumber, 32 - maskBits);
    if ((address & ~m) !== 0) filterError(`non-network bits set in "${text} mask ${mask}"`);
  } else {
    if (length > 32) filterError('mask length must be <= 32');
    m = length === 0 ? 0 : shifted(WHOLE, 32 - length);
    if ((address & ~m) !== 0) filterError(`non-network bits set in "${text}/${length}"`);
  }
  if (q.kind !== 'net') filterError('Mask syntax for networks only');
  return host(state, address, m, q.protocol, q.direction, 'net');
}

export function ipv6Code(state: State, text: string, length: number, q: Qualifiers): Block {
  const address = parseIpv6(text) ?? filterError(`invalid ip6 address ${text}`);
  if (length > 128) filterError('mask length must be <= 128');
  const mask = Uint8Array.from({ length: 16 }, (_, i) => (0xff00 >>> Math.min(8, Math.max(0, length - i * 8))) & 0xff);
  if (address.some((byte, i) => (byte & ~mask[i]!) !== 0)) filterError(`non-network bits set in "${text}/${length}"`);
  if (q.kind === '' || q.kind === 'host') {
    if (length !== 128) filterError('Mask syntax for networks only');
  } else if (q.kind !== 'net') filterError('invalid qualifier against IPv6 address');
  return host6(state, address, mask, q.protocol, q.direction, q.kind === 'net' ? 'net' : 'host');
}

export function macCode(state: State, text: string, q: Qualifiers): Block {
  if ((q.kind !== 'host' && q.kind !== '') || q.protocol !== 'link') filterError('ethernet address used in non-ether expression');
  if (!hasMacAddresses(state.linkType))
    filterError('ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel');
  return macHost(state, macBytes(text), q.direction);
}

/** Six numbers, three of four digits, or twelve digits. */
function macBytes(text: string): Uint8Array {
  const parts = text.split(/[:.-]/);
  if (parts.length === 6) return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
  return Uint8Array.from(parts.join('').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function arcnetCode(state: State, text: string, q: Qualifiers): Block {
  if (state.linkType !== 7 && state.linkType !== 129) filterError('aid supported only on ARCnet');
  if ((q.kind !== 'host' && q.kind !== '') || q.protocol !== 'link') filterError('ARCnet address used in non-arc expression');
  return arcnetHost(state, Number.parseInt(text.slice(1), 16), q.direction);
}

/** A name. */
export function nameCode(state: State, name: string, q: Qualifiers): Block {
  const names = state.target.names;
  switch (q.kind) {
    case 'net': {
      const number = names?.network(name) ?? 0;
      if (number === 0) filterError(`unknown network '${name}'`);
      const [address, mask] = classless(number);
      return host(state, address, mask, q.protocol, q.direction, 'net');
    }
    case '':
    case 'host':
      return q.protocol === 'link' ? macOfName(state, name, q) : hostOfName(state, name, q);
    case 'port':
    case 'portrange':
      return portsOfName(state, name, q);
    case 'gateway':
      return filterError("'gateway' not supported in this configuration");
    case 'proto':
      return protocol(state, protocolOfName(state, name, q.protocol), q.protocol, q.direction);
    case 'protochain':
      return protocolChain(state, protocolOfName(state, name, q.protocol), q.protocol);
    case 'undefined':
      return syntaxError();
  }
}

const linkNames: Readonly<Record<number, string>> = {
  1: 'ether',
  240: 'ether',
  241: 'ether',
  10: 'FDDI',
  6: 'token ring',
  122: 'Fibre Channel',
};

function macOfName(state: State, name: string, q: Qualifiers): Block {
  if (!hasMacAddresses(state.linkType))
    filterError('only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name');
  const mac = state.target.names?.ether(name);
  if (mac === undefined) return filterError(`unknown ${linkNames[state.linkType] ?? '802.11'} host '${name}'`);
  return macHost(state, mac, q.direction);
}

function hostOfName(state: State, name: string, q: Qualifiers): Block {
  if (q.protocol === 'decnet') filterError(`decnet name support not included, '${name}' cannot be translated\n`);
  const addresses = state.target.names?.host(name) ?? [];
  if (addresses.length === 0) filterError(`unknown host '${name}'`);
  const untyped = state.type.constant === NOT_SET && q.protocol === '';
  const mask = new Uint8Array(16).fill(0xff);
  let block: Block | null = null;
  for (const address of addresses) {
    const v6 = address.length === 16;
    const of = untyped ? (v6 ? 'ip6' : 'ip') : q.protocol;
    if (of === (v6 ? 'ip' : 'ip6')) continue;
    const next: Block = v6
      ? host6(state, address, mask, of, q.direction, 'host')
      : host(state, new DataView(address.buffer, address.byteOffset).getUint32(0), WHOLE, of, q.direction, 'host');
    block = block === null ? next : or(block, next);
  }
  return block ?? filterError(`unknown host '${name}'${q.protocol === '' ? '' : ' for specified address family'}`);
}

interface NamedPort {
  readonly number: number;
  readonly protocol: number;
}

function portOfName(state: State, name: string): NamedPort | null {
  if (/^\d+$/.test(name)) return { number: Number(name), protocol: ANY };
  const { tcp, udp } = state.target.names?.port(name) ?? { tcp: undefined, udp: undefined };
  if (tcp !== undefined) return { number: tcp, protocol: tcp === udp ? ANY : TCP };
  return udp === undefined ? null : { number: udp, protocol: UDP };
}

const transportNames: Readonly<Record<number, string>> = { [TCP]: 'tcp', [UDP]: 'udp', [SCTP]: 'sctp' };

function portsOfName(state: State, name: string, q: Qualifiers): Block {
  const wanted = portProtocol(q);
  const range = q.kind === 'portrange';
  const what = range ? 'port in range' : 'port';
  const found = range ? namedRange(state, name) : portOfName(state, name);
  if (found === null) return filterError(`unknown ${what} '${name}'`);
  const first = found.number;
  const last: number = 'last' in found ? (found.last as number) : first;
  if (wanted !== ANY && found.protocol !== ANY && found.protocol !== wanted)
    filterError(`${what} '${name}' is ${transportNames[found.protocol]}`);
  const number = wanted === ANY ? found.protocol : wanted;
  for (const value of [first, last]) if (value > 65535) filterError(`illegal port number ${value} > 65535`);
  return range ? portRange(state, first, last, number, q.direction) : port(state, first, number, q.direction);
}

function namedRange(state: State, name: string): (NamedPort & { readonly last: number }) | null {
  const dash = name.indexOf('-');
  if (dash < 0) return null;
  const first = portOfName(state, name.slice(0, dash));
  const last = portOfName(state, name.slice(dash + 1));
  if (first === null || last === null) return null;
  return { number: first.number, last: last.number, protocol: first.protocol === last.protocol ? first.protocol : ANY };
}

const etherProtocols: Readonly<Record<string, number>> = {
  aarp: 0x80f3,
  arp: 0x0806,
  atalk: 0x809b,
  decnet: 0x6003,
  ip: 0x0800,
  ip6: 0x86dd,
  lat: 0x6004,
  loopback: 0x9000,
  mopdl: 0x6001,
  moprc: 0x6002,
  rarp: 0x8035,
  sca: 0x6007,
  iso: 0xfe,
  stp: 0x42,
  ipx: 0xe0,
  netbeui: 0xf0,
};
const osiProtocols: Readonly<Record<string, number>> = { esis: 0x82, isis: 0x83, clnp: 0x81 };

function protocolOfName(state: State, name: string, of: string): number {
  switch (of) {
    case '':
    case 'ip':
    case 'ip6':
      return state.target.names?.protocol(name) ?? filterError(`unknown ip proto '${name}'`);
    case 'link':
      return etherProtocols[name] ?? filterError(`unknown ether proto '${name}'`);
    case 'iso':
      return osiProtocols[name] ?? filterError(`unknown osi proto '${name}'`);
    default:
      return filterError(`unknown protocol: ${name}`);
  }
}
