// Savefiles as tcpdump writes them: the classic format, host byte order.
import { toFile } from '../link-types.js';
import type { CapturedPacket } from '../print-packet.js';
import { MAGIC_MICROSECONDS, MAGIC_NANOSECONDS } from './pcap-reader.js';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Written out when this much has come together. */
const BUFFER = 1 << 18;

/** Where bytes go: a file, or standard output. The first call makes the file anew. */
export type Sink = (bytes: Uint8Array, first: boolean) => Promise<void> | void;

export class PcapWriter {
  readonly #sink: Sink;
  readonly #snapshot: number;
  #buffer = new Uint8Array(BUFFER);
  #view = new DataView(this.#buffer.buffer);
  #used = 0;
  #first = true;
  /** Bytes of the file so far, buffered ones too. */
  size = 0;

  constructor(sink: Sink, linkType: number, snapshot: number, nanoseconds: boolean) {
    this.#sink = sink;
    this.#snapshot = snapshot;
    const v = this.#view;
    v.setUint32(0, nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, true);
    v.setUint16(4, 2, true);
    v.setUint16(6, 4, true);
    v.setUint32(16, this.#snapshot, true);
    v.setUint32(20, toFile(linkType), true);
    this.#advance(FILE_HEADER);
  }

  /** Puts a packet into the buffer; true: the buffer is to be flushed. */
  add(packet: CapturedPacket): boolean {
    const captured = packet.end - packet.start;
    const bytes = RECORD_HEADER + captured;
    if (this.#used + bytes > this.#buffer.length) this.#grow(this.#used + bytes);
    const v = this.#view;
    const at = this.#used;
    v.setUint32(at, packet.seconds, true);
    v.setUint32(at + 4, packet.fraction, true);
    v.setUint32(at + 8, captured, true);
    v.setUint32(at + 12, packet.length, true);
    this.#buffer.set(packet.bytes.subarray(packet.start, packet.end), at + RECORD_HEADER);
    this.#advance(bytes);
    return this.#used >= BUFFER / 2;
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    const bytes = this.#buffer.slice(0, this.#used);
    const first = this.#first;
    this.#used = 0;
    this.#first = false;
    await this.#sink(bytes, first);
  }

  #advance(bytes: number): void {
    this.#used += bytes;
    this.size += bytes;
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}
