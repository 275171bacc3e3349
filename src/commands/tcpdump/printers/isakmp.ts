// ISAKMP with IKE: RFC 2408 and 2409, RFC 7296; in UDP with ESP, RFC 3948.
import type { Dissector } from '../dissector.js';
import { hex, word } from '../words.js';
import { version1, version2 } from './ikev2-payloads.js';
import { payloadName, payloads } from './isakmp-payloads.js';
import { exchangeWords } from './isakmp-words.js';
import type { PortContext, PortPrinter } from './registry-types.js';

const HEADER = 28;
const ENCRYPTED = 0x01;
const COMMIT = 0x02;
const MAXIMUM_COOKIES = 20;
const NO_COOKIE = '0'.repeat(16);
const ESP_PROTOCOL = 50;

/** Cookies of initiators seen before, with their address: who answers is known by them. */
const cookiesOf = new WeakMap<Dissector, Map<string, string>>();

function side(d: Dissector, at: number, context: PortContext): string {
  const size = context.version === 6 ? 16 : 4;
  const source = context.header + (context.version === 6 ? 8 : 12);
  const initiator = d.hexOf(at, 8);
  if (initiator === NO_COOKIE) return '?';
  let cookies = cookiesOf.get(d);
  if (cookies === undefined) {
    cookies = new Map();
    cookiesOf.set(d, cookies);
  }
  if (d.hexOf(at + 8, 8) === NO_COOKIE) {
    if (!cookies.has(initiator)) {
      if (cookies.size >= MAXIMUM_COOKIES) cookies.delete(cookies.keys().next().value!);
      cookies.set(initiator, d.hexOf(source, size));
    }
    return 'I';
  }
  const known = cookies.get(initiator);
  if (known === undefined) return '?';
  return known === d.hexOf(source, size) ? 'I' : known === d.hexOf(source + size, size) ? 'R' : '?';
}

function isakmp(d: Dissector, at: number, length: number, context: PortContext): void {
  d.protocol = 'isakmp';
  const end = Math.min(at + length, d.end);
  if (at + HEADER > end) return d.truncated();
  const { verbose } = d.options;
  d.put('isakmp');
  const version = d.u8(at + 17);
  const major = version >>> 4;
  if (verbose > 0) d.put(` ${major}.${version & 0xf}`);
  if (verbose > 0) {
    d.put(` msgid ${hex(d.be32(at + 20), 8)}`);
    if (verbose > 1) d.put(` cookie ${d.hexOf(at, 8)}->${d.hexOf(at + 8, 8)}`);
  }
  d.put(':');
  if (major !== 1 && major !== 2) return;
  const isFirst = d.be32(at + 20) === 0;
  const next = d.u8(at + 16);
  const exchange = d.u8(at + 18);
  const flags = d.u8(at + 19);
  const name = word(exchangeWords, exchange);
  if (major === 1) {
    d.put(` phase ${isFirst ? '1' : '2/others'} ${side(d, at, context)} ${name}`);
    if (flags !== 0) d.put(`[${(flags & ENCRYPTED) !== 0 ? 'E' : ''}${(flags & COMMIT) !== 0 ? 'C' : ''}]`);
  } else {
    d.put(` ${isFirst ? 'parent_sa' : 'child_sa '} ${name}`);
    if (flags !== 0) d.put(`[${(flags & 0x08) !== 0 ? 'I' : ''}${(flags & 0x10) !== 0 ? 'V' : ''}${(flags & 0x20) !== 0 ? 'R' : ''}]`);
  }
  const encrypted = major === 1 && (flags & ENCRYPTED) !== 0;
  if (verbose === 0) return;
  if (encrypted) d.put(`: [encrypted ${payloadName(next)}]`);
  else {
    d.put(':');
    const shows = major === 1 ? version1 : version2;
    payloads({ d, end, phase: isFirst ? 1 : 2, shows, depth: 0, protocol: 0, transforms: 0 }, next, at + HEADER);
  }
  const declared = d.be32(at + 24);
  if (declared !== length) d.put(` (len mismatch: isakmp ${declared}/ip ${length})`);
}

/** RFC 3948: keepalives, ESP, and IKE behind a marker of zeros. */
function natTraversal(d: Dissector, at: number, length: number, context: PortContext): void {
  d.protocol = 'isakmp_rfc3948';
  if (length === 1 && d.u8(at) === 0xff) return d.put('isakmp-nat-keep-alive');
  if (length < 4) return d.truncated();
  if (d.be32(at) === 0) {
    d.put('NONESP-encap: ');
    return isakmp(d, at + 4, length - 4, context);
  }
  d.put('UDP-encap: ');
  const esp = d.registry.ipProtocols.get(ESP_PROTOCOL);
  esp?.print(d, at, length, context);
}

export const isakmpPort: PortPrinter = { ports: [500], print: isakmp };
export const isakmpNatPort: PortPrinter = { ports: [4500], print: natTraversal };
