// IPv6, RFC 8200 3:  0 version, traffic class, flow label | 4 payload length | 6 next header | 7 hop limit | 8 source | 24 destination
export const HEADER = 40;
export const MAX_PAYLOAD = 65_535;
/** What every link must carry (RFC 8200 5). */
export const MIN_MTU = 1280;
export const ETHERTYPE = 0x86dd;

export const NEXTHDR_HOP = 0;
export const NEXTHDR_TCP = 6;
export const NEXTHDR_UDP = 17;
export const NEXTHDR_ROUTING = 43;
export const NEXTHDR_FRAGMENT = 44;
export const NEXTHDR_ICMPV6 = 58;
export const NEXTHDR_NONE = 59;
export const NEXTHDR_DEST = 60;

export const version = (v: DataView, at: number): number => v.getUint8(at) >>> 4;
export const trafficClass = (v: DataView, at: number): number => (v.getUint16(at) >>> 4) & 0xff;
/** Traffic class and flow label. */
export const flowInfo = (v: DataView, at: number): number => v.getUint32(at) & 0xfff_ffff;
export const flowLabel = (v: DataView, at: number): number => v.getUint32(at) & 0xf_ffff;
export const payloadLength = (v: DataView, at: number): number => v.getUint16(at + 4);
export const nextHeader = (v: DataView, at: number): number => v.getUint8(at + 6);
export const hopLimit = (v: DataView, at: number): number => v.getUint8(at + 7);
export const SOURCE = 8;
export const DESTINATION = 24;

/** An address as four words in host order, the first the highest. */
export type In6 = Uint32Array;

export const IN6_BYTES = 16;

export function readAddress(v: DataView, at: number, into: In6): In6 {
  into[0] = v.getUint32(at);
  into[1] = v.getUint32(at + 4);
  into[2] = v.getUint32(at + 8);
  into[3] = v.getUint32(at + 12);
  return into;
}

export function writeAddress(v: DataView, at: number, address: In6): void {
  v.setUint32(at, address[0]!);
  v.setUint32(at + 4, address[1]!);
  v.setUint32(at + 8, address[2]!);
  v.setUint32(at + 12, address[3]!);
}

export function copyAddress(from: In6, into: In6): In6 {
  into[0] = from[0]!;
  into[1] = from[1]!;
  into[2] = from[2]!;
  into[3] = from[3]!;
  return into;
}

export const equalAddress = (a: In6, b: In6): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
export const isAny = (a: In6): boolean => (a[0]! | a[1]! | a[2]! | a[3]!) === 0;
export const isLoopback = (a: In6): boolean => (a[0]! | a[1]! | a[2]!) === 0 && a[3] === 1;
export const isMulticast = (a: In6): boolean => a[0]! >>> 24 === 0xff;
/** fe80::/10 */
export const isLinkLocal = (a: In6): boolean => (a[0]! & 0xffc0_0000) >>> 0 === 0xfe80_0000;
/** ::ffff:0:0/96 */
export const isMapped = (a: In6): boolean => (a[0]! | a[1]!) === 0 && a[2] === 0xffff;
/** Scope of a group, RFC 4291 2.7: 1 interface, 2 link, 5 site, 8 organisation, 14 global. */
export const multicastScope = (a: In6): number => (a[0]! >>> 16) & 0xf;
/** A packet to or from it belongs to one link: RFC 4007. */
export const needsScopeId = (a: In6): boolean => isLinkLocal(a) || (isMulticast(a) && multicastScope(a) <= 2);

/** Solicited-node group of an address, RFC 4291 2.7.1. */
export function solicitedNode(address: In6, into: In6): In6 {
  into[0] = 0xff02_0000;
  into[1] = 0;
  into[2] = 1;
  into[3] = (0xff00_0000 | (address[3]! & 0xff_ffff)) >>> 0;
  return into;
}

/** ff02::1 and ff02::2 */
export const ALL_NODES: In6 = Uint32Array.of(0xff02_0000, 0, 0, 1);
export const ALL_ROUTERS: In6 = Uint32Array.of(0xff02_0000, 0, 0, 2);
export const ANY: In6 = new Uint32Array(4);
export const LOOPBACK: In6 = Uint32Array.of(0, 0, 0, 1);

/** Whether the first `bits` bits are the same. */
export function samePrefix(a: In6, b: In6, bits: number): boolean {
  let left = bits;
  for (let i = 0; i < 4 && left > 0; i++, left -= 32) {
    const mask = left >= 32 ? 0xffff_ffff : ~(0xffff_ffff >>> left);
    if (((a[i]! ^ b[i]!) & mask) !== 0) return false;
  }
  return true;
}

/** Clears what lies behind the first `bits` bits. */
export function maskAddress(address: In6, bits: number): In6 {
  for (let i = 0; i < 4; i++) {
    const left = bits - 32 * i;
    if (left <= 0) address[i] = 0;
    else if (left < 32) address[i] = (address[i]! & ~(0xffff_ffff >>> left)) >>> 0;
  }
  return address;
}

export function addressFromBytes(bytes: Uint8Array, at = 0): In6 {
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    const b = at + 4 * i;
    words[i] = ((bytes[b]! << 24) | (bytes[b + 1]! << 16) | (bytes[b + 2]! << 8) | bytes[b + 3]!) >>> 0;
  }
  return words;
}

export function addressToBytes(address: In6, into: Uint8Array = new Uint8Array(16), at = 0): Uint8Array {
  for (let i = 0; i < 16; i++) into[at + i] = (address[i >> 2]! >>> (24 - 8 * (i & 3))) & 255;
  return into;
}

/** The pseudo-header of RFC 8200 8.1, unfolded: addresses at `at` of the view. */
export function pseudoHeaderSumAt(v: DataView, at: number, protocol: number, bytes: number): number {
  let total = protocol + (bytes >>> 16) + (bytes & 0xffff);
  for (let i = 0; i < 32; i += 4) {
    const word = v.getUint32(at + i);
    total += (word >>> 16) + (word & 0xffff);
  }
  return total;
}

export function pseudoHeaderSum(source: In6, destination: In6, protocol: number, bytes: number): number {
  let total = protocol + (bytes >>> 16) + (bytes & 0xffff);
  for (let i = 0; i < 4; i++) {
    const a = source[i]!;
    const b = destination[i]!;
    total += (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);
  }
  return total;
}

/** What follows is more of the header, not the payload (ipv6_ext_hdr()). */
export const isExtensionHeader = (next: number): boolean =>
  next === NEXTHDR_HOP ||
  next === NEXTHDR_ROUTING ||
  next === NEXTHDR_FRAGMENT ||
  next === 51 ||
  next === NEXTHDR_NONE ||
  next === NEXTHDR_DEST;
