// ICMP, RFC 792, with RFC 1256 (router discovery) and RFC 4884, 4950 (multi-part messages).
import { checksumShouldBe, type Dissector } from '../dissector.js';
import { hex, hex0x, type Words, word } from '../words.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';

const HEADER = 8;
const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const REDIRECT = 5;
const ECHO = 8;
const ROUTER_ADVERTISEMENT = 9;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const TIMESTAMP = 13;
const TIMESTAMP_REPLY = 14;
const MASK_REPLY = 18;

const typeWords: Words = {
  4: 'source quench',
  10: 'router solicitation',
  13: 'time stamp request',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};

/** Types that carry the packet they are about. */
const isError = (type: number) => type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
const mayHaveParts = (type: number) => type === UNREACHABLE || type === TIME_EXCEEDED || type === PARAMETER_PROBLEM;

/** By code, with `%` for the address that the packet went to. */
const unreachableTexts: readonly string[] = [
  'net % unreachable',
  'host % unreachable',
  '',
  '',
  '',
  '% unreachable - source route failed',
  'net % unreachable - unknown',
  'host % unreachable - unknown',
  '% unreachable - source host isolated',
  'net % unreachable - admin prohibited',
  'host % unreachable - admin prohibited',
  'net % unreachable - tos prohibited',
  'host % unreachable - tos prohibited',
  'host % unreachable - admin prohibited filter',
  'host % unreachable - host precedence violation',
  'host % unreachable - precedence cutoff',
];
const redirectTexts: readonly string[] = ['redirect % to net ', 'redirect % to host ', 'redirect-tos % to net ', 'redirect-tos % to host '];

function icmp(d: Dissector, at: number, length: number, context: IpContext): void {
  d.protocol = 'icmp';
  d.cutShort(() => body(d, at, length, context));
}

function body(d: Dissector, at: number, length: number, context: IpContext): void {
  const type = d.u8(at);
  const code = d.u8(at + 1);
  d.put(`ICMP ${message(d, at, type, code)}, length ${length}`);
  const { verbose } = d.options;
  if (verbose > 0 && !context.fragmented && d.has(at, length)) {
    const wrong = d.checksum(at, length);
    const field = d.be16(at + 2);
    if (wrong !== 0) d.put(` (wrong icmp cksum ${hex(field)} (->${hex(checksumShouldBe(field, wrong))})!)`);
  }
  if (verbose === 0) return;
  if (isError(type)) {
    d.put('\n\t');
    const inner = at + HEADER;
    const total = d.be16(inner + 2);
    const end = d.cut(inner, total);
    d.registry.ip(d, inner, total);
    d.end = end;
  }
  d.protocol = 'icmp';
  if (length > EXTENSION_AT && mayHaveParts(type)) extensions(d, at, length);
}

function message(d: Dissector, at: number, type: number, code: number): string {
  const inner = at + HEADER;
  const destination = () => d.ip(inner + 16);
  switch (type) {
    case ECHO:
    case ECHO_REPLY:
      return `echo ${type === ECHO ? 'request' : 'reply'}, id ${d.be16(at + 4)}, seq ${d.be16(at + 6)}`;
    case UNREACHABLE:
      return unreachable(d, at, code);
    case REDIRECT:
      return `${(redirectTexts[code] ?? `redirect-#${code} % to `).replace('%', destination())}${d.ip(at + 4)}`;
    case ROUTER_ADVERTISEMENT:
      return routerAdvertisement(d, at);
    case TIME_EXCEEDED:
      d.need(inner + 16, 4);
      return code === 0 ? 'time exceeded in-transit' : code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${code}`;
    case PARAMETER_PROBLEM:
      return `parameter problem - ${code !== 0 ? `code ${code}` : `octet ${d.u8(at + 4)}`}`;
    case MASK_REPLY:
      return `address mask is ${hex0x(d.be32(at + 8), 8)}`;
    case TIMESTAMP:
      return `time stamp query id ${d.be16(at + 4)} seq ${d.be16(at + 6)}`;
    case TIMESTAMP_REPLY: {
      d.need(at + 16, 4);
      const times = `org ${timeOfDay(d.be32(at + 8))}, recv ${timeOfDay(d.be32(at + 12))}, xmit ${timeOfDay(d.be32(at + 16))}`;
      return `time stamp reply id ${d.be16(at + 4)} seq ${d.be16(at + 6)}: ${times}`;
    }
    default:
      return word(typeWords, type, (n) => `type-#${n}`);
  }
}

function unreachable(d: Dissector, at: number, code: number): string {
  const inner = at + HEADER;
  const protocol = () => d.u8(inner + 9);
  if (code === 3) {
    d.need(inner + 9, 1);
    const port = d.be16(inner + ((d.u8(inner) & 0xf) << 2) + 2);
    const to = d.ip(inner + 16);
    if (protocol() === 6) return `${to} tcp port ${d.names.tcpPort(port)} unreachable`;
    return protocol() === 17
      ? `${to} udp port ${d.names.udpPort(port)} unreachable`
      : `${to} protocol ${protocol()} port ${port} unreachable`;
  }
  const to = d.ip(inner + 16);
  if (code === 2) return `${to} protocol ${protocol()} unreachable`;
  if (code === 4) {
    const mtu = d.be16(at + 6);
    return `${to} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`;
  }
  return (unreachableTexts[code] ?? `% unreachable - #${code}`).replace('%', to);
}

const two = (n: number) => String(n).padStart(2, '0');

function timeOfDay(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(milliseconds % 1000).padStart(3, '0')}`;
}

function routerAdvertisement(d: Dissector, at: number): string {
  const seconds = d.be16(at + 6);
  const minutes = Math.floor(seconds / 60);
  const lifetime =
    seconds < 60
      ? String(seconds)
      : seconds < 3600
        ? `${minutes}:${two(seconds % 60)}`
        : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  const count = d.u8(at + 4);
  const size = d.u8(at + 5);
  let text = `router advertisement lifetime ${lifetime} ${count}:`;
  if (size !== 2) return `${text} [size ${size}]`;
  for (let i = 0; i < count; i++) text += ` {${d.ip(at + HEADER + i * 8)} ${d.be32(at + HEADER + i * 8 + 4)}}`;
  return text;
}

/** Where the extension header lies when the message does not say: behind 128 bytes of the packet. */
const EXTENSION_AT = HEADER + 128;
const OBJECT_HEADER = 4;
const objectWords: Words = { 1: 'MPLS Stack Entry', 2: 'Interface Identification' };

function extensions(d: Dissector, at: number, length: number): void {
  const start = at + EXTENSION_AT;
  let left = length - EXTENSION_AT;
  d.need(at, EXTENSION_AT + 5);
  if (d.u8(at + 5) === 0 && d.has(start, left) && d.checksum(start, left) !== 0) return;
  const version = d.u8(start) >>> 4;
  d.put(`\n\tICMP Multi-Part extension v${version}`);
  if (version !== 2) return d.put(' packet not supported');
  if (d.has(start, left))
    d.put(`, checksum ${hex0x(d.be16(start + 2), 4)} (${d.checksum(start, left) === 0 ? '' : 'in'}correct), length ${left}`);
  let object = start + 4;
  left -= 4;
  while (left > OBJECT_HEADER) {
    const bytes = d.be16(object);
    const group = d.u8(object + 2);
    const type = d.u8(object + 3);
    d.put(`\n\t  ${word(objectWords, group, () => 'unknown')} Object (${group}), Class-Type: ${type}, length ${bytes}`);
    left -= OBJECT_HEADER;
    if (group === 0 || bytes < OBJECT_HEADER) return;
    const value = object + OBJECT_HEADER;
    if (group === 1 && type === 1) {
      const entry = d.be32(value);
      d.put(`\n\t    label ${entry >>> 12}, tc ${(entry >>> 9) & 7}${(entry & 0x100) === 0 ? '' : ', [S]'}, ttl ${entry & 0xff}`);
    } else d.unknown(value, '\n\t    ', bytes - OBJECT_HEADER);
    if (left < bytes - OBJECT_HEADER) return;
    left -= bytes - OBJECT_HEADER;
    object += bytes;
  }
}

export const icmpProtocol: IpProtocolPrinter = { protocols: [1], version: 4, print: icmp };
