// Neighbour discovery, RFC 4861 4, behind the four bytes of ICMPv6's header:
// solicitation, advertisement:  4 reserved, or flags R S O | 8 target | 24 options
// router solicitation:  4 reserved | 8 options
// redirect:  4 reserved | 8 target | 24 destination | 40 options
export const TARGET = 8;
export const SOLICITATION = 24;
export const ROUTER_SOLICITATION = 8;
export const ROUTER_ADVERTISEMENT = 16;
export const REDIRECT_DESTINATION = 24;
export const REDIRECT = 40;

// Flags of an advertisement.
export const ROUTER_FLAG = 0x8000_0000;
export const SOLICITED_FLAG = 0x4000_0000;
export const OVERRIDE_FLAG = 0x2000_0000;

// Options, RFC 4861 4.6:  0 type | 1 length in units of 8 bytes | 2 ...
export const OPT_SOURCE_LL_ADDR = 1;
export const OPT_TARGET_LL_ADDR = 2;
export const OPT_PREFIX_INFO = 3;
export const OPT_REDIRECT_HEADER = 4;
export const OPT_MTU = 5;
/** RFC 3971 5.3.2, for RFC 7527. */
export const OPT_NONCE = 14;
export const OPT_ROUTE_INFO = 24;
export const OPT_RDNSS = 25;
export const OPT_DNSSL = 31;

/** Bytes of a link-layer address option, padded to eight. */
export const linkAddressOption = (addressBytes: number): number => (addressBytes + 2 + 7) & ~7;

/** Hop limit of all of them: who sees it less is beyond a router. */
export const HOP_LIMIT = 255;

/** Whether the options from `at` to `end` are well formed: none of length zero, none cut off (ndisc_parse_options()). */
export function checkOptions(v: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; ) {
    if (i + 2 > end) return false;
    const bytes = v.getUint8(i + 1) << 3;
    if (bytes === 0 || i + bytes > end) return false;
    i += bytes;
  }
  return true;
}

/** Where the first option of `type` stands; -1: there is none. The options were checked. */
export function findOption(v: DataView, at: number, end: number, type: number): number {
  for (let i = at; i < end; i += v.getUint8(i + 1) << 3) if (v.getUint8(i) === type) return i;
  return -1;
}
