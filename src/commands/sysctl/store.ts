import { EACCES, EISDIR, ENOENT, ENOTDIR } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';

/** The settings, wherever they are: a stack's, or the host's files. Names are paths: net/ipv4/ip_forward. */
export interface SysctlStore {
  /** The value without its last newline. NetError ENOENT; EISDIR for a folder; EACCES where it may only be written. */
  read(path: string): Promise<string>;
  write(path: string, value: string): Promise<void>;
  /** Paths of all settings in a folder and below ("" for all), in order. ENOENT. */
  list(folder: string): Promise<readonly string[]>;
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
      return (await this.#family.get(Command.SYSCTL_GET, { key: keyOf(path) })).value ?? '';
    } catch (error) {
      if (error instanceof NetError && error.errno === ENOENT && (await this.#below(path)).length > 0) throw new NetError(EISDIR);
      throw error;
    }
  }

  async write(path: string, value: string): Promise<void> {
    await this.#family.request(Command.SYSCTL_SET, { key: keyOf(path), value });
  }

  async list(folder: string): Promise<readonly string[]> {
    const paths = await this.#below(folder);
    if (paths.length === 0 && folder !== '') throw new NetError(ENOENT);
    return paths.sort(inOrder);
  }

  async #below(folder: string): Promise<string[]> {
    const paths: string[] = [];
    const prefix = folder === '' ? {} : { prefix: `${keyOf(folder)}.` };
    for await (const { key } of this.#family.dump(Command.SYSCTL_GET, prefix)) if (key !== undefined) paths.push(pathOf(key));
    return folder === '' ? paths : paths.filter((path) => path.startsWith(`${folder}/`));
  }

  close(): void {
    this.#family.close();
  }
}

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
      if (!(error instanceof NetError) || error.errno !== ENOTDIR) throw error;
    });
    await this.#io.files.write(`${ROOT}/${path}`, new TextEncoder().encode(`${value}\n`));
  }

  async list(folder: string): Promise<readonly string[]> {
    const paths: string[] = [];
    for (const name of await this.#io.files.list(folder === '' ? ROOT : `${ROOT}/${folder}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      try {
        paths.push(...(await this.list(path)));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        if (error.errno === ENOTDIR) paths.push(path);
        else if (error.errno !== EACCES && error.errno !== ENOENT) throw error;
      }
    }
    return paths.sort(inOrder);
  }

  close(): void {
    // Files are opened one by one; nothing is held.
  }
}
