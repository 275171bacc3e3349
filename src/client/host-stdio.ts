import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EAGAIN } from '../base/errno.js';
import type { InputPort, OutputPort } from './command.js';
import { hostError } from './host-error.js';

/** Standard output or error of this process. Writes are synchronous until the reader is slow behind a non-blocking pipe. */
export class HostOutput implements OutputPort {
  readonly #fd: number;
  #isTerminal: boolean | undefined;
  /** What still waits for a slow reader, in order. */
  #waiting: Promise<void> | null = null;

  constructor(fd: 1 | 2) {
    this.#fd = fd;
  }

  get isTerminal(): boolean {
    this.#isTerminal ??= isatty(this.#fd);
    return this.#isTerminal;
  }

  get columns(): number {
    const stream = this.#fd === 1 ? process.stdout : process.stderr;
    return this.isTerminal ? (stream.columns ?? 80) : 80;
  }

  write(text: string | Uint8Array): Promise<void> | void {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (this.#waiting !== null) return this.#append(bytes, 0);
    const written = this.#writeNow(bytes, 0);
    return written < bytes.length ? this.#append(bytes, written) : undefined;
  }

  /** Resolves when all that was written is taken. */
  async flush(): Promise<void> {
    while (this.#waiting !== null) await this.#waiting;
  }

  #append(bytes: Uint8Array, from: number): Promise<void> {
    const mine = this.#writeLater(this.#waiting, bytes, from).finally(() => {
      if (this.#waiting === mine) this.#waiting = null;
    });
    this.#waiting = mine;
    // Whoever writes without waiting learns of a closed reader at flush().
    mine.catch(() => undefined);
    return mine;
  }

  async #writeLater(before: Promise<void> | null, bytes: Uint8Array, from: number): Promise<void> {
    await before;
    let at = from;
    while (at < bytes.length) {
      at = this.#writeNow(bytes, at);
      // A pipe that another process made non-blocking and nobody reads: libuv cannot watch a descriptor that it does not own.
      if (at < bytes.length) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Writes from `at` on and says how far it came; short only where the descriptor is non-blocking and full. */
  #writeNow(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        const netError = hostError(error);
        if (netError.errno === EAGAIN) return at;
        throw netError;
      }
    }
    return at;
  }
}

/** Standard input of this process; touched at first read only. */
export class HostInput implements InputPort {
  get isTerminal(): boolean {
    return isatty(0);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of process.stdin) yield chunk as Buffer;
  }
}
