import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';
import { readHosts } from '../shared/hosts.js';
import { procFiles, type ProcFiles } from '../shared/proc-files.js';
import { Services } from '../shared/services.js';
import { type Holders, holdersOf, readHolders } from '../shared/socket-holders.js';
import type { NetstatOptions } from './options.js';

const decoder = new TextDecoder();

/** What one call of `netstat` works with. */
export class NetstatContext {
  readonly io: CommandIo;
  readonly env: CommandEnvironment;
  readonly options: NetstatOptions;
  readonly files: ProcFiles;
  #services: Services | null = null;
  #hosts: ReadonlyMap<string, string> = new Map();
  readonly #users = new Map<string, string>();
  holders: Holders | null = null;

  private constructor(io: CommandIo, env: CommandEnvironment, options: NetstatOptions, files: ProcFiles) {
    this.io = io;
    this.env = env;
    this.options = options;
    this.files = files;
  }

  static async open(io: CommandIo, env: CommandEnvironment, options: NetstatOptions): Promise<NetstatContext> {
    const context = new NetstatContext(io, env, options, await procFiles(io, env));
    await context.#loadNames();
    return context;
  }

  async #loadNames(): Promise<void> {
    const { numericHosts, numericPorts, numericUsers, extended } = this.options;
    if (!numericPorts) this.#services = await Services.read(this.io, this.env);
    if (!numericHosts) this.#hosts = await readHosts(this.io, this.env);
    if (numericUsers || extended === 0) return;
    try {
      for (const line of decoder.decode(await this.io.files.read('/etc/passwd')).split('\n')) {
        const [name = '', , uid = ''] = line.split(':');
        if (uid !== '' && !this.#users.has(uid)) this.#users.set(uid, name);
      }
    } catch (error) {
      // Without the file users have no names.
      if (!(error instanceof NetError)) throw error;
    }
  }

  /** Finds out who holds which socket, once. */
  async loadHolders(): Promise<void> {
    if (this.files.target === 'kernel') {
      this.holders = await readHolders(this.io.files, false);
      return;
    }
    const family = await TapstackFamily.open(await this.env.transport());
    try {
      this.holders = await holdersOf(this.io.files, family.dump(Command.SOCKET_HOLDERS), false);
    } finally {
      family.close();
    }
  }

  /** The name of an address; without one, "[::]" for that which is none. */
  host(address: string): string {
    if (this.options.numericHosts) return address;
    return this.#hosts.get(address) ?? (address === '::' ? '[::]' : address);
  }

  /** "*" for port 0. */
  port(port: number, protocol: string): string {
    if (port === 0) return '*';
    return this.#services?.nameOf(port, protocol) ?? String(port);
  }

  user(uid: string): string {
    return this.#users.get(uid) ?? uid;
  }

  /** Lines of a file below /proc/net behind its title; none where there is no such file. */
  async lines(path: string, titles = 1): Promise<readonly string[]> {
    try {
      return (await this.files.read(`net/${path}`))
        .split('\n')
        .slice(titles)
        .filter((line) => line.trim() !== '');
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }

  /** "7/nc" or "-", of 20 letters. */
  program(inode: number): string {
    const holder = this.holders?.first(inode);
    return (holder === undefined ? '-' : `${holder.pid}/${holder.name}`).slice(0, PROGRAM_WIDTH).padEnd(PROGRAM_WIDTH);
  }

  close(): void {
    this.files.close();
  }
}

const PROGRAM_WIDTH = 20;
