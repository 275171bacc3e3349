// Numbers on command lines as C's strtol() family reads them with base 0: decimal, 0x hexadecimal, leading-zero octal.

const U64 = 1n << 64n;

/** The integer `text` holds, of any size; null when it is none or more follows it. */
export function parseInteger(text: string, base: 0 | 10 | 16 = 0): bigint | null {
  const match = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|[0-9a-fA-F]+)$/.exec(text);
  if (match === null) return null;
  const digits = match[2]!;
  let value: bigint;
  if (/^0[xX]/.test(digits)) {
    if (base === 10) return null;
    value = BigInt(digits);
  } else if (base === 16) value = BigInt(`0x${digits}`);
  else if (base === 0 && digits.startsWith('0')) {
    if (!/^[0-7]+$/.test(digits)) return null;
    value = BigInt(`0o${digits}`);
  } else {
    if (!/^[0-9]+$/.test(digits)) return null;
    value = BigInt(digits);
  }
  return match[1] === '-' ? -value : value;
}

/** An unsigned number up to `max`. As strtoul() does, a minus sign wraps around 2^64: "-1" is too large, not negative. */
export function parseUnsigned(text: string, max = 0xffffffff, base: 0 | 10 | 16 = 0): number | null {
  if (base !== 16) {
    const plain = plainDecimal(text);
    if (plain >= 0) return plain > max ? null : plain;
  }
  const value = parseInteger(text, base);
  if (value === null || value >= U64 || value <= -U64) return null;
  const wrapped = value < 0n ? value + U64 : value;
  return wrapped > BigInt(max) ? null : Number(wrapped);
}

/** A number of up to nine decimal digits that does not begin with a zero, which is what nearly all are; -1: it is something else. */
function plainDecimal(text: string): number {
  const { length } = text;
  if (length === 0 || length > 9 || (length > 1 && text.charCodeAt(0) === 0x30)) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** A signed number between `min` and `max`, by default a C int. */
export function parseSigned(text: string, min = -0x80000000, max = 0x7fffffff, base: 0 | 10 | 16 = 0): number | null {
  const value = parseInteger(text, base);
  return value === null || value < BigInt(min) || value > BigInt(max) ? null : Number(value);
}

export const parseU8 = (text: string) => parseUnsigned(text, 0xff);
export const parseU16 = (text: string) => parseUnsigned(text, 0xffff);
export const parseU32 = (text: string) => parseUnsigned(text, 0xffffffff);

/** The hexadecimal text of a bit mask: 0x1f. */
export const hex = (value: number) => `0x${(value >>> 0).toString(16)}`;
