// TFTP, RFC 1350 with the options of RFC 2347.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const operations: Words = { 1: 'RRQ', 2: 'WRQ', 3: 'DATA', 4: 'ACK', 5: 'ERROR', 6: 'OACK' };
const errors: Words = {
  0: 'EUNDEF',
  1: 'ENOTFOUND',
  2: 'EACCESS',
  3: 'ENOSPACE',
  4: 'EBADOP',
  5: 'EBADID',
  6: 'EEXISTS',
  7: 'ENOUSER',
};

function tftp(d: Dissector, at: number, length: number): void {
  d.protocol = 'tftp';
  d.put(`TFTP, length ${length}`);
  if (length < 2) throw TRUNCATED;
  const operation = d.be16(at);
  d.put(`, ${word(operations, operation, (n) => `tftp-#${n}`)}`);
  const end = at + length;
  switch (operation) {
    case 1:
    case 2:
      return request(d, at + 2, end);
    case 3:
    case 4:
      if (length < 4) throw TRUNCATED;
      return d.put(` block ${d.be16(at + 2)}`);
    case 5:
      if (length < 4) throw TRUNCATED;
      d.put(` ${word(errors, d.be16(at + 2), (n) => `tftp-err-#${n} "`)}`);
      if (length === 4) throw TRUNCATED;
      d.put(' "');
      return quoted(d, at + 4, end);
    case 6:
      return options(d, at + 2, end);
  }
}

function request(d: Dissector, at: number, end: number): void {
  if (at >= end) throw TRUNCATED;
  d.put(' "');
  const name = d.zeroEnded(at, end - at, d.end);
  d.put('"');
  if (name === 0 || at + name >= end) throw TRUNCATED;
  d.put(' ');
  const mode = text(d, at + name, end);
  options(d, at + name + mode, end);
}

function options(d: Dissector, from: number, end: number): void {
  for (let at = from; at < end; ) {
    if (d.u8(at) !== 0) d.put(' ');
    at += text(d, at, end);
  }
}

function text(d: Dissector, at: number, end: number): number {
  const size = d.zeroEnded(at, end - at, d.end);
  if (size === 0) throw TRUNCATED;
  return size;
}

function quoted(d: Dissector, at: number, end: number): void {
  const size = d.zeroEnded(at, end - at, d.end);
  d.put('"');
  if (size === 0) throw TRUNCATED;
}

export const tftpPort: PortPrinter = { ports: [69], type: 'tftp', print: tftp };
