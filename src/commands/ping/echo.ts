import { checksum } from '../../wire/checksum.js';
import * as icmp from '../../wire/icmp.js';
import { ECHO_REQUEST } from '../../wire/icmpv6.js';

/** Bytes of the time stamp at the start of the data: two 64-bit numbers, seconds and microseconds. */
export const STAMP_BYTES = 16;

/** The echo requests of one ping: an ICMP header, the time where there is room for it, and a pattern. */
export class EchoRequest {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #identifier: number;
  readonly timed: boolean;

  readonly #type: number;

  constructor(identifier: number, dataBytes: number, pattern: Uint8Array | null, v6 = false) {
    this.#type = v6 ? ECHO_REQUEST : icmp.ECHO;
    this.bytes = new Uint8Array(icmp.HEADER + dataBytes);
    this.#view = new DataView(this.bytes.buffer);
    this.#identifier = identifier;
    this.timed = dataBytes >= STAMP_BYTES;
    const start = icmp.HEADER + (this.timed ? STAMP_BYTES : 0);
    // A pattern is counted from the start of the data, whatever the time stamp covers of it.
    for (let i = start; i < this.bytes.length; i++)
      this.bytes[i] = pattern === null || pattern.length === 0 ? i - icmp.HEADER : pattern[(i - start) % pattern.length]!;
  }

  /** The request with this number, sent at `nowUs`. The bytes are valid until the next call. */
  build(sequence: number, nowUs: number): Uint8Array {
    const view = this.#view;
    view.setUint8(0, this.#type);
    view.setUint8(1, 0);
    view.setUint16(2, 0);
    view.setUint16(4, this.#identifier);
    view.setUint16(6, sequence);
    if (this.timed) {
      writeU64(view, icmp.HEADER, Math.trunc(nowUs / 1_000_000));
      writeU64(view, icmp.HEADER + 8, nowUs % 1_000_000);
    }
    view.setUint16(2, checksum(view, 0, this.bytes.length, 0));
    return this.bytes;
  }

  /** What is said of a reply, whose ICMP header is at `at`, where its data is another than what was sent; empty: it is the same. */
  difference(reply: Uint8Array, at: number): string {
    const start = icmp.HEADER + (this.timed ? STAMP_BYTES : 0);
    let wrong = start;
    while (wrong < this.bytes.length && reply[at + wrong] === this.bytes[wrong]) wrong++;
    if (wrong >= this.bytes.length) return '';
    const hex = (byte: number | undefined) => (byte ?? 0).toString(16);
    let text = `\nwrong data byte #${wrong - icmp.HEADER} should be 0x${hex(this.bytes[wrong])} but was 0x${hex(reply[at + wrong])}`;
    for (let i = start; i < this.bytes.length; i++) {
      if ((i - start) % 32 === 0) text += `\n#${i - icmp.HEADER}\t`;
      text += `${hex(reply[at + i])} `;
    }
    return text;
  }
}

/** When the request that a reply answers was sent, of the stamp in its data. */
export function stampOf(view: DataView, at: number): number {
  return readU64(view, at + icmp.HEADER) * 1_000_000 + readU64(view, at + icmp.HEADER + 8);
}

function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.trunc(value / 0x1_0000_0000), true);
}

const readU64 = (view: DataView, at: number) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
