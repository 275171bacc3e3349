// Path attributes of BGP: RFC 4271 5, multiprotocol ones of RFC 4760, and those of later RFCs.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, hex0x, type Words, word } from '../words.js';
import { communities, extendedCommunities, largeCommunities } from './bgp-communities.js';
import { isKnownFamily, routes } from './bgp-nlri.js';
import { asNumber, attributeFamilies, IP, IPV6, NSAP, nsap, routeDistinguisher } from './bgp-words.js';

const OPTIONAL = 0x80;
const TRANSITIVE = 0x40;
const PARTIAL = 0x20;
const EXTENDED = 0x10;
const AS4_PATH = 17;
const ATTRIBUTE_SET = 128;
/** Attributes that -vv does not show once more as bytes. */
const consumed = new Set([ATTRIBUTE_SET, 32]);
const MAXIMUM_NESTING = 10;

const attributeWords: Words = {
  1: 'Origin',
  2: 'AS Path',
  3: 'Next Hop',
  4: 'Multi Exit Discriminator',
  5: 'Local Preference',
  6: 'Atomic Aggregate',
  7: 'Aggregator',
  8: 'Community',
  9: 'Originator ID',
  10: 'Cluster List',
  11: 'DPA',
  12: 'Advertisers',
  13: 'RCID Path / Cluster ID',
  14: 'Multi-Protocol Reach NLRI',
  15: 'Multi-Protocol Unreach NLRI',
  16: 'Extended Community',
  17: 'AS4 Path',
  18: 'Aggregator4',
  22: 'PMSI Tunnel',
  23: 'Tunnel Encapsulation',
  24: 'Traffic Engineering',
  25: 'IPv6 Extended Community',
  26: 'Accumulated IGP Metric',
  27: 'PE Distinguisher Label',
  28: 'Entropy Label',
  32: 'Large Community',
  128: 'Attribute Set',
  255: 'Reserved for development',
};
const originWords: Words = { 0: 'IGP', 1: 'EGP', 2: 'Incomplete' };
const segmentOpening: Words = { 1: '{ ', 2: '', 3: '( ', 4: '({ ' };
const segmentClosing: Words = { 1: '}', 2: '', 3: ')', 4: '})' };
const tunnelWords: Words = {
  0: 'None',
  1: 'RSVP-TE P2MP LSP',
  2: 'LDP P2MP LSP',
  3: 'PIM-SSM Tree',
  4: 'PIM-SM Tree',
  5: 'PIM-Bidir Tree',
  6: 'Ingress Replication',
  7: 'LDP MP2MP LSP',
};

/** `depth`: attributes within attributes, RFC 6368. Returns the bytes that are left where one is too long. */
export function attributes(d: Dissector, from: number, length: number, depth: number): number {
  const indent = depth === 0 ? '\n\t  ' : '\n\t      ';
  for (let i = 0; i < length; ) {
    d.need(from + i, 2);
    const flags = d.u8(from + i);
    const type = d.u8(from + i + 1);
    const isExtended = (flags & EXTENDED) !== 0;
    const size = isExtended ? d.be16(from + i + 2) : d.u8(from + i + 2);
    const header = isExtended ? 4 : 3;
    d.put(`${indent}${word(attributeWords, type, () => 'Unknown Attribute')} (${type}), length: ${size}`);
    if (flags !== 0) {
      d.put(', Flags [');
      if ((flags & OPTIONAL) !== 0) d.put('O');
      if ((flags & TRANSITIVE) !== 0) d.put('T');
      if ((flags & PARTIAL) !== 0) d.put('P');
      if ((flags & EXTENDED) !== 0) d.put('E');
      if ((flags & 0xf) !== 0) d.put(`+${hex(flags & 0xf)}`);
      d.put(depth === 0 ? ']: ' : ']');
    }
    if (depth > 0) d.put(': ');
    const at = from + i + header;
    if (header + size > length - i) {
      d.put(depth === 0 ? ' [path attrs too short]' : ' [path attr too short]');
      return length - i;
    }
    attribute(d, type, at, size, depth);
    i += header + size;
  }
  return 0;
}

const invalid = (d: Dissector) => d.put('invalid len');

function attribute(d: Dissector, type: number, at: number, length: number, depth: number): void {
  d.need(at, length);
  const show = bodies[type];
  if (show !== undefined) show(d, at, length, depth);
  else {
    d.put(`\n\t    no Attribute ${type} decoder`);
    if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', length);
  }
  if (d.options.verbose > 1 && length > 0 && !consumed.has(type)) d.unknown(at, '\n\t    ', length);
}

type Body = (d: Dissector, at: number, length: number, depth: number) => void;

/** An attribute of one of these lengths. */
const exactly =
  (lengths: readonly number[], show: (d: Dissector, at: number, length: number) => string): Body =>
  (d, at, length) => {
    if (lengths.includes(length)) d.put(show(d, at, length));
    else invalid(d);
  };

const number = exactly([4], (d, at) => String(d.be32(at)));
const address = exactly([4], (d, at) => d.ip(at));

const bodies: Readonly<Record<number, Body>> = {
  1: exactly([1], (d, at) => word(originWords, d.u8(at), () => 'Unknown Origin Typecode')),
  2: (d, at, length) => asPath(d, at, length, asSize(d, at, length)),
  [AS4_PATH]: (d, at, length) => asPath(d, at, length, 4),
  3: address,
  4: number,
  5: number,
  6: exactly([0], () => ''),
  7: exactly([6, 8], (d, at, length) =>
    length > 6 ? ` AS #${asNumber(d, d.be32(at))}, origin ${d.ip(at + 4)}` : ` AS #${asNumber(d, d.be16(at))}, origin ${d.ip(at + 2)}`,
  ),
  18: exactly([8], (d, at) => ` AS #${asNumber(d, d.be32(at))}, origin ${d.ip(at + 4)}`),
  8: communities,
  9: address,
  10: (d, at, length) => {
    if (length % 4 !== 0) return invalid(d);
    for (let i = 0; i < length; i += 4) d.put(`${d.ip(at + i)}${i + 4 < length ? ', ' : ''}`);
  },
  14: reach,
  15: unreach,
  16: extendedCommunities,
  22: pmsi,
  26: aigp,
  32: largeCommunities,
  [ATTRIBUTE_SET]: (d, at, length, depth) => {
    if (length < 4) throw TRUNCATED;
    d.put(`\n\t    Origin AS: ${asNumber(d, d.be32(at))}`);
    const left = depth < MAXIMUM_NESTING ? attributes(d, at + 4, length - 4, depth + 1) : 0;
    if (d.options.verbose > 1 && left > 0) d.unknown(at, '\n\t    ', left);
  },
};

/** AS numbers have two bytes unless the segments fit only with four: RFC 6793 speakers do not say which. */
function asSize(d: Dissector, at: number, length: number): 2 | 4 {
  for (let p = at; p < at + length; ) {
    const type = d.u8(p);
    if (segmentOpening[type] === undefined) return 4;
    if (p + 1 >= at + length) return 4;
    const count = d.u8(p + 1);
    if (count === 0) return 4;
    p += 2 + count * 2;
    if (p > at + length) return 4;
  }
  return 2;
}

function asPath(d: Dissector, at: number, length: number, size: 2 | 4): void {
  if (length % 2 !== 0) return invalid(d);
  if (length === 0) return d.put('empty');
  for (let p = at; p < at + length; ) {
    const type = d.u8(p);
    d.put(word(segmentOpening, type, () => '?'));
    const count = d.u8(p + 1);
    for (let i = 0; i < count; i++) {
      const member = p + 2 + i * size;
      d.put(`${asNumber(d, size === 4 ? d.be32(member) : d.be16(member))} `);
    }
    d.put(word(segmentClosing, type, () => '?'));
    p += 2 + count * size;
  }
}

function reach(d: Dissector, from: number, length: number): void {
  if (length < 3) throw TRUNCATED;
  const afi = d.be16(from);
  const safi = d.u8(from + 2);
  d.put(`\n\t    ${attributeFamilies(afi, safi)}`);
  if (!isKnownFamily(afi, safi)) return undecoded(d, afi, safi, from, length);
  const hop = d.u8(from + 3);
  let at = from + 4;
  if (4 + hop > length) throw TRUNCATED;
  if (hop > 0) at = nextHops(d, afi, safi, at, hop);
  d.put(`, nh-length: ${hop}`);
  const attachments = d.u8(at);
  at++;
  if (attachments === 0) d.put(', no SNPA');
  else {
    d.put(`\n\t    ${attachments} SNPA`);
    for (let i = 0; i < attachments; i++) {
      const size = d.u8(at);
      d.put(`\n\t      ${size} bytes`);
      at += 1 + size;
      if (at > from + length) throw TRUNCATED;
    }
  }
  routes(d, afi, safi, at, from + length);
}

function undecoded(d: Dissector, afi: number, safi: number, from: number, length: number): void {
  d.put(`\n\t    no AFI ${afi} / SAFI ${safi} decoder`);
  if (d.options.verbose <= 1) d.unknown(from, '\n\t    ', length);
}

/** How a next hop of a family looks, and how long it is. */
interface Hop {
  readonly bytes: number;
  show(d: Dissector, at: number): string;
}
const ipHop: Hop = { bytes: 4, show: (d, at) => d.ip(at) };
const ip6Hop: Hop = { bytes: 16, show: (d, at) => d.ip6(at) };
const vpnHop: Hop = { bytes: 12, show: (d, at) => `RD: ${routeDistinguisher(d, at)}, ${d.ip(at + 8)}` };
const vpn6Hop: Hop = { bytes: 24, show: (d, at) => `RD: ${routeDistinguisher(d, at)}, ${d.ip6(at + 8)}` };

function nextHops(d: Dissector, afi: number, safi: number, from: number, length: number): number {
  const isVpn = safi >= 128 && safi <= 130;
  let left = length;
  let at = from;
  for (; left > 0; ) {
    d.put(at === from ? '\n\t    nexthop: ' : ', ');
    if (afi === NSAP) {
      if (isVpn) d.put(`RD: ${routeDistinguisher(d, at)}, ${nsap(d, at + 8, left - 8)}`);
      else d.put(nsap(d, at, left));
      return at + left;
    }
    const hop = afi === IPV6 ? (isVpn ? vpn6Hop : ip6Hop) : isVpn && afi === IP ? vpnHop : ipHop;
    if (left < hop.bytes) {
      d.put('invalid len');
      return at + left;
    }
    d.put(hop.show(d, at));
    at += hop.bytes;
    left -= hop.bytes;
  }
  return at;
}

function unreach(d: Dissector, at: number, length: number): void {
  if (length < 3) throw TRUNCATED;
  const afi = d.be16(at);
  const safi = d.u8(at + 2);
  d.put(`\n\t    ${attributeFamilies(afi, safi)}`);
  if (length === 3) d.put('\n\t      End-of-Rib Marker (empty NLRI)');
  else if (isKnownFamily(afi, safi)) routes(d, afi, safi, at + 3, at + length);
  else undecoded(d, afi, safi, at, length);
}

/** RFC 6514 5. */
function pmsi(d: Dissector, at: number, length: number): void {
  d.need(at, 5);
  const flags = d.u8(at);
  const type = d.u8(at + 1);
  const required = (flags & 1) !== 0 ? 'Leaf Information required' : 'none';
  d.put(`\n\t    Tunnel-type ${word(tunnelWords, type, () => 'Unknown')} (${type}), Flags [${required}]`);
  d.put(`, MPLS Label ${d.be24(at + 2) >>> 4}`);
  const id = at + 5;
  switch (type) {
    case 1:
      return d.put(`\n\t      Extended-Tunnel-ID ${d.ip(id)}, P2MP-ID ${hex0x(d.be32(id + 4), 8)}`);
    case 2:
    case 7:
      return d.put(`\n\t      Root-Node ${d.ip(id)}, LSP-ID ${hex0x(d.be32(id + 4), 8)}`);
    case 3:
      return d.put(`\n\t      Root-Node ${d.ip(id)}, P-Group ${d.ip(id + 4)}`);
    case 4:
    case 5:
      return d.put(`\n\t      Sender ${d.ip(id)}, P-Group ${d.ip(id + 4)}`);
    case 6:
      return d.put(`\n\t      Tunnel-Endpoint ${d.ip(id)}`);
    default:
      if (d.options.verbose <= 1) d.unknown(id, '\n\t      ', length - 5);
  }
}

/** RFC 7311. */
function aigp(d: Dissector, from: number, length: number): void {
  for (let at = from; at < from + length; ) {
    const left = from + length - at;
    const type = d.u8(at);
    const size = d.be16(at + 1);
    d.put(`\n\t    ${type === 1 ? 'AIGP' : 'Unknown'} TLV (${type}), length ${size}`);
    if (size < 3 || size > left) throw TRUNCATED;
    if (type === 1 && size === 11) d.put(`, metric ${d.be64(at + 3)}`);
    else d.unknown(at + 3, '\n\t      ', size - 3);
    at += size;
  }
}
