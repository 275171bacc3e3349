import { fold, sum } from '../../../../src/wire/checksum.js';
import { pseudoHeaderSum } from '../../../../src/wire/ipv4.js';
import { ip4 } from '../kit.js';
import { ipv4 } from '../packets.js';

export interface SegmentFields {
  /** Letters of the flags: S A F R P. */
  readonly flags: string;
  readonly seq: number;
  readonly ack?: number;
  readonly window?: number;
  readonly bytes?: number;
}

const bits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** An IPv4 packet with a TCP segment in it. */
export function tcpSegment(from: readonly [string, number], to: readonly [string, number], fields: SegmentFields): Uint8Array {
  const bytes = new Uint8Array(20 + (fields.bytes ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from[1]);
  view.setUint16(2, to[1]);
  view.setUint32(4, fields.seq);
  view.setUint32(8, fields.ack ?? 0);
  bytes[12] = 0x50;
  bytes[13] = [...fields.flags].reduce((all, letter) => all | bits[letter]!, 0);
  view.setUint16(14, fields.window ?? 65_000);
  const total = sum(view, 0, bytes.length, pseudoHeaderSum(ip4(from[0]), ip4(to[0]), 6, bytes.length));
  view.setUint16(16, ~fold(total) & 0xffff);
  return ipv4({ from: from[0], to: to[0], protocol: 6 }, bytes);
}
