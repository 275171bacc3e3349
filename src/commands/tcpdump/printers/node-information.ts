// Node information queries of IPv6, RFC 4620.
import type { Dissector } from '../dissector.js';

const HEADER = 16;
const QUERY = 139;
const NOOP = 0;
const SUPPORTED = 1;
const NAME = 2;
const ADDRESSES = 3;

const addressFlags = [
  [0x40, 'a'],
  [0x20, 'G'],
  [0x10, 'S'],
  [0x08, 'L'],
  [0x04, 'C'],
  [0x02, 'A'],
  [0x01, 'T'],
] as const;

const flagText = (flags: number, known: readonly (readonly [number, string])[]) =>
  flags === 0 ? '' : ` [${known.map(([bit, letter]) => ((flags & bit) === 0 ? '' : letter)).join('')}]`;

/** The message at `at`, a query or a reply; it ends where the capture does. */
export function nodeInformation(d: Dissector, at: number, length: number, type: number): void {
  const { end } = d;
  const captured = end - at;
  if (type === QUERY) {
    if (captured === 12) return d.put(' who-are-you request');
    d.put(' node information query');
    if (!d.has(at, HEADER)) return d.truncated();
    d.put(' (');
    query(d, at, captured);
    return d.put(')');
  }
  if (length > captured || !d.has(at, HEADER)) return d.truncated();
  d.put(' node information reply (');
  reply(d, at, captured);
  d.put(')');
}

const verboseText = (d: Dissector, text: string) => {
  if (d.options.verbose > 0) d.put(text);
};

function query(d: Dissector, at: number, captured: number): void {
  const type = d.be16(at + 4);
  const flags = d.be16(at + 6);
  switch (type) {
    case NOOP:
      d.put('noop');
      break;
    case SUPPORTED:
      d.put(`supported qtypes${flagText(flags, [[1, 'C']])}`);
      break;
    case NAME:
      d.put('DNS name');
      break;
    case ADDRESSES:
      d.put(`node addresses${flagText(flags, addressFlags.slice(0, -1))}`);
      break;
    default:
      d.put('unknown');
  }
  if (type === NOOP || type === SUPPORTED) {
    if (captured !== HEADER) verboseText(d, ', invalid len');
    return;
  }
  if (captured === HEADER) return d.put(', 03 draft');
  const subject = at + HEADER;
  switch (d.u8(at + 1)) {
    case 0:
    case 2: {
      const size = d.u8(at + 1) === 0 ? 16 : 4;
      if (!d.has(subject, size)) return;
      if (captured !== HEADER + size) return verboseText(d, ', invalid subject len');
      return d.put(`, subject=${size === 16 ? d.ip6(subject) : d.ip(subject)}`);
    }
    case 1:
      d.put(', subject=DNS name');
      return name(d, subject);
    default:
      d.put(', unknown subject');
  }
}

/** A name as a draft had it, its length before it, or as DNS has it. */
function name(d: Dissector, at: number): void {
  const length = d.end - at - 1;
  if (d.u8(at) !== length) return labels(d, at);
  verboseText(d, ', 03 draft');
  d.put(', "');
  d.chars(at + 1, length);
  d.put('"');
}

/** Labels up to the message's end; pointers are not followed. */
function labels(d: Dissector, from: number): void {
  d.put(', "');
  for (let at = from; at < d.end; ) {
    const length = d.u8(at++);
    const left = d.end - at;
    if (length === 0) {
      if (left === 0) d.put('.');
      else if (left !== 1 || d.u8(at) !== 0) d.put('???');
      break;
    }
    if (length > left) {
      d.put('???');
      break;
    }
    d.chars(at, length);
    at += length;
    if (at + 1 < d.end && d.u8(at) !== 0) d.put('.');
  }
  d.put('"');
}

function reply(d: Dissector, at: number, captured: number): void {
  const code = d.u8(at + 1);
  if (code !== 0) {
    if (code > 2) return;
    d.put(code === 1 ? 'refused' : 'unknown');
    if (captured !== HEADER) verboseText(d, ', invalid length');
    return;
  }
  const flags = d.be16(at + 6);
  verboseText(d, 'success, ');
  switch (d.be16(at + 4)) {
    case NOOP:
      d.put('noop');
      if (captured !== HEADER) verboseText(d, ', invalid length');
      return;
    case SUPPORTED:
      return d.put(`supported qtypes${flagText(flags, [[1, 'C']])}`);
    case NAME:
      d.put('DNS name');
      name(d, at + HEADER + 4);
      if ((flags & 1) !== 0) d.put(` [TTL=${d.be32(at + HEADER)}]`);
      return;
    case ADDRESSES:
      d.put('node addresses');
      for (let i = HEADER; i + 20 <= captured; i += 20) d.put(` ${d.ip6(at + i + 4)}(${d.be32(at + i)})`);
      return d.put(flagText(flags, addressFlags));
    default:
      d.put('unknown');
  }
}
