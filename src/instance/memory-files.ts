import { EISDIR, ENOENT, ENOTDIR } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { FilePort } from '../client/command.js';

/** The files of an in-process instance: paths to bytes. A directory is there as long as it has a file. */
export class MemoryFiles implements FilePort {
  readonly #files = new Map<string, Uint8Array>();

  async read(path: string): Promise<Uint8Array> {
    const name = normalise(path);
    const bytes = this.#files.get(name);
    if (bytes === undefined) throw new NetError(this.#isDirectory(name) ? EISDIR : ENOENT);
    return bytes;
  }

  async *chunks(path: string): AsyncGenerator<Uint8Array> {
    yield await this.read(path);
  }

  async write(path: string, bytes: Uint8Array, options: { readonly append?: boolean } = {}): Promise<void> {
    const name = normalise(path);
    if (this.#isDirectory(name)) throw new NetError(EISDIR);
    const old = options.append === true ? this.#files.get(name) : undefined;
    const whole = new Uint8Array((old?.length ?? 0) + bytes.length);
    if (old !== undefined) whole.set(old);
    whole.set(bytes, old?.length ?? 0);
    this.#files.set(name, whole);
  }

  async list(path: string): Promise<readonly string[]> {
    const name = normalise(path);
    if (this.#files.has(name)) throw new NetError(ENOTDIR);
    const prefix = name === '/' ? '/' : `${name}/`;
    const names = new Set<string>();
    for (const file of this.#files.keys()) if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split('/')[0]!);
    if (names.size === 0 && name !== '/') throw new NetError(ENOENT);
    return [...names].sort();
  }

  #isDirectory(name: string): boolean {
    for (const file of this.#files.keys()) if (file.startsWith(`${name}/`)) return true;
    return name === '/';
  }
}

/** Absolute, without `.`, `..` and double slashes; relative paths start at the root. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
