// IEEE 802.1ag connectivity fault management, and ITU-T Y.1731.
import type { Dissector } from '../dissector.js';
import { organisations } from '../names.js';
import { type Bits, bits, fixed, hex0x, type Words, word } from '../words.js';
import { familyWords } from './address-families.js';
import type { EthertypePrinter } from './registry-types.js';

const operationWords: Words = {
  1: 'Continuity Check Message',
  2: 'Loopback Reply',
  3: 'Loopback Message',
  4: 'Linktrace Reply',
  5: 'Linktrace Message',
};

const domainFormatWords: Words = {
  0: 'IEEE 802.1',
  1: 'No MD Name present',
  2: 'DNS string',
  3: 'MAC + 16Bit Integer',
  4: 'Character string',
};

const associationFormatWords: Words = {
  0: 'IEEE 802.1',
  1: 'Primary VID',
  2: 'Character string',
  3: '16Bit Integer',
  4: 'RFC2685 VPN-ID',
};

const traceBits: Bits = [[0x80, 'Use Forwarding-DB only']];

const traceReplyBits: Bits = [
  [0x80, 'UseFDB Only'],
  [0x40, 'FwdYes'],
  [0x20, 'Terminal MEP'],
];

const replayWords: Words = {
  1: 'Exact Match',
  2: 'Filtering DB',
  3: 'MIP CCM DB',
};

const tlvWords: Words = {
  0: 'End',
  1: 'Sender ID',
  2: 'Port status',
  3: 'Interface status',
  4: 'Data',
  5: 'Reply Ingress',
  6: 'Reply Egress',
  31: 'Organization Specific',
};

const portStatusWords: Words = {
  1: 'Blocked',
  2: 'Up',
};

const interfaceStatusWords: Words = {
  1: 'Up',
  2: 'Down',
  3: 'Testing',
  5: 'Dormant',
  6: 'not present',
  7: 'lower Layer down',
};

const chassisWords: Words = {
  0: 'Reserved',
  1: 'Chassis component',
  2: 'Interface alias',
  3: 'Port component',
  4: 'MAC address',
  5: 'Network address',
  6: 'Interface name',
  7: 'Locally assigned',
};

const HEADER = 4;
const CONTINUITY = 70;
const NAMES = 48;
const LINK_TRACE = 17;
const LINK_TRACE_REPLY = 6;
/** Seconds between messages, as floats of 32 bits. */
const intervals = [0, 0.003333, 0.01, 0.1, 1, 10, 60, 600].map(Math.fround);
const unknown = () => 'Unknown';

function cfm(d: Dissector, at: number, length: number): void {
  d.protocol = 'cfm';
  const tooShort = () => d.put('\n\t\t packet is too short');
  if (length < HEADER) return tooShort();
  d.need(at, HEADER);
  const first = d.u8(at);
  const version = first & 0x1f;
  if (version !== 0) return d.put(`CFMv${version} not supported, length ${length}`);
  const operation = d.u8(at + 1);
  d.put(`CFMv0 ${word(operationWords, operation, (n) => `unknown (${n})`)}, MD Level ${first >>> 5}, length ${length}`);
  if (d.options.verbose === 0) return;
  const flags = d.u8(at + 2);
  const offset = d.u8(at + 3);
  d.put(`\n\tFirst TLV offset ${offset}`);
  const left = length - HEADER;
  if (offset > left) return d.put(` (too large, must be <= ${left})`);
  const body = at + HEADER;
  const needs = (size: number, n: number): boolean => {
    if (offset < size) d.put(` (too small ${n}, must be >= ${size})`);
    else d.need(body, size);
    return offset >= size;
  };
  switch (operation) {
    case 1:
      if (!needs(CONTINUITY, 1) || !continuity(d, body, flags)) return;
      break;
    case 5:
      if (!needs(LINK_TRACE, 4)) return;
      d.put(`, Flags [${bits(traceBits, flags)}]\n\t  Transaction-ID ${hex0x(d.be32(body), 8)}, ttl ${d.u8(body + 4)}`);
      d.put(`\n\t  Original-MAC ${d.mac(body + 5)}, Target-MAC ${d.mac(body + 11)}`);
      break;
    case 4: {
      if (!needs(LINK_TRACE_REPLY, 5)) return;
      const action = d.u8(body + 5);
      d.put(`, Flags [${bits(traceReplyBits, flags)}]\n\t  Transaction-ID ${hex0x(d.be32(body), 8)}, ttl ${d.u8(body + 4)}`);
      d.put(`\n\t  Replay-Action ${word(replayWords, action, unknown)} (${action})`);
      break;
    }
    default:
      d.unknown(body, '\n\t  ', left - offset);
  }
  tlvs(d, body + offset, left - offset);
}

/** False: it is wrong, and nothing more is shown. */
function continuity(d: Dissector, at: number, flags: number): boolean {
  const interval = flags & 7;
  d.put(`, Flags [CCM Interval ${interval}${(flags & 0x80) === 0 ? '' : ', RDI'}]`);
  if (interval !== 0) {
    const seconds = intervals[interval]!;
    d.put(`\n\t  CCM Interval ${fixed(seconds, 3)}s, min CCM Lifetime ${fixed(seconds * 3.25, 3)}s`);
    d.put(`, max CCM Lifetime ${fixed(seconds * 3.5, 3)}s`);
  }
  d.put(`\n\t  Sequence Number ${hex0x(d.be32(at), 8)}, MA-End-Point-ID ${hex0x(d.be16(at + 4), 4)}`);
  let name = at + 6;
  let left = NAMES - 1;
  const format = d.u8(name++);
  d.put(`\n\t  MD Name Format ${word(domainFormatWords, format, unknown)} (${format})`);
  if (format !== 1) {
    const length = d.u8(name++);
    left--;
    d.put(`, MD Name length ${length}`);
    if (length > left - 3) {
      d.put(` (too large, must be <= ${left - 2})`);
      return false;
    }
    d.put('\n\t  MD Name: ');
    if (format === 2 || format === 4) d.charsToZero(name, length);
    else if (format === 3) d.put(length === 6 ? `\n\t  MAC ${d.mac(name)}` : '\n\t  MAC (length invalid)');
    else d.unknown(name, '\n\t    ', length);
    name += length;
    left -= length;
  }
  const [association, length] = [d.u8(name), d.u8(name + 1)];
  left -= 2;
  d.put(`\n\t  MA Name-Format ${word(associationFormatWords, association, unknown)} (${association}), MA name length ${length}`);
  if (length > left) {
    d.put(` (too large, must be <= ${left})`);
    return false;
  }
  d.put('\n\t  MA Name: ');
  if (association === 2) d.charsToZero(name + 2, length);
  else d.unknown(name + 2, '\n\t    ', length);
  return true;
}

type Shown = 'done' | 'dump' | 'next' | 'end';

/** How far a TLV's printer came, and how it ended. */
interface Part {
  readonly shown: Shown;
  readonly at: number;
  readonly left: number;
}

function tlvs(d: Dissector, from: number, length: number): void {
  let at = from;
  for (let left = length; left > 0; ) {
    const type = d.u8(at);
    d.put(`\n\t${word(tlvWords, type, unknown)} TLV (${hex0x(type, 2)})`);
    if (type === 0) return;
    if (left < 3) return d.put('\n\t\t packet is too short');
    d.need(at, 3);
    const size = d.be16(at + 1);
    d.put(`, length ${size}`);
    const body = at + 3;
    left -= 3;
    if (left < size) return d.put('\n\t\t packet is too short');
    d.need(body, size);
    const part = tlv(d, type, body, size);
    if (part.shown === 'end') return;
    if (part.shown === 'dump' || (part.shown === 'done' && d.options.verbose > 1)) d.unknown(body, '\n\t  ', part.left);
    at = part.at + part.left;
    left -= at - body;
  }
}

function tlv(d: Dissector, type: number, at: number, length: number): Part {
  const as = (shown: Shown): Part => ({ shown, at, left: length });
  const atLeast = (size: number): boolean => {
    if (length < size) d.put(` (too short, must be >= ${size})`);
    return length >= size;
  };
  switch (type) {
    case 2:
    case 3: {
      if (!atLeast(1)) return as('end');
      const status = d.u8(at);
      d.put(`, Status: ${word(type === 2 ? portStatusWords : interfaceStatusWords, status, unknown)} (${status})`);
      return as('done');
    }
    case 31: {
      if (!atLeast(4)) return as('end');
      const vendor = d.be24(at);
      d.put(`, Vendor: ${word(organisations, vendor, unknown)} (${vendor}), Sub-Type ${d.u8(at + 3)}`);
      return as('dump');
    }
    case 1:
      return atLeast(1) ? sender(d, at, length) : as('next');
    default:
      return as('dump');
  }
}

function sender(d: Dissector, from: number, length: number): Part {
  let at = from + 1;
  let left = length - 1;
  let shown: Shown = 'done';
  const as = (how: Shown): Part => ({ shown: how, at, left });
  const tooShort = (how: Shown): Part => {
    d.put('\n\t  (TLV too short)');
    return as(how);
  };
  const size = d.u8(from);
  if (size !== 0) {
    if (left < 1) return tooShort('next');
    const kind = d.u8(at);
    left--;
    d.put(`\n\t  Chassis-ID Type ${word(chassisWords, kind, unknown)} (${kind}), Chassis-ID length ${size}`);
    if (left < size) return tooShort('next');
    shown = chassis(d, kind, at + 1, size);
    left -= size;
    at += 1 + size;
  }
  if (left === 0) return as(shown);
  const domain = d.u8(at++);
  left--;
  d.put(`\n\t  Management Address Domain Length ${domain}`);
  if (domain === 0) return as(shown);
  if (left < domain) return tooShort('next');
  d.hex('\n\t  Management Address Domain: ', at, domain);
  at += domain;
  left -= domain;
  if (left < 1) {
    d.put(' (Management Address Length is missing)');
    return as('dump');
  }
  const address = d.u8(at++);
  left--;
  d.put(`\n\t  Management Address Length ${address}`);
  if (address === 0) return as(shown);
  if (left < address) return tooShort('end');
  d.hex('\n\t  Management Address: ', at, address);
  at += address;
  left -= address;
  return as(shown);
}

function chassis(d: Dissector, kind: number, at: number, size: number): Shown {
  switch (kind) {
    case 4:
      if (size !== 6) {
        d.put(' (invalid MAC address length)');
        return 'dump';
      }
      d.put(`\n\t  MAC ${d.mac(at)}`);
      return 'done';
    case 5: {
      if (size < 1) {
        d.put('\n\t  Network Address Type (invalid, no data');
        return 'done';
      }
      const family = d.u8(at);
      d.put(`\n\t  Network Address Type ${word(familyWords, family, unknown)} (${family})`);
      if (family !== 1 && family !== 2) return 'dump';
      if (size !== (family === 1 ? 5 : 17)) {
        d.put(`(invalid IPv${family === 1 ? 4 : 6} address length ${size - 1})`);
        return 'dump';
      }
      d.put(`, ${family === 1 ? d.ip(at + 1) : d.ip6(at + 1)}`);
      return 'done';
    }
    case 1:
    case 2:
    case 3:
    case 6:
    case 7:
      d.charsToZero(at, size);
      return 'done';
    default:
      return 'dump';
  }
}

export const cfmType: EthertypePrinter = { types: [0x8902, 0xabcd], print: cfm };
