// RSVP, RFC 2205, with bundles of RFC 2961.
import type { Dissector } from '../dissector.js';
import { bits, hex0x, word } from '../words.js';
import type { IpProtocolPrinter } from './registry-types.js';
import { objects } from './rsvp-objects.js';
import { headerBits, messageWords } from './rsvp-words.js';

const HEADER = 8;
const VERSION = 1;
const BUNDLE = 12;

function rsvp(d: Dissector, at: number, length: number): void {
  d.protocol = 'rsvp';
  d.need(at, HEADER);
  const version = d.u8(at) >>> 4;
  if (version !== VERSION) return d.put(`ERROR: RSVP version ${version} packet not supported`);
  const type = d.u8(at + 1);
  if (d.options.verbose === 0)
    return d.put(`RSVPv${version} ${word(messageWords, type, (n) => `unknown (${n})`)} Message, length: ${length}`);
  const total = header(d, at, '\n\t');
  if (total < HEADER) return d.put(`ERROR: common header too short ${total} < ${HEADER}`);
  if (type === BUNDLE) return bundle(d, at + HEADER, total - HEADER);
  if (messageWords[type] === undefined) return d.unknown(at + HEADER, '\n\t    ', total - HEADER);
  objects(d, at, total, at + HEADER, '\n\t  ', total - HEADER);
}

/** Shows the header at `at`, and says how long the message is. */
function header(d: Dissector, at: number, indent: string): number {
  const flags = d.u8(at);
  const type = d.u8(at + 1);
  const length = d.be16(at + 6);
  d.put(`${indent}RSVPv${flags >>> 4} ${word(messageWords, type, (n) => `unknown, type: ${n}`)} Message (${type})`);
  d.put(`, Flags: [${bits(headerBits, flags & 0xf)}], length: ${length}, ttl: ${d.u8(at + 4)}, checksum: ${hex0x(d.be16(at + 2), 4)}`);
  return length;
}

function bundle(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    d.need(at, HEADER);
    const version = d.u8(at) >>> 4;
    if (version !== VERSION) return d.put(`ERROR: RSVP version ${version} packet not supported`);
    const total = header(d, at, '\n\t  ');
    if (total < HEADER) return d.put(`ERROR: common header too short ${total} < ${HEADER}`);
    if (left < total) return d.put(`ERROR: common header too large ${total} > ${left}`);
    if (!objects(d, at, total, at + HEADER, '\n\t    ', total - HEADER)) return;
    at += total;
    left -= total;
  }
}

export const rsvpProtocol: IpProtocolPrinter = { protocols: [46], print: rsvp };
