// The classic savefile: a header of 24 bytes, then records with seconds, microseconds or nanoseconds, captured and whole length.
import { fromFile, largestPacket } from '../link-types.js';
import type { ByteStream } from './byte-stream.js';
import { adjustSnapshot, CaptureError, END, MORE, type Next, PACKET, StreamReader } from './reader.js';

export const MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** A patched libpcap's of long ago: its record headers are longer. */
const MAGIC_PATCHED = 0xa1b2cd34;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const PATCHED_RECORD_HEADER = 24;

/** Captured and whole length changed places with version 2.3. */
const USUAL = 0;
const SWAPPED = 1;
const MAYBE_SWAPPED = 2;

export class PcapReader extends StreamReader {
  readonly linkType: number;
  readonly snapshot: number;
  readonly swapped: boolean;
  readonly #little: boolean;
  readonly #header: number;
  readonly #lengths: typeof USUAL | typeof SWAPPED | typeof MAYBE_SWAPPED;
  readonly #multiply: number;
  readonly #divide: number;
  readonly #largest: number;
  /** Where the present packet's record is. */
  #record = 0;

  private constructor(stream: ByteStream, little: boolean, magic: number, nanoseconds: boolean) {
    super(stream);
    const { view, at } = stream;
    this.#little = little;
    this.swapped = !little;
    const major = view.getUint16(at + 4, little);
    const minor = view.getUint16(at + 6, little);
    if (major < 2) throw new CaptureError('archaic pcap savefile format');
    if (!(major === 2 && minor <= 4) && !(major === 543 && minor === 0))
      throw new CaptureError(`unsupported pcap savefile version ${major}.${minor}`);
    this.linkType = fromFile(view.getUint32(at + 20, little) & 0x03ffffff);
    this.#largest = largestPacket(this.linkType);
    this.snapshot = adjustSnapshot(view.getInt32(at + 16, little), this.#largest);
    this.#header = magic === MAGIC_PATCHED ? PATCHED_RECORD_HEADER : RECORD_HEADER;
    this.#lengths = major === 543 || minor < 3 ? SWAPPED : minor === 3 ? MAYBE_SWAPPED : USUAL;
    this.#multiply = nanoseconds && magic !== MAGIC_NANOSECONDS ? 1000 : 1;
    this.#divide = !nanoseconds && magic === MAGIC_NANOSECONDS ? 1000 : 1;
    stream.at += FILE_HEADER;
  }

  /** Null: it is no such file. `nanoseconds`: what fractions are to be in. */
  static async open(stream: ByteStream, nanoseconds: boolean): Promise<PcapReader | null> {
    const { view, at } = stream;
    const little = isMagic(view.getUint32(at, true));
    if (!little && !isMagic(view.getUint32(at))) return null;
    if (!(await stream.need(FILE_HEADER)))
      throw new CaptureError(`truncated dump file; tried to read ${FILE_HEADER} file header bytes, only got ${stream.available - 4}`);
    return new PcapReader(stream, little, stream.view.getUint32(stream.at, little), nanoseconds);
  }

  next(): Next {
    const { stream } = this;
    if (!this.there(this.#header)) {
      if (!stream.ended) return MORE;
      if (stream.available === 0) return END;
      throw new CaptureError(`truncated dump file; tried to read ${this.#header} header bytes, only got ${stream.available}`);
    }
    const { at, view } = stream;
    const little = this.#little;
    let captured = view.getUint32(at + 8, little);
    let length = view.getUint32(at + 12, little);
    if (this.#lengths === SWAPPED || (this.#lengths === MAYBE_SWAPPED && captured > length)) {
      [captured, length] = [length, captured];
    }
    if (captured > this.#largest) {
      const than = captured > this.snapshot ? `snaplen of ${this.snapshot}` : `maximum of ${this.#largest}`;
      throw new CaptureError(`invalid packet capture length ${captured}, bigger than ${than}`);
    }
    if (!this.there(this.#header + captured)) {
      if (!stream.ended) return MORE;
      throw new CaptureError(
        `truncated dump file; tried to read ${Math.min(captured, this.snapshot)} captured bytes, only got ${stream.available - this.#header}`,
      );
    }
    const start = at + this.#header;
    this.#record = at;
    this.length = length;
    this.start = start;
    this.end = start + Math.min(captured, this.snapshot);
    stream.at = start + captured;
    return PACKET;
  }

  get seconds(): number {
    return this.view.getUint32(this.#record, this.#little);
  }

  get fraction(): number {
    const fraction = this.view.getUint32(this.#record + 4, this.#little);
    return this.#multiply === this.#divide ? fraction : Math.trunc(((fraction | 0) * this.#multiply) / this.#divide) >>> 0;
  }
}

const isMagic = (value: number) => value === MAGIC_MICROSECONDS || value === MAGIC_NANOSECONDS || value === MAGIC_PATCHED;
