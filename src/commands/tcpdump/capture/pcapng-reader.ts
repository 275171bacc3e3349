// The newer savefile, pcapng: blocks of a type and a length, in sections with interfaces. As libpcap 1.10 reads it: one link type and
// one snapshot length for all interfaces.
import { fromFile, largestPacket } from '../link-types.js';
import type { ByteStream } from './byte-stream.js';
import { adjustSnapshot, CaptureError, END, MORE, type Next, PACKET, StreamReader } from './reader.js';

export const SECTION_HEADER = 0x0a0d0d0a;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKET_BLOCK = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** Type, length and the length again. */
const BLOCK_OVERHEAD = 12;
const LARGEST_BLOCK = 16 * 1024 * 1024;
const MAXIMUM_INTERFACES = 65536;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

interface Interface {
  readonly snapshot: number;
  /** Units a second. */
  readonly resolution: bigint;
  /** Added to seconds. */
  readonly offset: number;
}

export class PcapngReader extends StreamReader {
  linkType = -1;
  snapshot = 0;
  readonly #unit: bigint;
  swapped = false;
  #little = true;
  #interfaces: Interface[] = [];
  /** Where the present packet's time lies, and whose units it is in; null: it has none. */
  #stampAt = 0;
  #stampOf: Interface | null = null;

  private constructor(stream: ByteStream, nanoseconds: boolean) {
    super(stream);
    this.#unit = nanoseconds ? 1_000_000_000n : 1_000_000n;
  }

  /** Null: it is no such file. Reads as far as the first interface. */
  static async open(stream: ByteStream, nanoseconds: boolean): Promise<PcapngReader | null> {
    if (stream.view.getUint32(stream.at) !== SECTION_HEADER) return null;
    if (!(await stream.need(BLOCK_OVERHEAD))) return null;
    const magic = stream.at + 8;
    if (stream.view.getUint32(magic) !== BYTE_ORDER_MAGIC && stream.view.getUint32(magic, true) !== BYTE_ORDER_MAGIC) return null;
    const reader = new PcapngReader(stream, nanoseconds);
    reader.#little = stream.view.getUint32(magic, true) === BYTE_ORDER_MAGIC;
    reader.swapped = !reader.#little;
    await reader.#firstInterface();
    return reader;
  }

  async #firstInterface(): Promise<void> {
    for (;;) {
      const length = this.#block();
      if (length === 0) {
        if (this.stream.ended) throw new CaptureError('the capture file has no Interface Description Blocks');
        await this.fill();
        continue;
      }
      const type = this.stream.view.getUint32(this.stream.at, this.#little);
      if (type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === PACKET_BLOCK)
        throw new CaptureError('the capture file has a packet block before any Interface Description Blocks');
      if (type === SECTION_HEADER) this.#section();
      if (type === INTERFACE) this.#interface(length);
      this.stream.at += length;
      if (type === INTERFACE) return;
    }
  }

  /** Length of the block at hand, all of it there; 0: more is needed, or the input is over. */
  #block(): number {
    const { stream } = this;
    if (!this.there(8)) {
      if (stream.ended && stream.available > 0)
        throw new CaptureError(`truncated pcapng dump file; tried to read 8 bytes, only got ${stream.available}`);
      return 0;
    }
    const length = stream.view.getUint32(stream.at + 4, this.#littleOfBlock());
    if (length < BLOCK_OVERHEAD) throw new CaptureError(`block in pcapng dump file has a length of ${length} < ${BLOCK_OVERHEAD}`);
    if (length % 4 !== 0) throw new CaptureError(`block in pcapng dump file has a length of ${length} that is not a multiple of 4`);
    if (length > LARGEST_BLOCK) throw new CaptureError(`pcapng block size ${length} > maximum ${LARGEST_BLOCK}`);
    if (!this.there(length)) {
      if (stream.ended)
        throw new CaptureError(`truncated pcapng dump file; tried to read ${length - 8} bytes, only got ${stream.available - 8}`);
      return 0;
    }
    if (stream.view.getUint32(stream.at + length - 4, this.#littleOfBlock()) !== length)
      throw new CaptureError("block total length in header and trailer don't match");
    return length;
  }

  /** A section header brings its own byte order. */
  #littleOfBlock(): boolean {
    const { stream } = this;
    if (stream.view.getUint32(stream.at) !== SECTION_HEADER || stream.available < BLOCK_OVERHEAD) return this.#little;
    return stream.view.getUint32(stream.at + 8, true) === BYTE_ORDER_MAGIC;
  }

  #section(): void {
    const { view, at } = this.stream;
    const little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC)
      throw new CaptureError('the file has a section with a bad byte order magic field');
    if (little !== this.#little) throw new CaptureError('the file has sections with different byte orders');
    const major = view.getUint16(at + 12, little);
    if (major !== 1) throw new CaptureError(`unknown pcapng savefile major version number ${major}`);
    this.#interfaces = [];
  }

  #interface(length: number): void {
    const { view, at } = this.stream;
    if (length < BLOCK_OVERHEAD + 8) throw new CaptureError(`block of type ${INTERFACE} in pcapng dump file is too short`);
    if (this.#interfaces.length >= MAXIMUM_INTERFACES) throw new CaptureError(`more than ${MAXIMUM_INTERFACES} interfaces in the file`);
    const type = fromFile(view.getUint16(at + 8, this.#little));
    const snapshot = adjustSnapshot(view.getInt32(at + 12, this.#little), largestPacket(type));
    if (this.linkType < 0) {
      this.linkType = type;
      this.snapshot = snapshot;
    } else if (type !== this.linkType)
      throw new CaptureError(`an interface has a type ${type} different from the type of the first interface`);
    else if (snapshot !== this.snapshot)
      throw new CaptureError(`an interface has a snapshot length ${snapshot} different from the snapshot length of the first interface`);
    this.#interfaces.push({ snapshot, ...this.#interfaceOptions(at + 16, at + length - 4) });
  }

  #interfaceOptions(from: number, end: number): { resolution: bigint; offset: number } {
    const { view } = this.stream;
    let resolution = 1_000_000n;
    let offset = 0;
    for (let at = from; end - at >= 4; ) {
      const code = view.getUint16(at, this.#little);
      const length = view.getUint16(at + 2, this.#little);
      if (code === 0 || at + 4 + length > end) break;
      if (code === OPTION_RESOLUTION) {
        if (length !== 1) throw new CaptureError(`Interface Description Block has if_tsresol option with length ${length} != 1`);
        resolution = this.#resolution(view.getUint8(at + 4));
      } else if (code === OPTION_OFFSET) {
        if (length !== 8) throw new CaptureError(`Interface Description Block has if_tsoffset option with length ${length} != 8`);
        offset = Number(view.getBigInt64(at + 4, this.#little));
      }
      at += 4 + ((length + 3) & ~3);
    }
    return { resolution, offset };
  }

  #resolution(byte: number): bigint {
    const power = byte & 0x7f;
    if ((byte & 0x80) !== 0) {
      if (power > 63) throw new CaptureError(`Interface Description Block if_tsresol option resolution 2^-${power} is too high`);
      return 1n << BigInt(power);
    }
    if (power > 19) throw new CaptureError(`Interface Description Block if_tsresol option resolution 10^-${power} is too high`);
    return 10n ** BigInt(power);
  }

  next(): Next {
    const { stream } = this;
    for (;;) {
      const length = this.#block();
      if (length === 0) return stream.ended ? END : MORE;
      const { view, at } = stream;
      stream.at += length;
      switch (view.getUint32(at, this.#little)) {
        case SECTION_HEADER:
          stream.at = at;
          this.#section();
          stream.at = at + length;
          break;
        case INTERFACE:
          stream.at = at;
          this.#interface(length);
          stream.at = at + length;
          break;
        case ENHANCED_PACKET:
          this.#stamp(view.getUint32(at + 8, this.#little), at + 12);
          return this.#packet(at + 28, view.getUint32(at + 20, this.#little), view.getUint32(at + 24, this.#little), at + length - 4);
        case PACKET_BLOCK:
          this.#stamp(view.getUint16(at + 8, this.#little), at + 12);
          return this.#packet(at + 28, view.getUint32(at + 20, this.#little), view.getUint32(at + 24, this.#little), at + length - 4);
        case SIMPLE_PACKET: {
          const whole = view.getUint32(at + 8, this.#little);
          this.#known(0);
          this.#stampOf = null;
          return this.#packet(at + 12, Math.min(whole, this.snapshot), whole, at + length - 4);
        }
      }
    }
  }

  #known(index: number): Interface {
    const known = this.#interfaces[index];
    if (known === undefined)
      throw new CaptureError(`a packet arrived on interface ${index}, but there's no Interface Description Block for that interface`);
    return known;
  }

  #stamp(index: number, at: number): void {
    this.#stampOf = this.#known(index);
    this.#stampAt = at;
  }

  get seconds(): number {
    if (this.#stampOf === null) return 0;
    const { resolution, offset } = this.#stampOf;
    const units = this.#units();
    // The usual case without BigInt: what fits into 53 bits.
    if (units <= Number.MAX_SAFE_INTEGER) {
      const per = Number(resolution);
      return (units - (units % per)) / per + offset;
    }
    return Number(this.#allUnits() / resolution) + offset;
  }

  get fraction(): number {
    if (this.#stampOf === null) return 0;
    const { resolution } = this.#stampOf;
    const units = this.#units();
    if (resolution === this.#unit && units <= Number.MAX_SAFE_INTEGER) return units % Number(resolution);
    return Number(((this.#allUnits() % resolution) * this.#unit) / resolution);
  }

  #units(): number {
    return this.view.getUint32(this.#stampAt, this.#little) * 0x1_0000_0000 + this.view.getUint32(this.#stampAt + 4, this.#little);
  }

  #allUnits(): bigint {
    const { view } = this;
    return (BigInt(view.getUint32(this.#stampAt, this.#little)) << 32n) | BigInt(view.getUint32(this.#stampAt + 4, this.#little));
  }

  #packet(start: number, captured: number, length: number, end: number): typeof PACKET {
    if (captured > this.snapshot)
      throw new CaptureError(`invalid packet capture length ${captured}, bigger than snaplen of ${this.snapshot}`);
    if (start + captured > end) throw new CaptureError('block of type 6 in pcapng dump file is too short');
    this.start = start;
    this.end = start + captured;
    this.length = length;
    return PACKET;
  }
}
