import { AF_INET6 } from '../../netlink/constants.js';
import { formatAddress } from '../shared/address.js';
import { protocolName } from '../shared/protocols.js';
import { Services } from '../shared/services.js';
import { readHosts } from '../shared/hosts.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import type { SsOptions } from './options.js';

/** Linux's own range where the setting cannot be read. */
const DEFAULT_RANGE = [1024, 4999] as const;

/** Addresses and ports as they are shown. */
export class SocketNames {
  readonly #options: SsOptions;
  #services: Services | null = null;
  #hosts: ReadonlyMap<string, string> | null = null;
  #first: number = DEFAULT_RANGE[0];
  #last: number = DEFAULT_RANGE[1];

  constructor(options: SsOptions) {
    this.#options = options;
  }

  /** `range`: net.ipv4.ip_local_port_range; null where it could not be read. */
  async load(io: Pick<CommandIo, 'files'>, env: Pick<CommandEnvironment, 'variables'>, range: string | null): Promise<void> {
    const [first, last] = (range ?? '').trim().split(/\s+/).map(Number);
    if (first !== undefined && last !== undefined && first > 0) {
      this.#first = first;
      this.#last = last;
    }
    if (!this.#options.numeric) this.#services = await Services.read(io, env);
    if (this.#options.resolve) this.#hosts = await readHosts(io, env);
  }

  isEphemeral(port: number): boolean {
    return port >= this.#first && port <= this.#last;
  }

  /** Ports that the stack chooses from have no names. */
  port(port: number, protocol: string): string {
    if (port === 0) return '*';
    if (this.#services === null) return String(port);
    if (protocol === 'raw') return protocolName(port, false);
    return (this.isEphemeral(port) ? undefined : this.#services.nameOf(port, protocol)) ?? String(port);
  }

  /** "*" for :: where IPv4's connections come there too; IPv6 addresses stand in brackets. */
  address(family: number, bytes: Uint8Array, v6only: boolean): string {
    if (family === AF_INET6 && !v6only && bytes.every((byte) => byte === 0)) return '*';
    const text = formatAddress(family, bytes);
    const name = this.#hosts?.get(text);
    if (name !== undefined) return name;
    return family === AF_INET6 ? `[${text}]` : text;
  }
}
