// Packets that OpenBSD's pf logged.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const reasonWords: Words = {
  0: '0(match)',
  1: '1(bad-offset)',
  2: '2(fragment)',
  4: '3(short)',
  5: '5(memory)',
  6: '6(bad-timestamp)',
  7: '7(congestion)',
  8: '8(ip-option)',
  9: '9(proto-cksum)',
  10: '10(state-mismatch)',
  11: '11(state-insert)',
  12: '12(state-limit)',
  13: '13(src-limit)',
  14: '14(synproxy)',
  15: '15(map-failed)',
  16: '16(no-route)',
};

const actionWords: Words = {
  0: 'pass',
  1: 'block',
  2: 'scrub',
  4: 'nat',
  5: 'nonat',
  6: 'binat',
  7: 'nobinat',
  8: 'rdr',
  9: 'nordr',
  10: 'synproxy-drop',
  11: 'defer',
  12: 'match',
  13: 'divert',
  14: 'rt',
  15: 'afrt',
};

const directionWords: Words = {
  0: 'in/out',
  1: 'in',
  2: 'out',
  3: 'fwd',
};

const LEAST = 45;
const HEADER = 64;
const NONE = 0xffffffff;
const unknown = (value: number) => `unkn(${value})`;

function text(d: Dissector, at: number): void {
  const [rule, sub] = [d.be32(at + 36), d.be32(at + 40)];
  if (sub === NONE) d.put(`rule ${rule}/`);
  else {
    d.put(`rule ${rule}.`);
    d.charsToZero(at + 20, 16);
    d.put(`.${sub}/`);
  }
  d.put(`${word(reasonWords, d.u8(at + 3), unknown)}: ${word(actionWords, d.u8(at + 2), unknown)}`);
  d.put(` ${word(directionWords, d.u8(at + 60), unknown)} on `);
  d.charsToZero(at + 4, 16);
  d.put(': ');
}

function pflog(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'pflog';
  if (captured < 1) {
    d.truncated();
    return captured;
  }
  const declared = d.u8(at);
  if (declared < LEAST) {
    d.put('[pflog: invalid header length!]');
    return declared;
  }
  const header = (declared + 3) & ~3;
  if (captured < header || !d.has(at, HEADER)) {
    d.truncated();
    return header;
  }
  if (d.options.linkLayer) text(d, at);
  const family = d.u8(at + 1);
  if (family === 2) d.registry.ip(d, at + header, length - header);
  else if (family === 24 || family === 28 || family === 30) d.registry.ip6(d, at + header, length - header);
  else {
    if (!d.options.linkLayer) text(d, at);
    d.dump(at + header, captured - header);
  }
  return header;
}

export const pflogLink: LinkPrinter = { types: [117], print: pflog };
