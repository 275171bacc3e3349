import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { NetError } from '../../base/net-error.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';
import { parseProtocol, protocolName } from '../shared/protocols.js';
import type { NameFile, NameSource } from './datatypes/datatype.js';

const decoder = new TextDecoder();

type Pairs = readonly (readonly [name: string, number: number])[];

/** Names of devices, users, services and so on, read once before a ruleset is looked at. */
export class Names implements NameSource {
  readonly #links = new Map<string, number>();
  readonly #linkNames = new Map<number, string>();
  readonly #tables = new Map<string, Pairs>();
  readonly #hosts = new Map<string, string[]>();

  static async load(io: CommandIo, env: CommandEnvironment): Promise<Names> {
    const names = new Names();
    const own = env.variables['TAPSTACK_ETC'];
    const etc = own === undefined || own === '' ? '/etc' : own;
    const read = async (paths: readonly string[]): Promise<string> => {
      for (const path of paths) {
        try {
          return decoder.decode(await io.files.read(path));
        } catch (error) {
          // A file that is not there has no names.
          if (!(error instanceof NetError)) throw error;
        }
      }
      return '';
    };
    const iproute2 = (file: string) => [
      `${etc}/iproute2/${file}`,
      `/etc/iproute2/${file}`,
      `/usr/share/iproute2/${file}`,
      `/usr/lib/iproute2/${file}`,
    ];
    const columns = (text: string): string[][] =>
      text
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim())
        .filter((line) => line !== '')
        .map((line) => line.split(/\s+/));
    const numbered = async (file: NameFile, paths: readonly string[]) => {
      const pairs = columns(await read(paths)).flatMap(([number, name]) => (name === undefined ? [] : [[name, Number(number)] as const]));
      names.#tables.set(file, file === 'group' && pairs.length === 0 ? [['default', 0]] : pairs);
    };
    await Promise.all([
      numbered('rt_marks', iproute2('rt_marks')),
      numbered('rt_realms', iproute2('rt_realms')),
      numbered('group', iproute2('group')),
      numbered('connlabel', ['/etc/xtables/connlabel.conf', '/etc/connlabel.conf']),
      read(['/etc/passwd']).then((text) => names.#tables.set('passwd', colons(text))),
      read(['/etc/group']).then((text) => names.#tables.set('groups', colons(text))),
      read(['/etc/services']).then((text) => names.#tables.set('services', services(columns(text)))),
      read([`${etc}/hosts`, '/etc/hosts']).then((text) => {
        for (const [address, ...hosts] of columns(text))
          for (const host of hosts) names.#hosts.set(host, [...(names.#hosts.get(host) ?? []), address!]);
      }),
      names.#loadLinks(env),
    ]);
    return names;
  }

  async #loadLinks(env: CommandEnvironment): Promise<void> {
    const client = await NetlinkClient.open(await env.transport());
    try {
      for await (const message of client.dump(linkMessage, { type: RTM_GETLINK, header: {}, attributes: {} })) {
        const { header, attributes } = linkMessage.parse(message);
        if (attributes.ifname === undefined) continue;
        this.#links.set(attributes.ifname, header.index);
        this.#linkNames.set(header.index, attributes.ifname);
      }
    } finally {
      client.close();
    }
  }

  interfaceIndex(name: string): number | undefined {
    return this.#links.get(name);
  }
  interfaceName(index: number): string | undefined {
    return this.#linkNames.get(index);
  }
  userId(name: string): number | undefined {
    return this.#number('passwd', name);
  }
  userName(id: number): string | undefined {
    return this.#name('passwd', id);
  }
  groupId(name: string): number | undefined {
    return this.#number('groups', name);
  }
  groupName(id: number): string | undefined {
    return this.#name('groups', id);
  }
  service(name: string): number | undefined {
    return this.#number('services', name);
  }
  serviceName(port: number): string | undefined {
    return this.#name('services', port);
  }
  protocol(name: string): number | undefined {
    return parseProtocol(name) ?? aliases.get(name);
  }
  protocolName(number: number): string | undefined {
    const name = protocolName(number, false);
    return name.startsWith('ipproto-') ? undefined : name;
  }
  hostAddresses(name: string): readonly string[] {
    return this.#hosts.get(name) ?? [];
  }
  hostName(address: string): string | undefined {
    for (const [name, addresses] of this.#hosts) if (addresses.includes(address)) return name;
    return undefined;
  }
  named(file: NameFile, name: string): number | undefined {
    return this.#number(file, name);
  }
  nameOf(file: NameFile, value: number): string | undefined {
    return this.#name(file, value);
  }
  utcOffset(epochSeconds: number): number {
    return -new Date(epochSeconds * 1000).getTimezoneOffset() * 60;
  }
  cgroupId(): bigint | undefined {
    return undefined;
  }
  cgroupPath(): string | undefined {
    return undefined;
  }

  #number(table: string, name: string): number | undefined {
    return this.#tables.get(table)?.find(([known]) => known === name)?.[1];
  }
  #name(table: string, value: number): string | undefined {
    return this.#tables.get(table)?.find(([, number]) => number === value)?.[0];
  }
}

/** Older names of /etc/protocols. */
const aliases: ReadonlyMap<string, number> = new Map([
  ['comp', 108],
  ['icmpv6', 58],
  ['ipv6-icmp', 58],
]);

const colons = (text: string): Pairs =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , id]) => (name === undefined || id === undefined ? [] : [[name, Number(id)] as const]));

function services(rows: readonly string[][]): Pairs {
  const pairs: (readonly [string, number])[] = [];
  for (const [name, place, ...others] of rows) {
    const port = Number(place?.split('/')[0]);
    if (name === undefined || Number.isNaN(port)) continue;
    for (const each of [name, ...others]) pairs.push([each, port]);
  }
  return pairs;
}
