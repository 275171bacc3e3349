// IPv4, RFC 791.
import { checksumShouldBe, type Dissector } from '../dissector.js';
import { netdbProtocols, protocolWords } from '../protocol-names.js';
import { bits, hex, type Words, word } from '../words.js';
import { ipOptions } from './ip-options.js';
import type { EthertypePrinter, IpContext, LinkPrinter } from './registry-types.js';

const HEADER = 20;
const FRAGMENT_MORE = 0x2000;
const OFFSET_MASK = 0x1fff;
const ecnWords = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const flagBits = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
] as const;

/** Protocols whose printers show the addresses themselves, with ports. */
const withPorts = new Set([6, 17, 33, 132]);

export function ip(d: Dissector, at: number, givenLength: number): void {
  d.protocol = 'ip';
  d.enter();
  const version = d.u8(at) >>> 4;
  if (version !== 4) {
    d.put(version === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${version}`);
    return d.invalid();
  }
  if (!d.options.linkLayer) d.put('IP ');
  if (!d.has(at, HEADER)) return d.truncated();
  if (givenLength < HEADER) return d.put(`truncated-ip ${givenLength}`);
  const headerBytes = (d.u8(at) & 0xf) << 2;
  if (headerBytes < HEADER) return d.put(`bad-hlen ${headerBytes}`);
  const total = d.be16(at + 2);
  if (givenLength < total) d.put(`truncated-ip - ${total - givenLength} bytes missing! `);
  if (total < headerBytes) {
    return d.put(`bad-len ${total}`);
  }
  const end = d.cut(at, total);
  body(d, at, headerBytes, total - headerBytes);
  d.end = end;
}

const addressPair = (d: Dissector, at: number) => `${d.ip(at + 12)} > ${d.ip(at + 16)}:`;

function body(d: Dissector, at: number, headerBytes: number, length: number): void {
  const offset = d.be16(at + 6);
  const protocol = d.u8(at + 9);
  if (d.options.verbose > 0 && !verboseHeader(d, at, headerBytes, offset, protocol)) return;
  if ((offset & OFFSET_MASK) === 0) {
    if (!withPorts.has(protocol)) d.put(`${addressPair(d, at)} `);
    if (!d.has(at, headerBytes)) {
      d.put(` [remaining caplen(${d.left(at)}) < header length(${headerBytes})]`);
      d.need(at, headerBytes);
    }
    const context = { version: 4, header: at, fragmented: (offset & FRAGMENT_MORE) !== 0, hops: d.u8(at + 8) };
    return ipPayload(d, protocol, at + headerBytes, length, context);
  }
  if (d.options.quiet > 1) return;
  d.put(addressPair(d, at));
  d.put(` ${d.names.numeric ? `ip-proto-${protocol}` : (netdbProtocols[protocol] ?? `ip-proto-${protocol}`)}`);
}

/** `(tos 0x0, ttl 64, ...)` and a new line; false: the options were cut, and all is said. */
function verboseHeader(d: Dissector, at: number, headerBytes: number, offset: number, protocol: number): boolean {
  const tos = d.u8(at + 1);
  const ttl = d.u8(at + 8);
  d.put(`(tos 0x${hex(tos)}${ecnWords[tos & 3]}${ttl >= 1 ? `, ttl ${ttl}` : ''}`);
  d.put(`, id ${d.be16(at + 4)}, offset ${(offset & OFFSET_MASK) * 8}, flags [${bits(flagBits, offset & 0xe000)}]`);
  d.put(`, proto ${word(protocolWords, protocol, () => 'unknown')} (${protocol}), length ${d.be16(at + 2)}`);
  let whole = true;
  if (headerBytes > HEADER) {
    d.put(', options (');
    whole = ipOptions(d, at + HEADER, headerBytes - HEADER);
    if (!whole) d.put(' [truncated-option]');
    d.put(')');
  }
  if (!d.options.keepChecksums && d.has(at, headerBytes)) {
    const wrong = d.checksum(at, headerBytes);
    const field = d.be16(at + 10);
    if (wrong !== 0) d.put(`, bad cksum ${hex(field)} (->${hex(checksumShouldBe(field, wrong))})!`);
  }
  d.put(')\n    ');
  if (whole) return true;
  d.put(`${addressPair(d, at)} `);
  d.truncated();
  return false;
}

const wrongVersion: Words = { 4: 'IPv4', 6: 'IPv6' };

/** What an IP header of either version says that it carries: ip_demux_print(). */
export function ipPayload(d: Dissector, protocol: number, at: number, length: number, context: IpContext): void {
  if (protocol === 59) return d.put('no next header');
  const printer = d.registry.ipProtocols.get(protocol);
  if (printer === undefined) {
    const name = d.names.numeric ? undefined : netdbProtocols[protocol];
    return d.put(` ${name ?? `ip-proto-${protocol}`} ${length}`);
  }
  if (printer.version !== undefined && printer.version !== context.version) {
    d.put(`[${word(protocolWords, protocol, () => 'unknown')} requires ${wrongVersion[printer.version]}]`);
    return d.invalid();
  }
  printer.print(d, at, length, context);
}

/** IP of the version that its first nibble says: ipN_print(). */
export function anyIp(d: Dissector, at: number, length: number): void {
  d.protocol = 'ipn';
  if (length < 1) return d.put('truncated-ip 0');
  const version = d.u8(at) >>> 4;
  if (version === 4) ip(d, at, length);
  else if (version === 6) d.registry.ip6(d, at, length);
  else d.put(`unknown ip ${version}`);
}

export const ipType: EthertypePrinter = { types: [0x0800], print: ip };

/** Raw IP of either version, without a header before it. */
export const rawLink: LinkPrinter = {
  types: [12, 101],
  print(d, at, length) {
    d.protocol = 'raw';
    if (d.options.linkLayer) d.put('ip: ');
    anyIp(d, at, length);
    return 0;
  },
};

export const ipv4Link: LinkPrinter = {
  types: [228],
  print(d, at, length) {
    d.protocol = 'raw';
    if (d.options.linkLayer) d.put('ip: ');
    anyIp(d, at, length);
    return 0;
  },
};
