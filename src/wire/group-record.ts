// What IGMPv3 (RFC 3376 4.2.12) and MLDv2 (RFC 3810 5.2.12) say of a group in the same way: the record's types, and numbers of
// eight bits that grow exponentially.

/** Types of group records. */
export const MODE_IS_INCLUDE = 1;
export const MODE_IS_EXCLUDE = 2;
export const CHANGE_TO_INCLUDE = 3;
export const CHANGE_TO_EXCLUDE = 4;
export const ALLOW_NEW_SOURCES = 5;
export const BLOCK_OLD_SOURCES = 6;

/** A byte of a query - QQIC, or IGMPv3's Max Resp Code: below 128 itself, above 4 bits of mantissa and 3 of exponent (RFC 3376 4.1.1). */
export const decodeFloat8 = (code: number): number => (code < 128 ? code : ((code & 0xf) | 0x10) << (((code >>> 4) & 7) + 3));

/** The largest byte whose value is not above `value`. */
export function encodeFloat8(value: number): number {
  if (value < 128) return value;
  if (value >= decodeFloat8(0xff)) return 0xff;
  let exponent = 0;
  while (value >>> (exponent + 3) > 0x1f) exponent++;
  return 0x80 | (exponent << 4) | ((value >>> (exponent + 3)) & 0xf);
}

/** The 16 bits of MLDv2's Maximum Response Code: below 32768 itself, above 12 bits of mantissa and 3 of exponent (RFC 3810 5.1.3). */
export const decodeFloat16 = (code: number): number => (code < 0x8000 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3));

/** The largest code whose value is not above `value`. */
export function encodeFloat16(value: number): number {
  if (value < 0x8000) return value;
  if (value >= decodeFloat16(0xffff)) return 0xffff;
  let exponent = 0;
  while (value >>> (exponent + 3) > 0x1fff) exponent++;
  return 0x8000 | (exponent << 12) | ((value >>> (exponent + 3)) & 0xfff);
}
