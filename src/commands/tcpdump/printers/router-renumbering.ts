// Router renumbering for IPv6, RFC 2894.

import { formatIpv6 } from '../../../wire/ipv6-address.js';
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';

const HEADER = 16;
const MATCH = 24;
const USE = 32;
const COMMAND = 0;
const INFINITE = 0xffffffff;
const codeWords: Words = { 0: 'command', 1: 'result', 255: 'sequence number reset' };
const operationWords: Words = { 1: 'add', 2: 'change', 3: 'setglobal' };
const flagWords = [
  [0x80, 'T'],
  [0x40, 'R'],
  [0x20, 'A'],
  [0x10, 'S'],
  [0x08, 'P'],
] as const;

export function routerRenumbering(d: Dissector, at: number): void {
  d.cutShort(() => message(d, at));
}

function message(d: Dissector, at: number): void {
  const verbose = d.options.verbose > 0;
  const reserved = d.be32(at + 12);
  const code = d.u8(at + 1);
  d.put(`, ${word(codeWords, code, (n) => `code-#${n}`)}, seq=${d.be32(at + 4)}`);
  if (verbose) {
    const flags = d.u8(at + 9);
    const names = flagWords.map(([bit, letter]) => ((flags & bit) === 0 ? '' : letter)).join('');
    d.put(`[${flags === 0 ? '' : `${names},`}seg=${d.u8(at + 8)},maxdelay=${d.be16(at + 10)}`);
    d.put(`${reserved === 0 ? '' : `rsvd=${hex0x(reserved)}`}]`);
  }
  if (code === COMMAND) command(d, at + HEADER);
}

const address = (d: Dissector, at: number) => formatIpv6(d.bytes, at);
const between = (d: Dissector) => (d.options.verbose > 1 ? '\n\t' : ' ');
const lifetime = (value: number) => (value === INFINITE ? 'infty' : String(value));

function command(d: Dissector, at: number): void {
  const verbose = d.options.verbose > 0;
  d.need(at + 8, 16);
  const text = word(operationWords, d.u8(at), (n) => `#${n}`);
  const limits = verbose ? `,ord=${d.u8(at + 2)},min=${d.u8(at + 4)},max=${d.u8(at + 5)}` : '';
  d.put(`${between(d)}match(${text}${limits},${address(d, at + 8)}/${d.u8(at + 3)})`);
  const left = d.u8(at + 1) - 3;
  if (left % 4 !== 0) return d.truncated();
  for (let n = 0; n < left / 4; n++) use(d, at + MATCH + n * USE);
}

function use(d: Dissector, at: number): void {
  d.need(at + 16, 16);
  d.put(`${between(d)}use(`);
  const flags = d.u8(at + 12);
  if (flags !== 0) d.put(`${(flags & 0x80) === 0 ? '' : 'V'}${(flags & 0x40) === 0 ? '' : 'P'},`);
  if (d.options.verbose > 0) {
    d.put(`mask=${hex0x(d.u8(at + 2))},raflags=${hex0x(d.u8(at + 3))}`);
    d.put(`,vltime=${lifetime(d.be32(at + 4))},pltime=${lifetime(d.be32(at + 8))},`);
  }
  d.put(`${address(d, at + 16)}/${d.u8(at)}/${d.u8(at + 1)})`);
}
