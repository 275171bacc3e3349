/** Where bytes come from: `read` fills a part of a buffer and says how much of it; 0: the end. */
export interface ByteSource {
  read(buffer: Uint8Array, at: number): Promise<number>;
  close(): Promise<void>;
}

/** Bytes that are read at once. */
const READ = 1 << 20;

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

  async #more(count: number): Promise<void> {
    this.#makeRoom(Math.max(count - this.available, READ));
    const read = await this.#source.read(this.bytes, this.end);
    if (read === 0) this.ended = true;
    this.end += read;
  }

  #makeRoom(room: number): void {
    if (this.at > 0) {
      this.bytes.copyWithin(0, this.at, this.end);
      this.end -= this.at;
      this.at = 0;
    }
    if (this.bytes.length - this.end >= room) return;
    const larger = new Uint8Array(this.end + room);
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
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
    async read(buffer, at) {
      while (piece.length === 0) {
        const { done, value } = await iterator.next();
        if (done === true) return 0;
        piece = value as Uint8Array<ArrayBuffer>;
      }
      const count = Math.min(piece.length, buffer.length - at);
      buffer.set(piece.subarray(0, count), at);
      piece = piece.subarray(count);
      return count;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
