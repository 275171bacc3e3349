// IGMP, RFC 1112, 2236 and 3376.

import type { Dissector } from '../dissector.js';
import { hex, relativeTime, type Words, word } from '../words.js';
import { dvmrp } from './dvmrp.js';
import { pim1 } from './pim1.js';
import type { IpProtocolPrinter } from './registry-types.js';

const recordWords: Words = { 1: 'is_in', 2: 'is_ex', 3: 'to_in', 4: 'to_ex', 5: 'allow', 6: 'block' };
/** Tenths of a second: the response time that is not worth telling. */
const USUAL_RESPONSE = 100;

function igmp(d: Dissector, at: number, length: number): void {
  d.protocol = 'igmp';
  if (d.options.quiet > 0) return d.put('igmp');
  const type = d.u8(at);
  switch (type) {
    case 0x11:
      d.put('igmp query');
      if (length >= 12) query(d, at, length);
      else oldQuery(d, at, length);
      break;
    case 0x12:
      d.put(`igmp v1 report ${d.ip(at + 4)}${length === 8 ? '' : ` [len ${length}]`}`);
      break;
    case 0x16:
      d.put(`igmp v2 report ${d.ip(at + 4)}`);
      break;
    case 0x17:
      d.put(`igmp leave ${d.ip(at + 4)}`);
      break;
    case 0x22:
      d.put('igmp v3 report');
      report(d, at, length);
      break;
    case 0x13:
      d.put(`igmp dvmrp${length < 8 ? ` [len ${length}]` : ''}`);
      if (length >= 8) dvmrp(d, at, length);
      break;
    case 0x14:
      d.put('igmp pimv1');
      pim1(d, at, length);
      break;
    case 0x1e:
    case 0x1f:
      trace(d, type === 0x1e ? 'mresp' : 'mtrace', at, length);
      break;
    default:
      d.put(`igmp-${type}`);
  }
  if (d.options.verbose > 0 && length >= 4 && d.has(at, length) && d.checksum(at, length) !== 0)
    d.put(` bad igmp cksum ${hex(d.be16(at + 2))}!`);
}

function oldQuery(d: Dissector, at: number, length: number): void {
  const response = d.u8(at + 1);
  d.put(response === 0 ? ' v1' : ' v2');
  if (response !== 0 && response !== USUAL_RESPONSE) d.put(` [max resp time ${response}]`);
  if (d.be32(at + 4) !== 0) d.put(` [gaddr ${d.ip(at + 4)}]`);
  if (length !== 8) d.put(` [len ${length}]`);
}

function sources(d: Dissector, at: number, count: number): void {
  d.put(' {');
  for (let i = 0; i < count; i++) d.put(` ${d.ip(at + i * 4)}`);
  d.put(' }');
}

function query(d: Dissector, at: number, length: number): void {
  d.put(' v3');
  if ((length & 3) !== 0) return d.put(` [invalid len ${length}]`);
  const code = d.u8(at + 1);
  const tenths = code < 128 ? code : ((code & 0x0f) | 0x10) << (((code & 0x70) >>> 4) + 3);
  if (code !== USUAL_RESPONSE)
    d.put(` [max resp time ${tenths < 600 ? `${(tenths / 10).toFixed(1)}s` : relativeTime(Math.floor(tenths / 10))}]`);
  if (d.be32(at + 4) === 0) return;
  d.put(` [gaddr ${d.ip(at + 4)}`);
  const count = d.be16(at + 10);
  if (count > 0) {
    if (length < 12 + count * 4) d.put(' [invalid number of sources]');
    else if (d.options.verbose > 1) sources(d, at + 12, count);
    else d.put(`, ${count} source(s)`);
  }
  d.put(']');
}

function report(d: Dissector, at: number, length: number): void {
  if (length < 16 || (length & 3) !== 0) return d.put(` [invalid len ${length}]`);
  const groups = d.be16(at + 6);
  d.put(`, ${groups} group record(s)`);
  if (d.options.verbose === 0) return;
  let group = 8;
  for (let i = 0; i < groups; i++) {
    if (length < group + 8) return d.put(' [invalid number of groups]');
    d.put(` [gaddr ${d.ip(at + group + 4)} ${word(recordWords, d.u8(at + group), (n) => ` [v3-report-#${n}]`)}`);
    const count = d.be16(at + group + 2);
    if (length < group + 8 + count * 4) return d.put(` [invalid number of sources ${count}]`);
    if (d.options.verbose === 1) d.put(`, ${count} source(s)`);
    else sources(d, at + group + 8, count);
    group += 8 + count * 4;
    d.put(']');
  }
}

function trace(d: Dissector, name: string, at: number, length: number): void {
  if (length < 24) return d.put(` [invalid len ${length}]`);
  d.put(`${name} ${d.be24(at + 21)}: ${d.ip(at + 8)} to ${d.ip(at + 12)} reply-to ${d.ip(at + 16)}`);
  if (d.be32(at + 16) >>> 28 === 0xe) d.put(` with-ttl ${d.u8(at + 20)}`);
}

export const igmpProtocol: IpProtocolPrinter = { protocols: [2], version: 4, print: igmp };
