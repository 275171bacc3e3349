// OSPF for IPv6, RFC 5340, with the authentication trailer of RFC 7166.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { type Bits, bits, hex, hex0x, type Words, word } from '../words.js';
import { routerAndArea, signalling } from './ospf-common.js';

const HEADER = 16;
const LSA_HEADER = 20;
const TRAILER = 16;
const OPTION_LLS = 0x200;
const OPTION_TRAILER = 0x400;

const typeWords: Words = { 1: 'Hello', 2: 'Database Description', 3: 'LS-Request', 4: 'LS-Update', 5: 'LS-Ack' };
const optionBits: Bits = [
  [0x0001, 'V6'],
  [0x0002, 'External'],
  [0x0004, 'Deprecated'],
  [0x0008, 'NSSA'],
  [0x0010, 'Router'],
  [0x0020, 'Demand Circuit'],
  [0x0100, 'AFs Support'],
  [0x0200, 'LLS'],
  [0x0400, 'Authentication Trailer'],
];
const descriptionBits: Bits = [
  [0x04, 'Init'],
  [0x02, 'More'],
  [0x01, 'Master'],
];
const routerBits: Bits = [
  [0x01, 'ABR'],
  [0x02, 'External'],
  [0x04, 'Virtual-Link Endpoint'],
  [0x08, 'Deprecated'],
  [0x10, 'NSSA Translator'],
];
const externalBits: Bits = [
  [0x02, 'Forwarding'],
  [0x01, 'Tag'],
];
const prefixBits: Bits = [
  [0x01, 'No Unicast'],
  [0x02, 'Local address'],
  [0x04, 'Deprecated'],
  [0x08, 'Propagate'],
  [0x10, 'Down'],
  [0x20, 'N-bit'],
];
const lsaWords: Words = {
  1: 'Router',
  2: 'Network',
  3: 'Inter-Area Prefix',
  4: 'Inter-Area Router',
  5: 'External',
  6: 'Deprecated',
  7: 'NSSA',
  8: 'Link',
  9: 'Intra-Area Prefix',
  10: 'Intra-Area TE',
  11: 'Grace',
  12: 'Router Information',
};
const scopeWords: Words = { 0x0000: 'Link Local', 0x2000: 'Area Local', 0x4000: 'Domain Wide' };
const trailerWords: Words = { 1: 'HMAC' };

const kind = (d: Dissector, type: number, id: number) => {
  const scope = word(scopeWords, type & 0x6000, () => 'Unknown');
  const transitive = (type & 0x8000) !== 0 ? ', transitive' : '';
  d.put(
    `\n\t    ${word(lsaWords, type & 0x1fff, () => 'Unknown')} LSA (${type & 0x1fff}), ${scope} Scope${transitive}, LSA-ID ${d.ip(id)}`,
  );
};

export function ospf3(d: Dissector, at: number, length: number): void {
  d.protocol = 'ospf3';
  const version = d.u8(at);
  const type = d.u8(at + 1);
  d.put(`OSPFv${version}, ${word(typeWords, type, (n) => `unknown packet type (${n})`)}, length ${length}`);
  if (d.options.verbose === 0 || typeWords[type] === undefined) return;
  const declared = d.be16(at + 2);
  if (length < declared) return d.put(` [len ${declared}]`);
  const end = at + declared;
  routerAndArea(d, at);
  if (d.u8(at + 14) !== 0) d.put(`, Instance ${d.u8(at + 14)}`);
  if (version !== 3) return;
  const options = packet(d, at + HEADER, end, type);
  if (options > 0) behind(d, options, at + declared, at + length);
}

/** Returns the options of Hello and of Database Description. */
function packet(d: Dissector, at: number, end: number, type: number): number {
  const many = d.options.verbose > 1;
  switch (type) {
    case 1: {
      const options = d.be32(at + 4) & 0xffffff;
      d.put(`\n\tOptions [${bits(optionBits, options)}]`);
      d.put(`\n\t  Hello Timer ${d.be16(at + 8)}s, Dead Timer ${d.be16(at + 10)}s, Interface-ID ${d.ip(at)}, Priority ${d.u8(at + 4)}`);
      if (d.be32(at + 12) !== 0) d.put(`\n\t  Designated Router ${d.ip(at + 12)}`);
      if (d.be32(at + 16) !== 0) d.put(`, Backup Designated Router ${d.ip(at + 16)}`);
      if (many) {
        d.put('\n\t  Neighbor List:');
        for (let p = at + 20; p < end; p += 4) d.put(`\n\t    ${d.ip(p)}`);
      }
      return options;
    }
    case 2: {
      const options = d.be32(at) & 0xffffff;
      d.put(`\n\tOptions [${bits(optionBits, options)}]`);
      d.put(`, DD Flags [${bits(descriptionBits, d.u8(at + 7))}], MTU ${d.be16(at + 4)}, DD-Sequence ${hex0x(d.be32(at + 8), 8)}`);
      if (many) for (let p = at + 12; p < end; p += LSA_HEADER) lsaHeader(d, p);
      return options;
    }
    case 3:
      if (many)
        for (let p = at; p < end; p += 12) {
          d.need(p, 12);
          d.put(`\n\t  Advertising Router ${d.ip(p + 8)}`);
          kind(d, d.be16(p + 2), p + 4);
        }
      return 0;
    case 4:
      if (many) {
        const count = d.be32(at);
        let p = at + 4;
        for (let i = 0; i < count; i++) p += lsa(d, p, end);
      }
      return 0;
    case 5:
      if (many) for (let p = at; p < end; p += LSA_HEADER) lsaHeader(d, p);
      return 0;
    default:
      return 0;
  }
}

/** What follows the packet: link-local signalling, the authentication trailer. */
function behind(d: Dissector, options: number, from: number, end: number): void {
  let at = from;
  if ((options & OPTION_LLS) !== 0 && at < end) {
    const size = d.be16(at + 2) * 4;
    signalling(d, at, size);
    at += size;
  }
  if ((options & OPTION_TRAILER) === 0 || at >= end) return;
  if (end - at < TRAILER) return d.truncated();
  const type = d.be16(at);
  d.put(`\n\tAuthentication Type ${word(trailerWords, type, (n) => `unknown (${hex0x(n, 4)})`)}`);
  const length = d.be16(at + 2);
  d.put(`, Length ${length}`);
  if (length < TRAILER || at + length > end) return d.truncated();
  d.put(`, SAID ${d.be16(at + 6)}, CSN ${hex0x(d.be32(at + 8), 8)}:${hex(d.be32(at + 12), 8)}`);
  if (d.options.verbose > 1) d.unknown(at + TRAILER, '\n\tAuthentication Data ', length - TRAILER);
}

function lsaHeader(d: Dissector, at: number): number {
  d.need(at, LSA_HEADER);
  const length = d.be16(at + 18);
  d.put(
    `\n\t  Advertising Router ${d.ip(at + 8)}, seq ${hex0x(d.be32(at + 12), 8)}, age ${d.be16(at)}s, length ${BigInt.asUintN(64, BigInt(length - LSA_HEADER))}`,
  );
  kind(d, d.be16(at + 2), at + 4);
  return length;
}

function cut(): never {
  throw TRUNCATED;
}

/** Prints an LSA and returns its length. */
function lsa(d: Dissector, at: number, end: number): number {
  if (at >= end) cut();
  const length = lsaHeader(d, at);
  if (length < LSA_HEADER) cut();
  const body = at + LSA_HEADER;
  const size = length - LSA_HEADER;
  const next = at + length;
  if (next > end) cut();
  switch (d.be16(at + 2)) {
    case 0x2001:
      router(d, body, size);
      break;
    case 0x2002:
      if (size < 4) cut();
      d.put(`\n\t      Options [${bits(optionBits, d.be32(body) & 0xffffff)}]\n\t      Connected Routers:`);
      for (let p = body + 4; p < next; p += 4) d.put(`\n\t\t${d.ip(p)}`);
      break;
    case 0x2003: {
      if (size < 4) cut();
      d.put(`, metric ${d.be32(body) & 0xffffff}`);
      for (let p = body + 4; p < next; ) p += prefix(d, p, next);
      break;
    }
    case 0x4005:
      external(d, body, next);
      break;
    case 0x0008: {
      if (size < 24) cut();
      const count = d.be32(body + 20);
      d.put(`\n\t      Options [${bits(optionBits, d.be32(body) & 0xffffff)}]`);
      d.put(`\n\t      Priority ${d.u8(body)}, Link-local address ${d.ip6(body + 4)}, Prefixes ${count}:`);
      let p = body + 24;
      for (let i = 0; i < count; i++) p += prefix(d, p, next);
      break;
    }
    case 0x2009: {
      if (size < 12) cut();
      kind(d, d.be16(body + 2), body + 4);
      const count = d.be16(body);
      d.put(`\n\t      Prefixes ${count}:`);
      let p = body + 12;
      for (let i = 0; i < count; i++) p += prefix(d, p, next);
      break;
    }
    default:
      d.unknown(body, '\n\t      ', size);
      if (d.options.verbose > 1) break;
  }
  return length;
}

function router(d: Dissector, at: number, size: number): void {
  if (size < 4) cut();
  d.put(`\n\t      Options [${bits(optionBits, d.be32(at) & 0xffffff)}], RLA-Flags [${bits(routerBits, d.u8(at))}]`);
  let left = size - 4;
  for (let p = at + 4; left > 0; p += 16, left -= 16) {
    if (left < 16) cut();
    d.need(p, 16);
    const id = d.ip(p + 12);
    switch (d.u8(p)) {
      case 1:
        d.put(`\n\t      Neighbor Router-ID ${id}`);
        break;
      case 2:
        d.put(`\n\t      Neighbor Network-ID ${id}`);
        break;
      case 4:
        d.put(`\n\t      Virtual Link: Neighbor Router-ID ${id}`);
        break;
      default:
        return d.put(`\n\t      Unknown Router Links Type 0x${hex(d.u8(p), 2)}`);
    }
    d.put(`\n\t      Neighbor Interface-ID ${d.ip(p + 8)}, Interface ${d.ip(p + 4)}, metric ${d.be16(p + 2)}`);
  }
}

function external(d: Dissector, at: number, end: number): void {
  if (end - at < 8) cut();
  const first = d.be32(at);
  const flags = first >>> 24;
  d.put(`\n\t     Flags [${bits(externalBits, flags)}] metric ${first & 0xffffff}`);
  let p = at + 4;
  const referred = d.be16(at + 6);
  p += prefix(d, p, end);
  if ((flags & 2) !== 0) {
    d.put(` forward ${d.ip6(p)}`);
    p += 16;
  }
  if ((flags & 1) !== 0) {
    d.put(` tag ${d.ip(p)}`);
    p += 4;
  }
  if (referred === 0) return;
  switch (referred & 0x1fff) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 7:
      kind(d, referred, p);
  }
}

/** Length of the entry. */
function prefix(d: Dissector, at: number, end: number): number {
  if (end - at < 4) cut();
  const bitsLong = d.u8(at);
  const bytes = ((bitsLong + 31) >>> 5) * 4;
  if (end - at < 4 + bytes) cut();
  if (bitsLong > 128) {
    d.put(' bogus prefix length /');
    d.put(String(bitsLong));
    cut();
  }
  d.need(at + 4, bytes);
  const address = new Uint8Array(16);
  address.set(d.bytes.subarray(at + 4, at + 4 + bytes));
  d.put(`\n\t\t${d.names.ip6(address, 0)}/${bitsLong}`);
  const options = d.u8(at + 1);
  if (options !== 0) d.put(`, Options [${bits(prefixBits, options)}]`);
  d.put(`, metric ${d.be16(at + 2)}`);
  return 4 + bytes;
}
