import { fold32 } from './checksum.js';

// IPv4, RFC 791:  0 version, header length in words | 1 TOS | 2 total length | 4 id | 6 flags, fragment offset / 8 |
// 8 TTL | 9 protocol | 10 checksum | 12 source | 16 destination | 20 options
export const HEADER = 20;
export const MAX_HEADER = 60;
export const MAX_LENGTH = 65_535;
export const ETHERTYPE = 0x0800;

export const DF = 0x4000;
export const MF = 0x2000;
export const OFFSET_MASK = 0x1fff;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_RAW = 255;

export const version = (v: DataView, at: number): number => v.getUint8(at) >>> 4;
/** Header length in bytes. */
export const headerLength = (v: DataView, at: number): number => (v.getUint8(at) & 0xf) << 2;
export const tos = (v: DataView, at: number): number => v.getUint8(at + 1);
export const totalLength = (v: DataView, at: number): number => v.getUint16(at + 2);
export const id = (v: DataView, at: number): number => v.getUint16(at + 4);
/** Flags and fragment offset as they stand there. */
export const fragment = (v: DataView, at: number): number => v.getUint16(at + 6);
export const ttl = (v: DataView, at: number): number => v.getUint8(at + 8);
export const protocol = (v: DataView, at: number): number => v.getUint8(at + 9);
export const headerChecksum = (v: DataView, at: number): number => v.getUint16(at + 10);
export const source = (v: DataView, at: number): number => v.getUint32(at + 12);
export const destination = (v: DataView, at: number): number => v.getUint32(at + 16);

/** The unfolded sum of a header of `bytes` bytes, a multiple of four. */
export function headerSum(v: DataView, at: number, bytes: number): number {
  let total = 0;
  for (let i = at, end = at + bytes; i < end; i += 4) {
    const word = v.getUint32(i);
    total += (word >>> 16) + (word & 0xffff);
  }
  return total;
}

/** Fills in the header's checksum. */
export function writeChecksum(v: DataView, at: number, bytes: number): void {
  v.setUint16(at + 10, 0);
  v.setUint16(at + 10, ~fold32(headerSum(v, at, bytes)) & 0xffff);
}

/** The pseudo-header of RFC 768 and RFC 9293 3.1, unfolded. */
export const pseudoHeaderSum = (from: number, to: number, protocolNumber: number, bytes: number): number =>
  (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff) + protocolNumber + bytes;

export const isMulticast = (address: number): boolean => address >>> 28 === 0xe;
/** 224.0.0.0/24, never forwarded. */
export const isLocalMulticast = (address: number): boolean => address >>> 8 === 0xe00000;
export const isLoopback = (address: number): boolean => address >>> 24 === 127;
/** 240.0.0.0/4, the limited broadcast included. */
export const isBadClass = (address: number): boolean => address >>> 28 === 0xf;
/** No address at all; the rest of 0.0.0.0/8 is as others. Linux: ipv4_is_zeronet() */
export const isZeroNet = (address: number): boolean => address === 0;
export const BROADCAST = 0xffff_ffff;
