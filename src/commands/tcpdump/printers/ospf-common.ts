// What OSPF's versions and parts share.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';

export const optionBits: Bits = [
  [0x01, 'MultiTopology'],
  [0x02, 'External'],
  [0x04, 'Multicast'],
  [0x08, 'NSSA'],
  [0x10, 'LLS'],
  [0x20, 'Demand Circuit'],
  [0x40, 'Opaque'],
  [0x80, 'Up/Down'],
];

export const opaqueWords: Words = { 1: 'Traffic Engineering', 3: 'Graceful restart', 4: 'Router Information' };

const signallingWords: Words = { 1: 'Extended Options', 2: 'MD5 Authentication' };
const extendedOptionBits: Bits = [
  [0x01, 'LSDB resync'],
  [0x02, 'Restart'],
];

export function routerAndArea(d: Dissector, at: number): void {
  d.put(`\n\tRouter-ID ${d.ip(at + 4)}`);
  const area = d.be32(at + 8);
  d.put(area === 0 ? ', Backbone Area' : `, Area ${d.ip(at + 8)}`);
}

/** Link-local signalling, RFC 5613. */
export function signalling(d: Dissector, at: number, length: number): void {
  if (length <= 0) return;
  d.put(`\n\t  LLS: checksum: ${hex0x(d.be16(at), 4)}`);
  const words = d.be16(at + 2);
  d.put(`, length: ${words}`);
  const end = at + length;
  for (let p = at + 4; p < end; ) {
    const type = d.be16(p);
    const size = d.be16(p + 2);
    d.put(`\n\t    ${word(signallingWords, type, () => 'Unknown TLV')} (${type}), length: ${size}`);
    const value = p + 4;
    if (type === 1) {
      if (size !== 4) return d.put(' [bogus length != 4]');
      d.put(`\n\t      Options: ${hex0x(d.be32(value), 8)} [${bits(extendedOptionBits, d.be32(value), '?')}]`);
    } else if (type === 2) {
      if (size < 4) return d.put(' [bogus length < 4]');
      d.put(`\n\t      Sequence number: ${hex0x(d.be32(value), 8)}`);
    }
    p = value + ((size + 3) & ~3);
  }
}
