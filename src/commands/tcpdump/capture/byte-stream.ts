import type { OpenFile } from '../../../client/command.js';

/** Where bytes come from. */
export type ByteSource = OpenFile;

/** Bytes that are read in one go: they and what is left from before stay in a core's second cache while packets are looked at. */
const READ = 1 << 18;
/** Reads without a wait before others have a turn: signals come then, and other commands of the same process. */
const READS_IN_A_ROW = 32;

/**
 * Bytes of a source, read as if they lay in one array. There is one buffer, which grows for what is larger: what is unread moves to
 * its front before more is read behind it.
 */
export class ByteStream {
  readonly #source: ByteSource;
  bytes: Uint8Array = new Uint8Array(2 * READ);
  view: DataView = new DataView(this.bytes.buffer);
  /** The unread bytes are `bytes[at .. end)`. */
  at = 0;
  end = 0;
  ended = false;
  #readsInARow = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get available(): number {
    return this.end - this.at;
  }

  /** Waits until `count` bytes are there; false: the input ended before. */
  async need(count: number): Promise<boolean> {
    while (this.available < count && !this.ended) await this.#more(count);
    return this.available >= count;
  }

  /** need() without a wait. False: only need() can tell whether the bytes come. */
  needNow(count: number): boolean {
    const { readNow } = this.#source;
    if (readNow === undefined || ++this.#readsInARow > READS_IN_A_ROW) return false;
    while (this.available < count && !this.ended) {
      const room = this.#makeRoom(count);
      this.#came(readNow(this.bytes, this.end, room));
    }
    return true;
  }

  async #more(count: number): Promise<void> {
    this.#readsInARow = 0;
    const room = this.#makeRoom(count);
    this.#came(await this.#source.read(this.bytes, this.end, room));
  }

  #came(count: number): void {
    if (count === 0) this.ended = true;
    this.end += count;
  }

  /** Returns how many bytes are to be read behind the unread ones, so that `count` of them are there. */
  #makeRoom(count: number): number {
    const room = Math.max(count - this.available, READ);
    if (this.at > 0) {
      this.bytes.copyWithin(0, this.at, this.end);
      this.end -= this.at;
      this.at = 0;
    }
    if (this.bytes.length - this.end >= room) return room;
    const larger = new Uint8Array(this.end + room);
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
    return room;
  }

  /** Lets go of the source where not all of it was read. */
  close(): Promise<void> {
    return this.#source.close();
  }
}

/** A source of pieces that come as they are: standard input, files in memory. */
export function piecesSource(pieces: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece = new Uint8Array(0);
  return {
    async read(buffer, at, room) {
      while (piece.length === 0) {
        const { done, value } = await iterator.next();
        if (done === true) return 0;
        piece = value as Uint8Array<ArrayBuffer>;
      }
      const count = Math.min(piece.length, room);
      buffer.set(piece.subarray(0, count), at);
      piece = piece.subarray(count);
      return count;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
