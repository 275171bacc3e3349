import { appendFile, open, readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FilePort } from './command.js';
import { hostError } from './host-error.js';

/** Bytes read at a time from a file taken piece by piece. */
const CHUNK = 1 << 20;

/** The host's files, relative to `cwd`. */
export class HostFiles implements FilePort {
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  read(path: string): Promise<Uint8Array> {
    return this.#call(readFile(resolve(this.#cwd, path)));
  }

  async *chunks(path: string): AsyncGenerator<Uint8Array> {
    const file = await this.#call(open(resolve(this.#cwd, path)));
    try {
      for (;;) {
        const { bytesRead, buffer } = await this.#call(file.read(new Uint8Array(CHUNK), 0, CHUNK, null));
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  write(path: string, bytes: Uint8Array, options?: { readonly append?: boolean }): Promise<void> {
    return this.#call((options?.append ? appendFile : writeFile)(resolve(this.#cwd, path), bytes));
  }

  list(path: string): Promise<readonly string[]> {
    return this.#call(readdir(resolve(this.#cwd, path)));
  }

  readLink(path: string): Promise<string> {
    return this.#call(readlink(resolve(this.#cwd, path)));
  }

  async #call<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw hostError(error);
    }
  }
}
