// Linux's vsock monitor: sockets between a virtual machine and its host.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const transportWords: Words = {
  0: 'UNKNOWN',
  1: 'NO_INFO',
  2: 'VIRTIO',
};

const operationWords: Words = {
  0: 'UNKNOWN',
  1: 'CONNECT',
  2: 'DISCONNECT',
  3: 'CONTROL',
  4: 'PAYLOAD',
};

const virtioTypes: Words = {
  1: 'STREAM',
};

const virtioOperations: Words = {
  0: 'INVALID',
  1: 'REQUEST',
  2: 'RESPONSE',
  3: 'RST',
  4: 'SHUTDOWN',
  5: 'RW',
  6: 'CREDIT UPDATE',
  7: 'CREDIT REQUEST',
};

const HEADER = 32;
const VIRTIO_HEADER = 44;
const VIRTIO = 2;
const PAYLOAD = 4;

function vsock(d: Dissector, at: number, _length: number, captured: number): number {
  d.protocol = 'vsock';
  if (captured < HEADER) {
    d.truncated();
    return captured;
  }
  const transport = d.le16(at + 26);
  const operation = d.le16(at + 24);
  const header = HEADER + (transport === VIRTIO ? VIRTIO_HEADER : 0);
  const whole = d.options.verbose === 0 || captured >= header;
  d.put(word(transportWords, transport, (n) => `Invalid transport (${n})`));
  if (d.options.verbose > 0) {
    if (whole) {
      if (transport === VIRTIO) virtio(d, at + HEADER);
      d.put('\n\t');
    }
  } else d.put(' ');
  const name = word(operationWords, operation, (n) => ` invalid op (${n})`);
  d.put(`${d.le64(at)}.${d.le32(at + 16)} > ${d.le64(at + 8)}.${d.le32(at + 20)} ${name}, length ${captured}`);
  if (!whole) d.truncated();
  else if (d.options.verbose > 1 && operation === PAYLOAD) {
    if (captured > header) {
      d.put('\n');
      d.unknown(at + header, '\t', captured - header);
    } else d.truncated();
  }
  return HEADER;
}

function virtio(d: Dissector, at: number): void {
  d.put(` (len ${d.le32(at + 24)}, type ${word(virtioTypes, d.le16(at + 28), (n) => `Invalid type (${n})`)}`);
  d.put(`, op ${word(virtioOperations, d.le16(at + 30), (n) => `Invalid op (${n})`)}, flags ${hex(d.le32(at + 32))}`);
  d.put(`, buf_alloc ${d.le32(at + 36)}, fwd_cnt ${d.le32(at + 40)})`);
}

export const vsockLink: LinkPrinter = { types: [271], print: vsock };
