// ASN.1's basic encoding rules, X.690, as far as SNMP goes.
import { type Dissector, TRUNCATED } from '../dissector.js';

export interface BerElement {
  readonly tag: number;
  /** The content. */
  readonly at: number;
  readonly length: number;
  /** Where the next element starts. */
  readonly end: number;
}

/** The element at `at`, of `left` bytes at the most; null: it is none, and that was said. */
export function readBer(d: Dissector, at: number, left: number): BerElement | null {
  if (left < 1) {
    d.put('[nothing to parse]');
    return null;
  }
  const tag = d.u8(at);
  if ((tag & 0x1f) === 0x1f) {
    d.put(`[Id?]`);
    return null;
  }
  if (left < 2) {
    d.put('[no asnlen]');
    return null;
  }
  let length = d.u8(at + 1);
  let header = 2;
  if ((length & 0x80) !== 0) {
    const bytes = length & 0x7f;
    if (left < 2 + bytes) {
      d.put(`[asnlen? ${left - 2}<${bytes}]`);
      return null;
    }
    length = 0;
    for (let i = 0; i < bytes; i++) length = (length * 256 + d.u8(at + 2 + i)) % 0x1_0000_0000;
    header += bytes;
  }
  if (left - header < length) {
    d.put(`[len${left - header}<asnlen${length}]`);
    return null;
  }
  if (!d.has(at + header, length)) throw TRUNCATED;
  return { tag, at: at + header, length, end: at + header + length };
}

/** ".1.3.6.1" */
export function oidText(d: Dissector, { at, length }: BerElement): string {
  let text = '';
  let number = 0;
  let first = true;
  for (let i = 0; i < length; i++) {
    const byte = d.u8(at + i);
    number = (number * 128 + (byte & 0x7f)) % 0x1_0000_0000;
    if ((byte & 0x80) !== 0) continue;
    if (first) {
      const arc = number < 40 ? 0 : number < 80 ? 1 : 2;
      text += `.${arc}.${number - arc * 40}`;
      first = false;
    } else text += `.${number}`;
    number = 0;
  }
  return text;
}
