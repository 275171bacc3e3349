import { NetError } from '../../base/net-error.js';
import { NetlinkClient, type NetlinkClientOptions } from '../../client/netlink-client.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import type { Transport } from '../../client/transport.js';
import { NETLINK_SOCK_DIAG } from '../../netlink/constants.js';
import { Command } from '../../netlink/genl/tapstack.js';
import { LinkCache } from '../ip/links.js';
import { failure } from '../shared/failure.js';
import { NameFiles } from '../shared/name-files.js';
import { type ProcFiles, procFiles } from '../shared/proc-files.js';
import { Columns, NETID, STATE } from './columns.js';
import { SocketNames } from './names.js';
import type { SsOptions } from './options.js';
import { type Holders, holdersOf, readHolders } from '../shared/socket-holders.js';
import type { Expression } from './filter/expression.js';

/** What one call of `ss` works with. */
export class SsContext {
  readonly io: CommandIo;
  readonly env: CommandEnvironment;
  readonly options: SsOptions;
  readonly links: LinkCache;
  readonly names: SocketNames;
  readonly protocols: NameFiles;
  filter: Expression | null = null;
  columns!: Columns;
  holders: Holders | null = null;
  readonly #clients: NetlinkClient[] = [];
  #files: ProcFiles | null = null;
  #route: NetlinkClient | null = null;

  constructor(io: CommandIo, env: CommandEnvironment, options: SsOptions) {
    this.io = io;
    this.env = env;
    this.options = options;
    this.links = new LinkCache(async () => {
      this.#route ??= await this.open({});
      return this.#route;
    });
    this.names = new SocketNames(options);
    this.protocols = new NameFiles(io, env, options.numeric);
  }

  async transport(): Promise<Transport> {
    return this.env.transport();
  }

  /** A netlink socket in the namespace that is looked into. */
  async open(options: NetlinkClientOptions): Promise<NetlinkClient> {
    const namespace = this.options.netns;
    try {
      const client = await NetlinkClient.open(await this.transport(), { ...options, ...(namespace === undefined ? {} : { namespace }) });
      this.#clients.push(client);
      return client;
    } catch (error) {
      if (namespace === undefined || !(error instanceof NetError)) throw error;
      throw failure(`Cannot open network namespace "${namespace}": ${error.message}`);
    }
  }

  openDiag(): Promise<NetlinkClient> {
    return this.open({ protocol: NETLINK_SOCK_DIAG, strict: false, signal: this.io.signal });
  }

  /** A file below /proc/net, or a setting below /proc/sys: of the stack, or of the host. */
  async proc(path: string): Promise<string> {
    this.#files ??= await procFiles(this.io, this.env, this.options.netns);
    return this.#files.read(path);
  }

  /** Lets go of what files are read over, which is a netlink socket itself and none of those to be shown. */
  closeFiles(): void {
    this.#files?.close();
    this.#files = null;
  }

  /** Reads what naming needs and begins the table. */
  async prepare(): Promise<void> {
    const { selection, header } = this.options;
    const hidden = new Set<number>();
    if (selection.kinds.size === 1) hidden.add(NETID);
    if ((selection.states & (selection.states - 1)) === 0) hidden.add(STATE);
    this.columns = new Columns(this.io.stdout, hidden);
    if (header) this.columns.header();
    if (this.options.processes > 0 || this.options.threads > 0) {
      const transport = await this.transport();
      this.holders =
        transport.target === 'kernel' ? await readHolders(this.io.files, this.options.threads > 0) : await this.#holdersInStack(transport);
    }
  }

  async #holdersInStack(transport: Transport): Promise<Holders> {
    const family = await TapstackFamily.open(transport, this.options.netns);
    try {
      return await holdersOf(this.io.files, family.dump(Command.SOCKET_HOLDERS), this.options.threads > 0);
    } finally {
      family.close();
    }
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.closeFiles();
  }
}
