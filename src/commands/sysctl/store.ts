import { EACCES, EINVAL, EISDIR, ENOENT, ENOTDIR } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';

/** There is no such file: it is not one that would not take a value. */
export class NoSuchSetting extends NetError {}

/** A setting, with its value where the list brought it along. */
export interface Listed {
  readonly path: string;
  readonly value: string | undefined;
}

/** The settings, wherever they are: a stack's, or the host's files. Names are paths: net/ipv4/ip_forward. */
export interface SysctlStore {
  /** The value without its last newline. NetError ENOENT; EISDIR for a folder; EACCES where it may only be written. */
  read(path: string): Promise<string>;
  write(path: string, value: string): Promise<void>;
  /** All settings in a folder and below ("" for all), in order. ENOENT. */
  list(folder: string): Promise<readonly Listed[]>;
  /** Whether a write failed for everybody (EACCES of a file that may only be read), not for want of rights. */
  readOnly(error: NetError): boolean;
  close(): void;
}

export async function sysctlStore(io: CommandIo, env: CommandEnvironment): Promise<SysctlStore> {
  const transport = await env.transport();
  return transport.target === 'kernel' ? new HostSettings(io) : new StackSettings(await TapstackFamily.open(transport));
}

/** The path of a key: dots between the parts, slashes inside them, unless a slash comes first. */
export function pathOf(key: string): string {
  const separator = /[./]/.exec(key)?.[0];
  return separator === '.' ? key.replace(/[./]/g, (character) => (character === '.' ? '/' : '.')) : key;
}

/** The key as it is printed. */
export const keyOf = (path: string) => path.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));

/** Order of scandir(3) with alphasort(3): folder by folder, each by the bytes of its names. */
function inOrder(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i]! < right[i]!) return -1;
    if (left[i]! > right[i]!) return 1;
  }
  return left.length - right.length;
}

class StackSettings implements SysctlStore {
  readonly #family: TapstackFamily;

  constructor(family: TapstackFamily) {
    this.#family = family;
  }

  async read(path: string): Promise<string> {
    try {
      return (await this.#family.get(Command.SYSCTL_GET, { key: keyAt(path) })).value ?? '';
    } catch (error) {
      if (error instanceof NetError && error.errno === ENOENT) throw (await this.#whatIsThere(path)) ?? error;
      throw error;
    }
  }

  async write(path: string, value: string): Promise<void> {
    try {
      await this.#family.request(Command.SYSCTL_SET, { key: keyAt(path), value });
    } catch (error) {
      if (error instanceof NetError && error.errno === ENOENT) throw (await this.#whatIsThere(path)) ?? error;
      throw error;
    }
  }

  async list(folder: string): Promise<readonly Listed[]> {
    const found = await this.#below(folder);
    if (found.length === 0 && folder !== '') throw new NetError(ENOENT);
    return found.sort((a, b) => inOrder(a.path, b.path));
  }

  readOnly({ errno }: NetError): boolean {
    return errno === EACCES;
  }

  /** Why there is no file: it is a folder, or below a file, or not there at all. null: there is one. */
  async #whatIsThere(path: string): Promise<NetError | null> {
    if (await this.#isFile(path)) return null;
    if ((await this.#below(path.replace(/\/+$/, ''))).length > 0) return new NetError(EISDIR);
    const above = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    return new NoSuchSetting(above !== '' && (await this.#isFile(above)) ? ENOTDIR : ENOENT);
  }

  async #isFile(path: string): Promise<boolean> {
    try {
      await this.#family.get(Command.SYSCTL_GET, { key: keyAt(path) });
      return true;
    } catch (error) {
      if (error instanceof NetError) return error.errno !== ENOENT && error.errno !== EINVAL;
      throw error;
    }
  }

  async #below(folder: string): Promise<Listed[]> {
    const found: Listed[] = [];
    const prefix = folder === '' ? {} : { prefix: keyAt(folder) };
    for await (const { key, value } of this.#family.dump(Command.SYSCTL_GET, prefix))
      if (key !== undefined && (folder === '' || pathOf(key).startsWith(`${folder}/`))) found.push({ path: pathOf(key), value });
    return found;
  }

  close(): void {
    this.#family.close();
  }
}

/** A path without the slashes that the file system would not mind, as a key. */
const keyAt = (path: string) => keyOf(path.replace(/\/{2,}/g, '/').replace(/^\//, ''));

const ROOT = '/proc/sys';

/** The host's settings, files under /proc/sys. */
class HostSettings implements SysctlStore {
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  async read(path: string): Promise<string> {
    return new TextDecoder().decode(await this.#io.files.read(`${ROOT}/${path}`)).replace(/\n$/, '');
  }

  async write(path: string, value: string): Promise<void> {
    await this.#io.files.list(`${ROOT}/${path}`).catch((error: unknown) => {
      // A file, as it should be; what is not there must not be made.
      if (!(error instanceof NetError)) throw error;
      if (error.errno === ENOENT) throw new NoSuchSetting(ENOENT);
      if (error.errno !== ENOTDIR) throw error;
    });
    await this.#io.files.write(`${ROOT}/${path}`, new TextEncoder().encode(`${value}\n`));
  }

  readOnly({ errno }: NetError): boolean {
    return errno === EACCES && this.#io.processes.uid === 0;
  }

  async list(folder: string): Promise<readonly Listed[]> {
    const found: Listed[] = [];
    for (const name of await this.#io.files.list(folder === '' ? ROOT : `${ROOT}/${folder}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      try {
        found.push(...(await this.list(path)));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        if (error.errno === ENOTDIR) found.push({ path, value: undefined });
        else if (error.errno !== EACCES && error.errno !== ENOENT) throw error;
      }
    }
    return found.sort((a, b) => inOrder(a.path, b.path));
  }

  close(): void {
    // Files are opened one by one; nothing is held.
  }
}
