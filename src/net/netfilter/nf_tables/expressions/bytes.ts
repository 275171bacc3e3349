// Bytes of the wire in registers: words are little endian.

export function toWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array((bytes.length + 3) >> 2);
  for (let i = 0; i < bytes.length; i++) words[i >> 2]! |= bytes[i]! << (8 * (i & 3));
  return words;
}

/** What of the last word of `bytes` bytes belongs to them. */
export const lastMask = (bytes: number): number => ((bytes & 3) === 0 ? -1 : (1 << (8 * (bytes & 3))) - 1);

/** memcmp() of bytes in registers, from byte `at` on, with a value. */
export function compareRegister(registers: Uint8Array, at: number, value: Uint8Array): number {
  for (let i = 0; i < value.length; i++) {
    const difference = registers[at + i]! - value[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

export const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
export const swap32 = (value: number): number => (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);

/** A name in its register of sixteen bytes, as words. */
export function nameWords(name: string): Int32Array {
  const words = new Int32Array(4);
  for (let i = 0; i < name.length && i < 15; i++) words[i >> 2]! |= (name.charCodeAt(i) & 0xff) << (8 * (i & 3));
  return words;
}
