// Sub-TLVs of IS-IS: links (RFC 5305, 5307, 8667), prefixes (RFC 5130, 8667), capabilities (RFC 7981), shortest path bridging (RFC 6329).
import { type Dissector, TRUNCATED } from '../dissector.js';
import { type Bits, bits, hex, hex0x, type Words, word } from '../words.js';
import { bandwidthModelWords, encodingWords, linkProtectionBits, megabits, switchingWords } from './gmpls-words.js';
import { isisId } from './isis-id.js';

const linkWords: Words = {
  3: 'Administrative groups',
  4: 'Link Local/Remote Identifier',
  5: 'Link Remote Identifier',
  6: 'IPv4 interface address',
  8: 'IPv4 neighbor address',
  9: 'Maximum link bandwidth',
  10: 'Reservable link bandwidth',
  11: 'Unreserved bandwidth',
  12: 'Bandwidth Constraints (old)',
  18: 'Traffic Engineering Metric',
  19: 'Link Attribute',
  20: 'Link Protection Type',
  21: 'Interface Switching Capability',
  22: 'Bandwidth Constraints',
  29: 'SPB Metric',
  32: 'LAN Adjacency Segment Identifier',
  250: 'Reserved for cisco specific extensions',
  251: 'Reserved for cisco specific extensions',
  252: 'Reserved for cisco specific extensions',
  253: 'Reserved for cisco specific extensions',
  254: 'Reserved for cisco specific extensions',
  255: 'Reserved for future expansion',
};
const attributeBits: Bits = [
  [0x01, 'Local Protection Available'],
  [0x02, 'Link excluded from local protection path'],
  [0x04, 'Local maintenance required'],
];
const adjacencyBits: Bits = [
  [0x80, 'Address family IPv6'],
  [0x40, 'Backup'],
  [0x20, 'Value'],
  [0x10, 'Local significance'],
  [0x08, 'Set of adjacencies'],
  [0x04, 'Persistent'],
];
const prefixWords: Words = {
  1: '32-Bit Administrative tag',
  2: '64-Bit Administrative tag',
  3: 'Prefix SID',
  117: 'Management Prefix Color',
};
const prefixSidBits: Bits = [
  [0x80, 'Readvertisement'],
  [0x40, 'Node'],
  [0x20, 'no-PHP'],
  [0x10, 'Explicit NULL'],
  [0x08, 'Value'],
  [0x04, 'Local'],
];
const algorithmWords: Words = { 0: 'SPF', 1: 'strict-SPF' };
const capabilityWords: Words = { 2: 'SR-Capabilities' };
const capabilityBits: Bits = [
  [0x80, 'ipv4'],
  [0x40, 'ipv6'],
];
const portWords: Words = { 4: 'SPB MCID', 5: 'SPB Digest', 6: 'SPB BVID' };
const topologyWords: Words = { 1: 'SPB Instance', 3: 'SPBM Service Identifier and Unicast Address' };

/** False: what follows is not to be trusted. */
type Value = (d: Dissector, at: number, length: number) => boolean;

const shownIf =
  (least: number, show: (d: Dissector, at: number, length: number) => void): Value =>
  (d, at, length) => {
    if (length >= least) show(d, at, length);
    return true;
  };

const rate = shownIf(4, (d, at) => d.put(`, ${megabits(d.float(at))}`));
const address = shownIf(4, (d, at) => d.put(`, ${d.ip(at)}`));

const constraints: Value = (d, at, length) => {
  if (length === 0) return true;
  d.put(`\n\t        Bandwidth Constraints Model ID: ${word(bandwidthModelWords, d.u8(at), () => 'unknown')} (${d.u8(at)})`);
  // Three reserved bytes follow the model; the real tool counts one, and constraints to the end.
  let left = length - 1;
  if (left % 4 !== 0 && left < 4) return false;
  for (let i = 0; left >= 4 && i < 8; i++, left -= 4)
    d.put(`\n\t          Bandwidth constraint CT${i}: ${megabits(d.float(at + 1 + i * 4))}`);
  return true;
};

const linkValues: Readonly<Record<number, Value>> = {
  3: shownIf(4, (d, at) => d.put(`, ${hex0x(d.be32(at), 8)}`)),
  4: shownIf(4, identifiers),
  5: shownIf(4, identifiers),
  6: address,
  8: address,
  9: rate,
  10: rate,
  11: shownIf(32, (d, at) => {
    for (let i = 0; i < 8; i++) d.put(`\n\t          TE-Class ${i}: ${megabits(d.float(at + i * 4))}`);
  }),
  12: constraints,
  22: constraints,
  18: shownIf(3, (d, at) => d.put(`, ${d.be24(at)}`)),
  19: (d, at, length) => {
    if (length === 2) d.put(`, [ ${bits(attributeBits, d.be16(at))} ] (${hex0x(d.be16(at), 4)})`);
    return true;
  },
  20: shownIf(2, (d, at) => d.put(`, ${bits(linkProtectionBits, d.u8(at))}, Priority ${d.u8(at + 1)}`)),
  21: shownIf(36, (d, at) => {
    const capability = word(switchingWords, d.u8(at), () => 'Unknown');
    d.put(
      `\n\t          Interface Switching Capability:${capability}, LSP Encoding: ${word(encodingWords, d.u8(at + 1), () => 'Unknown')}`,
    );
    d.put('\n\t          Max LSP Bandwidth:');
    for (let i = 0; i < 8; i++) d.put(`\n\t            priority level ${i}: ${megabits(d.float(at + 4 + i * 4))}`);
  }),
  29: shownIf(6, (d, at) => d.put(`, LM: ${d.be24(at)}, P: ${d.u8(at + 3)}, P-ID: ${d.be16(at + 4)}`)),
  32: adjacencySid,
  250: () => true,
  251: () => true,
  252: () => true,
  253: () => true,
  254: () => true,
  255: () => true,
};

function identifiers(d: Dissector, at: number, length: number): void {
  d.put(`, ${hex0x(d.be32(at), 8)}`);
  if (length === 8) d.put(`, ${hex0x(d.be32(at + 4), 8)}`);
}

function adjacencySid(d: Dissector, at: number, length: number): boolean {
  if (length < 8) return true;
  const flags = d.u8(at);
  d.put(`\n\t          Flags: [${bits(adjacencyBits, flags)}]`);
  d.put(`\n\t          Weight: ${d.u8(at + 1)}`);
  d.put(`\n\t          Neighbor System-ID: ${isisId(d, at + 2, 6)}`);
  const isLabel = (flags & 0x30) === 0x30;
  if (length === 11 && isLabel) d.put(`\n\t          Label: ${d.be24(at + 8)}`);
  else if (length === 12 && (flags & 0x30) === 0) d.put(`\n\t          Index: ${d.be32(at + 8)}`);
  else d.invalid();
  return true;
}

export const linkSubTlvHead = (d: Dissector, type: number, length: number, indent: string) =>
  d.put(`${indent}${word(linkWords, type, () => 'unknown')} subTLV #${type}, length: ${length}`);

/** A sub-TLV of a link; false: it is not whole. */
export function linkSubTlv(d: Dissector, type: number, at: number, length: number): boolean {
  const value = linkValues[type];
  if (value !== undefined) {
    d.need(at, length);
    return value(d, at, length);
  }
  d.unknown(at, '\n\t\t    ', length);
  return true;
}

export function prefixSubTlv(d: Dissector, type: number, at: number, length: number, indent: string): boolean {
  d.put(`${indent}${word(prefixWords, type, () => 'unknown')} subTLV #${type}, length: ${length}`);
  if (!d.has(at, length)) {
    d.truncated();
    return false;
  }
  switch (type) {
    case 1:
      for (let i = 0; i + 4 <= length; i += 4) d.put(`, ${hex0x(d.be32(at + i), 8)} (=${d.be32(at + i)})`);
      return true;
    case 2:
      for (let i = 0; i + 8 <= length; i += 8) d.put(`, ${hex0x(d.be64(at + i), 16)}`);
      return true;
    case 3: {
      const flags = d.u8(at);
      const isLabel = (flags & 0x08) !== 0;
      const algorithm = d.u8(at + 1);
      const least = isLabel ? 5 : 6;
      if (length < least) throw TRUNCATED;
      d.put(`, Flags [${bits(prefixSidBits, flags, 'None')}], Algo ${word(algorithmWords, algorithm, () => 'Unknown')} (${algorithm})`);
      d.put(isLabel ? `, label ${d.be24(at + 2)}` : `, index ${d.be32(at + 2)}`);
      return true;
    }
    default:
      d.unknown(at, '\n\t\t    ', length);
      return true;
  }
}

/** RFC 7981, RFC 8667 3. */
export function capabilitySubTlv(d: Dissector, type: number, at: number, length: number): void {
  d.put(`\n\t\t${word(capabilityWords, type, () => 'unknown')} subTLV #${type}, length: ${length}`);
  d.need(at, length);
  if (type === 2) {
    d.put(`, Flags [${bits(capabilityBits, d.u8(at), 'None')}], Range ${d.be24(at + 1)}`);
    if (length > 4) segmentBlock(d, at + 4, length - 4);
    return;
  }
  d.unknown(at, '\n\t\t', length);
}

function segmentBlock(d: Dissector, at: number, length: number): void {
  const type = d.u8(at);
  const size = d.u8(at + 1);
  if (type !== 1 || length < 2) return;
  if (size === 3) d.put(`, SID value ${d.be24(at + 2)}`);
  else if (size === 4) d.put(`, SID value ${d.be32(at + 2)}`);
}

/** TLV 143's parts. False: one is too short. */
export function portSubTlvs(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 2; ) {
    const type = d.u8(at);
    const size = d.u8(at + 1);
    d.put(`\n\t       ${word(portWords, type, () => 'unknown')} subTLV #${type}, length: ${size}`);
    at += 2;
    left -= 2;
    if (left < size) {
      d.put(' (> containing TLV length)');
      return false;
    }
    switch (type) {
      case 4:
        if (size < 102) return tooShort(d);
        mcid(d, at, 'MCID');
        mcid(d, at + 51, 'AUX-MCID');
        break;
      case 5: {
        if (size < 33) return tooShort(d);
        const flags = d.u8(at);
        d.put(`\n\t        RES: ${flags >>> 5} V: ${(flags >>> 4) & 1} A: ${(flags >>> 2) & 3} D: ${flags & 3}`);
        d.put('\n\t         Digest: ');
        for (let i = 0; i < 8; i++) d.put(`${hex(d.be32(at + 1 + i * 4), 8)} ${i === 3 ? '\n\t                 ' : ''}`);
        break;
      }
      case 6:
        for (let i = 0; i < size; i += 6) {
          if (size - i < 6) return tooShort(d);
          const vid = d.be16(at + i + 4);
          d.put(`\n\t           ECT: ${hex(d.be32(at + i), 8)} BVID: ${vid >>> 4}, U:${(vid >>> 3) & 1} M:${(vid >>> 2) & 1} `);
        }
        break;
    }
    at += size;
    left -= size;
  }
  return true;
}

function tooShort(d: Dissector): false {
  d.put(' (too short)');
  return false;
}

/** IEEE 802.1Q 13.8: a configuration's name, revision and digest. */
function mcid(d: Dissector, at: number, title: string): void {
  d.put(`\n\t         ${title}: ID: ${d.u8(at)}, Name: `);
  d.charsToZero(at + 1, 32);
  d.put(`\n\t              Lvl: ${d.be16(at + 33)}, Digest: `);
  for (let i = 0; i < 16; i++) d.put(`${d.hexOf(at + 35 + i, 1)} `);
}

/** TLV 144's parts. */
export function topologySubTlvs(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 2; ) {
    const type = d.u8(at);
    const size = d.u8(at + 1);
    d.put(`\n\t      ${word(topologyWords, type, () => 'unknown')} subTLV #${type}, length: ${size}`);
    at += 2;
    left -= 2;
    if (left < size) {
      d.put(' (> containing TLV length)');
      return false;
    }
    if (type === 1) {
      if (size < 19) return tooShort(d);
      d.put(
        `\n\t        CIST Root-ID: ${hex(d.be32(at), 8)} ${hex(d.be32(at + 4), 8)}, Path Cost: ${hex(d.be32(at + 8), 8)}, Prio: ${d.be16(at + 12)}`,
      );
      const flags = d.be32(at + 14);
      d.put(
        `\n\t        RES: ${(flags >>> 21) & 0x7ff}, V: ${(flags >>> 20) & 1}, SPSource-ID: ${flags & 0xfffff}, No of Trees: ${d.u8(at + 18)}`,
      );
      const trees = d.u8(at + 18);
      for (let i = 0; i < trees; i++) {
        const p = at + 19 + i * 8;
        if (19 + (i + 1) * 8 > size) return tooShort(d);
        const first = d.u8(p);
        d.put(`\n\t         U:${first >>> 7}, M:${(first >>> 6) & 1}, A:${(first >>> 5) & 1}, RES:${first & 0x1f}`);
        const vids = d.be24(p + 5);
        d.put(`, ECT: ${hex(d.be32(p + 1), 8)}, BVID: ${vids >>> 12}, SPVID: ${vids & 0xfff}`);
      }
    } else if (type === 3) {
      if (size < 8) throw TRUNCATED;
      d.put(`\n\t        BMAC: ${d.hexOf(at, 6)}, RES: ${d.be16(at + 6) >>> 12}, VID: ${d.be16(at + 6) & 0xfff}`);
      for (let i = 8; i + 4 <= size; i += 4) {
        const value = d.be32(at + i);
        d.put(`\n\t        T: ${value >>> 31}, R: ${(value >>> 30) & 1}, RES: ${(value >>> 24) & 0x3f}, ISID: ${value & 0xffffff}`);
      }
    }
    at += size;
    left -= size;
  }
  return true;
}
