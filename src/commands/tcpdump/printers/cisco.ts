// What Cisco's switches tell each other besides CDP: DTP, UDLD (RFC 5171) and VTP.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';

const dtpWords: Words = { 1: 'Domain', 2: 'Status', 3: 'DTP type', 4: 'Neighbor' };

export function dtp(d: Dissector, at: number, length: number): void {
  d.protocol = 'dtp';
  if (length < 1) return d.invalid();
  d.put(`DTPv${d.u8(at)}, length ${length}`);
  if (d.options.verbose < 1) return;
  let left = length - 1;
  for (let p = at + 1; left > 0; ) {
    if (left < 4) return d.invalid();
    const type = d.be16(p);
    const size = d.be16(p + 2);
    d.put(`\n\t${word(dtpWords, type, () => 'Unknown')} (${hex0x(type, 4)}) TLV, length ${size}`);
    if (size < 4 || size > left) return d.invalid();
    const value = p + 4;
    d.need(p, size);
    if (type === 1) {
      d.put(', ');
      d.charsToZero(value, size - 4);
    } else if (type === 2 || type === 3) {
      if (size !== 5) return d.invalid();
      d.put(`, 0x${d.u8(value).toString(16)}`);
    } else if (type === 4) {
      if (size !== 10) return d.invalid();
      d.put(`, ${d.mac(value)}`);
    }
    p += size;
    left -= size;
  }
}

const udldCodes: Words = { 0: 'Reserved', 1: 'Probe message', 2: 'Echo message', 3: 'Flush message' };
const udldBits: Bits = [
  [0x01, 'RT'],
  [0x02, 'RSY'],
];
const udldWords: Words = {
  1: 'Device-ID TLV',
  2: 'Port-ID TLV',
  3: 'Echo TLV',
  4: 'Message Interval TLV',
  5: 'Timeout Interval TLV',
  6: 'Device Name TLV',
  7: 'Sequence Number TLV',
};

export function udld(d: Dissector, at: number, length: number): void {
  d.protocol = 'udld';
  if (length < 4) return d.invalid();
  const first = d.u8(at);
  const flags = d.u8(at + 1);
  const code = first & 0x1f;
  d.put(`UDLDv${first >>> 5}, Code ${word(udldCodes, code, () => 'Reserved')} (${code.toString(16)})`);
  d.put(`, Flags [${bits(udldBits, flags)}] (${hex0x(flags, 2)}), length ${length}`);
  if (d.options.verbose < 1) return d.need(at, length);
  d.put(`\n\tChecksum ${hex0x(d.be16(at + 2), 4)} (unverified)`);
  let left = length - 4;
  for (let p = at + 4; left > 0; ) {
    if (left < 4) return d.invalid();
    const type = d.be16(p);
    const size = d.be16(p + 2);
    d.put(`\n\t${word(udldWords, type, () => 'Unknown TLV')} (${hex0x(type, 4)}) TLV, length ${size}`);
    if (type === 0 || size < 4 || size > left) return d.invalid();
    const value = p + 4;
    const bytes = size - 4;
    if (type === 1 || type === 2 || type === 3 || type === 6) {
      d.put(', ');
      if (type === 3) d.chars(value, bytes);
      else d.charsToZero(value, bytes);
    } else if (type === 4 || type === 5) {
      if (bytes !== 1) return d.invalid();
      d.put(`, ${d.u8(value)}s`);
    } else if (type === 7) {
      if (bytes !== 4) return d.invalid();
      d.put(`, ${d.be32(value)}`);
    }
    p += size;
    left -= size;
  }
}
