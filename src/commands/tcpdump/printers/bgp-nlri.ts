// Routes in BGP's updates: prefixes of RFC 4271, labels (RFC 8277), VPNs (RFC 4364), and other families.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { asNumber, IP, IPV6, L2VPN, NSAP, nsap, routeDistinguisher, VPLS } from './bgp-words.js';

const LABEL_BITS = 24;
const DISTINGUISHER_BITS = 64;

/** A route's text and its length in bytes. */
interface Route {
  readonly text: string;
  readonly bytes: number;
}

/** Not a prefix: nothing behind it can be found. */
const ILLEGAL = -1;
type Decoded = Route | typeof ILLEGAL;

/** RFC 7911 cannot be told from the message: does the list make sense with path identifiers, and not without? */
function hasPathIds(d: Dissector, at: number, end: number, bits: number): boolean {
  if (at === end) return false;
  let p = at;
  for (; p < end; ) {
    p += 4;
    if (!d.has(p, 1)) return false;
    const length = d.u8(p);
    if (length > bits) return false;
    p += 1 + ((length + 7) >>> 3);
  }
  if (p > end) return false;
  for (p = at; p < end; ) {
    if (!d.has(p, 1)) return false;
    const length = d.u8(p);
    if (length < 1 || length > bits) return true;
    p += 1 + ((length + 7) >>> 3);
  }
  return p > end;
}

/** The address whose first `bits` bits lie at `at`, the others cleared. */
function address(d: Dissector, at: number, bits: number, size: 4 | 16): string {
  const bytes = (bits + 7) >>> 3;
  d.need(at, bytes);
  const whole = new Uint8Array(size);
  for (let i = 0; i < bytes; i++) whole[i] = d.u8(at + i);
  if (bits % 8 !== 0) whole[bytes - 1]! &= 0xff00 >>> (bits % 8);
  return d.names.address(whole, 0, size);
}

function plain(d: Dissector, at: number, size: 4 | 16): Decoded {
  const bits = d.u8(at);
  if (bits > size * 8) return ILLEGAL;
  return { text: `${address(d, at + 1, bits, size)}/${bits}`, bytes: 1 + ((bits + 7) >>> 3) };
}

const labelText = (d: Dissector, at: number) =>
  `label:${d.be24(at) >>> 4} ${(d.u8(at + 2) & 1) === 0 ? '(BOGUS: Bottom of Stack NOT set!)' : '(bottom)'}`;

function labelled(d: Dissector, at: number, size: 4 | 16): Decoded {
  const total = d.u8(at);
  if (total < LABEL_BITS) return ILLEGAL;
  const bits = total - LABEL_BITS;
  if (bits > size * 8) return ILLEGAL;
  d.need(at + 1, 3);
  const prefix = address(d, at + 4, bits, size);
  return { text: `${prefix}/${bits}, ${labelText(d, at + 1)}`, bytes: 4 + ((bits + 7) >>> 3) };
}

function vpn(d: Dissector, at: number, size: 4 | 16): Decoded {
  const total = d.u8(at);
  if (total < LABEL_BITS + DISTINGUISHER_BITS) return ILLEGAL;
  const bits = total - LABEL_BITS - DISTINGUISHER_BITS;
  if (bits > size * 8) return ILLEGAL;
  const prefix = address(d, at + 12, bits, size);
  return {
    text: `RD: ${routeDistinguisher(d, at + 4)}, ${prefix}/${bits}, ${labelText(d, at + 1)}`,
    bytes: 12 + ((bits + 7) >>> 3),
  };
}

function osi(d: Dissector, at: number): Decoded {
  const bits = d.u8(at);
  if (bits > 152) return ILLEGAL;
  const bytes = (bits + 7) >>> 3;
  d.need(at + 1, bytes);
  return { text: `${nsap(d, at + 1, bytes)}/${bits}`, bytes: 1 + bytes };
}

function osiVpn(d: Dissector, at: number): Decoded {
  const total = d.u8(at);
  if (total < LABEL_BITS + DISTINGUISHER_BITS) return ILLEGAL;
  const bits = total - LABEL_BITS - DISTINGUISHER_BITS;
  if (bits > 152) return ILLEGAL;
  const bytes = (bits + 7) >>> 3;
  d.need(at + 12, bytes);
  return { text: `RD: ${routeDistinguisher(d, at + 4)}, ${nsap(d, at + 12, bytes)}/${bits}, ${labelText(d, at + 1)}`, bytes: 12 + bytes };
}

/** RFC 4684: whom a route target concerns. */
function routeTarget(d: Dissector, at: number): Decoded {
  const total = d.u8(at);
  if (total === 0) return { text: 'default route target', bytes: 1 };
  if (total < 32) return ILLEGAL;
  const bits = total - 32;
  if (bits > 64) return ILLEGAL;
  const bytes = (bits + 7) >>> 3;
  d.need(at + 1, 4 + bytes);
  const origin = asNumber(d, d.be32(at + 1));
  const target = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < bytes; i++) target.setUint8(i, d.u8(at + 5 + i));
  return { text: `origin AS: ${origin}, ${targetText(d, target, bits, bytes)}`, bytes: 5 + bytes };
}

function targetText(d: Dissector, target: DataView, bits: number, bytes: number): string {
  if (bits === 0) return 'route-target: 0:0/0';
  let digits = '';
  for (let i = 0; i < bytes; i++) digits += (i > 0 && i % 2 === 0 ? ' ' : '') + hex(target.getUint8(i), 2);
  if (bits < 16) return `route-target: partial-type: (${digits}/${bits})`;
  const type = target.getUint16(0);
  switch (type) {
    case 0x0002:
      return `route-target: ${target.getUint16(2)}:${target.getUint32(4)}/${bits} (${digits})`;
    case 0x0102:
      return `route-target: ${d.names.ip(target.getUint32(2))}:${target.getUint16(6)}/${bits} (${digits})`;
    case 0x0202:
      return `route-target: ${asNumber(d, target.getUint32(2))}:${target.getUint16(6)}/${bits} (${digits})`;
    default:
      return `route target: unknown-type(${hex(type, 4)}) (${digits}/${bits})`;
  }
}

function mdt(d: Dissector, at: number): Decoded {
  if (d.u8(at) !== 128) return ILLEGAL;
  d.need(at + 1, 16);
  return {
    text: `RD: ${routeDistinguisher(d, at + 1)}, VPN IP Address: ${d.ip(at + 9)}, MC Group Address: ${d.ip(at + 13)}`,
    bytes: 17,
  };
}

const multicastRoutes: Words = {
  1: 'Intra-AS I-PMSI',
  2: 'Inter-AS I-PMSI',
  3: 'S-PMSI',
  4: 'Intra-AS Segment-Leaf',
  5: 'Source-Active',
  6: 'Shared Tree Join',
  7: 'Source Tree Join',
};

/** An address behind its length in bits. */
function counted(d: Dissector, at: number): string {
  const bits = d.u8(at);
  if (bits === 32) return d.ip(at + 1);
  return bits === 128 ? d.ip6(at + 1) : `bogus address length ${bits >>> 3}`;
}

/** RFC 6514 4. */
function multicastVpn(d: Dissector, at: number): Route {
  const type = d.u8(at);
  const length = d.u8(at + 1);
  const body = at + 2;
  let text = `Route-Type: ${word(multicastRoutes, type, () => 'Unknown')} (${type}), length: ${length}`;
  const distinguisher = () => `, RD: ${routeDistinguisher(d, body)}`;
  const sourceAndGroup = (p: number) => {
    const source = counted(d, p);
    const group = p + 1 + (d.u8(p) >>> 3);
    return { text: `, Source ${source}, Group ${counted(d, group)}`, end: group + 1 + (d.u8(group) >>> 3) };
  };
  switch (type) {
    case 1:
      text += distinguisher();
      text += originatorText(d, body + 8, length - 8);
      break;
    case 2:
      text += `${distinguisher()}, Source-AS ${asNumber(d, d.be32(body + 8))}`;
      break;
    case 3: {
      text += distinguisher();
      const pair = sourceAndGroup(body + 8);
      text += pair.text + originatorText(d, pair.end, length - (pair.end - body));
      break;
    }
    case 5:
      text += distinguisher() + sourceAndGroup(body + 8).text;
      break;
    case 6:
    case 7:
      text += `${distinguisher()}, Source-AS ${asNumber(d, d.be32(body + 8))}${sourceAndGroup(body + 12).text}`;
      break;
  }
  return { text, bytes: 2 + length };
}

/** The rest of a route is an address; the real tool counts it in bits, in a byte. */
function originatorText(d: Dissector, at: number, bytes: number): string {
  if (bytes === 4) return `, Originator ${d.ip(at)}`;
  if (bytes === 16) return `, Originator ${d.ip6(at)}`;
  return `, Originator bogus address length ${((bytes << 27) >> 24) >>> 0}`;
}

/** RFC 4761 and its predecessors. */
function vpls(d: Dissector, at: number): Route {
  const length = d.be16(at);
  if (length === 12) {
    return { text: `RD: ${routeDistinguisher(d, at + 2)}, BGPNH: ${d.ip(at + 10)}`, bytes: 14 };
  }
  if (length < 17) return { text: '', bytes: 2 + length };
  let text = `RD: ${routeDistinguisher(d, at + 2)}, CE-ID: ${d.be16(at + 10)}, Label-Block Offset: ${d.be16(at + 12)}`;
  text += `, Label Base ${d.be24(at + 14) >>> 4}`;
  let left = length - 15;
  let p = at + 17;
  while (left > 0) {
    if (left < 3) throw TRUNCATED;
    const type = d.u8(p);
    const bits = d.be16(p + 1);
    p += 3;
    left -= 3;
    if (type === 1) {
      text += `\n\t\tcircuit status vector (1) length: ${bits}: 0x`;
      const bytes = (bits + 7) >>> 3;
      for (let i = 0; i < bytes; i++) text += d.hexOf(p + i, 1);
      p += bytes;
      left -= bytes;
      continue;
    }
    text += `\n\t\tunknown TLV #${type}, length: ${bits}`;
    const bytes = (bits + 7) >>> 3;
    if (bytes > left) {
      text += ' (ran past the end)';
      break;
    }
    p += bytes;
    left -= bytes;
  }
  return { text, bytes: 2 + length };
}

interface Family {
  /** Bits of an address, where path identifiers may stand before each. */
  readonly bits?: number;
  decode(d: Dissector, at: number): Decoded;
}

const key = (afi: number, safi: number) => afi * 256 + safi;

const families: Readonly<Record<number, Family>> = Object.fromEntries([
  ...[1, 2, 3].flatMap((safi) => [
    [key(IP, safi), { bits: 32, decode: (d, at) => plain(d, at, 4) } satisfies Family],
    [key(IPV6, safi), { bits: 128, decode: (d, at) => plain(d, at, 16) } satisfies Family],
    [key(NSAP, safi), { decode: osi } satisfies Family],
  ]),
  ...[128, 129, 130].flatMap((safi) => [
    [key(IP, safi), { bits: 120, decode: (d, at) => vpn(d, at, 4) } satisfies Family],
    [key(IPV6, safi), { bits: 216, decode: (d, at) => vpn(d, at, 16) } satisfies Family],
    [key(NSAP, safi), { decode: osiVpn } satisfies Family],
    [key(L2VPN, safi), { decode: vpls } satisfies Family],
  ]),
  [key(IP, 4), { bits: 56, decode: (d, at) => labelled(d, at, 4) } satisfies Family],
  [key(IPV6, 4), { bits: 152, decode: (d, at) => labelled(d, at, 16) } satisfies Family],
  [key(IP, 132), { decode: routeTarget } satisfies Family],
  [key(IP, 66), { decode: mdt } satisfies Family],
  [key(IP, 5), { decode: multicastVpn } satisfies Family],
  [key(VPLS, 65), { decode: vpls } satisfies Family],
]);

export const isKnownFamily = (afi: number, safi: number) => families[key(afi, safi)] !== undefined;

/** Routes of a family up to `end`. */
export function routes(d: Dissector, afi: number, safi: number, from: number, end: number): void {
  const family = families[key(afi, safi)];
  if (family !== undefined) list(d, family, '\n\t      ', from, end);
}

/** False: one was illegal. */
export const ipv4Prefixes = (d: Dissector, indent: string, from: number, end: number): boolean =>
  list(d, families[key(IP, 1)]!, indent, from, end);

function list(d: Dissector, family: Family, indent: string, from: number, end: number): boolean {
  const withIds = family.bits !== undefined && hasPathIds(d, from, end, family.bits);
  for (let at = from; at < end; ) {
    let id = 0;
    if (withIds) {
      id = d.be32(at);
      at += 4;
    }
    const route = family.decode(d, at);
    if (route === ILLEGAL) {
      d.put(`${family.decode === routeTarget ? indent : '\n\t    '}(illegal prefix length)`);
      return false;
    }
    if (family.bits !== undefined && at + route.bytes > end) throw TRUNCATED;
    d.put(`${indent}${route.text}${withIds ? `   Path Id: ${id}` : ''}`);
    at += route.bytes;
  }
  return true;
}
