// Babel, RFC 6126 and 8966, with sub-TLVs, source-specific routes and authentication (RFC 7298, 8967).
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const MAGIC = 42;
const HEADER = 4;
const UPDATE = 8;
const SPECIFIC_UPDATE = 13;
const HELLO = 4;
const I_HEARD_YOU = 5;

function babel(d: Dissector, at: number, length: number): void {
  d.protocol = 'babel';
  d.put('babel');
  d.need(at, HEADER);
  if (d.u8(at) !== MAGIC) return d.put(' invalid header');
  const version = d.u8(at + 1);
  d.put(` ${version}`);
  if (version !== 2) return d.put(' unknown version');
  if (length < HEADER) return d.invalid();
  const body = d.be16(at + 2);
  d.put(` (${body})`);
  const left = length - HEADER;
  if (left < body || !messages(d, at + HEADER, body)) return d.invalid();
  if (left === body) return;
  d.put(d.options.verbose > 0 ? '\n\t----' : ' |');
  if (!messages(d, at + HEADER + body, left - body)) d.invalid();
}

/** The prefixes that later updates leave out parts of, by address encoding. */
interface Prefixes {
  v4: Uint8Array;
  v6: Uint8Array;
}

const mapped = () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0);
const isMapped = (prefix: Uint8Array) => prefix[10] === 0xff && prefix[11] === 0xff && prefix.subarray(0, 10).every((byte) => byte === 0);

interface Network {
  readonly bytes: Uint8Array;
  /** Bytes that it took. */
  readonly used: number;
}

/** A prefix of `bits` bits in `room` bytes, its first `omitted` bytes those of `before`; null: it does not fit. */
function network(
  d: Dissector,
  encoding: number,
  bits: number,
  omitted: number,
  at: number,
  before: Uint8Array | null,
  room: number,
): Network | null {
  const count = (bits + 7) >>> 3;
  if (count > 16) return null;
  const bytes = new Uint8Array(16);
  const base = encoding === 1 ? 12 : encoding === 3 ? 8 : 0;
  if (encoding === 0) return { bytes, used: 0 };
  if (encoding > 3) return null;
  if (encoding === 1) {
    if (omitted > 4 || count > 4) return null;
    bytes.set(mapped());
  }
  if (encoding === 2 && omitted > 16) return null;
  if (encoding === 3) bytes.set([0xfe, 0x80]);
  const known = encoding === 3 ? 8 : omitted;
  if (count > known && room < count - known) return null;
  if (encoding !== 3 && omitted > 0) {
    if (before === null) return null;
    bytes.set(before.subarray(0, base + omitted));
  }
  const used = Math.max(0, count - known);
  const from = encoding === 3 ? 8 : base + omitted;
  for (let i = 0; i < used; i++) bytes[from + i] = d.u8(at + i);
  return { bytes, used };
}

const address = (d: Dissector, encoding: number, at: number, room: number) =>
  network(d, encoding, encoding === 1 ? 32 : 128, 0, at, null, room);
const addressText = (d: Dissector, bytes: Uint8Array) => (isMapped(bytes) ? d.names.address(bytes, 12, 4) : d.names.ip6(bytes, 0));
const prefixText = (d: Dissector, bytes: Uint8Array, bits: number) =>
  bits >= 96 && isMapped(bytes) ? `${d.names.address(bytes, 12, 4)}/${bits - 96}` : `${d.names.ip6(bytes, 0)}/${bits}`;
const intervalText = (value: number) =>
  value === 0 ? '0.0s (bogus)' : `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}s`;
const updateIntervalText = (value: number) => (value === 0xffff ? 'infinity' : intervalText(value));
const timestampText = (value: number) => `${Math.floor(value / 1_000_000)}.${String(value % 1_000_000).padStart(6, '0')}s`;
const identifier = (d: Dissector, at: number) => d.hexOf(at, 8, ':');
/** Lengths count bits of IPv4 from where it lies in IPv6. */
const fullLength = (encoding: number, bits: number) => (bits + (encoding === 1 ? 96 : 0)) & 0xff;

/** A message's printer shows what is behind its name; false: it is too short. `end`: where it ends. */
type MessagePrinter = (d: Dissector, at: number, length: number, prefixes: Prefixes) => boolean;
interface Message {
  readonly brief: string;
  readonly name: string;
  readonly print: MessagePrinter;
  /** With little to say, too. */
  readonly always?: boolean;
}

/** A printer of messages of at least `least` bytes. */
const atLeast =
  (least: number, print: (d: Dissector, at: number, length: number, prefixes: Prefixes) => unknown): MessagePrinter =>
  (d, at, length, prefixes) =>
    length >= least && print(d, at, length, prefixes) !== false;

const hello = atLeast(6, (d, at, length) => {
  if ((d.be16(at) & 0x8000) !== 0) d.put('(Unicast) ');
  const interval = d.be16(at + 4);
  d.put(`seqno ${d.be16(at + 2)} ${interval === 0 ? 'unscheduled' : `interval ${intervalText(interval)}`}`);
  if (length > 6) subTlvs(d, at + 6, at + length, HELLO);
});

const heardYou = atLeast(6, (d, at, length) => {
  const encoding = d.u8(at);
  const [cost, interval] = [d.be16(at + 2), d.be16(at + 4)];
  const found = address(d, encoding, at + 6, length - 6);
  if (found === null) return d.truncated();
  d.put(`${encoding === 0 ? 'any' : addressText(d, found.bytes)} rxcost ${cost} interval ${intervalText(interval)}`);
  if (found.used < length - 6) subTlvs(d, at + 6 + found.used, at + length, I_HEARD_YOU);
});

const nextHop = atLeast(2, (d, at, length) => {
  const encoding = d.u8(at);
  const found = address(d, encoding, at + 2, length - 2);
  if (found === null) return false;
  d.put(` ${encoding === 0 ? 'invalid AE 0' : addressText(d, found.bytes)}`);
  return true;
});

const updateFlags = (flags: number) =>
  `${(flags & 0x80) === 0 ? '' : '/prefix'}${(flags & 0x40) === 0 ? '' : '/id'}${(flags & 0x3f) === 0 ? '' : '/unknown'}`;

const update = atLeast(10, (d, at, length, prefixes) => {
  const flags = d.u8(at + 1);
  if (d.options.verbose === 0) return d.put(updateFlags(flags));
  const encoding = d.u8(at);
  const [bits, omitted] = [d.u8(at + 2), d.u8(at + 3)];
  const found = network(d, encoding, bits, omitted, at + 10, encoding === 1 ? prefixes.v4 : prefixes.v6, length - 10);
  if (found === null) return false;
  const text = encoding === 0 ? 'any' : prefixText(d, found.bytes, fullLength(encoding, bits));
  d.put(`${updateFlags(flags)} ${text} metric ${d.be16(at + 8)} seqno ${d.be16(at + 6)} interval ${updateIntervalText(d.be16(at + 4))}`);
  if ((flags & 0x80) !== 0) {
    if (encoding === 1) prefixes.v4 = found.bytes;
    else prefixes.v6 = found.bytes;
  }
  if (found.used < length - 10) subTlvs(d, at + 10 + found.used, at + length, UPDATE);
  return true;
});

const routeRequest = atLeast(2, (d, at, length) => {
  const [encoding, bits] = [d.u8(at), d.u8(at + 1)];
  const found = network(d, encoding, bits, 0, at + 2, null, length - 2);
  if (found === null) return false;
  d.put(`for ${encoding === 0 ? 'any' : prefixText(d, found.bytes, fullLength(encoding, bits))}`);
  return true;
});

const sequenceRequest = atLeast(14, (d, at, length) => {
  const [encoding, bits] = [d.u8(at), d.u8(at + 1)];
  const found = network(d, encoding, bits, 0, at + 14, null, length - 14);
  if (found === null) return false;
  const text = encoding === 0 ? 'invalid AE 0' : prefixText(d, found.bytes, fullLength(encoding, bits));
  d.put(`(${d.u8(at + 4)} hops) for ${text} seqno ${d.be16(at + 2)} id ${identifier(d, at + 6)}`);
  return true;
});

/** A prefix and, behind it, the prefix that it is for; null: they do not fit. */
function pair(
  d: Dissector,
  at: number,
  length: number,
  from: number,
  bits: number,
  omitted: number,
  sourceBits: number,
  before: Uint8Array | null,
) {
  const encoding = d.u8(at);
  const one = network(d, encoding, bits, omitted, at + from, before, length - from);
  if (one === null) return null;
  const other = network(d, encoding, sourceBits, 0, at + from + one.used, null, length - from - one.used);
  if (other === null) return null;
  return {
    destination: prefixText(d, one.bytes, fullLength(encoding, bits)),
    source: prefixText(d, other.bytes, fullLength(encoding, sourceBits)),
    end: from + one.used + other.used,
  };
}

const specificUpdate = atLeast(10, (d, at, length, prefixes) => {
  const before = d.u8(at) === 1 ? prefixes.v4 : prefixes.v6;
  const found = pair(d, at, length, 10, d.u8(at + 2), d.u8(at + 3), d.u8(at + 1), before);
  if (found === null) return false;
  d.put(` ${found.destination} from ${found.source} metric ${d.be16(at + 8)} seqno ${d.be16(at + 6)}`);
  d.put(` interval ${updateIntervalText(d.be16(at + 4))}`);
  if (found.end < length) subTlvs(d, at + found.end, at + length, SPECIFIC_UPDATE);
  return true;
});

const specificRequest = atLeast(3, (d, at, length) => {
  const found = pair(d, at, length, 3, d.u8(at + 1), 0, d.u8(at + 2), null);
  if (found === null) return false;
  d.put(d.u8(at) === 0 ? 'for any' : `for (${found.destination}, ${found.source})`);
  return true;
});

const specificMultihop = atLeast(14, (d, at, length) => {
  const found = pair(d, at, length, 14, d.u8(at + 1), 0, d.u8(at + 5), null);
  if (found === null) return false;
  d.put(`(${d.u8(at + 4)} hops) for (${found.destination}, ${found.source}) seqno ${d.be16(at + 2)} id ${identifier(d, at + 6)}`);
  return true;
});

const challenge: MessagePrinter = (d, _at, length) => {
  if (length > 192) return false;
  d.put(` len ${length}`);
  return true;
};

const kinds: Readonly<Record<number, Message>> = {
  1: { brief: 'padN', name: 'Pad ', print: atLeast(0, (d, _at, length) => d.put(`${length + 2}`)) },
  2: {
    brief: 'ack-req',
    name: 'Acknowledgment Request ',
    print: atLeast(6, (d, at) => d.put(`${hex(d.be16(at + 2), 4)} ${intervalText(d.be16(at + 4))}`)),
  },
  3: { brief: 'ack', name: 'Acknowledgment ', print: atLeast(2, (d, at) => d.put(hex(d.be16(at), 4))) },
  4: { brief: 'hello', name: 'Hello ', print: hello },
  5: { brief: 'ihu', name: 'IHU ', print: heardYou },
  6: { brief: 'router-id', name: 'Router Id', print: atLeast(10, (d, at) => d.put(` ${identifier(d, at + 2)}`)) },
  7: { brief: 'nh', name: 'Next Hop', print: nextHop },
  8: { brief: 'update', name: 'Update', print: update, always: true },
  9: { brief: 'route-request', name: 'Route Request ', print: routeRequest },
  10: { brief: 'seqno-request', name: 'Seqno Request ', print: sequenceRequest },
  11: {
    brief: 'tspc',
    name: 'TS/PC ',
    print: atLeast(6, (d, at) => d.put(`timestamp ${d.be32(at + 2)} packetcounter ${d.be16(at)}`)),
  },
  12: {
    brief: 'hmac',
    name: 'HMAC ',
    print: atLeast(18, (d, at, length) => d.put(`key-id ${d.be16(at)} digest-${length - 2} ${d.hexOf(at + 2, length - 2).toUpperCase()}`)),
  },
  13: { brief: 'ss-update', name: 'SS-Update', print: specificUpdate },
  14: { brief: 'ss-request', name: 'SS-Request ', print: specificRequest },
  15: { brief: 'ss-mh-request', name: 'SS-MH-Request ', print: specificMultihop },
  16: { brief: 'mac', name: 'MAC ', print: atLeast(0, (d, _at, length) => d.put(`len ${length}`)) },
  17: {
    brief: 'pc',
    name: 'PC',
    print: atLeast(4, (d, at, length) => d.put(` value ${d.be32(at)} index len ${length - 4}`)),
  },
  18: { brief: 'challenge_request', name: 'Challenge Request', print: challenge },
  19: { brief: 'challenge_reply', name: 'Challenge Reply', print: challenge },
};

/** False: one was wrong. */
function messages(d: Dissector, from: number, length: number): boolean {
  const verbose = d.options.verbose > 0;
  const prefixes: Prefixes = { v4: mapped(), v6: new Uint8Array(16) };
  const end = from + length;
  for (let at = from; at < end; ) {
    const type = d.u8(at);
    if (type === 0) {
      d.put(verbose ? '\n\tPad 1' : ' pad1');
      at++;
      continue;
    }
    if (at + 2 > end) return false;
    d.need(at, 2);
    const size = d.u8(at + 1);
    if (at + 2 + size > end) return false;
    d.need(at, 2 + size);
    const kind = kinds[type];
    if (kind === undefined) d.put(verbose ? `\n\tUnknown message type ${type}` : ' unknown');
    else {
      d.put(verbose ? `\n\t${kind.name}` : ` ${kind.brief}`);
      if ((verbose || kind.always === true) && !kind.print(d, at + 2, size, prefixes)) return false;
    }
    at += size + 2;
  }
  return true;
}

const diversityWords: Words = { 0: 'reserved', 255: 'all' };

function subTlvs(d: Dissector, from: number, end: number, message: number): void {
  for (let at = from; at < end; ) {
    const type = d.u8(at++);
    if (type === 0) {
      d.put(' sub-pad1');
      continue;
    }
    if ((type & 0x80) !== 0) d.put(' (M)');
    if (at === end) return d.invalid();
    const length = d.u8(at++);
    if (at + length > end) return d.invalid();
    if (!subTlv(d, type, at, length, message)) return d.invalid();
    at += length;
  }
}

function subTlv(d: Dissector, type: number, at: number, length: number, message: number): boolean {
  switch (type) {
    case 1:
      d.put(' sub-padn');
      return true;
    case 2:
      d.put(' sub-diversity');
      if (length === 0) {
        d.put(' empty');
        return true;
      }
      for (let i = 0; i < length; i++) d.put(`${i === 0 ? ' ' : '-'}${word(diversityWords, d.u8(at + i), String)}`);
      if (message !== UPDATE && message !== SPECIFIC_UPDATE) d.put(' (bogus)');
      return true;
    case 3:
      d.put(' sub-timestamp');
      if (message === HELLO) {
        if (length < 4) return false;
        d.put(` ${timestampText(d.be32(at))}`);
      } else if (message === I_HEARD_YOU) {
        if (length < 8) return false;
        d.put(` ${timestampText(d.be32(at))}|${timestampText(d.be32(at + 4))}`);
      } else d.put(' (bogus)');
      return true;
    default:
      d.put(` sub-unknown-0x${hex(type, 2)}`);
      return true;
  }
}

export const babelPort: PortPrinter = { ports: [6696, 6697], print: babel };
