/** Bytes that come in pieces, read as if they lay in one array: what is unread is kept, no more. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The unread bytes are `bytes[at .. end)`. */
  at = 0;
  end = 0;
  ended = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  get available(): number {
    return this.end - this.at;
  }

  /** Waits until `count` bytes are there; false: the input ended before. */
  async need(count: number): Promise<boolean> {
    while (this.available < count && !this.ended) await this.#more();
    return this.available >= count;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done === true) {
      this.ended = true;
      return;
    }
    const left = this.available;
    if (left === 0) this.#use(value);
    else {
      const whole = new Uint8Array(left + value.length);
      whole.set(this.bytes.subarray(this.at, this.end));
      whole.set(value, left);
      this.#use(whole);
    }
  }

  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.end = bytes.length;
  }

  /** Lets go of the source where not all of it was read. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
