// Cisco's VLAN trunking protocol.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';

const HEADER = 36;
const DOMAIN = 32;
const messageWords: Words = { 1: 'Summary advertisement', 2: 'Subset advertisement', 3: 'Advertisement request', 4: 'Join message' };
const fieldWords: Words = { 1: 'Followers', 2: 'Seq number', 3: 'Start value', 4: 'Length' };
const vlanWords: Words = { 1: 'Standard', 2: 'FDDI', 3: 'Token-Ring', 4: 'FDDI-Net', 5: 'Token-Ring-Net' };
const parameterWords: Words = {
  1: 'Source-routing Ring Number',
  2: 'Source-routing Bridge Number',
  3: 'Spanning-tree type',
  4: 'Parent VLAN',
  5: 'Translational bridging',
  6: 'Pruning',
  8: 'Bridge Type',
  9: 'Max ARE Hops',
  10: 'Max STE Hops',
  11: 'Backup CRF mode',
};

export function vtp(d: Dissector, at: number, length: number): void {
  d.protocol = 'vtp';
  if (length < HEADER) return d.invalid();
  d.need(at, HEADER);
  const type = d.u8(at + 1);
  d.put(`VTPv${d.u8(at)}, Message ${word(messageWords, type, () => 'Unknown message type')} (${hex0x(type, 2)}), length ${length}`);
  if (d.options.verbose < 1) return;
  const nameLength = d.u8(at + 3);
  if (nameLength < 1 || nameLength > DOMAIN) {
    d.put(` [invalid MD length ${nameLength}]`);
    return;
  }
  d.put('\n\tDomain name: ');
  d.charsToZero(at + 4, nameLength);
  d.put(`, ${word(fieldWords, type, () => 'Reserved')}: ${d.u8(at + 2)}`);
  const body = at + HEADER;
  switch (type) {
    case 1:
      d.put(`\n\t  Config Rev ${d.be32(body).toString(16)}, Updater ${d.ip(body + 4)}`);
      d.put(`, Timestamp 0x${d.hexOf(body + 8, 4)} 0x${d.hexOf(body + 12, 4)} 0x${d.hexOf(body + 16, 4)}`);
      d.put(
        `, MD5 digest: ${[0, 4, 8, 12]
          .map((i) =>
            d
              .be32(body + 20 + i)
              .toString(16)
              .padStart(8, '0'),
          )
          .join('')}`,
      );
      return;
    case 2:
      d.put(`, Config Rev ${d.be32(body).toString(16)}`);
      return vlans(d, at, body + 4, at + length);
    case 3:
      d.put(`\n\tStart value: ${d.be32(body)}`);
      return;
  }
}

function vlans(d: Dissector, start: number, from: number, end: number): void {
  const wrong = () => {
    d.invalid();
    d.need(start, end - start);
  };
  for (let at = from; at < end; ) {
    const size = d.u8(at);
    if (size === 0) return;
    if (at + size > end) throw TRUNCATED;
    d.need(at, size);
    if (size < 12) return wrong();
    const status = d.u8(at + 1);
    const type = d.u8(at + 2);
    const nameLength = d.u8(at + 3);
    d.put(`\n\tVLAN info status ${status === 0 ? 'Operational' : 'Shutdown/Suspended'}`);
    d.put(`, type ${word(vlanWords, type, () => 'Unknown')}, VLAN-id ${d.be16(at + 4)}, MTU ${d.be16(at + 6)}`);
    d.put(`, SAID ${hex0x(d.be32(at + 8), 8)}, Name `);
    d.charsToZero(at + 12, nameLength);
    let left = size - 12 - ((nameLength + 3) & ~3);
    for (let p = at + 12 + ((nameLength + 3) & ~3); left > 0; ) {
      if (left < 2) return wrong();
      const kind = d.u8(p);
      const words = d.u8(p + 1);
      d.put(`\n\t\t${word(parameterWords, kind, () => 'Unknown')} TLV`);
      if (kind === 0 || left < words * 2 + 2) return wrong();
      d.put(` (${hex0x(kind, 4)}), value ${d.be16(p + 2)}`);
      p += 2 + words * 2;
      left -= 2 + words * 2;
    }
    at += size;
  }
}
