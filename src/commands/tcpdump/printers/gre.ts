// GRE, RFC 1701, 2784 and 2890; the enhanced GRE of PPTP, RFC 2637.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { bits, hex, hex0x, word } from '../words.js';
import { printEthertype } from './ethernet.js';
import type { IpProtocolPrinter } from './registry-types.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;
const flagBits = [
  [CHECKSUM, 'checksum present'],
  [ROUTING, 'routing present'],
  [KEY, 'key present'],
  [SEQUENCE, 'sequence# present'],
  [0x0800, 'source routing present'],
  [ACKNOWLEDGMENT, 'ack present'],
] as const;
const BRIDGED = 0x6558;
const OSI = 0x00fe;
const PPP = 0x880b;

function gre(d: Dissector, at: number, length: number): void {
  d.protocol = 'gre';
  d.enter();
  if (!d.has(at, 2) || length < 2) return d.truncated();
  const version = d.be16(at) & 7;
  d.put(`GREv${version}`);
  if (version > 1) return d.put(' ERROR: unknown-version');
  const cursor = new Cursor(d, at, length);
  if (d.options.verbose > 0) d.put(`, Flags [${bits(flagBits, d.be16(at))}]`);
  cursor.take(2);
  const protocol = d.be16(cursor.take(2));
  if (version === 0) plain(d, at, length, cursor, protocol);
  else enhanced(d, at, length, cursor, protocol);
}

/** Steps through fields and sees that they are within the packet. */
class Cursor {
  at: number;
  left: number;
  readonly #d: Dissector;

  constructor(d: Dissector, at: number, length: number) {
    this.#d = d;
    this.at = at;
    this.left = length;
  }

  /** Where the next `bytes` lie. */
  take(bytes: number): number {
    this.#d.need(this.at, bytes);
    if (this.left < bytes) throw TRUNCATED;
    const at = this.at;
    this.at += bytes;
    this.left -= bytes;
    return at;
  }
}

function plain(d: Dissector, start: number, length: number, cursor: Cursor, protocol: number): void {
  const flags = d.be16(start);
  if ((flags & (CHECKSUM | ROUTING)) !== 0) {
    const sum = d.be16(cursor.take(2));
    if (d.options.verbose > 0) d.put(`, sum 0x${hex(sum)}`);
    d.put(`, off 0x${hex(d.be16(cursor.take(2)))}`);
  }
  if ((flags & KEY) !== 0) d.put(`, key=0x${hex(d.be32(cursor.take(4)))}`);
  if ((flags & SEQUENCE) !== 0) d.put(`, seq ${d.be32(cursor.take(4))}`);
  if ((flags & ROUTING) !== 0) routing(d, cursor);
  tail(d, length, protocol);
  d.put(d.options.verbose > 0 ? '\n\t' : ': ');
  const { at, left } = cursor;
  if (protocol === BRIDGED) d.registry.ethernet(d, at, left, d.left(at));
  else if (protocol === OSI) d.registry.isoclns(d, at, left);
  else if (![0x0800, 0x86dd, 0x8847, 0x8137, 0x809b].includes(protocol) || !printEthertype(d, protocol, at, left, left, -1, -1))
    d.put(`gre-proto-0x${hex(protocol)}`);
}

function enhanced(d: Dissector, start: number, length: number, cursor: Cursor, protocol: number): void {
  const flags = d.be16(start);
  if ((flags & KEY) !== 0) d.put(`, call ${d.be32(cursor.take(4)) & 0xffff}`);
  if ((flags & SEQUENCE) !== 0) d.put(`, seq ${d.be32(cursor.take(4))}`);
  if ((flags & ACKNOWLEDGMENT) !== 0) d.put(`, ack ${d.be32(cursor.take(4))}`);
  if ((flags & SEQUENCE) === 0) d.put(', no-payload');
  tail(d, length, protocol);
  if ((flags & SEQUENCE) === 0) return;
  d.put(d.options.verbose > 0 ? '\n\t' : ': ');
  if (protocol === PPP) d.registry.ppp(d, cursor.at, cursor.left);
  else d.put(`gre-proto-0x${hex(protocol)}`);
}

function tail(d: Dissector, length: number, protocol: number): void {
  if (d.options.linkLayer) d.put(`, proto ${word(ethertypeWords, protocol, () => 'unknown')} (${hex0x(protocol, 4)})`);
  d.put(`, length ${length}`);
}

/** Source route entries, RFC 1701. Each turn takes four bytes at least. */
function routing(d: Dissector, cursor: Cursor): void {
  for (;;) {
    const head = cursor.take(4);
    const family = d.be16(head);
    const offset = d.u8(head + 2);
    const bytes = d.u8(head + 3);
    if (family === 0 && bytes === 0) return;
    if (family === 0x0800) entries(d, 'ip', cursor, offset, bytes, 4);
    else if (family === 0xfffe) entries(d, 'asn', cursor, offset, bytes, 2);
    else d.put(`, (rtaf=0x${hex(family)})`);
    cursor.take(bytes);
  }
}

function entries(d: Dissector, name: string, cursor: Cursor, offset: number, bytes: number, size: number): void {
  d.put(`, (rtaf=${name}`);
  if ((offset & (size - 1)) !== 0) d.put(`, badoffset=${offset}`);
  else if ((bytes & (size - 1)) !== 0) d.put(`, badlength=${bytes}`);
  else if (offset >= bytes) d.put(`, badoff/len=${offset}/${bytes}`);
  else
    for (let i = 0; i < bytes; i += size) {
      if (!d.has(cursor.at + i, size) || cursor.left < i + size) {
        d.put(')');
        throw TRUNCATED;
      }
      d.put(` ${i === offset ? '*' : ''}${size === 4 ? d.ip(cursor.at + i) : hex(d.be16(cursor.at + i))}`);
    }
  d.put(')');
}

export const greProtocol: IpProtocolPrinter = { protocols: [47], print: gre };
