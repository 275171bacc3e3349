/** Bytes that lie in a program's end at most, as the kernel counts their memory. */
const MOST_MEMORY = 512 * 1024;
const ENTRIES = 128;

/**
 * What was written to a program's end and may not be read yet: how many bytes by which memory of the kernel's. The kernel tells the
 * memory of what is unread (SIOCOUTQ); this tells the bytes.
 */
export class HandedOver {
  readonly #bytes = new Int32Array(ENTRIES);
  readonly #memory = new Int32Array(ENTRIES);
  #first = 0;
  #count = 0;
  /** Bytes, and memory, of all that is in it. */
  bytes = 0;
  memory = 0;

  get hasRoom(): boolean {
    return this.memory < MOST_MEMORY && this.#count < ENTRIES;
  }

  add(bytes: number, memory: number): void {
    const at = (this.#first + this.#count) % ENTRIES;
    this.#bytes[at] = bytes;
    this.#memory[at] = memory;
    this.#count++;
    this.bytes += bytes;
    this.memory += memory;
  }

  /** Takes out what was read, `unread` being the memory of what was not: its bytes. */
  takeRead(unread: number): number {
    let read = 0;
    while (this.#count > 0 && this.memory > unread) {
      const memory = this.#memory[this.#first]!;
      // Of what was written at once, a part may still be there: it counts as unread.
      if (unread > 0 && this.memory - memory < unread) break;
      read += this.#bytes[this.#first]!;
      this.memory -= memory;
      this.#first = (this.#first + 1) % ENTRIES;
      this.#count--;
    }
    this.bytes -= read;
    return read;
  }
}
