import { HEADER, length } from './udp.js';

// UDP-Lite, RFC 3828: UDP's header, with 4 checksum coverage in the place of the length, which is that of the IP packet.
export const PROTOCOL = 136;

/** How many bytes from the header on the checksum of the datagram of `bytes` at `at` covers; 0: the field says what cannot be. */
export function coverage(v: DataView, at: number, bytes: number): number {
  const declared = length(v, at);
  if (declared === 0) return bytes;
  return declared < HEADER || declared > bytes ? 0 : declared;
}
