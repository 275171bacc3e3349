import type { Libc } from './libc.js';

/** Memory that the kernel reads and writes by address: its ArrayBuffer stays where it is as long as this is held. */
export class PinnedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly address: number;
  #used = 0;

  constructor(libc: Libc, size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.address = libc.addressOf(this.bytes);
  }

  /** Takes `size` bytes for a structure, once, aligned to 16; where they begin. */
  reserve(size: number): number {
    const at = this.#used;
    this.#used = (at + size + 15) & ~15;
    if (this.#used > this.bytes.length) throw new RangeError('the pinned memory is all taken');
    return at;
  }

  /** A 64-bit pointer or size. */
  setWord(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true);
    this.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** Exact up to 2^53, where no address of a program lies beyond. */
  word(at: number): number {
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 0x1_0000_0000;
  }

  /** Writes `text` with a terminating zero; what it is must be free of zeros. */
  setText(at: number, text: string): void {
    let end = at;
    for (let i = 0; i < text.length; i++) this.bytes[end++] = text.charCodeAt(i);
    this.bytes[end] = 0;
  }
}
