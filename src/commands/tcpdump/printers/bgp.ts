// BGP-4, RFC 4271, with capabilities (RFC 5492), route refresh (RFC 2918) and shutdown texts (RFC 9003).
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import { attributes } from './bgp-attributes.js';
import { ipv4Prefixes } from './bgp-nlri.js';
import { asNumber, families } from './bgp-words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 19;
const MARKER = 16;
const OPEN_LENGTH = 29;
const UPDATE_LENGTH = 23;
const REFRESH_LENGTH = 23;
const NOTIFICATION_LENGTH = 21;

const messageWords: Words = { 1: 'Open', 2: 'Update', 3: 'Notification', 4: 'Keepalive', 5: 'Route Refresh' };
const optionWords: Words = { 1: 'Authentication Information', 2: 'Capabilities Advertisement' };
const capabilityWords: Words = {
  1: 'Multiprotocol Extensions',
  2: 'Route Refresh',
  3: 'Cooperative Route Filtering',
  4: 'Multiple Routes to a Destination',
  5: 'Extended Next Hop Encoding',
  8: 'Multiple Labels',
  64: 'Graceful Restart',
  65: '32-Bit AS Number',
  67: 'Dynamic Capability',
  68: 'Multisession BGP',
  69: 'Multiple Paths',
  70: 'Enhanced Route Refresh',
  71: 'Long-lived Graceful Restart',
  128: 'Route Refresh (Cisco)',
};
const addPathWords: Words = { 1: 'Receive', 2: 'Send', 3: 'Both' };

const errorWords: Words = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold Timer Expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
  7: 'Capability Message Error',
};
const suberrorWords: Readonly<Record<number, Words>> = {
  1: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  2: {
    1: 'Unsupported Version Number',
    2: 'Bad Peer AS',
    3: 'Bad BGP Identifier',
    4: 'Unsupported Optional Parameter',
    5: 'Authentication Failure',
    6: 'Unacceptable Hold Time',
    7: 'Capability Message Error',
  },
  3: {
    1: 'Malformed Attribute List',
    2: 'Unrecognized Well-known Attribute',
    3: 'Missing Well-known Attribute',
    4: 'Attribute Flags Error',
    5: 'Attribute Length Error',
    6: 'Invalid ORIGIN Attribute',
    7: 'AS Routing Loop',
    8: 'Invalid NEXT_HOP Attribute',
    9: 'Optional Attribute Error',
    10: 'Invalid Network Field',
    11: 'Malformed AS_PATH',
  },
  5: { 0: 'Unspecified Error', 1: 'In OpenSent State', 2: 'In OpenConfirm State', 3: 'In Established State' },
  6: {
    1: 'Maximum Number of Prefixes Reached',
    2: 'Administrative Shutdown',
    3: 'Peer Unconfigured',
    4: 'Administrative Reset',
    5: 'Connection Rejected',
    6: 'Other Configuration Change',
    7: 'Connection Collision Resolution',
  },
  7: {
    1: 'Invalid Action Value',
    2: 'Invalid Capability Length',
    3: 'Malformed Capability Value',
    4: 'Unsupported Capability Code',
  },
};
const CEASE = 6;

/** Finds messages by their markers: a segment may start within one. */
function bgp(d: Dissector, from: number, length: number): void {
  d.protocol = 'bgp';
  d.put(': BGP');
  if (d.options.verbose === 0) return;
  const end = Math.min(from + length, d.end);
  let start = from;
  for (let at = from; at < end; ) {
    if (d.u8(at) !== 0xff) {
      at++;
      continue;
    }
    if (!d.has(at, MARKER)) return;
    if (!isMarker(d, at)) {
      at++;
      continue;
    }
    d.need(at, HEADER);
    if (start !== at) d.truncated();
    const size = d.be16(at + MARKER);
    if (size < HEADER) {
      d.put(`\nmessage length ${size} < ${HEADER}`);
      return d.invalid();
    }
    if (!d.has(at, size)) return d.put(`\n[|BGP ${word(messageWords, d.u8(at + MARKER + 2), () => 'Unknown Message Type')}]`);
    message(d, at, size);
    at += size;
    start = at;
  }
}

function isMarker(d: Dissector, at: number): boolean {
  for (let i = 0; i < MARKER; i++) if (d.u8(at + i) !== 0xff) return false;
  return true;
}

function message(d: Dissector, at: number, length: number): void {
  const type = d.u8(at + 18);
  d.put(`\n\t${word(messageWords, type, () => 'Unknown')} Message (${type}), length: ${length}`);
  const cut = d.endsEarly(() => {
    switch (type) {
      case 1:
        return open(d, at);
      case 2:
        return update(d, at, length);
      case 3:
        return notification(d, at, length);
      case 4:
        return;
      case 5: {
        d.need(at, REFRESH_LENGTH);
        return d.put(`\n\t  ${families(d.be16(at + 19), d.u8(at + 22))}`);
      }
      default:
        d.put(`\n\t  no Message ${type} decoder`);
        d.unknown(at, '\n\t  ', length);
    }
  });
  if (cut) d.truncated();
}

function open(d: Dissector, at: number): void {
  d.need(at, OPEN_LENGTH);
  d.put(`\n\t  Version ${d.u8(at + 19)}, my AS ${d.be16(at + 20)}, Holdtime ${d.be16(at + 22)}s, ID ${d.ip(at + 24)}`);
  const options = d.u8(at + 28);
  d.put(`\n\t  Optional parameters, length: ${options}`);
  const from = at + OPEN_LENGTH;
  for (let i = 0; i < options; ) {
    const type = d.u8(from + i);
    const size = d.u8(from + i + 1);
    if (i + 2 + size > options) {
      d.put(`\n\t     Option ${type}, length: ${size}, goes past the end of the options`);
      return;
    }
    d.put(`\n\t    Option ${word(optionWords, type, () => 'Unknown')} (${type}), length: ${size}`);
    if (type === 2) capabilities(d, from + i + 2, size);
    else d.put(`\n\t      no decoder for option ${type}`);
    i += 2 + size;
  }
}

function capabilities(d: Dissector, from: number, length: number): void {
  for (let i = 0; i < length; ) {
    const code = d.u8(from + i);
    const size = d.u8(from + i + 1);
    const at = from + i + 2;
    d.put(`\n\t      ${word(capabilityWords, code, () => 'Unknown')} (${code}), length: ${size}`);
    d.need(at, size);
    if (!capability(d, code, at, size)) return;
    if (d.options.verbose > 1 && size > 0) d.unknown(at, '\n\t\t', size);
    i += 2 + size;
  }
}

function tooShort(d: Dissector, least: number): false {
  d.put(` (too short, < ${least})`);
  return false;
}

/** False: the rest of the capabilities cannot be trusted. */
function capability(d: Dissector, code: number, at: number, size: number): boolean {
  switch (code) {
    case 1:
      if (size < 4) return tooShort(d, 4);
      d.put(`\n\t\t${families(d.be16(at), d.u8(at + 3))}`);
      return true;
    case 2:
    case 71:
    case 128:
      return true;
    case 64: {
      if (size < 2) return tooShort(d, 2);
      const first = d.be16(at);
      d.put(`\n\t\tRestart Flags: [${(first & 0x8000) !== 0 ? 'R' : 'none'}], Restart Time ${first & 0xfff}s`);
      for (let p = at + 2; p + 4 <= at + size; p += 4)
        d.put(`\n\t\t  ${families(d.be16(p), d.u8(p + 2))}, Forwarding state preserved: ${(d.u8(p + 3) & 0x80) !== 0 ? 'yes' : 'no'}`);
      return true;
    }
    case 65:
      if (size < 4) return tooShort(d, 4);
      d.put(`\n\t\t 4 Byte AS ${asNumber(d, d.be32(at))}`);
      return true;
    case 69:
      if (size === 0) d.put(' (bogus)');
      for (let p = at; p < at + size; p += 4) {
        if (at + size - p < 4) {
          d.put('\n\t\t(invalid)');
          break;
        }
        d.put(`\n\t\t${families(d.be16(p), d.u8(p + 2))}`);
        d.put(`, Send/Receive: ${word(addPathWords, d.u8(p + 3), (n) => `Bogus (${hex0x(n, 2)})`)}`);
      }
      return true;
    case 8:
      for (let p = at; p + 4 <= at + size; p += 4) d.put(`\n\t\t${families(d.be16(p), d.u8(p + 2))}, Count: ${d.u8(p + 3)}`);
      return true;
    default:
      d.put(`\n\t\tno decoder for Capability ${code}`);
      if (d.options.verbose <= 1) d.unknown(at, '\n\t\t', size);
      return true;
  }
}

function notification(d: Dissector, at: number, length: number): void {
  d.need(at, NOTIFICATION_LENGTH);
  const major = d.u8(at + 19);
  const minor = d.u8(at + 20);
  d.put(`, ${word(errorWords, major, () => 'Unknown Error')} (${major})`);
  const words = suberrorWords[major];
  if (words === undefined) return;
  // Two kinds lack the comma.
  d.put(`${major === 5 || major === 7 ? '' : ','} subcode ${word(words, minor, () => 'Unknown')} (${minor})`);
  if (major !== CEASE) return;
  const data = at + NOTIFICATION_LENGTH;
  const size = length - NOTIFICATION_LENGTH;
  if (minor === 1 && size >= 7) d.put(`, ${families(d.be16(data), d.u8(data + 2))}, Max Prefixes: ${d.be32(data + 3)}`);
  if ((minor === 2 || minor === 4) && size >= 1) shutdown(d, data, size);
}

/** RFC 9003: what an operator says of why. */
function shutdown(d: Dissector, at: number, size: number): void {
  const length = d.u8(at);
  let shown = 0;
  if (length === 0) {
    d.put(', empty Shutdown Communication');
    shown = 1;
  } else if (length > size - 1) d.put(', invalid Shutdown Communication length');
  else {
    d.put(`, Shutdown Communication (length: ${length}): "`);
    d.chars(at + 1, length);
    d.put('"');
    shown = length + 1;
  }
  if (size - shown <= 0) return;
  d.put(`, Data: (length: ${size - shown})`);
  d.unknown(at + shown, '\n\t\t', size - shown);
}

function update(d: Dissector, at: number, length: number): void {
  d.need(at, UPDATE_LENGTH);
  const end = at + length;
  let p = at + HEADER;
  const withdrawn = d.be16(p);
  p += 2;
  if (withdrawn > 0) {
    d.need(p, withdrawn);
    if (p + withdrawn + 2 > end) throw TRUNCATED;
    d.put('\n\t  Withdrawn routes:');
    if (!ipv4Prefixes(d, '\n\t    ', p, p + withdrawn)) throw TRUNCATED;
    p += withdrawn;
  }
  const size = d.be16(p);
  p += 2;
  if (size === 0 && p >= end) return d.put('\n\t  End-of-Rib Marker (empty NLRI)');
  if (size > 0) {
    if (p + size > end) throw TRUNCATED;
    attributes(d, p, size, 0);
    p += size;
  }
  if (p >= end) return;
  d.put('\n\t  Updated routes:');
  ipv4Prefixes(d, '\n\t    ', p, end);
}

export const bgpPort: PortPrinter = { ports: [179], print: bgp };
