/**
 * The Internet checksum, RFC 1071 and RFC 1624. Sums are kept unfolded in a JS number (exact far beyond 64 KB of data) in
 * network byte order: the first byte of the data is the high half of a word.
 */

/** Folds any sum into 16 bits, not inverted. */
export function fold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s % 0x1_0000) + Math.floor(s / 0x1_0000);
  return s;
}

/** Folds a sum below 2^32 into 16 bits, not inverted. */
export function fold32(sum: number): number {
  let s = (sum & 0xffff) + (sum >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return s;
}

/** The sum of `length` bytes at `at`, added to `initial`; a last odd byte is the high half of a word. Below 2^32 for up to 64 KB. */
export function sum(view: DataView, at: number, length: number, initial: number): number {
  let total = initial;
  let i = at;
  const end = at + length;
  const blocks = end - 31;
  // Adding 32-bit halves apart keeps every partial sum a small integer.
  let high = 0;
  let low = 0;
  for (; i < blocks; i += 32) {
    const a = view.getUint32(i);
    const b = view.getUint32(i + 4);
    const c = view.getUint32(i + 8);
    const d = view.getUint32(i + 12);
    const e = view.getUint32(i + 16);
    const f = view.getUint32(i + 20);
    const g = view.getUint32(i + 24);
    const h = view.getUint32(i + 28);
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16) + (e >>> 16) + (f >>> 16) + (g >>> 16) + (h >>> 16);
    low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff) + (e & 0xffff) + (f & 0xffff) + (g & 0xffff) + (h & 0xffff);
  }
  total += high + low;
  for (; i + 1 < end; i += 2) total += view.getUint16(i);
  if (i < end) total += view.getUint8(i) << 8;
  return total;
}

/** The checksum of `length` bytes at `at`: inverted, as it stands in a header whose field was zero. */
export const checksum = (view: DataView, at: number, length: number, initial: number): number =>
  ~fold(sum(view, at, length, initial)) & 0xffff;

/** Whether `length` bytes at `at`, their checksum field included, add up (RFC 1071: to all ones). */
export const verify = (view: DataView, at: number, length: number, initial: number): boolean =>
  fold(sum(view, at, length, initial)) === 0xffff;

/** RFC 1624 equation 3: the checksum after a 16-bit word changed from `from` to `to`. */
export function update16(old: number, from: number, to: number): number {
  return ~fold32((~old & 0xffff) + (~from & 0xffff) + to) & 0xffff;
}

/** RFC 1624 for a 32-bit word, such as an address. */
export function update32(old: number, from: number, to: number): number {
  const inverse = ~from;
  return ~fold32((~old & 0xffff) + (inverse >>> 16) + (inverse & 0xffff) + (to >>> 16) + (to & 0xffff)) & 0xffff;
}
