// Address families (IANA) and subsequent ones as BGP's printers call them.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import { familyWords } from './address-families.js';

export const IP = 1;
export const IPV6 = 2;
export const NSAP = 3;
export const VPLS = 25;
export const L2VPN = 196;

const subsequentWords: Words = {
  0: 'Reserved',
  1: 'Unicast',
  2: 'Multicast',
  3: 'Unicast+Multicast',
  4: 'labeled Unicast',
  5: 'Multicast VPN',
  64: 'Tunnel',
  65: 'VPLS',
  66: 'MDT',
  70: 'EVPN',
  128: 'labeled VPN Unicast',
  129: 'labeled VPN Multicast',
  130: 'labeled VPN Unicast+Multicast',
  132: 'Route Target Routing Information',
};

const family = (afi: number) => word(familyWords, afi, () => 'Unknown AFI');
const subsequent = (safi: number) => word(subsequentWords, safi, () => 'Unknown SAFI');

/** "AFI IPv4 (1), SAFI Unicast (1)" */
export const families = (afi: number, safi: number) =>
  `AFI ${word(familyWords, afi, () => 'Unknown')} (${afi}), SAFI ${word(subsequentWords, safi, () => 'Unknown')} (${safi})`;

/** The same of an attribute, with colons. */
export const attributeFamilies = (afi: number, safi: number) =>
  `AFI: ${family(afi)} (${afi}), ${safi > 128 ? 'vendor specific ' : ''}SAFI: ${subsequent(safi)} (${safi})`;

/** An AS number; -b: in dots where it is larger than 16 bits. */
export const asNumber = (d: Dissector, number: number) =>
  d.options.asDot && number > 0xffff ? `${number >>> 16}.${number & 0xffff}` : String(number);

/** An NSAP address: the first byte, then groups of two. */
export function nsap(d: Dissector, at: number, length: number): string {
  if (length < 1 || length > 20) return 'isonsap_string: illegal length';
  let text = '';
  for (let i = 0; i < length; i++) text += d.hexOf(at + i, 1) + (i % 2 === 0 && i + 1 !== length ? '.' : '');
  return text;
}

/** A route distinguisher, RFC 4364 4.2. */
export function routeDistinguisher(d: Dissector, at: number): string {
  switch (d.be16(at)) {
    case 0:
      return `${d.be16(at + 2)}:${d.be32(at + 4)} (= ${d.ip(at + 4)})`;
    case 1:
      return `${dotted(d, at + 2)}:${d.be16(at + 6)}`;
    case 2:
      return `${asNumber(d, d.be32(at + 2))}:${d.be16(at + 6)} (${dotted(d, at + 2)}:${d.be16(at + 6)})`;
    default:
      d.need(at, 8);
      return 'unknown RD format';
  }
}

const dotted = (d: Dissector, at: number) => [0, 1, 2, 3].map((i) => d.u8(at + i)).join('.');
