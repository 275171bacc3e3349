// DECnet phase IV: routing messages and the network services protocol (NSP 4.0.0).
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const SHORT_HEADER = 6;
const LONG_HEADER = 21;
const LENGTH_FIELD = 2;
/** Where a link service message has its flags and count. */
const SERVICE_AT = 11;
const PADDED = 0x80;
const FUTURE_VERSION = 0x40;
const CONTROL = 0x01;
const ACKNOWLEDGED = 0x8000;
const REFUSED = 0x9000;
const OTHER_REFUSED = 0xb000;
const OTHER = 0xa000;
const NUMBER = 0x0fff;
const MAXIMUM_RANGE = 1024;

const node = (address: number) => `${address >>> 10}.${address & 0x3ff}`;
const nodeAt = (d: Dissector, at: number) => node(d.le16(at));

const kindWords = ['reserved-ntype? ', 'l2rout ', 'l1rout ', 'endnode '] as const;

/** Who says hello: `bits` say what else. */
const kind = (info: number, ...bits: readonly (readonly [number, string])[]) =>
  `${kindWords[info & 3]}${bits.map(([bit, text]) => ((info & bit) === 0 ? '' : text)).join('')}`;

function routes(d: Dissector, from: number, length: number, what: string): void {
  let at = from;
  // The last two bytes are a checksum.
  for (let left = length; left > 6; left -= 6, at += 6) {
    const count = d.le16(at);
    if (count > MAXIMUM_RANGE) return;
    const first = d.le16(at + 2);
    const info = d.le16(at + 4);
    d.put(`{${what} ${first}-${first + count} cost ${info & 0x3ff} hops ${(info >>> 10) & 0x1f}} `);
  }
}

/** A control message: `length` with its flags. */
function control(d: Dissector, at: number, length: number, captured: number): void {
  const field = d.u8(at);
  const least = (bytes: number) => {
    if (length < bytes) {
      d.invalid();
      return false;
    }
    d.need(at, bytes);
    return true;
  };
  const version = (p: number) => `vers ${d.u8(p)} eco ${d.u8(p + 1)} ueco ${d.u8(p + 2)}`;
  switch (field & 0x0e) {
    case 0x00: {
      d.put('init ');
      if (!least(12)) return;
      const info = d.u8(at + 3);
      d.put(kind(info, [4, 'verif '], [8, 'blo ']));
      return d.put(`src ${nodeAt(d, at + 1)}blksize ${d.le16(at + 4)} ${version(at + 6)} hello ${d.le16(at + 9)}`);
    }
    case 0x02:
      d.put('verification ');
      if (!least(4)) return;
      return d.put(`src ${nodeAt(d, at + 1)} fcnval ${d.u8(at + 3).toString(8)}`);
    case 0x04:
      d.put('test ');
      if (!least(4)) return;
      return d.put(`src ${nodeAt(d, at + 1)} data ${d.u8(at + 3).toString(8)}`);
    case 0x06:
    case 0x08: {
      const level = (field & 0x0e) === 0x06 ? 1 : 2;
      d.put(`lev-${level}-routing `);
      if (!least(4)) return;
      d.put(`src ${nodeAt(d, at + 1)} `);
      return routes(d, at + 4, Math.min(length, captured) - 4, level === 1 ? 'ids' : 'areas');
    }
    case 0x0a: {
      d.put('router-hello ');
      if (!least(17)) return;
      d.put(kind(d.u8(at + 10), [4, 'verif '], [0x20, 'nomcast '], [0x40, 'blo ']));
      return d.put(`${version(at + 1)} src ${nodeAt(d, at + 8)} blksize ${d.le16(at + 11)} pri ${d.u8(at + 13)} hello ${d.le16(at + 15)}`);
    }
    case 0x0c: {
      d.put('endnode-hello ');
      if (!least(32)) return;
      d.put(kind(d.u8(at + 10), [4, 'verif '], [0x20, 'nomcast '], [0x40, 'blo ']));
      d.put(`${version(at + 1)} src ${nodeAt(d, at + 8)} blksize ${d.le16(at + 11)}`);
      return d.put(` rtr ${nodeAt(d, at + 26)} hello ${d.le16(at + 28)} data ${d.u8(at + 31).toString(8)}`);
    }
    default:
      d.put('unknown control message');
      d.dump(at, Math.min(length, captured));
  }
}

/** Acknowledgements in front of a segment's number; where the number is, or -1: the message is too short. */
function acknowledgements(d: Dissector, from: number, end: number, other: readonly [string, string]): number {
  let at = from;
  const first = d.le16(at);
  if ((first & ACKNOWLEDGED) === 0) return at;
  d.put(`${(first & REFUSED) === REFUSED ? 'nak' : 'ack'} ${first & NUMBER} `);
  at += 2;
  if (at + 2 > end) return -1;
  const second = d.le16(at);
  if ((second & OTHER) !== OTHER) return at;
  d.put(`${(second & OTHER_REFUSED) === OTHER_REFUSED ? other[1] : other[0]} ${second & NUMBER} `);
  return at + 4 > end ? -1 : at + 2;
}

const TO_DATA = ['ackdat', 'nakdat'] as const;
const TO_OTHER = ['oack', 'onak'] as const;

/** Acknowledgements and the segment's number; false: it was too short, and that was said. */
function segment(d: Dissector, at: number, end: number, other: readonly [string, string]): boolean {
  const number = at + 7 > end ? -1 : acknowledgements(d, at + 5, end, other);
  if (number < 0) {
    d.invalid();
    return false;
  }
  d.put(`seg ${d.le16(number) & NUMBER} `);
  return true;
}

const serviceWords: Words = { 0: '', 1: 'seg ', 2: 'msg ', 3: '' };
const versionWords: Words = { 0: 'ver 3.2 ', 1: 'ver 3.1 ', 2: 'ver 4.0 ', 3: 'ver 4.1 ' };
const reasonWords: Words = {
  0: 'object rejected connect',
  1: 'insufficient resources',
  2: 'unrecognized node name',
  3: 'node is shutting down',
  4: 'unrecognized object',
  5: 'invalid object name format',
  6: 'object too busy',
  7: 'protocol error discovered',
  8: 'third party abort',
  9: 'user abort',
  10: 'invalid node name format',
  11: 'local node shutting down',
  32: 'insufficient local resources',
  33: 'insufficient remote user resources',
  34: 'invalid access control information',
  36: 'bad ACCOUNT information',
  38: 'no response from object',
  39: 'node unreachable',
  41: 'no link terminate',
  42: 'disconnect complete',
  43: 'bad image data in connect',
  54: 'cryptographic service mismatch',
};

function linkService(d: Dissector, at: number): void {
  const flags = d.u8(at);
  const count = d.u8(at + 1);
  switch (flags & 0xfc) {
    case 0:
      d.put(`dat seg count ${count} `);
      if ((flags & 3) === 1) d.put('donotsend-data ');
      else if ((flags & 3) === 2) d.put('send-data ');
      else if ((flags & 3) === 3) d.put(`reserved-fcmod? ${hex(flags)}`);
      return;
    case 4:
      return d.put(`intr req count ${count} `);
    default:
      d.put(`reserved-fcval-int? ${hex(flags)}`);
  }
}

function nsp(d: Dissector, at: number, length: number): void {
  if (length < 5) {
    d.put(` (nsplen ${length} < 5)`);
    return d.invalid();
  }
  const flags = d.u8(at);
  const end = at + length;
  const to = d.le16(at + 1);
  const from = d.le16(at + 3);
  const ends = `${from}>${to} `;
  const short = (bytes: number) => {
    if (length < bytes) d.invalid();
    return length < bytes;
  };
  switch (flags) {
    case 0x00:
    case 0x20:
    case 0x40:
    case 0x60:
      d.put(`data ${ends}`);
      return void segment(d, at, end, TO_OTHER);
    case 0x30:
      d.put('intr ');
      return void segment(d, at, end, TO_DATA);
    case 0x10: {
      d.put(`link-service ${ends}`);
      if (short(SERVICE_AT + 2)) return;
      // As tcpdump: as if both acknowledgements were there.
      if (segment(d, at, end, TO_DATA)) linkService(d, at + SERVICE_AT);
      return;
    }
    case 0x24:
      return d.put(`conn-ack ${to}`);
    case 0x04:
    case 0x14:
      d.put(`${flags === 0x04 ? 'data-ack' : 'ils-ack'} ${ends}`);
      if (short(9)) return;
      acknowledgements(d, at + 5, end + 2, flags === 0x04 ? TO_OTHER : TO_DATA);
      return;
    case 0x18:
    case 0x68:
    case 0x28: {
      const name = flags === 0x18 ? 'conn-initiate' : flags === 0x68 ? 'retrans-conn-initiate' : 'conn-confirm';
      d.put(`${name} ${ends}`);
      if (short(flags === 0x28 ? 10 : 9)) return;
      d.put(`${serviceWords[(d.u8(at + 5) >>> 2) & 3]}${versionWords[d.u8(at + 6) & 3]}segsize ${d.le16(at + 7)} `);
      if (flags === 0x28 && d.u8(at + 9) > 0) d.put(`optlen ${d.u8(at + 9)} `);
      return;
    }
    case 0x38:
    case 0x48:
      d.put(`disconn-${flags === 0x38 ? 'initiate' : 'confirm'} ${ends}`);
      if (short(flags === 0x38 ? 8 : 7)) return;
      d.put(`${word(reasonWords, d.le16(at + 5), (n) => `reason-${n}`)} `);
      if (flags === 0x38 && d.u8(at + 7) > 0) d.put(`optlen ${d.u8(at + 7)} `);
      return;
    default: {
      const what = ['subtype', 'acktype', 'ctltype', 'type'][(flags >>> 2) & 3];
      d.put(`reserved-${what}? ${hex(flags)} ${from} > ${to}`);
    }
  }
}

function decnet(d: Dissector, from: number, givenLength: number, givenCaptured: number): void {
  d.protocol = 'decnet';
  let at = from;
  let [length, captured] = [givenLength, givenCaptured];
  if (length < SHORT_HEADER) {
    d.put(` (length ${length} < ${SHORT_HEADER})`);
    return d.invalid();
  }
  const declared = d.le16(at);
  const wrong = declared < SHORT_HEADER ? `< ${SHORT_HEADER}` : declared > length ? `> ${length}` : '';
  if (wrong !== '') {
    d.put(` (pktlen ${declared} ${wrong})`);
    return d.invalid();
  }
  length = declared;
  let flags = d.u8(at + LENGTH_FIELD);
  if ((flags & PADDED) !== 0) {
    const padding = flags & 0x7f;
    if (d.options.verbose > 0) d.put(`[pad:${padding}] `);
    if (length < padding + SHORT_HEADER) return d.invalid();
    d.need(at + LENGTH_FIELD, padding);
    at += padding;
    length -= padding;
    captured -= padding;
    flags = d.u8(at + LENGTH_FIELD);
  }
  if ((flags & FUTURE_VERSION) !== 0) {
    d.put('future-version-decnet');
    return d.dump(at, Math.min(length, captured));
  }
  if ((flags & CONTROL) !== 0) return control(d, at + LENGTH_FIELD, length, captured);
  const isLong = (flags & 7) === 6;
  if (!isLong && (flags & 7) !== 2) {
    d.put('unknown message flags under mask');
    return d.dump(at, Math.min(length, captured));
  }
  const header = isLong ? LONG_HEADER : SHORT_HEADER;
  if (length < header) return d.invalid();
  d.need(at, LENGTH_FIELD + header);
  const p = at + LENGTH_FIELD;
  const [to, source, hops] = isLong
    ? [nodeAt(d, p + 7), nodeAt(d, p + 15), d.u8(p + 18)]
    : [nodeAt(d, p + 1), nodeAt(d, p + 3), (d.u8(p + 5) & 0x3f) + 1];
  d.put(`${source} > ${to} ${declared} `);
  if (d.options.verbose > 0)
    d.put(`${(flags & 8) === 0 ? '' : 'RQR '}${(flags & 0x10) === 0 ? '' : 'RTS '}${(flags & 0x20) === 0 ? '' : 'IE '}${hops} hops `);
  nsp(d, p + header, length - header);
}

export const decnetType: EthertypePrinter = { types: [0x6003], print: decnet };
