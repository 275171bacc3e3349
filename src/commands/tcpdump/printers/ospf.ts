// OSPF, RFC 2328: versions 2 and 3 share the start of their header.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, plural, type Words, word } from '../words.js';
import { opaqueWords, optionBits, routerAndArea, signalling } from './ospf-common.js';
import { LSA_HEADER, lsa, lsaHeader, lsaKind } from './ospf-lsa.js';
import { ospf3 } from './ospf3.js';
import type { IpProtocolPrinter } from './registry-types.js';

const HEADER = 24;
const HELLO = 1;
const DESCRIPTION = 2;
const REQUEST = 3;
const UPDATE = 4;
const ACKNOWLEDGMENT = 5;
const LLS = 0x10;

const typeWords: Words = { 1: 'Hello', 2: 'Database Description', 3: 'LS-Request', 4: 'LS-Update', 5: 'LS-Ack' };
const authenticationWords: Words = { 0: 'none', 1: 'simple', 2: 'MD5' };
const descriptionBits: Bits = [
  [0x04, 'Init'],
  [0x02, 'More'],
  [0x01, 'Master'],
  [0x08, 'OOBResync'],
];
function ospf(d: Dissector, at: number, length: number): void {
  d.protocol = 'ospf2';
  const version = d.u8(at);
  const type = d.u8(at + 1);
  d.put(`OSPFv${version}, ${word(typeWords, type, (n) => `unknown LS-type ${n}`)}, length ${length}`);
  if (d.options.verbose === 0 || typeWords[type] === undefined) return;
  const declared = d.be16(at + 2);
  if (declared !== length) d.put(` [len ${declared}]`);
  const end = at + Math.min(length, declared);
  routerAndArea(d, at);
  d.need(at + 16, 8);
  const authentication = d.be16(at + 14);
  d.put(`, Authentication Type: ${word(authenticationWords, authentication, () => 'unknown')} (${authentication})`);
  if (authentication === 1) {
    d.put('\n\tSimple text password: ');
    d.charsToZero(at + 16, 8);
  } else if (authentication === 2) {
    d.put(`\n\tKey-ID: ${d.u8(at + 18)}`);
    d.put(`, Auth-Length: ${d.u8(at + 19)}, Crypto Sequence Number: ${hex0x(d.be32(at + 20), 8)}`);
  }
  if (version === 2) second(d, at, length, declared, end, type);
  else d.put(` ospf [version ${version}]`);
}

function second(d: Dissector, at: number, length: number, declared: number, end: number, type: number): void {
  const options = packet(d, at + HEADER, end, type);
  if (options < 0) return;
  if (length > declared && (options & LLS) !== 0) {
    // RFC 5613: the digest of cryptographic authentication stands before the block.
    const digest = d.be16(at + 14) === 2 ? d.u8(at + 19) : 0;
    signalling(d, at + declared + digest, length - declared - digest);
  }
}

/** Returns the options of Hello and of Database Description; negative: it ended early. */
function packet(d: Dissector, at: number, end: number, type: number): number {
  switch (type) {
    case HELLO: {
      const options = d.u8(at + 6);
      d.put(`\n\tOptions [${bits(optionBits, options)}]`);
      d.put(`\n\t  Hello Timer ${d.be16(at + 4)}s, Dead Timer ${d.be32(at + 8)}s, Mask ${d.ip(at)}, Priority ${d.u8(at + 7)}`);
      d.need(at + 12, 4);
      if (d.be32(at + 12) !== 0) d.put(`\n\t  Designated Router ${d.ip(at + 12)}`);
      if (d.be32(at + 16) !== 0) d.put(`, Backup Designated Router ${d.ip(at + 16)}`);
      if (at + 20 < end) d.put('\n\t  Neighbor List:');
      for (let p = at + 20; p < end; p += 4) d.put(`\n\t    ${d.ip(p)}`);
      return options;
    }
    case DESCRIPTION: {
      const options = d.u8(at + 2);
      d.put(`\n\tOptions [${bits(optionBits, options)}]`);
      d.put(`, DD Flags [${bits(descriptionBits, d.u8(at + 3))}], MTU: ${d.be16(at)}, Sequence: ${hex0x(d.be32(at + 4), 8)}`);
      for (let p = at + 8; p < end; p += LSA_HEADER) lsaHeader(d, p);
      return options;
    }
    case REQUEST:
      for (let p = at; p < end; p += 12) {
        d.need(p, 12);
        const kind = d.be32(p);
        d.put(`\n\t  Advertising Router: ${d.ip(p + 8)}, ${lsaKind(kind)}`);
        if (kind >= 9 && kind <= 11) {
          const opaque = d.u8(p + 4);
          d.put(`, Opaque-Type: ${opaqueName(opaque)} LSA (${opaque}), Opaque-ID: ${d.be24(p + 5)}`);
        } else d.put(`, LSA-ID: ${d.ip(p + 4)}`);
      }
      return 0;
    case UPDATE: {
      const count = d.be32(at);
      d.put(`, ${count} LSA${plural(count)}`);
      let p = at + 4;
      for (let i = 1; i <= count; i++) {
        d.put(`\n\t  LSA #${i}`);
        p = lsa(d, p, end);
        if (p < 0) return -1;
      }
      return 0;
    }
    case ACKNOWLEDGMENT:
      // The real tool goes on until the packet ends within a header, and says so.
      for (let p = at; ; p += LSA_HEADER) lsaHeader(d, p);
    default:
      return 0;
  }
}

const opaqueName = (type: number) => word(opaqueWords, type, () => 'unknown');

export const ospfProtocol: IpProtocolPrinter = {
  protocols: [89],
  print: (d, at, length, ip) => (ip.version === 6 ? ospf3 : ospf)(d, at, length),
};
