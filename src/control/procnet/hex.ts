const HEX = '0123456789abcdef';

/** Bytes as hexadecimal digits without anything between. */
export function hexBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte >>> 4]! + HEX[byte & 15]!;
  return text;
}

/** printf's "%0Nx". */
export const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, '0');
