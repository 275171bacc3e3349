// OLSR, RFC 3626, with olsrd's link qualities, names and gateways.
import type { Dissector } from '../dissector.js';
import { fixed, hex0x, prefixLength, type Words, word } from '../words.js';
import type { PortContext, PortPrinter } from './registry-types.js';

const messageWords: Words = {
  1: 'Hello',
  2: 'TC',
  3: 'MID',
  4: 'HNA',
  128: 'Powerinfo',
  130: 'Nameservice',
  201: 'Hello-LQ',
  202: 'TC-LQ',
};

const linkWords: Words = {
  0: 'Unspecified',
  1: 'Asymmetric',
  2: 'Symmetric',
  3: 'Lost',
};

const neighborWords: Words = {
  0: 'Not-Neighbor',
  1: 'Symmetric',
  2: 'Symmetric-MPR',
};

const unknown = () => 'Unknown';
/** A time as mantissa and exponent, seconds: RFC 3626 section 18.3. */
const time = (value: number) => fixed(0.0625 * (1 + (value >>> 4) / 16) * (1 << (value & 0xf)), 3);
const invalid = (valid: boolean) => (valid ? '' : ' (invalid)');
/** printf's %#0Nx. */
const padded = (value: number, width: number) =>
  value === 0 ? '0'.padStart(width, '0') : `0x${value.toString(16).padStart(width - 2, '0')}`;

function olsr(d: Dissector, at: number, givenLength: number, { version }: PortContext): void {
  d.protocol = 'olsr';
  d.put(`OLSRv${version}`);
  d.cutShort(() => {
    if (givenLength < 4) d.need(at, Number.POSITIVE_INFINITY);
    const length = Math.min(givenLength, d.be16(at));
    d.put(`, seq ${hex0x(d.be16(at + 2), 4)}, length ${length}`);
    if (d.options.verbose > 0) messages(d, at, length, version === 6);
  });
}

function messages(d: Dissector, start: number, length: number, wide: boolean): void {
  const header = wide ? 24 : 12;
  for (let at = start + 4; at < start + length; ) {
    d.need(at, header);
    const type = d.u8(at);
    const size = d.be16(at + 2);
    const valid = size >= header && size <= length;
    if (type === 0 || size === 0) return;
    const rest = at + header - 4;
    d.put(`\n\t${word(messageWords, type, unknown)} Message (${padded(type, 4)}), originator ${wide ? d.ip6(at + 4) : d.ip(at + 4)}`);
    d.put(`, ttl ${d.u8(rest)}, hop ${d.u8(rest + 1)}\n\t  vtime ${time(d.u8(at + 1))}s, msg-seq ${hex0x(d.be16(rest + 2), 4)}`);
    d.put(`, length ${size}${invalid(valid)}`);
    if (!valid) return;
    body(d, type, at + header, size - header, wide);
    at += size;
  }
}

function body(d: Dissector, type: number, at: number, length: number, wide: boolean): void {
  const need = (size: number) => {
    d.need(at, length < size ? Number.POSITIVE_INFINITY : size);
  };
  switch (type) {
    case 1:
    case 201:
      need(4);
      d.put(`\n\t  hello-time ${time(d.u8(at + 2))}s, MPR willingness ${d.u8(at + 3)}`);
      return links(d, type, at + 4, length - 4, wide);
    case 2:
    case 202:
      need(4);
      d.put(`\n\t    advertised neighbor seq ${hex0x(d.be16(at), 4)}`);
      return type === 2 ? neighbors(d, at + 4, length - 4) : qualities(d, at + 4, length - 4, wide);
    case 3: {
      const size = wide ? 16 : 4;
      for (let next = at; next + size <= at + length; next += size) d.put(`\n\t  interface address ${wide ? d.ip6(next) : d.ip(next)}`);
      return;
    }
    case 4:
      return wide ? networks6(d, at, length) : networks4(d, at, length);
    case 130:
      need(4);
      return names(d, at, length, wide);
    default:
      d.unknown(at, '\n\t    ', length);
  }
}

function links(d: Dissector, type: number, from: number, length: number, wide: boolean): void {
  let left = length;
  for (let at = from; left >= 4; ) {
    d.need(at, 4);
    const code = d.u8(at);
    const size = d.be16(at + 2);
    const valid = size <= left && size >= 4;
    d.put(`\n\t    link-type ${word(linkWords, code & 3, unknown)}, neighbor-type ${word(neighborWords, code >>> 2, unknown)}`);
    d.put(`, len ${size}${invalid(valid)}`);
    if (!valid) return;
    d.need(at, size);
    if (type === 1) neighbors(d, at + 4, size - 4);
    else qualities(d, at + 4, size - 4, wide);
    at += size;
    left -= size;
  }
}

/** Addresses of IPv4, whatever the message is of. */
function neighbors(d: Dissector, at: number, length: number): void {
  d.put('\n\t      neighbor\n\t\t');
  for (let next = at; next + 4 <= at + length; next += 4) d.put(`${d.ip(next)} `);
}

function qualities(d: Dissector, at: number, length: number, wide: boolean): void {
  const size = wide ? 16 : 4;
  for (let next = at; next + size + 4 <= at + length; next += size + 4) {
    d.need(next, size + 4);
    const percent = (offset: number) => fixed(d.u8(next + size + offset) / 2.55, 2);
    d.put(`\n\t      neighbor ${wide ? d.ip6(next) : d.ip(next)}, link-quality ${percent(0)}%, neighbor-link-quality ${percent(1)}%`);
  }
}

function networks6(d: Dissector, at: number, length: number): void {
  d.put(`\n\t  Advertised networks (total ${length >>> 5})`);
  for (let next = at; next + 32 <= at + length; next += 32) {
    d.need(next, 32);
    d.put(`\n\t    #0: ${d.ip6(next)}/${maskBits(d, next + 16) >>> 0}`);
  }
}

/** The bits of a mask of sixteen bytes; -1: it has holes. */
function maskBits(d: Dissector, at: number): number {
  let count = 0;
  let ended = false;
  for (let i = 0; i < 16; i++) {
    const byte = d.u8(at + i);
    if (ended ? byte !== 0 : ((byte << 24) | 0) !== 0 && prefixLength((byte << 24) >>> 0) < 0) return -1;
    if (ended) continue;
    count += prefixLength((byte << 24) >>> 0);
    ended = byte !== 0xff;
  }
  return count;
}

const gatewayWords = [
  [1, ' LINKSPEED'],
  [2, ' IPV4'],
  [4, ' IPV4-NAT'],
  [8, ' IPV6'],
  [16, ' IPv6-PREFIX'],
] as const;

/** Kilobits a second out of one byte. */
const speed = (value: number) => (value === 0 ? 0 : value === 255 ? 320_000_000 : ((value >>> 3) + 1) * 10 ** (value & 7));

function networks4(d: Dissector, at: number, length: number): void {
  d.put(`\n\t  Advertised networks (total ${length >>> 3})`);
  for (let n = 0; n < length >>> 3; n++) {
    const next = at + n * 8;
    d.need(next, 8);
    d.put(n % 4 === 0 ? '\n\t    ' : ', ');
    const flags = d.u8(next + 5);
    if (d.be32(next) !== 0 || d.u8(next + 4) !== 0 || flags === 0) {
      d.put(`${d.ip(next)}/${prefixLength(d.be32(next + 4)) >>> 0}`);
      continue;
    }
    const rate = (offset: number) => ((flags & 1) === 0 ? 0 : speed(d.u8(next + offset)));
    d.put(`Smart-Gateway:${gatewayWords.map(([bit, name]) => ((flags & bit) === 0 ? '' : name)).join('')} ${rate(6)}/${rate(7)}`);
  }
}

function names(d: Dissector, from: number, length: number, wide: boolean): void {
  const entries = d.be16(from + 2);
  const size = wide ? 16 : 4;
  const valid = entries > 0 && entries * (4 + size) <= length;
  d.put(`\n\t  Version ${d.be16(from)}, Entries ${entries}${invalid(valid)}`);
  if (!valid) return;
  let at = from + 4;
  let left = length - 4;
  for (let n = 0; n < entries && left >= 4; n++) {
    const [type, nameLength] = [d.be16(at), d.be16(at + 2)];
    at += 4;
    left -= 4;
    const good = nameLength > 0 && size + nameLength <= left;
    d.put(`\n\t    #${n}: type ${padded(type, 6)}, length ${nameLength}${invalid(good)}`);
    if (!good) return;
    const whole = size + ((nameLength + 3) & ~3);
    d.need(at, left < whole ? Number.POSITIVE_INFINITY : whole);
    d.put(`, address ${wide ? d.ip6(at) : d.ip(at)}, name "`);
    d.chars(at + size, nameLength);
    d.put('"');
    at += whole;
    left -= whole;
  }
}

export const olsrPort: PortPrinter = { ports: [698], print: olsr };
