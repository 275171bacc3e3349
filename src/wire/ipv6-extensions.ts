import * as ip6 from './ipv6.js';

// Extension headers, RFC 8200 4:  0 next header | 1 length in units of 8 bytes, without the first 8 | 2 ...
// Fragment header:  0 next header | 1 reserved | 2 offset in units of 8 bytes, two reserved bits, M | 4 identification
export const FRAGMENT_HEADER = 8;

/** Authentication header: its length is in words of four, without the first two. */
export const NEXTHDR_AUTH = 51;

/**
 * Where what may be fragmented begins, and where its "next header" number stands, from the header at `at`
 * (ip6_find_1stfragopt()): behind hop-by-hop options, and a routing header with the destination options before it.
 * Shared and filled anew by each call.
 */
export function unfragmentablePart(v: DataView, at: number, end: number): readonly [number, number] {
  let numberAt = 6;
  let length = ip6.HEADER;
  let next = v.getUint8(at + 6);
  let routing = false;
  part[0] = length;
  part[1] = numberAt;
  while (at + length + 8 <= end) {
    if (next === ip6.NEXTHDR_ROUTING) routing = true;
    else if (next !== ip6.NEXTHDR_HOP && (next !== ip6.NEXTHDR_DEST || routing)) break;
    // Destination options count only if a routing header follows; those behind it belong to the destination alone.
    const bytes = (v.getUint8(at + length + 1) + 1) * 8;
    numberAt = length;
    next = v.getUint8(at + length);
    length += bytes;
    if (at + length > end) break;
    part[0] = length;
    part[1] = numberAt;
  }
  return part;
}
const part: [number, number] = [0, 0];

/** What skipHeaders() found: the payload's protocol, and where it begins; one object, filled anew by each call. */
export class Skipped {
  /** The "next header" number of what stands at `offset`. */
  protocol = 0;
  /** Absolute; -1: a header is cut off. */
  offset = 0;
  /** Offset field of a fragment header that was passed; -1: there was none. Not 0: what stands at `offset` is the middle of something. */
  fragmentOffset = -1;
  /** Where the number `protocol` stands, absolute. */
  numberAt = 0;
}

const skipped = new Skipped();

/** Passes the extension headers of the packet whose header is at `at` (ipv6_skip_exthdr()). */
export function skipHeaders(v: DataView, at: number, end: number): Skipped {
  const s = skipped;
  s.protocol = v.getUint8(at + 6);
  s.numberAt = at + 6;
  s.offset = at + ip6.HEADER;
  s.fragmentOffset = -1;
  while (ip6.isExtensionHeader(s.protocol)) {
    if (s.protocol === ip6.NEXTHDR_NONE || s.offset + 8 > end) {
      s.offset = -1;
      return s;
    }
    let bytes: number;
    if (s.protocol === ip6.NEXTHDR_FRAGMENT) {
      s.fragmentOffset = v.getUint16(s.offset + 2) & ~7;
      bytes = FRAGMENT_HEADER;
      if (s.fragmentOffset !== 0) {
        s.numberAt = s.offset;
        s.protocol = v.getUint8(s.offset);
        s.offset += bytes;
        return s;
      }
    } else if (s.protocol === NEXTHDR_AUTH) bytes = (v.getUint8(s.offset + 1) + 2) << 2;
    else bytes = (v.getUint8(s.offset + 1) + 1) << 3;
    s.numberAt = s.offset;
    s.protocol = v.getUint8(s.offset);
    s.offset += bytes;
    if (s.offset > end) {
      s.offset = -1;
      return s;
    }
  }
  return s;
}
