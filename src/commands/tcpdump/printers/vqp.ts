// VQP, Cisco's VLAN query protocol.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const messageWords: Words = {
  1: 'Request, Join Port',
  2: 'Response, VLAN',
  3: 'Request, Reconfirm',
  4: 'Response, Reconfirm',
};

const errorWords: Words = {
  0: 'No error',
  3: 'Access denied',
  4: 'Shutdown port',
  5: 'Wrong VTP domain',
};

const objectWords: Words = {
  3073: 'Client IP Address',
  3074: 'Port Name',
  3075: 'VLAN Name',
  3076: 'VTP Domain',
  3077: 'Ethernet Packet',
  3078: 'MAC Null',
  3080: 'MAC Address',
};

function vqp(d: Dissector, at: number, length: number): void {
  d.protocol = 'vqp';
  d.need(at, 8);
  if (length < 8) return d.invalid();
  const [version, type, error, items] = [d.u8(at), d.u8(at + 1), d.u8(at + 2), d.u8(at + 3)];
  if (version !== 1) return d.put(`VQP version ${version} packet not supported`);
  const name = word(messageWords, type, (n) => `unknown (${n})`);
  const fault = `error-code ${word(errorWords, error, () => 'unknown')} (${error})`;
  if (d.options.verbose === 0) return d.put(`VQPv1 ${name} Message, ${fault}, length ${length}`);
  d.put(`\n\tVQPv1, ${name} Message, ${fault}, seq ${hex0x(d.be32(at + 4), 8)}, items ${items}, length ${length}`);
  let left = length - 8;
  let next = at + 8;
  for (let n = 0; n < items && left !== 0; n++) {
    d.need(next, 6);
    if (left < 6) return d.invalid();
    const [kind, size] = [d.be32(next), d.be16(next + 4)];
    next += 6;
    left -= 6;
    d.put(`\n\t  ${word(objectWords, kind, () => 'Unknown')} Object (${hex0x(kind, 8)}), length ${size}, value: `);
    if (kind === 0 || size === 0) return;
    d.need(next, size);
    if (size > left || !object(d, kind, next, size)) return d.invalid();
    next += size;
    left -= size;
  }
}

function object(d: Dissector, kind: number, at: number, size: number): boolean {
  switch (kind) {
    case 0x0c01:
      if (size !== 4) return false;
      d.put(`${d.ip(at)} (${hex0x(d.be32(at), 8)})`);
      return true;
    case 0x0c02:
    case 0x0c03:
    case 0x0c04:
    case 0x0c05:
      d.charsToZero(at, size);
      return true;
    case 0x0c06:
    case 0x0c08:
      if (size !== 6) return false;
      d.put(d.mac(at));
      return true;
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', size);
      return true;
  }
}

export const vqpPort: PortPrinter = { ports: [1589], print: vqp };
