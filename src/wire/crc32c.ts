/** CRC-32C (Castagnoli), RFC 9260 appendix A: by bytes, the lowest bit first. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  return value;
});

/** Of the bytes from `at` to `end`, with the four at `zeroAt` taken as zero. SCTP has it little endian. */
export function crc32c(v: DataView, at: number, end: number, zeroAt: number): number {
  let value = 0xffff_ffff;
  for (let i = at; i < end; i++) {
    const byte = i >= zeroAt && i < zeroAt + 4 ? 0 : v.getUint8(i);
    value = table[(value ^ byte) & 0xff]! ^ (value >>> 8);
  }
  return ~value >>> 0;
}
