import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EACCES, EISDIR, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { FilePort } from '../../client/command.js';
import { procNetFolders, procNetViews } from '../../control/procnet/registry.js';
import type { SysctlTree } from '../../control/sysctl/sysctl.js';
import type { Namespace } from '../../net/core/namespace.js';

const DECODER = new TextDecoder();
const TEXT = new TextEncoder();

/**
 * The files of a script's commands: /proc/sys and /proc/net are the stack's, what is written elsewhere is kept in memory, and what
 * is only read comes from the host. So nothing of the host changes.
 */
export class ShellFiles implements FilePort {
  cwd: string;
  readonly #namespace: Namespace;
  readonly #sysctls: SysctlTree;
  readonly #written = new Map<string, Uint8Array>();

  constructor(cwd: string, namespace: Namespace, sysctls: SysctlTree) {
    this.cwd = cwd;
    this.#namespace = namespace;
    this.#sysctls = sysctls;
  }

  /** Throws NetError: ENOENT, EACCES. */
  readText(path: string): string {
    return DECODER.decode(this.readBytes(path));
  }

  readBytes(path: string): Uint8Array {
    const full = resolve(this.cwd, path);
    const written = this.#written.get(full);
    if (written !== undefined) return written;
    if (full === '/dev/null') return new Uint8Array(0);
    if (full.startsWith('/proc/sys/')) {
      const sysctl = this.#sysctls.find(this.#namespace, full.slice('/proc/sys/'.length));
      return TEXT.encode(sysctl.writeOnly === true ? fail(EACCES) : `${sysctl.read()}\n`);
    }
    const net = /^\/proc\/(?:self\/|\d+\/)?net\/(.*)$/.exec(full);
    if (net !== null) return TEXT.encode(this.#view(net[1]!));
    try {
      return readFileSync(full);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return fail(code === 'EACCES' ? EACCES : code === 'EISDIR' ? EISDIR : ENOENT);
    }
  }

  #view(name: string): string {
    const view = procNetViews.find(({ path }) => path === name);
    if (view !== undefined) return view.text(this.#namespace);
    for (const { folder, text } of procNetFolders)
      if (name.startsWith(folder)) return text(this.#namespace, name.slice(folder.length)) ?? fail(ENOENT);
    return fail(ENOENT);
  }

  exists(path: string): boolean {
    try {
      this.readBytes(path);
      return true;
    } catch {
      try {
        readdirSync(resolve(this.cwd, path));
        return true;
      } catch {
        return false;
      }
    }
  }

  writeText(path: string, text: string, append = false): void {
    const full = resolve(this.cwd, path);
    if (full === '/dev/null' || full === '/dev/stderr' || full === '/dev/stdout') return;
    if (full.startsWith('/proc/sys/')) {
      this.#sysctls.write(this.#namespace, full.slice('/proc/sys/'.length), text.replace(/\n$/, ''));
      return;
    }
    if (full.startsWith('/proc/') || full.startsWith('/sys/')) fail(EACCES);
    this.#written.set(full, TEXT.encode(append && this.exists(path) ? this.readText(path) + text : text));
  }

  remove(path: string): boolean {
    return this.#written.delete(resolve(this.cwd, path));
  }

  // -- what our commands read and write ----------------------------------------------------------------------------------------

  read(path: string): Promise<Uint8Array> {
    return Promise.resolve().then(() => this.readBytes(path));
  }

  async *chunks(path: string): AsyncIterable<Uint8Array> {
    yield this.readBytes(path);
  }

  async write(path: string, bytes: Uint8Array, options?: { readonly append?: boolean }): Promise<void> {
    this.writeText(path, DECODER.decode(bytes), options?.append === true);
  }

  async list(path: string): Promise<readonly string[]> {
    try {
      return readdirSync(resolve(this.cwd, path));
    } catch {
      return fail(ENOENT);
    }
  }
}
