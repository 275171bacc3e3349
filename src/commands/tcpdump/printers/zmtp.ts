// ZMTP/1.0, ZeroMQ's framing over TCP and, behind a frame offset, over PGM (ZeroMQ RFC 13).
import type { Dissector } from '../dissector.js';
import { hex0x } from '../words.js';
import type { PortPrinter, Printer } from './registry-types.js';

/** Bytes of a body that -v shows. */
const SHOWN = 128;

/** Returns where the next frame begins. */
function frame(d: Dissector, at: number, end: number): number {
  d.put('\n\t');
  let header = 1;
  let declared = BigInt(d.u8(at));
  if (declared !== 0xffn) d.put(` frame flags+body  (8-bit) length ${declared}`);
  else {
    header = 9;
    d.put(' frame flags+body (64-bit) length');
    d.need(at, header);
    declared = d.be64(at + 1);
    d.put(` ${declared}`);
  }
  if (declared === 0n) return at + header;
  d.need(at, header + 1);
  const flags = d.u8(at + header);
  const captured = end - at - header;
  if (declared > BigInt(captured)) d.put(` (${captured} captured)`);
  d.put(`, flags ${hex0x(flags, 2)}`);
  if (d.options.verbose > 0) {
    const names = [0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1].map((bit) => ((flags & bit) === 0 ? '-' : bit === 1 ? 'MORE' : 'MBZ'));
    d.put(` (${names.join('|')})`);
    let shown = declared < BigInt(captured) ? Number(declared) : captured;
    if (d.options.verbose === 1) shown = Math.min(SHOWN + 1, shown);
    if (shown > 1) {
      d.put(`, first ${shown - 1} byte(s) of body:`);
      d.hexAndAscii('\n\t ', at + header + 1, shown - 1);
    }
  }
  const length = declared > 0x7fffffffn ? 0x7fffffff : Number(declared);
  d.need(at + header, length);
  return at + header + length;
}

function frames(d: Dissector, from: number, end: number): void {
  for (let at = from; at < end; ) at = frame(d, at, end);
}

export const zmtp: Printer = (d, at, length) => {
  const end = Math.min(d.end, at + length);
  d.protocol = 'zmtp1';
  d.put(': ZMTP/1.0');
  frames(d, at, end);
};

/** Behind PGM: where the first whole frame begins, and what of one before it comes first. */
export const zmtpDatagram: Printer = (d, at, length) => {
  const end = Math.min(d.end, at + length);
  d.protocol = 'zmtp1';
  let offset = d.be16(at);
  d.put(`\n\t frame offset ${hex0x(offset, 4)}`);
  const captured = d.left(at + 2);
  if (offset === 0xffff) offset = length - 2;
  else if (2 + offset > length) {
    d.put(' (exceeds datagram declared length)');
    d.need(at, Number.POSITIVE_INFINITY);
  }
  if (offset > 0) {
    d.put(`\n\t frame intermediate part, ${offset} bytes`);
    if (offset > captured) d.put(` (${captured} captured)`);
    let shown = Math.min(offset, captured);
    if (d.options.verbose === 1) shown = Math.min(SHOWN, shown);
    if (d.options.verbose > 0 && shown > 1) {
      d.put(`, first ${shown} byte(s):`);
      d.hexAndAscii('\n\t ', at + 2, shown);
    }
  }
  frames(d, at + 2 + offset, end);
};

export const zmtpPort: PortPrinter = { type: 'zmtp1', print: zmtp };
