// DVMRP, distance vector multicast routing: RFC 1075 and its drafts; it lies within IGMP.

import { formatIpv4 } from '../../../wire/ipv4-address.js';
import type { Dissector } from '../dissector.js';
import { relativeTime, type Words, word } from '../words.js';

const messageWords: Words = {
  1: 'Probe',
  2: 'Report',
  3: 'Ask-neighbors(old)',
  4: 'Neighbors(old)',
  5: 'Ask-neighbors2',
  6: 'Neighbors2',
  7: 'Prune',
  8: 'Graft',
  9: 'Graft-ACK',
};

const HEADER = 8;

export function dvmrp(d: Dissector, at: number, length: number): void {
  d.protocol = 'dvmrp';
  if (length < HEADER) {
    d.put(` [length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  const type = d.u8(at + 1);
  d.put(` ${word(messageWords, type, (n) => `[type ${n}]`)}`);
  const body = at + HEADER;
  const left = length - HEADER;
  switch (type) {
    case 1:
      if (d.options.verbose > 0) probe(d, body, left);
      return;
    case 2:
      if (d.options.verbose > 1) report(d, body, left);
      return;
    case 4:
      return neighbors(d, body, left);
    case 6:
      return neighbors2(d, body, left, d.u8(at + 7), d.u8(at + 6));
    case 7:
      return d.put(` src ${d.ip(body)} grp ${d.ip(body + 4)} timer ${relativeTime(d.be32(body + 8))}`);
    case 8:
    case 9:
      return d.put(` src ${d.ip(body)} grp ${d.ip(body + 4)}`);
  }
}

function wrong(d: Dissector, text: string): void {
  d.put(text);
  d.invalid();
}

function probe(d: Dissector, from: number, length: number): void {
  if (length < 4) return wrong(d, ` [full length ${length} < 4]`);
  d.put(`${d.options.verbose > 1 ? '\n\t' : ' '}genid ${d.be32(from)}`);
  if (d.options.verbose < 2) return;
  for (let at = from + 4, left = length - 4; left > 0; at += 4, left -= 4) {
    if (left < 4) return wrong(d, `[remaining length ${left} < 4]`);
    d.put(`\n\tneighbor ${d.ip(at)}`);
  }
}

function report(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < 3) return wrong(d, ` [length ${left} < 3]`);
    const mask = (0xff000000 | d.be24(at)) >>> 0;
    const width = d.u8(at + 2) !== 0 ? 4 : d.u8(at + 1) !== 0 ? 3 : d.u8(at) !== 0 ? 2 : 1;
    d.put(`\n\tMask ${formatIpv4(mask)}`);
    at += 3;
    left -= 3;
    for (let done = false; !done; ) {
      if (left < width + 1) return wrong(d, '\n\t  [Truncated Report]');
      let origin = 0;
      for (let i = 0; i < 4; i++) origin = ((origin << 8) | (i < width ? d.u8(at + i) : 0)) >>> 0;
      const metric = d.u8(at + width);
      done = (metric & 0x80) !== 0;
      d.put(`\n\t  ${formatIpv4(origin)} metric ${metric & 0x7f}`);
      at += width + 1;
      left -= width + 1;
    }
  }
}

function neighbors(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < 7) return wrong(d, ` [length ${left} < 7]`);
    const local = at;
    at += 7;
    left -= 7;
    for (let n = d.u8(local + 6); n > 0; n--) {
      if (left < 4) return wrong(d, ` [length ${left} < 4]`);
      d.put(` [${d.ip(local)} -> ${d.ip(at)}, (${d.u8(local + 4)}/${d.u8(local + 5)})]`);
      at += 4;
      left -= 4;
    }
  }
}

const flagWords = [
  [0x01, '/tunnel'],
  [0x02, '/srcrt'],
  [0x40, '/querier'],
  [0x20, '/disabled'],
  [0x10, '/down'],
] as const;

function neighbors2(d: Dissector, from: number, length: number, major: number, minor: number): void {
  d.put(` (v ${major}.${minor}):`);
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < 8) return wrong(d, ` [length ${left} < 8]`);
    const local = at;
    const flags = d.u8(local + 6);
    at += 8;
    left -= 8;
    let count = d.u8(local + 7);
    for (; count > 0 && left > 0; count--) {
      if (left < 4) return wrong(d, ` [length ${left} < 4]`);
      d.put(` [${d.ip(local)} -> ${d.ip(at)} (${d.u8(local + 4)}/${d.u8(local + 5)}`);
      d.put(`${flagWords.map(([bit, name]) => ((flags & bit) === 0 ? '' : name)).join('')})]`);
      at += 4;
      left -= 4;
    }
    // As tcpdump: the last neighbour may be the packet's end, or one more than it.
    if (count > 0) return wrong(d, ' [invalid ncount]');
  }
}
