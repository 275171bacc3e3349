// wb, the shared white board of the MBone.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const operationWords: Words = {
  2: 'RECT',
  3: 'LINE',
  4: 'ML',
  5: 'DEL',
  6: 'XFORM',
  7: 'ELL',
  8: 'CHAR',
  9: 'STR',
  10: 'NOP',
  11: 'PSCODE',
  12: 'PSCOMP',
  13: 'REF',
  14: 'SKIP',
  15: 'HOLE',
};

const HEADER = 12;
const SKIP = 14;
const HOLE = 15;
/** Operations that are shown of a packet at most: their numbers are the sender's word. */
const MOST = 100_000;

/** "site:page" of a page's identifier. */
const page = (d: Dissector, at: number) => `${d.ip(at)}:${d.be32(at + 4)}`;

/** False: it is too short. */
type Body = (d: Dissector, at: number, length: number) => boolean;

const identity: Body = (d, at, length) => {
  d.put(' wb-id:');
  if (length < 28) return false;
  d.put(` ${d.be32(at + 12)}/${page(d, at + 16)} (max ${d.be32(at)}/${page(d, at + 4)}) `);
  d.need(at, 28);
  const count = d.be16(at + 24);
  const left = length - 28 - count * 8;
  if (left < 0) return false;
  pairs(d, at + 28, count);
  d.put('> "');
  d.charsToZero(at + 28 + count * 8, left);
  d.put('"');
  return true;
};

function pairs(d: Dissector, at: number, count: number): void {
  for (let i = 0; i < count; i++) d.put(`${i === 0 ? '<' : ','}${d.ip(at + i * 8)}:${d.be32(at + i * 8 + 4)}`);
}

const repairRequest: Body = (d, at, length) => {
  d.put(' wb-rreq:');
  if (length < 20) return false;
  d.put(` please repair ${d.ip(at)} ${page(d, at + 4)}<${d.be32(at + 12)}:${d.be32(at + 16)}>`);
  return true;
};

const pageRequest: Body = (d, at, length) => {
  d.put(' wb-preq:');
  if (length < 16) return false;
  d.put(` need ${d.be32(at + 8)}/${page(d, at)}`);
  d.need(at, 16);
  return true;
};

const pageReply: Body = (d, at, length) => {
  d.put(' wb-prep:');
  if (length < 4) return false;
  const pages = d.be32(at);
  for (let n = 0, next = at + 4; n < pages; n++) {
    d.put(` ${d.be32(next)}/${page(d, next + 4)}`);
    d.need(next, 16);
    // As tcpdump: the first byte of the count alone.
    const count = d.u8(next + 12);
    pairs(d, next + 16, count);
    d.put('>');
    next += 16 + count * 8;
  }
  return true;
};

const repairReply: Body = (d, at, length) => {
  d.put(' wb-rrep:');
  if (length < 20) return false;
  d.put(` for ${d.ip(at)} `);
  return operations(d, at + 4);
};

const draw: Body = (d, at, length) => {
  d.put(' wb-dop:');
  if (length < 16) return false;
  d.put(' ');
  return operations(d, at);
};

function operations(d: Dissector, at: number): boolean {
  const [first, last] = [d.be32(at + 8), d.be32(at + 12)];
  d.put(`${page(d, at)}<${first}:${last}>`);
  if (d.options.verbose === 0) return true;
  d.put(' <');
  let next = at + 16;
  for (let n = first, shown = 0; n <= last && shown < MOST; n++, shown++) {
    const type = d.u8(next + 7);
    d.put(` ${word(operationWords, type, (value) => `dop-${value}!`)}`);
    if (type === SKIP || type === HOLE) {
      const to = d.be32(next);
      d.put(String((to - n + 1) >>> 0));
      if (n > to || to > last) {
        d.put('[|]');
        if (to < n) return true;
      }
      n = to;
    }
    next += (d.be16(next + 4) + 8 + 3) & ~3;
  }
  d.put(' >');
  return true;
}

const bodies: Readonly<Record<number, Body>> = { 0: draw, 1: identity, 2: repairRequest, 3: repairReply, 5: pageRequest, 7: pageReply };

function whiteBoard(d: Dissector, at: number, length: number): void {
  d.protocol = 'wb';
  if (length < HEADER) return d.invalid();
  d.need(at, HEADER);
  if (d.u8(at + 11) !== 0) d.put('*');
  const type = d.u8(at + 10);
  if (type === 4) return d.put(' wb-kill');
  const print = bodies[type];
  if (print === undefined) d.put(` wb-${type}!`);
  if (print?.(d, at + HEADER, length - HEADER) !== true) d.invalid();
}

export const whiteBoardPort: PortPrinter = { destinationPorts: [4567], type: 'wb', print: whiteBoard };
