// Captures made by hand: a savefile around packets, and packets out of hexadecimal digits.

/** A packet's bytes; white space is for the reader. */
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export interface CaptureOptions {
  readonly linkType?: number;
  readonly bigEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly snapshot?: number;
}

/** A classic savefile; packets a second apart, from 2023-11-14 22:13:20 UTC on. */
export function savefile(packets: readonly Uint8Array[], options: CaptureOptions = {}): Uint8Array {
  const little = options.bigEndian !== true;
  const bytes = new Uint8Array(24 + packets.reduce((sum, packet) => sum + 16 + packet.length, 0));
  const v = new DataView(bytes.buffer);
  v.setUint32(0, options.nanoseconds === true ? 0xa1b23c4d : 0xa1b2c3d4, little);
  v.setUint16(4, 2, little);
  v.setUint16(6, 4, little);
  v.setUint32(16, options.snapshot ?? 262144, little);
  v.setUint32(20, options.linkType ?? 1, little);
  let at = 24;
  for (const [n, packet] of packets.entries()) {
    v.setUint32(at, 1_700_000_000 + n, little);
    v.setUint32(at + 4, options.nanoseconds === true ? 123_456_789 : 123_456, little);
    v.setUint32(at + 8, packet.length, little);
    v.setUint32(at + 12, packet.length, little);
    bytes.set(packet, at + 16);
    at += 16 + packet.length;
  }
  return bytes;
}
