// Time stamps that Arista's switches put into frames.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';

const subtypeWords: Words = {
  1: 'Timestamp',
};

const timescaleWords: Words = {
  0: 'TAI',
  1: 'UTC',
};

const formatWords: Words = {
  1: '64-bit',
  2: '48-bit',
};

const hardwareWords: Words = {
  0: 'R/R2',
  1: 'R3',
};

const TIMESTAMP = 0x0001;
const BILLION = 1_000_000_000;
const unknown = () => 'Unknown';
const fraction = (nanoseconds: number) => String(nanoseconds % BILLION).padStart(9, '0');

/** How many bytes the stamp took; -1: nothing knows it. */
export function arista(d: Dissector, at: number): number {
  d.protocol = 'arista';
  const subtype = d.be16(at);
  d.put(`SubType ${word(subtypeWords, subtype, unknown)} (${hex0x(subtype, 4)}), `);
  if (subtype !== TIMESTAMP) return -1;
  const timescale = d.u8(at + 2);
  d.put(`Timescale ${word(timescaleWords, timescale, unknown)} (${timescale}), `);
  const format = d.u8(at + 3) >>> 4;
  const hardware = d.u8(at + 3) & 0xf;
  d.put(
    `Format ${word(formatWords, format, unknown)} (${format}), HwInfo ${word(hardwareWords, hardware, unknown)} (${hardware}), Timestamp `,
  );
  const wide = formatWords[format]?.startsWith('64') === true;
  if (!wide && formatWords[format]?.startsWith('48') !== true) return -1;
  const nanoseconds = d.be32(at + (wide ? 8 : 6));
  const seconds = (wide ? d.be32(at + 4) : d.be16(at + 4)) + Math.floor(nanoseconds / BILLION);
  if (wide) d.put(new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' '));
  else d.put(String(seconds));
  d.put(`.${fraction(nanoseconds)}: `);
  return wide ? 12 : 10;
}
