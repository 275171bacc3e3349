// RIP of RFC 1058 and RFC 2453, with the authentication of RFC 4822.
import type { Dissector } from '../dissector.js';
import { hex0x, prefixLength, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 4;
const ENTRY = 20;
const INET = 2;
const commands: Words = { 1: 'Request', 2: 'Response', 3: 'Trace on', 4: 'Trace off', 5: 'Poll', 6: 'Poll Entry' };
const families: Words = { 2: 'IPv4', 6: 'NS', 7: 'ISO', 16: 'Appletalk', 23: 'IPX', 24: 'IPv6', 28: 'IPv6', 30: 'IPv6' };

function rip(d: Dissector, at: number, length: number): void {
  d.protocol = 'rip';
  const left = Math.min(d.left(at), length);
  if (left < HEADER) return d.truncated();
  const { verbose } = d.options;
  const version = d.u8(at + 1);
  d.put(`${verbose > 0 ? '\n\t' : ''}RIPv${version}`);
  if (version === 0) return d.unknown(at, '\n\t', length);
  const command = d.u8(at);
  d.put(`, ${word(commands, command, (n) => `unknown command (${n})`)}, length: ${length}`);
  if (verbose === 0) return;
  if (command === 1 || command === 2) routes(d, version, at, length, left);
  else if ((command < 4 || command > 6) && verbose === 1) d.unknown(at, '\n\t', length);
  if (verbose > 1) d.unknown(at, '\n\t', length);
}

function routes(d: Dissector, version: number, from: number, length: number, given: number): void {
  if (version > 2) return d.put(', unknown version');
  d.put(`, routes: ${Math.floor(length / ENTRY)}${version === 2 ? ' or less' : ''}`);
  let left = given - HEADER;
  for (let at = from + HEADER; left > 0; ) {
    const size = version === 1 ? firstVersion(d, at, left) : secondVersion(d, at, left);
    if (size === 0) return d.truncated();
    if (left < size) {
      d.put(` [remaining entries length ${left} < ${size}]`);
      return d.invalid();
    }
    at += size;
    left -= size;
  }
}

/** Returns how long the entry was; 0: it ends too early. */
function firstVersion(d: Dissector, at: number, left: number): number {
  if (left < ENTRY) return 0;
  const family = d.be16(at);
  if (family !== INET && family !== 0) {
    d.put(`\n\t AFI ${word(families, family, (n) => `Unknown (${n})`)}, `);
    d.unknown(at + 4, '\n\t  ', ENTRY - 4);
  } else if (d.be16(at + 2) !== 0 || d.be32(at + 8) !== 0 || d.be32(at + 12) !== 0) d.unknown(at, '\n\t  ', ENTRY);
  else d.put(`\n\t  ${family === 0 ? 'AFI 0, ' : ''}${d.ip(at + 4)}, metric: ${d.be32(at + 16)}`);
  return ENTRY;
}

function secondVersion(d: Dissector, at: number, left: number): number {
  if (left < 4) return 0;
  const family = d.be16(at);
  if (family === 0xffff) return authentication(d, at, left);
  if (family !== INET && family !== 0) {
    d.put(`\n\t  AFI ${word(families, family, (n) => `Unknown (${n})`)}`);
    d.unknown(at + 4, '\n\t  ', ENTRY - 4);
    return ENTRY;
  }
  if (left < ENTRY) return 0;
  const length = String(prefixLength(d.be32(at + 8))).padEnd(2);
  d.put(`\n\t  AFI ${word(families, family, String)}, ${d.ip(at + 4).padStart(15)}/${length}, tag ${hex0x(d.be16(at + 2), 4)}`);
  d.put(`, metric: ${d.be32(at + 16)}, next-hop: ${d.be32(at + 12) === 0 ? 'self' : d.ip(at + 12)}`);
  return ENTRY;
}

function authentication(d: Dissector, at: number, left: number): number {
  const type = d.be16(at + 2);
  const data = at + 4;
  if (type === 2) {
    d.put('\n\t  Simple Text Authentication data: ');
    d.charsToZero(data, 16);
    return ENTRY;
  }
  if (type === 3) {
    if (left < ENTRY) return 0;
    d.put(`\n\t  Auth header: Packet Len ${d.be16(data)}, Key-ID ${d.u8(data + 2)}, Auth Data Len ${d.u8(data + 3)},`);
    d.put(` SeqNo ${d.be32(data + 4)}, MBZ ${d.be32(data + 8)}, MBZ ${d.be32(data + 12)}`);
    return ENTRY;
  }
  d.put(type === 1 ? '\n\t  Auth trailer:' : `\n\t  Unknown (${type}) Authentication data:`);
  d.unknown(data, '\n\t  ', left - 4);
  return left;
}

export const ripPort: PortPrinter = { ports: [520], print: rip };
