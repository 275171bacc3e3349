// LDP, RFC 5036, with pseudowires (RFC 8077) and fault tolerance (RFC 3479).
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { encapsulationWords } from './l2vpn-words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 10;
const MESSAGE_HEADER = 8;
const TLV_HEADER = 4;

const messageWords: Words = {
  0x0001: 'Notification',
  0x0100: 'Hello',
  0x0200: 'Initialization',
  0x0201: 'Keepalive',
  0x0300: 'Address',
  0x0301: 'Address Withdraw',
  0x0400: 'Label Mapping',
  0x0401: 'Label Request',
  0x0402: 'Label Withdraw',
  0x0403: 'Label Release',
  0x0404: 'Label Abort',
};
/** Messages whose TLVs are not looked at. */
const undecoded = new Set([0x0401, 0x0403, 0x0404]);
const tlvWords: Words = {
  0x0100: 'FEC',
  0x0101: 'Address List',
  0x0103: 'Hop Count',
  0x0104: 'Path Vector',
  0x0200: 'Generic Label',
  0x0201: 'ATM Label',
  0x0202: 'Frame-Relay Label',
  0x0300: 'Status',
  0x0301: 'Extended Status',
  0x0302: 'Returned PDU',
  0x0303: 'Returned Message',
  0x0400: 'Common Hello Parameters',
  0x0401: 'IPv4 Transport Address',
  0x0402: 'Configuration Sequence Number',
  0x0403: 'IPv6 Transport Address',
  0x0500: 'Common Session Parameters',
  0x0501: 'ATM Session Parameters',
  0x0502: 'Frame-Relay Session Parameters',
  0x0503: 'Fault-Tolerant Session Parameters',
  0x0600: 'Label Request Message ID',
  0x0601: 'MTU',
};
const fecWords: Words = { 1: 'Wildcard', 2: 'Prefix', 3: 'Host address', 0x80: 'Martini VC' };
const interfaceWords: Words = {
  1: 'Interface MTU',
  2: 'Number of concatenated ATM cells',
  3: 'Optional Interface Description String',
  4: 'CEM Payload Bytes',
  5: 'CEM options',
  6: 'VLAN Id',
  0x0c: 'VCCV',
};
const vccvTypes: Bits = [
  [0x01, 'PWE3 control word'],
  [0x02, 'MPLS Router Alert Label'],
  [0x04, 'MPLS inner label TTL = 1'],
];
const vccvVerification: Bits = [
  [0x01, 'ICMP Ping'],
  [0x02, 'LSP Ping'],
  [0x04, 'BFD'],
  [0x08, 'VCCV BFD IPv4/UDP-encapsulated, for PW Fault Detection only'],
];

function ldp(d: Dissector, at: number, length: number): void {
  d.protocol = 'ldp';
  let left = length;
  for (let p = at; left > HEADER + MESSAGE_HEADER; ) {
    const used = pdu(d, p, left);
    if (used === 0) return;
    p += used;
    left -= used;
  }
}

/** Its length; 0: nothing can follow it. */
function pdu(d: Dissector, at: number, length: number): number {
  d.need(at, HEADER);
  const version = d.be16(at);
  const declared = d.be16(at + 2);
  const size = declared + 4;
  if (declared < 6) {
    d.put(` [pdu length ${declared} < 6]`);
    d.invalid();
    return 0;
  }
  const lead = d.options.verbose > 0 ? '\n\t' : '';
  if (version !== 1) {
    d.put(`${lead}LDP version ${version} packet not supported`);
    return 0;
  }
  d.put(`${lead}LDP, Label-Space-ID: ${d.ip(at + 4)}:${d.be16(at + 8)}, pdu-length: ${declared}`);
  if (d.options.verbose < 1) return 0;
  let left = Math.min(declared - 6, length - HEADER);
  for (let p = at + HEADER; left > 0; ) {
    const used = message(d, p);
    if (used === 0) return 0;
    p += used;
    left -= used;
  }
  return size;
}

function message(d: Dissector, at: number): number {
  d.need(at, MESSAGE_HEADER);
  const first = d.be16(at);
  const length = d.be16(at + 2);
  const type = first & 0x7fff;
  d.put(`\n\t  ${word(messageWords, type, () => 'Unknown')} Message (${hex0x(type, 4)}), length: ${length}`);
  if (length < 4) {
    d.put(' (too short, < 4)');
    return 0;
  }
  d.put(`, Message ID: ${hex0x(d.be32(at + 4), 8)}, Flags: [${first >= 0x8000 ? 'continue processing' : 'ignore'} if unknown]`);
  const isKnown = messageWords[type] !== undefined && !undecoded.has(type);
  let rest = isKnown ? length - 4 : 0;
  for (let p = at + MESSAGE_HEADER; rest > 0; ) {
    const used = tlv(d, p, rest);
    if (used === 0) break;
    p += used;
    rest -= used;
  }
  // The real tool takes the length, which counts the identifier too, for that of what follows it.
  if (d.options.verbose > 1 || !isKnown) d.unknown(at + MESSAGE_HEADER, '\n\t  ', length);
  return length + 4;
}

/** Its length; 0: the message ends in it. */
function tlv(d: Dissector, at: number, left: number): number {
  if (left < TLV_HEADER) {
    d.put('\n\t\t TLV contents go past end of message');
    return 0;
  }
  const first = d.be16(at);
  const length = d.be16(at + 2);
  if (length + TLV_HEADER > left) {
    d.put('\n\t\t TLV contents go past end of message');
    return 0;
  }
  const type = first & 0x3fff;
  const unknown = (first & 0x8000) !== 0 ? 'continue processing' : 'ignore';
  const forward = (first & 0x4000) !== 0 ? 'do' : "don't";
  d.put(
    `\n\t    ${word(tlvWords, type, () => 'Unknown')} TLV (${hex0x(type, 4)}), length: ${length}, Flags: [${unknown} and ${forward} forward if unknown]`,
  );
  d.need(at + TLV_HEADER, length);
  return isWhole(() => body(d, type, at + TLV_HEADER, length)) ? length + TLV_HEADER : 0;
}

/** Thrown where a value is too short: its message is not looked at any further. */
const TOO_SHORT = Symbol('too short');

function enough(d: Dissector, length: number, least: number): void {
  if (length >= least) return;
  d.put(` [tlv length ${length} < ${least}]`);
  d.invalid();
  throw TOO_SHORT;
}

/** False: it is too short. */
function isWhole(show: () => void): boolean {
  try {
    show();
    return true;
  } catch (error) {
    if (error !== TOO_SHORT) throw error;
    return false;
  }
}

function body(d: Dissector, type: number, at: number, length: number): void {
  switch (type) {
    case 0x0400: {
      enough(d, length, 4);
      const flags = d.be16(at + 2);
      d.put(`\n\t      Hold Time: ${d.be16(at)}s, Flags: [${(flags & 0x8000) !== 0 ? 'Targeted' : 'Link'} Hello`);
      return d.put(`${(flags & 0x4000) !== 0 ? ', Request for targeted Hellos' : ''}]`);
    }
    case 0x0401:
      enough(d, length, 4);
      return d.put(`\n\t      IPv4 Transport Address: ${d.ip(at)}`);
    case 0x0403:
      enough(d, length, 16);
      return d.put(`\n\t      IPv6 Transport Address: ${d.ip6(at)}`);
    case 0x0402:
      enough(d, length, 4);
      return d.put(`\n\t      Sequence Number: ${d.be32(at)}`);
    case 0x0101:
      return addresses(d, at, length);
    case 0x0500:
      enough(d, length, 8);
      d.put(`\n\t      Version: ${d.be16(at)}, Keepalive: ${d.be16(at + 2)}s, Flags: [Downstream `);
      d.put(
        `${(d.u8(at + 6) & 0x80) !== 0 ? 'On Demand' : 'Unsolicited'}, Loop Detection ${(d.u8(at + 6) & 0x40) !== 0 ? 'Enabled' : 'Disabled'}]`,
      );
      return;
    case 0x0100:
      return fec(d, at, length);
    case 0x0200:
      enough(d, length, 4);
      return d.put(`\n\t      Label: ${d.be32(at) & 0xfffff}`);
    case 0x0300: {
      enough(d, length, 8);
      const status = d.be32(at);
      d.put(
        `\n\t      Status: ${hex0x(status & 0x3fffffff, 2)}, Flags: [${status >= 0x80000000 ? 'Fatal error' : 'Advisory Notification'}`,
      );
      d.put(`${(status & 0x40000000) !== 0 ? ' and' : " and don't"} forward]`);
      if (d.be32(at + 4) !== 0) d.put(`, causing Message ID: ${hex0x(d.be32(at + 4), 8)}`);
      return;
    }
    case 0x0503:
      return faultTolerance(d, at, length);
    case 0x0601:
      enough(d, length, 2);
      return d.put(`\n\t      MTU: ${d.be16(at)}`);
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t      ', length);
  }
}

function addresses(d: Dissector, at: number, length: number): void {
  enough(d, length, 2);
  const family = d.be16(at);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0) return;
  d.put(`\n\t      Address Family: IPv${family === 1 ? 4 : 6}, addresses`);
  for (let i = 2; i + size <= length; i += size) d.put(` ${size === 4 ? d.ip(at + i) : d.ip6(at + i)}`);
}

function fec(d: Dissector, at: number, length: number): void {
  enough(d, length, 1);
  const type = d.u8(at);
  d.put(`\n\t      ${word(fecWords, type, () => 'Unknown')} FEC (${hex0x(type, 2)})`);
  if (type === 2) prefix(d, at + 1, length - 1);
  else if (type === 0x80) pseudowire(d, at + 1, length - 1);
}

function prefix(d: Dissector, at: number, length: number): void {
  enough(d, length, 2);
  const family = d.be16(at);
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0) return;
  const bitLength = d.u8(at + 2);
  const bytes = (bitLength + 7) >>> 3;
  if (bitLength > size * 8) return d.put(`: IPv${family === 1 ? 4 : 6} prefix (invalid length)`);
  if (length - 3 < bytes) return d.put(`: IPv${family === 1 ? 4 : 6} prefix (goes past end of TLV)`);
  const whole = new Uint8Array(size);
  for (let i = 0; i < bytes; i++) whole[i] = d.u8(at + 3 + i);
  if (bitLength % 8 !== 0) whole[bytes - 1]! &= 0xff00 >>> (bitLength % 8);
  d.put(`: IPv${family === 1 ? 4 : 6} prefix ${d.names.address(whole, 0, size)}/${bitLength}`);
}

/** RFC 8077 6.1: FEC 128, which was Martini's draft. */
function pseudowire(d: Dissector, at: number, length: number): void {
  enough(d, length, 7);
  const type = d.be16(at);
  let left = d.u8(at + 2);
  d.put(`: ${word(encapsulationWords, type & 0x7fff, () => 'Unknown')}, ${(type & 0x8000) !== 0 ? '' : 'no '}control word`);
  d.put(`, group-ID ${d.be32(at + 3)}`);
  if (left === 0) return;
  const available = length - 7;
  enough(d, available, 4);
  d.put(`, VC-ID ${d.be32(at + 7)}, VC-info-length: ${left}`);
  if (left < 4) return;
  left -= 4;
  enough(d, available - 4, left);
  for (let p = at + 11; left > 1; ) {
    const kind = d.u8(p);
    const size = d.u8(p + 1);
    if (size < 2) return;
    d.put(`\n\t\tInterface Parameter: ${word(interfaceWords, kind, () => 'Unknown')} (${hex0x(kind, 2)}), len ${size - 2}`);
    d.need(p + 2, size - 2);
    if (kind === 1) d.put(`: MTU ${d.be16(p + 2)}`);
    else if (kind === 3) {
      d.put(': ');
      for (let i = 2; i < size; i++) d.char(d.u8(p + i));
    } else if (kind === 0x0c) {
      d.put(`\n\t\t  Control Channels (${hex0x(d.u8(p + 2), 2)}) = [${bits(vccvTypes, d.u8(p + 2))}]`);
      d.put(`\n\t\t  CV Types (${hex0x(d.u8(p + 3), 2)}) = [${bits(vccvVerification, d.u8(p + 3))}]`);
    }
    left -= size;
    p += size;
  }
}

function faultTolerance(d: Dissector, at: number, length: number): void {
  enough(d, length, 12);
  const flags = d.be16(at);
  const either = (bit: number, yes: string, no: string) => ((flags & bit) !== 0 ? yes : no);
  d.put(`\n\t      Flags: [${either(0x8000, '', 'No ')}Reconnect, ${either(0x08, '', "Don't ")}Save State`);
  d.put(`, ${either(0x04, '', 'No ')}All-Label Protection, ${either(0x02, 'Sequence Numbered Label', 'All Labels')} Checkpoint`);
  d.put(`, ${either(0x01, '', "Don't ")}Re-Learn State]`);
  if (d.be32(at + 4) !== 0) d.put(`, Reconnect Timeout: ${d.be32(at + 4)}ms`);
  if (d.be32(at + 8) !== 0) d.put(`, Recovery Time: ${d.be32(at + 8)}ms`);
}

export const ldpPort: PortPrinter = { ports: [646], print: ldp };
