import { checksum, fold, sum } from '../../../src/wire/checksum.js';
import { pseudoHeaderSum, writeChecksum } from '../../../src/wire/ipv4.js';
import { ip4 } from './kit.js';

export interface Ipv4Fields {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  /** Flags and offset as in the header. */
  readonly fragment?: number;
  readonly options?: readonly number[];
}

/** An IPv4 packet with right length and checksum. */
export function ipv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const options = fields.options ?? [];
  const header = 20 + options.length;
  const bytes = new Uint8Array(header + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x40 | (header >> 2);
  bytes[1] = fields.tos ?? 0;
  view.setUint16(2, bytes.length);
  view.setUint16(4, fields.id ?? 0);
  view.setUint16(6, fields.fragment ?? 0);
  bytes[8] = fields.ttl ?? 64;
  bytes[9] = fields.protocol;
  view.setUint32(12, ip4(fields.from));
  view.setUint32(16, ip4(fields.to));
  bytes.set(options, 20);
  bytes.set(payload, header);
  writeChecksum(view, 0, header);
  return bytes;
}

export function echo(id: number, sequence: number, data: Uint8Array, type = 8): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = type;
  view.setUint16(4, id);
  view.setUint16(6, sequence);
  bytes.set(data, 8);
  view.setUint16(2, checksum(view, 0, bytes.length, 0));
  return bytes;
}

export function udp(from: string, fromPort: number, to: string, toPort: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, fromPort);
  view.setUint16(2, toPort);
  view.setUint16(4, bytes.length);
  bytes.set(data, 8);
  const total = sum(view, 0, bytes.length, pseudoHeaderSum(ip4(from), ip4(to), 17, bytes.length));
  view.setUint16(6, ~fold(total) & 0xffff || 0xffff);
  return bytes;
}

export const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
