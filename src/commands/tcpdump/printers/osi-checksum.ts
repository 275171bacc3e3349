// The checksum of OSI's protocols, ISO 8473 Annex C: Fletcher's, in two bytes of the packet.
import type { Dissector } from '../dissector.js';
import { hex0x } from '../words.js';

/** What the two bytes at `at + offset` should be for the `length` bytes at `at`. */
function osiChecksum(d: Dissector, at: number, offset: number, length: number): number {
  let c0 = 0;
  let c1 = 0;
  for (let i = 0; i < length; i++) {
    if (i !== offset && i !== offset + 1) c0 = (c0 + d.u8(at + i)) % 255;
    c1 = (c1 + c0) % 255;
  }
  const behind = length - offset - 1;
  const modulo = (value: number) => ((value % 255) + 255) % 255 || 255;
  return (modulo(behind * c0 - c1) << 8) | modulo(c1 - (behind + 1) * c0);
}

/** " (correct)" and its like, of the field at `at + offset`. */
export function showOsiChecksum(d: Dissector, field: number, at: number, offset: number, length: number): void {
  if (field === 0 || length === 0 || offset + 2 > length || !d.has(at, length)) return d.put(' (unverified)');
  const should = osiChecksum(d, at, offset, length);
  // The sum over all is zero where the field is right.
  d.put(isRight(d, at, length) ? ' (correct)' : ` (incorrect should be ${hex0x(should, 4)})`);
}

function isRight(d: Dissector, at: number, length: number): boolean {
  let c0 = 0;
  let c1 = 0;
  for (let i = 0; i < length; i++) {
    c0 = (c0 + d.u8(at + i)) % 255;
    c1 = (c1 + c0) % 255;
  }
  return c0 === 0 && c1 === 0;
}
