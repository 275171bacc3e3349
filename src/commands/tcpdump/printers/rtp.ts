// RTP and RTCP (RFC 3550), as -T says, and vat, which came before them.
import type { Dissector } from '../dissector.js';
import { fixed, hex0x } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 8;
const EXTENDED = 0x1f;

function rtp(d: Dissector, at: number, length: number): void {
  d.protocol = 'rtp';
  if (length < HEADER) return d.put(`udp/rtp, length ${length} < ${HEADER}`);
  const first = d.be32(at);
  const time = d.be32(at + 4);
  const old = first >>> 30 === 1;
  let data = length - HEADER;
  if (!old && data < 4) return d.put(`udp/rtp, length ${length} < 12`);
  if (!old) data -= 4;
  const options = old && (first & 0x800000) !== 0;
  const extension = !old && (first & 0x10000000) !== 0;
  const content = (first >>> 16) & (old ? 0x3f : 0x7f);
  const marker = (first & (old ? 0x400000 : 0x800000)) !== 0;
  d.put(
    `udp/${old ? 'rtpv1' : 'rtp'} ${data} c${content} ${options || extension ? '+' : ''}${marker ? '*' : ''} ${first & 0xffff} ${time}`,
  );
  if (d.options.verbose > 0) details(d, at, (length >>> 2) - (old ? 2 : 3), old, options, extension, content);
}

/** Words that are left behind the header, and what lies in them. */
function details(d: Dissector, at: number, words: number, old: boolean, options: boolean, extension: boolean, content: number): void {
  d.put(` ${d.be32(at + 8)}`);
  let next = at + (old ? HEADER : HEADER + 4);
  let left = words;
  if (options) {
    for (let more = true; more; ) {
      const option = d.be32(next);
      const size = (option >>> 16) & 0xff;
      if (size === 0 || size > left) return d.put(' !opt');
      next += size * 4;
      left -= size;
      more = option < 0x80000000;
    }
  }
  if (extension) {
    const size = d.be16(next + 2) + 1;
    if (size > left) return d.put(' !ext');
    next += size * 4;
  }
  if (content === EXTENDED) d.put(` ${hex0x(d.be16(next), 4)}`);
}

const FRACTION = 0x1_0000_0000;

function rtcp(d: Dissector, from: number): void {
  const { end } = d;
  for (let at = from; at < end; ) {
    d.protocol = 'rtcp';
    if (d.cutShort(() => (at += report(d, at)))) return;
  }
}

/** Returns its length. */
function report(d: Dissector, at: number): number {
  d.need(at, 8);
  const length = (d.be16(at + 2) + 1) * 4;
  const type = d.u8(at + 1);
  let count = d.u8(at) & 0x1f;
  let next = at + 8;
  const source = () => d.put(d.options.verbose > 0 ? ` ${d.be32(at + 4)}` : '');
  switch (type) {
    case 200:
      d.put(` sr${length === count * 24 + 28 ? '' : ` [${length}]`}`);
      source();
      d.need(next, 20);
      d.put(
        ` @${fixed(d.be32(next) + d.be32(next + 4) / (FRACTION - 1), 2)} ${d.be32(next + 8)} ${d.be32(next + 12)}p ${d.be32(next + 16)}b`,
      );
      next += 20;
      break;
    case 201:
      d.put(` rr${length === count * 24 + 8 ? '' : ` [${length}]`}`);
      source();
      break;
    case 202:
    case 203:
      d.put(` ${type === 202 ? 'sdes' : 'bye'} ${length}`);
      source();
      count = 0;
      break;
    default:
      d.put(` type-${hex0x(type)} ${length}`);
      count = 0;
  }
  if (count > 1) d.put(` c${count}`);
  for (; count > 0; count--, next += 24) {
    d.need(next, 24);
    if (d.options.verbose > 0) d.put(` ${d.be32(next)}`);
    d.put(` ${d.be32(next + 4) & 0xffffff}l ${d.be32(next + 8)}s ${d.be32(next + 12)}j`);
    d.put(` @${fixed(d.be32(next + 16) / 65536, 2)}+${fixed(d.be32(next + 20) / 65536, 2)}`);
  }
  return length;
}

function vat(d: Dissector, at: number, length: number): void {
  d.protocol = 'vat';
  if (length < 2) return d.put(`udp/va/vat, length ${length} < 2`);
  const time = d.be16(at);
  if ((time & 0xf060) !== 0) return d.put(`udp/vt ${length} ${time & 0x3ff} / ${time >>> 10}`);
  if (length < 8) return d.put(`udp/vat, length ${length} < 8`);
  const first = d.be32(at);
  d.put(`udp/vat ${length - 8} c${first & 0xffff} ${d.be32(at + 4)}${(first & 0x800000) === 0 ? '' : '*'}`);
  if ((first & 0x1f0000) !== 0) d.put(` f${(first >>> 16) & 0x1f}`);
  if ((first & 0x3f000000) !== 0) d.put(` s${(first >>> 24) & 0x3f}`);
}

export const rtpPorts: readonly PortPrinter[] = [
  { type: 'rtp', print: rtp },
  { type: 'rtcp', print: (d, at) => rtcp(d, at) },
];
export const vatPort: PortPrinter = { destinationPorts: [3456], type: 'vat', print: vat };
