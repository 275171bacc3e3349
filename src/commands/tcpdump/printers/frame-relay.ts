// Frame relay: addresses of Q.922, and what follows them by RFC 2427 or by Cisco's EtherType.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { type Bits, bits, hex, hex0x, type Words, word } from '../words.js';
import { printEthertype } from './ethernet.js';
import type { LinkPrinter } from './registry-types.js';

const UNNUMBERED_INFORMATION = 0x03;
const nlpidWords: Words = {
  0x00: 'NULL',
  0x08: 'Q.933',
  0x09: 'LMI',
  0x80: 'SNAP',
  0x81: 'CLNP',
  0x82: 'ES-IS',
  0x83: 'IS-IS',
  0x8e: 'IPv6',
  0xb0: 'FRF.12',
  0xb1: 'FRF.15',
  0xcc: 'IPv4',
  0xcf: 'PPP',
};
const flagBits = [
  ['C!', 0, 0x02],
  ['DE', 1, 0x02],
  ['BECN', 1, 0x04],
  ['FECN', 1, 0x08],
] as const;

interface Address {
  readonly bytes: number;
  readonly dlci: number;
  readonly flags: string;
}

/** Q.922 3.3: two to four bytes, the last with its first bit set; null: it is none. */
function address(d: Dissector, at: number, length: number): Address | null {
  if (!d.has(at, 2) || length < 2) throw TRUNCATED;
  const first = d.u8(at);
  const second = d.u8(at + 1);
  if ((first & 1) !== 0) return null;
  let dlci = ((first & 0xfc) << 2) | ((second & 0xf0) >>> 4);
  let bytes = 2;
  if ((second & 1) === 0) {
    const third = d.u8(at + 2);
    bytes = 3;
    if ((third & 1) === 0) {
      const fourth = d.u8(at + 3);
      if ((fourth & 1) === 0) return null;
      bytes = 4;
      dlci = (dlci << 7) | (third >>> 1);
      dlci = (dlci << 6) | (fourth >>> 2);
    } else dlci = (dlci << 6) | (third >>> 2);
  }
  const flags = flagBits.filter(([, i, bit]) => (d.u8(at + i) & bit) !== 0).map(([name]) => name);
  return { bytes, dlci, flags: flags.length === 0 ? 'none' : flags.join(', ') };
}

/** Prints a frame; returns how long its header was. */
export function frameRelay(d: Dissector, at: number, length: number): number {
  d.protocol = 'fr';
  const q922 = address(d, at, length);
  if (q922 === null) {
    d.put('Q.922, invalid address');
    return 0;
  }
  d.need(at, q922.bytes + 2);
  if (length < q922.bytes + 2) throw TRUNCATED;
  const head = (kind: string) =>
    d.put(`Q.922, hdr-len ${q922.bytes}, DLCI ${q922.dlci}, Flags [${q922.flags}], ${kind}, length ${length}: `);
  const cisco = (type: number) => head(`cisco-ethertype ${word(ethertypeWords, type, () => 'unknown')} (${hex0x(type, 4)})`);
  const control = d.u8(at + q922.bytes);
  if (control !== UNNUMBERED_INFORMATION) {
    const type = d.be16(at + q922.bytes);
    const body = at + q922.bytes + 2;
    const left = length - q922.bytes - 2;
    if (ethertypeWords[type] !== undefined && d.registry.ethertypes.has(type)) {
      if (d.options.linkLayer) cisco(type);
      printEthertype(d, type, body, left, d.left(body), -1, -1);
      return q922.bytes + 2;
    }
    d.put(`UI ${hex(control, 2)}! `);
  }
  let header = q922.bytes + 1;
  if ((d.u8(at + header) & 1) === 0 && d.u8(at + header) === 0) {
    // A byte of padding brings what follows to an even place.
    if (q922.bytes !== 3) d.put('Pad! ');
    header++;
  } else if (q922.bytes === 3) d.put('No pad! ');
  const nlpid = d.u8(at + header);
  header++;
  if (d.options.linkLayer) head(`NLPID ${word(nlpidWords, nlpid, () => 'unknown')} (${hex0x(nlpid, 2)})`);
  if (!payload(d, nlpid, at + header, length - header)) {
    if (!d.options.linkLayer) head(`NLPID ${word(nlpidWords, nlpid, () => 'unknown')} (${hex0x(nlpid, 2)})`);
    d.dump(at + header, length - header);
  }
  return header;
}

/** False: nothing knows the protocol. */
function payload(d: Dissector, nlpid: number, at: number, length: number): boolean {
  d.enter();
  switch (nlpid) {
    case 0xcc:
      d.registry.ip(d, at, length);
      return true;
    case 0x8e:
      d.registry.ip6(d, at, length);
      return true;
    case 0x81:
    case 0x82:
    case 0x83:
      // The identifier is the first byte of these protocols.
      d.registry.isoclns(d, at - 1, length + 1);
      return true;
    case 0x80:
      return d.registry.snap(d, at, length, d.left(at), { source: -1, destination: -1 });
    case 0xcf:
      d.registry.ppp(d, at, length);
      return true;
    default:
      return false;
  }
}

export const frameRelayLink: LinkPrinter = { types: [107], print: (d, at, length) => frameRelay(d, at, length) };

const fragmentBits: Bits = [
  [0x80, 'Begin'],
  [0x40, 'End'],
  [0x20, 'Control'],
];
const BEGIN_END_CONTROL = 0xe0;
const messageWords: Words = {
  1: 'Add link',
  2: 'Add link ACK',
  3: 'Add link Reject',
  4: 'Hello',
  5: 'Hello ACK',
  6: 'Remove link',
  7: 'Remove link ACK',
};
const elementWords: Words = { 1: 'Bundle ID', 2: 'Link ID', 3: 'Magic Number', 4: 'Timestamp', 5: 'Vendor Extension' };

/** FRF.16: fragments of frames over several links, and messages between their ends. */
function multilink(d: Dissector, at: number, length: number): number {
  d.protocol = 'mfr';
  if (length < 4) {
    d.truncated();
    return length;
  }
  d.need(at, 4);
  const first = d.u8(at);
  const flags = first & BEGIN_END_CONTROL;
  if (flags === BEGIN_END_CONTROL && d.u8(at + 1) === 0) {
    const type = d.u8(at + 2);
    d.put(
      `FRF.16 Control, Flags [${bits(fragmentBits, flags)}], ${word(messageWords, type, () => 'Unknown Message')} (${hex0x(type, 2)}), length ${length}`,
    );
    if (d.options.verbose > 0) elements(d, at + 3, length - 3);
    return length;
  }
  const sequence = ((first & 0x1e) << 7) | d.u8(at + 1);
  d.put(`FRF.16 Frag, seq ${sequence}, Flags [${bits(fragmentBits, flags)}], `);
  return 2 + frameRelay(d, at + 2, length - 2);
}

function elements(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    d.need(at, 2);
    const type = d.u8(at);
    const size = d.u8(at + 1);
    d.put(`\n\tIE ${word(elementWords, type, () => 'Unknown')} (${type}), length ${size}: `);
    if (size < 2) return d.truncated();
    const bytes = size - 2;
    d.need(at + 2, bytes);
    if (type === 3) {
      if (bytes !== 4) {
        d.put(`[IE data length ${bytes} != 4]`);
        d.invalid();
        return d.truncated();
      }
      d.put(hex0x(d.be32(at + 2), 8));
    } else if (type === 1 || type === 2) d.charsToZero(at + 2, bytes);
    else if (d.options.verbose <= 1) d.unknown(at, '\n\t  ', size);
    if (d.options.verbose > 1) d.unknown(at, '\n\t  ', size);
    at += size;
    left -= size;
  }
}

export const multilinkFrameRelayLink: LinkPrinter = { types: [182], print: (d, at, length) => multilink(d, at, length) };
