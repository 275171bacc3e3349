import { fstatSync, readFileSync, readSync, statSync } from 'node:fs';
import { appendFile, open, readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FilePort, OpenFile } from './command.js';
import { hostError } from './host-error.js';

/** Bytes read at a time from a file taken piece by piece. */
const CHUNK = 1 << 20;
/** A file of so many bytes is read at once. What says 0 may be endless (/proc, /dev). */
const SMALL = 1 << 16;

/** Whose files they are, where that is another process than this one. */
export interface FilesOwner {
  readonly pid: number;
  /** Rights that new files do not get. This process has none that it takes away itself. */
  readonly umask: number;
  /** Aborted when it has gone: what it still asked for is never answered. */
  readonly signal: AbortSignal;
}

/** The host's files, relative to `cwd`. */
export class HostFiles implements FilePort {
  readonly #cwd: string;
  readonly #owner: FilesOwner | undefined;

  constructor(cwd: string, owner?: FilesOwner) {
    this.#cwd = cwd;
    this.#owner = owner;
  }

  read(path: string): Promise<Uint8Array> {
    return this.#call(async () => {
      const file = this.#resolve(path);
      // Four turns through the thread pool take longer than reading a small file.
      const stat = statSync(file);
      return stat.isFile() && stat.size > 0 && stat.size <= SMALL ? readFileSync(file) : readFile(file);
    });
  }

  async *chunks(path: string): AsyncGenerator<Uint8Array> {
    const file = await this.#call(() => open(this.#resolve(path)));
    try {
      for (;;) {
        const { bytesRead, buffer } = await this.#call(() => file.read(new Uint8Array(CHUNK), 0, CHUNK, null));
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async open(path: string): Promise<OpenFile> {
    const file = await this.#call(() => open(this.#resolve(path)));
    const stat = fstatSync(file.fd);
    const readNow = (buffer: Uint8Array, at: number, count: number) => {
      try {
        return readSync(file.fd, buffer, at, count, null);
      } catch (error) {
        throw hostError(error);
      }
    };
    return {
      read: async (buffer, at, count) => (await this.#call(() => file.read(buffer, at, count, null))).bytesRead,
      close: () => this.#call(() => file.close()),
      ...(stat.isFile() && stat.size > 0 ? { readNow } : {}),
    };
  }

  write(path: string, bytes: Uint8Array, options?: { readonly append?: boolean }): Promise<void> {
    const mode = 0o666 & ~(this.#owner?.umask ?? 0);
    return this.#call(() => (options?.append ? appendFile : writeFile)(this.#resolve(path), bytes, { mode }));
  }

  list(path: string): Promise<readonly string[]> {
    return this.#call(() => readdir(this.#resolve(path)));
  }

  readLink(path: string): Promise<string> {
    return this.#call(() => readlink(this.#resolve(path)));
  }

  #resolve(path: string): string {
    if (this.#owner === undefined) return resolve(this.#cwd, path);
    return ofProcess(resolve(this.#cwd, path), this.#owner.pid);
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    if (this.#owner?.signal.aborted) return new Promise(() => undefined);
    try {
      return await call();
    } catch (error) {
      throw hostError(error);
    }
  }
}

/** What a process sees as its own files, by names that mean the same to another: "/dev/stdin", "/dev/fd/63", "/proc/self/...". */
function ofProcess(path: string, pid: number): string {
  const [, standard] = /^\/dev\/std(in|out|err)$/.exec(path) ?? [];
  if (standard !== undefined) return `/proc/${pid}/fd/${['in', 'out', 'err'].indexOf(standard)}`;
  return path.replace(/^\/dev\/fd(?=\/|$)/, '/proc/self/fd').replace(/^\/proc\/(self|thread-self)(?=\/|$)/, `/proc/${pid}`);
}
