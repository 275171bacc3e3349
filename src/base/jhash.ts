/**
 * Bob Jenkins's lookup3 of bytes (hashlittle(), public domain, 2006), with the beginning that Linux's jhash() has: what `jhash` of rules
 * gives for a seed is the same on every machine.
 */
const GOLDEN = 0xdeadbeef;

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

export function jhash(bytes: Uint8Array, start: number, length: number, seed: number): number {
  let a = (GOLDEN + length + seed) | 0;
  let b = a;
  let c = a;
  let at = start;
  let left = length;
  while (left > 12) {
    a = (a + word(bytes, at, 4)) | 0;
    b = (b + word(bytes, at + 4, 4)) | 0;
    c = (c + word(bytes, at + 8, 4)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    at += 12;
    left -= 12;
  }
  if (left === 0) return c >>> 0;
  a = (a + word(bytes, at, Math.min(left, 4))) | 0;
  if (left > 4) b = (b + word(bytes, at + 4, Math.min(left - 4, 4))) | 0;
  if (left > 8) c = (c + word(bytes, at + 8, left - 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

/** Up to four bytes as a little-endian word. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value |= bytes[at + i]! << (8 * i);
  return value;
}
