import { checksum } from './checksum.js';

// GRE, RFC 2784 2 and RFC 2890 2:  0 flags, version | 2 EtherType of the payload | then, each where its flag is set:
// checksum (2, and 2 reserved) | key (4) | sequence number (4)
export const PROTOCOL = 47;
export const HEADER = 4;
/** Transparent Ethernet bridging: a frame is inside. */
export const ETH_P_TEB = 0x6558;
export const CSUM = 0x8000;
export const ROUTING = 0x4000;
export const KEY = 0x2000;
export const SEQ = 0x1000;
export const VERSION_MASK = 0x0007;

/** Writes a header with `flags`; `end` is where the packet ends, for the checksum. */
export function write(v: DataView, at: number, flags: number, protocol: number, key: number, sequence: number, end: number): void {
  v.setUint16(at, flags);
  v.setUint16(at + 2, protocol);
  let next = at + HEADER;
  if ((flags & CSUM) !== 0) {
    v.setUint32(next, 0);
    next += 4;
  }
  if ((flags & KEY) !== 0) {
    v.setUint32(next, key);
    next += 4;
  }
  if ((flags & SEQ) !== 0) v.setUint32(next, sequence);
  if ((flags & CSUM) !== 0) v.setUint16(at + HEADER, checksum(v, at, end - at, 0));
}
