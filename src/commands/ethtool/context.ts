import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { type EthtoolPort, openEthtoolPort } from '../../client/ethtool-port.js';
import { JsonWriter } from '../shared/json-writer.js';
import { EthtoolNetlink } from './netlink.js';

/** The flags in front of a sub-command. */
export interface EthtoolFlags {
  debug: number;
  json: boolean;
  statistics: boolean;
}

/** What a call of ethtool works with: its words, where it speaks to and where it writes. */
export class EthtoolContext {
  readonly io: CommandIo;
  readonly flags: EthtoolFlags;
  /** As given: a name, or '*' for all. */
  readonly device: string;
  readonly words: readonly string[];
  readonly #env: CommandEnvironment;
  #netlink: EthtoolNetlink | null = null;
  #port: EthtoolPort | null = null;
  #text = '';

  constructor(io: CommandIo, env: CommandEnvironment, flags: EthtoolFlags, device: string, words: readonly string[]) {
    this.io = io;
    this.#env = env;
    this.flags = flags;
    this.device = device;
    this.words = words;
  }

  /** The words behind the device in the hands of another sub-command (-Q). */
  withWords(words: readonly string[]): EthtoolContext {
    return new EthtoolContext(this.io, this.#env, this.flags, this.device, words);
  }

  print(text: string): void {
    this.#text += text;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.io.stdout.write(text);
  }

  /** To stderr, behind what was printed so far. */
  async complain(line: string): Promise<void> {
    await this.flush();
    await this.io.stderr.write(`${line}\n`);
  }

  /** As perror(3). */
  perror(what: string, error: NetError): Promise<void> {
    return this.complain(`${what}: ${strerror(error.errno)}`);
  }

  jsonWriter(): JsonWriter {
    return new JsonWriter((text) => this.print(text), true);
  }

  async netlink(): Promise<EthtoolNetlink> {
    this.#netlink ??= await EthtoolNetlink.open(this, await this.#env.transport());
    return this.#netlink;
  }

  transport(): ReturnType<CommandEnvironment['transport']> {
    return this.#env.transport();
  }

  /** ioctl(SIOCETHTOOL) on the device; a NetError is given back, for most callers go on with it. */
  async ioctl(request: Uint8Array): Promise<Uint8Array | NetError> {
    this.#port ??= await openEthtoolPort(await this.#env.transport());
    try {
      return await this.#port.ioctl(this.device, request);
    } catch (error) {
      if (!(error instanceof NetError) || error.code === 'ECONNRESET') throw error;
      return error;
    }
  }

  close(): void {
    this.#netlink?.close();
    this.#port?.close();
  }
}
