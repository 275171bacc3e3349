// OSPFv2's link state advertisements, RFC 2328 A.4; NSSA (RFC 3101), opaque ones (RFC 5250) in ospf-opaque.ts.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { opaqueWords, optionBits } from './ospf-common.js';
import { opaqueBody } from './ospf-opaque.js';

export const LSA_HEADER = 20;

const kindWords: Words = {
  1: 'Router',
  2: 'Network',
  3: 'Summary',
  4: 'ASBR Summary',
  5: 'External',
  6: 'Multicast Group',
  7: 'NSSA',
  9: 'Link Local Opaque',
  10: 'Area Local Opaque',
  11: 'Domain Wide Opaque',
};
const routerBits: Bits = [
  [0x01, 'ABR'],
  [0x02, 'ASBR'],
  [0x04, 'Virtual'],
  [0x08, 'Wildcard'],
  [0x10, 'Nt'],
  [0x80, 'Host'],
];
const topologyWords: Words = { 0: 'default', 1: 'multicast', 2: 'management' };
const TRAFFIC_ENGINEERING = 1;
const INFINITE = 0xffffff;

export const lsaKind = (type: number) => `${word(kindWords, type, () => 'unknown')} LSA (${type})`;
const topology = (number: number) => `topology ${word(topologyWords, number, () => 'Unknown')} (${number})`;

/** Prints a header; returns the length that it says, header included. */
export function lsaHeader(d: Dissector, at: number): number {
  d.need(at, LSA_HEADER);
  const length = d.be16(at + 18);
  const type = d.u8(at + 3);
  d.put(
    `\n\t  Advertising Router ${d.ip(at + 8)}, seq ${hex0x(d.be32(at + 12), 8)}, age ${d.be16(at)}s, length ${BigInt.asUintN(64, BigInt(length - LSA_HEADER))}`,
  );
  if (length < LSA_HEADER) {
    d.put(`\n\t    Bogus length ${length} < header (${LSA_HEADER})`);
    throw TRUNCATED;
  }
  d.put(`\n\t    ${lsaKind(type)},`);
  if (type >= 9 && type <= 11) {
    const opaque = d.u8(at + 4);
    d.put(` Opaque-Type ${word(opaqueWords, opaque, () => 'unknown')} LSA (${opaque}), Opaque-ID ${d.be24(at + 5)}`);
  } else d.put(` LSA-ID: ${d.ip(at + 4)}`);
  d.put(`\n\t    Options: [${bits(optionBits, d.u8(at + 2))}]`);
  return length;
}

/** Returns where the next one starts; negative: none can be found behind it. */
export function lsa(d: Dissector, at: number, end: number): number {
  if (at >= end) throw TRUNCATED;
  const length = lsaHeader(d, at);
  const next = at + length;
  const body = at + LSA_HEADER;
  switch (d.u8(at + 3)) {
    case 1:
      if (!router(d, body)) return -1;
      break;
    case 2:
      d.put(`\n\t    Mask ${d.ip(body)}\n\t    Connected Routers:`);
      for (let p = body + 4; p < next; p += 4) d.put(`\n\t      ${d.ip(p)}`);
      break;
    case 3:
      d.put(`\n\t    Mask ${d.ip(body)}`);
      metrics(d, body + 4, next);
      break;
    case 4:
      metrics(d, body + 4, next);
      break;
    case 5:
    case 7:
      external(d, body, next);
      break;
    case 6:
      group(d, body, next);
      break;
    case 9:
    case 10:
    case 11:
      if (!opaqueBody(d, d.u8(at + 4), body, length - LSA_HEADER)) return -1;
      if (d.u8(at + 4) === TRAFFIC_ENGINEERING) return next;
      break;
  }
  if (d.options.verbose > 1) d.unknown(body, '\n\t    ', length - LSA_HEADER);
  return next;
}

/** False: it has a link of a type that is unknown. */
function router(d: Dissector, at: number): boolean {
  d.put(`\n\t    Router LSA Options: [${bits(routerBits, d.u8(at))}]`);
  const links = d.be16(at + 2);
  let p = at + 4;
  for (let i = 0; i < links; i++) {
    d.need(p, 12);
    const [id, data] = [d.ip(p), d.ip(p + 4)];
    switch (d.u8(p + 8)) {
      case 1:
        d.put(`\n\t      Neighbor Router-ID: ${id}, Interface Address: ${data}`);
        break;
      case 2:
        d.put(`\n\t      Neighbor Network-ID: ${id}, Interface Address: ${data}`);
        break;
      case 3:
        d.put(`\n\t      Stub Network: ${id}, Mask: ${data}`);
        break;
      case 4:
        d.put(`\n\t      Virtual Link: Neighbor Router-ID: ${id}, Interface Address: ${data}`);
        break;
      default:
        d.put(`\n\t      Unknown Router Link Type (${d.u8(p + 8)})`);
        return false;
    }
    const further = d.u8(p + 9);
    d.put(`\n\t\t${topology(0)}, metric ${d.be16(p + 10)}`);
    p += 12;
    for (let tos = 0; tos < further; tos++, p += 4) d.put(`\n\t\t${topology(d.u8(p))}, metric ${d.be16(p + 2)}`);
  }
  return true;
}

function metrics(d: Dissector, from: number, end: number): void {
  for (let at = from; at < end; at += 4) {
    const value = d.be32(at);
    d.put(`\n\t\t${topology((value >>> 24) & 0x7f)} metric ${value & 0xffffff}`);
  }
}

function external(d: Dissector, at: number, end: number): void {
  d.put(`\n\t    Mask ${d.ip(at)}`);
  for (let p = at + 4; p < end; p += 12) {
    const value = d.be32(p);
    const metric = value & 0xffffff;
    d.put(`\n\t\t${topology((value >>> 24) & 0x7f)}, type ${value >= 0x80000000 ? 2 : 1}, metric`);
    d.put(metric === INFINITE ? ' infinite' : ` ${metric}`);
    if (d.be32(p + 4) !== 0) d.put(`, forward ${d.ip(p + 4)}`);
    if (d.be32(p + 8) !== 0) d.put(`, tag ${d.ip(p + 8)}`);
  }
}

/** RFC 1584. */
function group(d: Dissector, from: number, end: number): void {
  for (let at = from; at < end; at += 8) {
    const type = d.be32(at);
    if (type === 1) d.put(`\n\t    Router Router-ID ${d.ip(at + 4)}`);
    else if (type === 2) d.put(`\n\t    Network Designated Router ${d.ip(at + 4)}`);
    else return d.put(`\n\t    unknown VertexType (${type})`);
  }
}
