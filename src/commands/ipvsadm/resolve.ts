import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { NetError } from '../../base/net-error.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { ipv4Bytes } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { formatAddress } from '../shared/address.js';
import { Services } from '../shared/services.js';
import { parseInetAton } from './inet-aton.js';
import type { HostAddress } from './words.js';

const protocolNames: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** Names of hosts and ports: those of the instance's /etc/hosts and /etc/services. */
export class Resolver {
  readonly #services: Services;
  readonly #addresses = new Map<string, HostAddress>();
  readonly #names = new Map<string, string>();

  private constructor(services: Services) {
    this.#services = services;
  }

  static async read(io: Pick<CommandIo, 'files'>, env: Pick<CommandEnvironment, 'variables'>): Promise<Resolver> {
    const resolver = new Resolver(await Services.read(io, env));
    const own = env.variables['TAPSTACK_ETC'];
    for (const path of [...(own ? [`${own}/hosts`] : []), '/etc/hosts']) {
      try {
        resolver.#parse(new TextDecoder().decode(await io.files.read(path)));
        break;
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
      }
    }
    return resolver;
  }

  /** The address of a name, IPv4 before IPv6. */
  addressOf(name: string): HostAddress | undefined {
    return this.#addresses.get(name);
  }

  nameOf({ family, bytes }: HostAddress): string | undefined {
    return this.#names.get(formatAddress(family, bytes));
  }

  portOf(name: string, protocol: number): number | undefined {
    return this.#services.portOf(name, protocolNames[protocol] ?? '');
  }

  portName(port: number, protocol: number): string | undefined {
    return this.#services.nameOf(port, protocolNames[protocol] ?? '');
  }

  #parse(text: string): void {
    for (const line of text.split('\n')) {
      const [written = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      const address = parseHost(written);
      if (address === null) continue;
      const key = formatAddress(address.family, address.bytes);
      if (names[0] !== undefined && !this.#names.has(key)) this.#names.set(key, names[0]);
      for (const name of names) {
        const known = this.#addresses.get(name);
        if (known === undefined || (known.family === AF_INET6 && address.family === AF_INET)) this.#addresses.set(name, address);
      }
    }
  }
}

/** An address that is written as numbers; null: it is none. */
function parseHost(text: string): HostAddress | null {
  const six = parseIpv6(text);
  if (six !== null) return { family: AF_INET6, bytes: six };
  const four = parseInetAton(text);
  return four === null ? null : { family: AF_INET, bytes: ipv4Bytes(four) };
}

/** What stands for a service or a server: HOST, HOST:PORT, [IPV6]:PORT, IPV6. Null: it cannot be. */
export function parseService(
  text: string,
  protocol: number,
  resolver: Resolver,
): { readonly address: HostAddress; readonly port: number | undefined } | null {
  const whole = parseIpv6(text);
  if (whole !== null) return { address: { family: AF_INET6, bytes: whole }, port: undefined };
  const bracketed = /^\[(.*)\]:(.*)$/.exec(text);
  const colon = text.lastIndexOf(':');
  const host = bracketed !== null ? bracketed[1]! : colon < 0 ? text : text.slice(0, colon);
  const portText = bracketed !== null ? bracketed[2]! : colon < 0 ? undefined : text.slice(colon + 1);
  const six = bracketed === null ? null : parseIpv6(host);
  if (bracketed !== null && six === null) return null;
  const address = six !== null ? { family: AF_INET6, bytes: six } : hostOf(host, resolver);
  if (address === undefined) return null;
  if (portText === undefined) return { address, port: undefined };
  const port = /^\d+$/.test(portText) ? Number(portText) : resolver.portOf(portText, protocol);
  return port === undefined || port > 65_535 ? null : { address, port };
}

function hostOf(text: string, resolver: Resolver): HostAddress | undefined {
  const four = parseInetAton(text);
  return four === null ? resolver.addressOf(text) : { family: AF_INET, bytes: ipv4Bytes(four) };
}
