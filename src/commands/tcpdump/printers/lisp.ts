// LISP's control messages, RFC 6830: those that register a site's prefixes.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'LISP-Reserved',
  1: 'LISP-Map-Request',
  2: 'LISP-Map-Reply',
  3: 'LISP-Map-Register',
  4: 'LISP-Map-Notify',
  8: 'LISP-Encapsulated-Contol-Message',
};

const registerBits: Bits = [
  [0x8000000, 'P-Proxy-Map-Reply'],
  [0x4000000, 'S-LISP-SEC-Capable'],
  [0x2000000, 'I-xTR-ID-Present'],
  [0x1000000, 'R-Build-For-RTR'],
  [0x100, 'M-Want-Map-Notify'],
];

const notifyBits: Bits = [
  [0x8000000, 'I-xTR-ID-Present'],
  [0x4000000, 'R-Build-For-RTR'],
];

const authenticationWords: Words = {
  0: 'None',
  1: 'SHA1',
  2: 'SHA256',
};

const actionWords: Words = {
  0: 'No-Action',
  1: 'Natively-Forward',
  2: 'Send-Map-Request',
  3: 'Drop',
};

const locatorBits: Bits = [
  [0x4, 'Local-Locator'],
  [0x2, 'RLoc-Probed'],
  [0x1, 'Reachable'],
];

const HEADER = 16;
const RECORD = 12;
const LOCATOR = 8;
const REGISTER = 3;
const NOTIFY = 4;
const SITE = 24;

function lisp(d: Dissector, at: number, length: number): void {
  d.protocol = 'lisp';
  if (d.cutShort(() => control(d, at, length))) return;
}

function control(d: Dissector, start: number, length: number): void {
  d.need(start, HEADER);
  const verbose = d.options.verbose > 0;
  const first = d.u8(start);
  const type = first >>> 4;
  d.put(`${word(messageWords, type, (n) => `unknown-type-${n}`)},`);
  if (type !== REGISTER && type !== NOTIFY) return;
  if (verbose) d.put(` flags [${bits(type === REGISTER ? registerBits : notifyBits, d.be32(start))}],`);
  const hasSite = (first & (type === REGISTER ? 2 : 8)) !== 0;
  const authentication = d.be16(start + 14);
  let records = d.u8(start + 3);
  if (verbose) {
    d.put(`\n    ${records} record(s), Authentication ${word(authenticationWords, d.be16(start + 12), () => 'unknown-type')},`);
    d.hex('\n    Authentication-Data: ', start + HEADER, authentication);
  } else d.put(` ${records} record(s),`);
  let at = start + HEADER + authentication;
  if (records === 0) return d.invalid();
  for (; start + length > at && records > 0; records--) {
    const next = record(d, at, verbose);
    if (next < 0) return;
    at = next;
  }
  if (hasSite) {
    if (!d.has(at, SITE)) return d.invalid();
    d.hex('\n    xTR-ID: ', at, 16);
    d.put(`\n    SITE-ID: ${d.be64(at + 16)}`);
  } else if (at < d.end) d.hex('\n    Data: ', at, d.left(at));
}

/** Where the next one is; -1: its addresses are of an unknown family. */
function record(d: Dissector, from: number, verbose: boolean): number {
  d.need(from, RECORD);
  d.put('\n');
  const bitsOf = d.u8(from + 5);
  const family = d.be16(from + 10);
  if (verbose) {
    const action = d.u8(from + 6);
    d.put(`      Record TTL ${d.be32(from)}, ${(action & 0x10) === 0 ? 'Non-' : ''}Authoritative,`);
    d.put(` ${word(actionWords, action >>> 5, () => 'unknown')}, Map Version: ${d.be16(from + 8) & 0xfff},`);
  }
  let at = from + RECORD;
  if (family !== 1 && family !== 2) return -1;
  d.put(` EID ${family === 1 ? d.ip(at) : d.ip6(at)}/${bitsOf},`);
  at += family === 1 ? 4 : 16;
  const locators = d.u8(from + 4);
  d.put(` ${locators} locator(s)`);
  for (let n = 0; n < locators; n++) at = locator(d, at, verbose);
  return at;
}

function locator(d: Dissector, at: number, verbose: boolean): number {
  d.need(at, LOCATOR);
  const family = d.be16(at + 6);
  let next = at + LOCATOR;
  if (verbose) d.put('\n       ');
  if (family === 1 || family === 2) {
    d.put(` LOC ${family === 1 ? d.ip(next) : d.ip6(next)}`);
    next += family === 1 ? 4 : 16;
  }
  if (verbose) {
    d.put(`\n          Priority/Weight ${d.u8(at)}/${d.u8(at + 1)}, Multicast Priority/Weight ${d.u8(at + 2)}/${d.u8(at + 3)},`);
    d.put(` flags [${bits(locatorBits, d.be16(at + 4))}],`);
  }
  return next;
}

export const lispPort: PortPrinter = { ports: [4342], print: lisp };
