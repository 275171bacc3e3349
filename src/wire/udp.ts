// UDP, RFC 768:  0 source port | 2 destination port | 4 length, header included | 6 checksum (0: none, IPv4 only)
export const HEADER = 8;
export const PROTOCOL = 17;
export const LENGTH_AT = 4;
export const CHECKSUM_AT = 6;

export const sourcePort = (v: DataView, at: number): number => v.getUint16(at);
export const destinationPort = (v: DataView, at: number): number => v.getUint16(at + 2);
export const length = (v: DataView, at: number): number => v.getUint16(at + 4);
export const checksum = (v: DataView, at: number): number => v.getUint16(at + 6);

/** Writes a header with a checksum of zero. */
export function write(v: DataView, at: number, from: number, to: number, bytes: number): void {
  v.setUint16(at, from);
  v.setUint16(at + 2, to);
  v.setUint16(at + 4, bytes);
  v.setUint16(at + 6, 0);
}

/** Whether the `bytes` at `at` hold a datagram. Accessors after it cannot fail. */
export function check(v: DataView, at: number, bytes: number): boolean {
  if (bytes < HEADER) return false;
  const declared = length(v, at);
  return declared >= HEADER && declared <= bytes;
}
