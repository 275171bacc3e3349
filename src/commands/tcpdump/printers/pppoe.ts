// PPP over Ethernet, RFC 2516.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { ppp } from './ppp.js';
import type { EthertypePrinter, LinkPrinter } from './registry-types.js';

const HEADER = 6;
const SESSION = 0;
const codeWords: Words = { 0x09: 'PADI', 0x07: 'PADO', 0x19: 'PADR', 0x65: 'PADS', 0xa7: 'PADT', 0: '' };
const tagWords: Words = {
  0x0000: 'EOL',
  0x0101: 'Service-Name',
  0x0102: 'AC-Name',
  0x0103: 'Host-Uniq',
  0x0104: 'AC-Cookie',
  0x0105: 'Vendor-Specific',
  0x0110: 'Relay-Session-ID',
  0x0120: 'PPP-Max-Payload',
  0x0201: 'Service-Name-Error',
  0x0202: 'AC-System-Error',
  0x0203: 'Generic-Error',
};
/** Bytes of a tag that decide whether it is text. */
const SAMPLE = 20;

/** Returns how long the headers were. */
function pppoe(d: Dissector, at: number, givenLength: number): number {
  d.protocol = 'pppoe';
  if (givenLength < HEADER) {
    d.put(` (length ${givenLength} < ${HEADER})`);
    d.invalid();
    d.need(at, givenLength);
    return 0;
  }
  let length = givenLength - HEADER;
  d.need(at, HEADER);
  const first = d.u8(at);
  const code = d.u8(at + 1);
  const session = d.be16(at + 2);
  const declared = d.be16(at + 4);
  const body = at + HEADER;
  if (first >>> 4 !== 1) d.put(` [ver ${first >>> 4}]`);
  if ((first & 0xf) !== 1) d.put(` [type ${first & 0xf}]`);
  d.put(`PPPoE ${word(codeWords, code, (n) => `PAD-${hex(n)}`)}`);
  if (declared > length) d.put(` [len ${declared} > ${length}!]`);
  else length = declared;
  if (session !== 0) d.put(` [ses 0x${hex(session)}]`);
  if (code !== SESSION) {
    tags(d, body, length);
    return 0;
  }
  d.put(' ');
  d.enter();
  return HEADER + ppp(d, body, length);
}

function tags(d: Dissector, from: number, length: number): void {
  const end = from + length;
  for (let at = from; at < end; ) {
    if (end - at < 4 || !d.has(at, 4)) {
      d.put(' [|pppoe]');
      return;
    }
    const type = d.be16(at);
    const size = d.be16(at + 2);
    at += 4;
    if (!d.has(at, size)) return d.put(' [|pppoe]');
    d.put(` [${word(tagWords, type, (n) => `TAG-0x${hex(n)}`)}`);
    if (size > 0) tagValue(d, at, size);
    d.put(']');
    at += size;
  }
}

/** Mostly text: as text; else in hex. */
function tagValue(d: Dissector, at: number, size: number): void {
  const printable = (byte: number) => byte >= 32 && byte < 127;
  let text = 0;
  const sample = Math.min(size, SAMPLE);
  for (let i = 0; i < sample; i++) if (printable(d.u8(at + i))) text++;
  if (text > sample - text) {
    let shown = '';
    for (let i = 0; i < size; i++) shown += printable(d.u8(at + i)) ? String.fromCharCode(d.u8(at + i)) : '.';
    d.put(` "${shown}"`);
  } else {
    d.put(` 0x${d.hexOf(at, size).toUpperCase()}`);
  }
}

export const pppoeType: EthertypePrinter = { types: [0x8863, 0x8864], print: (d, at, length) => void pppoe(d, at, length) };
export const pppoeLink: LinkPrinter = { types: [51], print: (d, at, length) => pppoe(d, at, length) };
