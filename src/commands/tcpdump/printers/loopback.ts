// Ethernet's configuration test protocol ("loopback"), of the DEC-Intel-Xerox specification.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const REPLY = 1;
const FORWARD = 2;
const functionWords: Words = { 1: 'Reply', 2: 'Forward Data' };

function loopback(d: Dissector, from: number, givenLength: number): void {
  d.protocol = 'loopback';
  d.put('Loopback');
  if (givenLength < 2) return d.invalid();
  const skip = d.le16(from);
  d.put(`, skipCount ${skip}`);
  if (skip % 8 !== 0) d.put(' (bogus)');
  let length = givenLength - 2;
  if (skip > length) return d.invalid();
  let at = from + 2 + skip;
  length -= skip;
  if (length < 2) return d.invalid();
  const kind = d.le16(at);
  at += 2;
  length -= 2;
  d.put(`, ${word(functionWords, kind, (n) => ` invalid (${n})`)}`);
  if (functionWords[kind] === undefined) return;
  if (kind === REPLY) {
    if (length < 2) return d.invalid();
    d.put(`, receipt number ${d.le16(at)}`);
    at += 2;
    length -= 2;
  } else if (kind === FORWARD) {
    if (length < 6) return d.invalid();
    d.put(`, forwarding address ${d.mac(at)}`);
    if ((d.u8(at) & 1) !== 0) d.put(' (multicast)');
    at += 6;
    length -= 6;
  }
  d.put(`, data (${length} octets)`);
}

export const loopbackType: EthertypePrinter = { types: [0x9000], print: loopback };
