// RPL, routing for low-power and lossy networks: RFC 6550.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';

const modeWords: Words = {
  0: 'nonstoring',
  1: 'storing',
  2: 'nonstoring-multicast',
  3: 'storing-multicast',
};

const optionWords: Words = {
  0: 'pad1',
  1: 'padN',
  2: 'metrics',
  3: 'routinginfo',
  4: 'config',
  5: 'rpltarget',
  6: 'transitinfo',
  8: 'destprefix',
  9: 'rpltargetdesc',
};

const OBJECT = 24;
const IDENTIFIER = 16;
const LEAST = 4;

/** The body at `at` of a message of `code`. */
export function rpl(d: Dissector, code: number, at: number, length: number): void {
  if ((code & 0x80) !== 0) return d.put(', (SEC) [worktodo]');
  d.put(', (CLR)');
  const verbose = d.options.verbose > 0;
  switch (code) {
    case 0:
      return d.put('DODAG Information Solicitation');
    case 1:
      d.put('DODAG Information Object');
      if (verbose) informationObject(d, at, length);
      return;
    case 2:
      d.put('Destination Advertisement Object');
      if (verbose) advertisement(d, at, length);
      return;
    case 3:
      d.put('Destination Advertisement Object Ack');
      if (verbose) acknowledgment(d, at, length);
      return;
    default:
      d.put(`RPL message, unknown code ${code}`);
  }
}

function informationObject(d: Dissector, at: number, length: number): void {
  if (length < OBJECT) return d.invalid();
  const flags = d.u8(at + 4);
  const identifier = d.ip6(at + 8);
  d.put(` [dagid:${identifier},seq:${d.u8(at + 5)},instance:${d.u8(at)},rank:${d.be16(at + 2)}`);
  d.put(`,${(flags & 0x80) === 0 ? '' : 'grounded,'}mop:${word(modeWords, (flags >>> 3) & 7, (n) => `mop${n}`)},prf:${flags & 7}]`);
  options(d, at + OBJECT, length - OBJECT);
}

/** The identifier of a graph where there is one, and where options begin; null: it is too short, which was said. */
function graph(d: Dissector, at: number, length: number, present: boolean, complaint: string): { text: string; taken: number } | null {
  const short = () => {
    d.put(complaint);
    return null;
  };
  if (length < LEAST) return short();
  if (!present) return { text: '<elided>', taken: LEAST };
  d.need(at + LEAST, IDENTIFIER);
  if (length < LEAST + IDENTIFIER) return short();
  return { text: d.ip6(at + LEAST), taken: LEAST + IDENTIFIER };
}

function advertisement(d: Dissector, at: number, length: number): void {
  d.cutShort(() => {
    d.need(at, LEAST + IDENTIFIER);
    const flags = d.u8(at + 1);
    const found = graph(d, at, length, (flags & 0x40) !== 0, ' [|length too short]');
    if (found === null) return;
    d.put(` [dagid:${found.text},seq:${d.u8(at + 3)},instance:${d.u8(at)}`);
    d.put(`${(flags & 0x80) === 0 ? '' : ',acK'}${(flags & 0x40) === 0 ? '' : ',Dagid'},${hex(flags, 2)}]`);
    options(d, at + found.taken, length - found.taken);
  });
}

function acknowledgment(d: Dissector, at: number, length: number): void {
  d.cutShort(() => {
    d.need(at, LEAST);
    const found = graph(d, at, length, (d.u8(at + 1) & 0x80) !== 0, ' [|dao-length too short]');
    if (found === null) return;
    d.put(` [dagid:${found.text},seq:${d.u8(at + 2)},instance:${d.u8(at)},status:${d.u8(at + 3)}]`);
    options(d, at + found.taken, length - found.taken);
  });
}

function options(d: Dissector, from: number, length: number): void {
  if (d.options.verbose <= 1) return;
  let left = length;
  for (let at = from; left !== 0; ) {
    const type = d.u8(at);
    if (type === 0) {
      d.put(' opt:pad1');
      at++;
      left--;
      continue;
    }
    if (left < 2) return d.truncated();
    const size = d.u8(at + 1) + 2;
    d.put(` opt:${word(optionWords, type, (n) => `subopt:${n}`)} len:${size} `);
    if (!d.has(at, size) || left < size) return d.truncated();
    if (d.options.verbose > 2) d.hex(' ', at + 2, size - 2);
    at += size;
    left -= size;
  }
}
