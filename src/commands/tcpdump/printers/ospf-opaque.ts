// Opaque LSAs of OSPFv2: traffic engineering (RFC 3630, 4203, 4124), graceful restart (RFC 3623), router information (RFC 7770).
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { bandwidthModelWords, encodingWords, linkProtectionBits, megabits, switchingWords } from './gmpls-words.js';

const TLV_HEADER = 4;
const PRIORITIES = 8;

const trafficWords: Words = { 1: 'Router Address', 2: 'Link' };
const graceWords: Words = { 1: 'Grace Period', 2: 'Graceful restart Reason', 3: 'IPv4 interface address' };
const reasonWords: Words = { 0: 'Unknown', 1: 'Software Restart', 2: 'Software Reload/Upgrade', 3: 'Control Processor Switch' };
const informationWords: Words = { 1: 'Router Capabilities' };
const capabilityBits: Bits = [
  [0x00000001, 'Reserved'],
  [0x00000002, 'Reserved'],
  [0x00000004, 'Reserved'],
];
const linkWords: Words = {
  1: 'Link Type',
  2: 'Link ID',
  3: 'Local Interface IP address',
  4: 'Remote Interface IP address',
  5: 'Traffic Engineering Metric',
  6: 'Maximum Bandwidth',
  7: 'Maximum Reservable Bandwidth',
  8: 'Unreserved Bandwidth',
  9: 'Administrative Group',
  11: 'Link Local/Remote Identifier',
  14: 'Link Protection Type',
  15: 'Interface Switching Capability',
  16: 'Shared Risk Link Group',
  17: 'Bandwidth Constraints',
};
const linkTypeWords: Words = { 1: 'Point-to-point', 2: 'Multi-Access' };

/** False: it was cut. */
export function opaqueBody(d: Dissector, type: number, at: number, length: number): boolean {
  if (type === 1) return traffic(d, at, length);
  if (type === 3) return grace(d, at, length);
  if (type === 4) return information(d, at, length);
  if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', length);
  return true;
}

const bogus = (d: Dissector, length: number, least: number) => {
  d.put(`\n\t    Remaining LS length ${length} < ${least}`);
  return false;
};

function grace(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < TLV_HEADER) return bogus(d, left, TLV_HEADER);
    const type = d.be16(at);
    const size = d.be16(at + 2);
    const value = at + TLV_HEADER;
    d.put(`\n\t    ${word(graceWords, type, () => 'unknown')} TLV (${type}), length ${size}, value: `);
    if (size > left - TLV_HEADER) {
      d.put(`\n\t    Bogus length ${size} > remaining LS length ${left - TLV_HEADER}`);
      return false;
    }
    d.need(value, size);
    if (graceWords[type] !== undefined) {
      const wanted = type === 2 ? 1 : 4;
      if (size !== wanted) {
        d.put(`\n\t    Bogus length ${size} != ${wanted}`);
        return false;
      }
      if (type === 1) d.put(`${d.be32(value)}s`);
      else if (type === 2) d.put(`${word(reasonWords, d.u8(value), () => 'Unknown')} (${d.u8(value)})`);
      else d.put(d.ip(value));
    } else if (d.options.verbose <= 1) d.unknown(value, '\n\t      ', size);
    const aligned = Math.min(TLV_HEADER + ((size + 3) & ~3), left);
    at += aligned;
    left -= aligned;
  }
  return true;
}

function information(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < TLV_HEADER) return bogus(d, left, TLV_HEADER);
    const type = d.be16(at);
    const size = d.be16(at + 2);
    const value = at + TLV_HEADER;
    d.put(`\n\t    ${word(informationWords, type, () => 'unknown')} TLV (${type}), length: ${size}, value: `);
    if (size > left) {
      d.put(`\n\t    Bogus length ${size} > ${left}`);
      return false;
    }
    d.need(value, size);
    if (type === 1) {
      if (size !== 4) {
        d.put(`\n\t    Bogus length ${size} != 4`);
        return false;
      }
      d.put(`Capabilities: ${bits(capabilityBits, d.be32(value), 'Unknown')}`);
    } else if (d.options.verbose <= 1) d.unknown(value, '\n\t      ', size);
    const aligned = Math.min(TLV_HEADER + ((size + 3) & ~3), left);
    at += aligned;
    left -= aligned;
  }
  return true;
}

/** False: it was cut. OSPFv3's intra-area TE LSA is the same. */
export function traffic(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    const type = d.be16(at);
    const size = d.be16(at + 2);
    const value = at + TLV_HEADER;
    d.put(`\n\t    ${word(trafficWords, type, () => 'unknown')} TLV (${type}), length: ${size}`);
    left -= TLV_HEADER;
    if (size > left) {
      d.put(` (TLV length > ${left})`);
      return false;
    }
    if (type === 2) {
      if (!link(d, value, size)) return false;
    } else if (type === 1) {
      if (size < 4) return invalid(d);
      d.put(`, ${d.ip(value)}`);
    } else if (d.options.verbose <= 1) d.unknown(value, '\n\t      ', size);
    // In an LSA, a TLV's padding does not count.
    const aligned = Math.min((size + 3) & ~3, left);
    at = value + aligned;
    left -= aligned;
  }
  return true;
}

function invalid(d: Dissector): boolean {
  d.invalid();
  return false;
}

function wrong(d: Dissector, condition: string): boolean {
  d.put(` ${condition}`);
  return invalid(d);
}

function link(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < TLV_HEADER) return wrong(d, `remaining length ${left} < ${TLV_HEADER}`);
    const type = d.be16(at);
    const size = d.be16(at + 2);
    const value = at + TLV_HEADER;
    if (size === 0 || type === 0 || size > left) return invalid(d);
    d.need(value, size);
    d.put(`\n\t      ${word(linkWords, type, () => 'unknown')} subTLV (${type}), length: ${size}`);
    if (!linkValue(d, type, value, size)) return false;
    const aligned = TLV_HEADER + ((size + 3) & ~3);
    at += aligned;
    left -= aligned;
  }
  return true;
}

const lengths: Readonly<Record<number, number>> = { 1: 1, 3: 4, 4: 4, 5: 4, 6: 4, 7: 4, 8: 32, 9: 4, 14: 4 };

function linkValue(d: Dissector, type: number, at: number, size: number): boolean {
  const wanted = lengths[type];
  if (wanted !== undefined && size !== wanted) return wrong(d, `!= ${wanted}`);
  const identifier = (p: number) => `${d.ip(p)} (${hex0x(d.be32(p), 8)})`;
  switch (type) {
    case 1:
      d.put(`, ${word(linkTypeWords, d.u8(at), () => 'unknown')} (${d.u8(at)})`);
      return true;
    case 2:
    case 11:
      if (size !== 4 && size !== 8) return wrong(d, '!= 4 && != 8');
      d.put(`, ${identifier(at)}`);
      if (size === 8) d.put(`, ${identifier(at + 4)}`);
      return true;
    case 3:
    case 4:
      d.put(`, ${d.ip(at)}`);
      return true;
    case 5:
      d.put(`, Metric ${d.be32(at)}`);
      return true;
    case 6:
    case 7:
      d.put(`, ${megabits(d.float(at))}`);
      return true;
    case 8:
      for (let i = 0; i < PRIORITIES; i++) d.put(`\n\t\tTE-Class ${i}: ${megabits(d.float(at + i * 4))}`);
      return true;
    case 9:
      d.put(`, ${hex0x(d.be32(at), 8)}`);
      return true;
    case 14:
      d.put(`, ${bits(linkProtectionBits, d.u8(at), () => '#0')}`);
      return true;
    case 15:
      return switching(d, at, size);
    case 16: {
      if (size % 4 !== 0) return wrong(d, '!= N x 4');
      for (let i = 0; i < size; i += 4) d.put(`${i === 0 ? '\n\t\t  Shared risk group: ' : ', '}${d.be32(at + i)}`);
      return true;
    }
    case 17:
      return constraints(d, at, size);
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t\t', size);
      return true;
  }
}

function switching(d: Dissector, at: number, size: number): boolean {
  if (size < 36) return wrong(d, '< 36');
  const capability = d.u8(at);
  d.put(`\n\t\tInterface Switching Capability: ${word(switchingWords, capability, () => 'Unknown')}`);
  d.put(`\n\t\tLSP Encoding: ${word(encodingWords, d.u8(at + 1), () => 'Unknown')}\n\t\tMax LSP Bandwidth:`);
  for (let i = 0; i < PRIORITIES; i++) d.put(`\n\t\t  priority level ${i}: ${megabits(d.float(at + 4 + i * 4))}`);
  return true;
}

function constraints(d: Dissector, at: number, size: number): boolean {
  if (size < 4) return wrong(d, '< 4');
  d.put(`\n\t\tBandwidth Constraints Model ID: ${word(bandwidthModelWords, d.u8(at), () => 'unknown')} (${d.u8(at)})`);
  if (size % 4 !== 0) {
    d.put(`\n\t\tlength ${size} != N x 4`);
    return invalid(d);
  }
  if (size > 36) {
    d.put(`\n\t\tlength ${size} > 36`);
    return invalid(d);
  }
  for (let i = 0; i + 4 < size; i += 4) d.put(`\n\t\t  Bandwidth constraint CT${i / 4}: ${megabits(d.float(at + 4 + i))}`);
  return true;
}
