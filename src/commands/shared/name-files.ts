import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { parseUnsigned } from './numbers.js';

/** The name files of iproute2, their largest number, and what stands for a file that is nowhere. */
// biome-ignore format: tables
const kinds = {
  rt_tables: { max: 0xffffffff, folder: true, names: { 253: 'default', 254: 'main', 255: 'local' } },
  rt_protos: { max: 255, folder: true, names: {
    0: 'unspec', 1: 'redirect', 2: 'kernel', 3: 'boot', 4: 'static', 8: 'gated', 9: 'ra', 10: 'mrt', 11: 'zebra', 12: 'bird', 13: 'dnrouted',
    14: 'xorp', 15: 'ntk', 16: 'dhcp', 18: 'keepalived', 42: 'babel', 99: 'openr', 186: 'bgp', 187: 'isis', 188: 'ospf', 189: 'rip', 192: 'eigrp' } },
  rt_scopes: { max: 255, folder: false, names: { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' } },
  rt_realms: { max: 65535, folder: false, names: { 0: 'unknown' } },
  rt_dsfield: { max: 255, folder: false, names: { 0: '0' } },
  group: { max: 0xffffffff, folder: false, names: { 0: 'default' } },
  nl_protos: { max: 255, folder: false, names: { 0: 'rtnl', 4: 'tcpdiag', 6: 'xfrm', 12: 'nft', 16: 'genl' } },
} satisfies Record<string, { max: number; folder: boolean; names: Readonly<Record<number, string>> }>;
export type NameKind = keyof typeof kinds;

const FOLDERS = ['/etc/iproute2', '/usr/share/iproute2', '/usr/lib/iproute2'];

interface Names {
  readonly byNumber: Map<number, string>;
  readonly byName: Map<string, number>;
}

/**
 * Names of numbers (routing tables, protocols, scopes, ...): the instance's own etc, then the machine's, then those everybody
 * knows. A file is read when its kind is first loaded; look-ups after load() are immediate.
 */
export class NameFiles {
  readonly #io: Pick<CommandIo, 'files'>;
  readonly #folders: readonly string[];
  readonly #loaded = new Map<NameKind, Names>();
  readonly #numeric: boolean;

  constructor(io: Pick<CommandIo, 'files'>, env: Pick<CommandEnvironment, 'variables'>, numeric: boolean) {
    this.#io = io;
    const own = env.variables['TAPSTACK_ETC'];
    this.#folders = own === undefined || own === '' ? FOLDERS : [`${own}/iproute2`, ...FOLDERS];
    this.#numeric = numeric;
  }

  /** A promise only where a file must be read. */
  load(...wanted: readonly NameKind[]): void | Promise<void> {
    for (const kind of wanted) if (!this.#loaded.has(kind)) return this.#load(wanted);
  }

  async #load(wanted: readonly NameKind[]): Promise<void> {
    for (const kind of wanted) if (!this.#loaded.has(kind)) this.#loaded.set(kind, await this.#read(kind));
  }

  /** The name of `number`, or with -N and for unknown ones undefined. The kind must be loaded. */
  nameOf(kind: NameKind, number: number): string | undefined {
    return this.#numeric ? undefined : this.#loaded.get(kind)?.byNumber.get(number);
  }

  /** As printed: the name, else the number. */
  text(kind: NameKind, number: number): string {
    return this.nameOf(kind, number) ?? String(number);
  }

  /** The number that a name or a number on the command line means; null when it is neither. */
  parse(kind: NameKind, text: string, base: 0 | 16 = 0): number | null {
    return this.#loaded.get(kind)?.byName.get(text) ?? parseUnsigned(text, kinds[kind].max, base);
  }

  async #read(kind: NameKind): Promise<Names> {
    const names: Names = { byNumber: new Map(), byName: new Map() };
    for (const [number, name] of Object.entries(kinds[kind].names)) add(names, Number(number), name);
    for (const folder of this.#folders) {
      const text = await this.#file(`${folder}/${kind}`);
      if (text === null) continue;
      readInto(names, text);
      break;
    }
    if (kinds[kind].folder) {
      for (const folder of this.#folders) {
        for (const name of await this.#list(`${folder}/${kind}.d`)) {
          if (name.endsWith('.conf')) readInto(names, (await this.#file(`${folder}/${kind}.d/${name}`)) ?? '');
        }
      }
    }
    return names;
  }

  async #file(path: string): Promise<string | null> {
    try {
      return new TextDecoder().decode(await this.#io.files.read(path));
    } catch (error) {
      // A file that is not there or may not be read names nothing; the next folder may.
      if (error instanceof NetError) return null;
      throw error;
    }
  }

  async #list(path: string): Promise<readonly string[]> {
    try {
      return [...(await this.#io.files.list(path))].sort();
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }
}

function add(names: Names, number: number, name: string): void {
  names.byNumber.set(number, name);
  names.byName.set(name, number);
}

/** Lines of "NUMBER NAME"; # begins a comment. A line that is neither is left out. */
function readInto(names: Names, text: string): void {
  for (const line of text.split('\n')) {
    const match = /^\s*(0x[0-9a-fA-F]+|\d+)\s+([^\s#]+)/.exec(line);
    if (match !== null) add(names, Number(match[1]), match[2]!);
  }
}
