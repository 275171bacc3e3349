// Network service headers, RFC 8300.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter, Printer } from './registry-types.js';

const BASE = 8;
const WORD = 4;
const nextWords: Words = { 1: 'IPv4', 2: 'IPv6', 3: 'Ethernet', 4: 'NSH', 5: 'MPLS' };

export const nsh: Printer = (d, at, length) => {
  d.protocol = 'nsh';
  const { verbose } = d.options;
  if (length < BASE) {
    d.put(` (packet too small, ${length} < ${BASE})`);
    return d.invalid();
  }
  d.need(at, BASE);
  d.put('NSH, ');
  const first = d.be16(at);
  const version = first >>> 14;
  if (verbose > 1) d.put(`ver ${version}, `);
  if (version !== 0) return;
  const words = first & 0x3f;
  d.put(`flags [${(first & 0x2000) !== 0 ? 'O' : 'none'}], `);
  const kind = d.u8(at + 2) & 0xf;
  const next = d.u8(at + 3);
  if (verbose > 2) d.put(`TTL ${(first >>> 6) & 0x3f}, length ${words}, md type ${kind}, `);
  if (verbose > 1) d.put(`next-protocol ${word(nextWords, next, (n) => `unknown (${hex0x(n, 2)})`)}, `);
  d.put(`service-path-id ${hex0x(d.be24(at + 4), 6)}, service-index ${hex0x(d.u8(at + 7))}`);
  const header = words * WORD;
  if (words < 2) {
    d.put(' (less than two headers)');
    return d.invalid();
  }
  if (header > length) {
    d.put(` (header length ${header} > ${length})`);
    return d.invalid();
  }
  d.need(at, header);
  if (verbose > 2) context(d, at + BASE, header - BASE, kind);
  payload(d, next, at + header, length - header);
};

function context(d: Dissector, at: number, length: number, kind: number): void {
  if (kind === 1 && length === 4 * WORD) {
    for (let i = 0; i < 4; i++) d.put(`\n        Context[${String(i).padStart(2, '0')}]: ${hex0x(d.be32(at + i * WORD), 8)}`);
  } else if (kind === 2) {
    for (let i = 0; i + WORD <= length; ) {
      const type = d.u8(at + i + 2);
      const size = d.u8(at + i + 3) & 0x7f;
      d.put(`\n        TLV Class ${d.be16(at + i)}, Type ${type}, Len ${size}`);
      i += WORD;
      if (size === 0) continue;
      if (i + size > length) return d.invalid();
      d.put(`\n            Value: 0x${d.hexOf(at + i, size, ':')}`);
      i += (size + 3) & ~3;
    }
  }
}

function payload(d: Dissector, next: number, at: number, length: number): void {
  d.put(d.options.verbose > 0 ? '\n    ' : ': ');
  d.enter();
  switch (next) {
    case 1:
      return d.registry.ip(d, at, length);
    case 2:
      return d.registry.ip6(d, at, length);
    case 3:
      return void d.registry.ethernet(d, at, length, d.left(at));
    case 4:
      return nsh(d, at, length);
    case 5:
      return d.registry.mpls(d, at, length);
    default:
      d.put('ERROR: unknown-next-protocol');
  }
}

export const nshType: EthertypePrinter = { types: [0x894f], print: nsh };
