import { NetError } from '../../../base/net-error.js';
import type { FilePort } from '../../../client/command.js';
import { ipv4Bytes, parseIpv4 } from '../../../wire/ipv4-address.js';
import { parseIpv6 } from '../../../wire/ipv6-address.js';
import { parseMac } from '../../../wire/mac-address.js';

/** What names in a filter stand for. */
export interface FilterNames {
  /** Addresses of four or sixteen bytes. */
  host(name: string): readonly Uint8Array[];
  port(name: string): { readonly tcp: number | undefined; readonly udp: number | undefined };
  protocol(name: string): number | undefined;
  /** A network's number without its trailing zero bytes, as getnetbyname(3) has it. */
  network(name: string): number | undefined;
  ether(name: string): Uint8Array | undefined;
}

/** No names at all. */
export const noNames: FilterNames = {
  host: () => [],
  port: () => ({ tcp: undefined, udp: undefined }),
  protocol: () => undefined,
  network: () => undefined,
  ether: () => undefined,
};

/** Names of /etc/hosts, /etc/services, /etc/protocols, /etc/networks and /etc/ethers. */
export async function readFilterNames(files: FilePort): Promise<FilterNames> {
  const hosts = new Map<string, Uint8Array[]>();
  for (const [address = '', ...names] of await lines(files, '/etc/hosts')) {
    const v4 = parseIpv4(address);
    const bytes = v4 === null ? parseIpv6(address) : ipv4Bytes(v4);
    if (bytes === null) continue;
    for (const name of names) hosts.set(name.toLowerCase(), [...(hosts.get(name.toLowerCase()) ?? []), bytes]);
  }
  const services = { tcp: new Map<string, number>(), udp: new Map<string, number>() };
  for (const [name = '', port = '', ...aliases] of await lines(files, '/etc/services')) {
    const [number, protocol] = port.split('/');
    if (protocol !== 'tcp' && protocol !== 'udp') continue;
    for (const word of [name, ...aliases]) if (!services[protocol].has(word)) services[protocol].set(word, Number(number));
  }
  const protocols = new Map<string, number>();
  for (const [name = '', number = '', ...aliases] of await lines(files, '/etc/protocols'))
    for (const word of [name, ...aliases]) if (!protocols.has(word)) protocols.set(word, Number(number));
  const networks = new Map<string, number>();
  for (const [name = '', address = '', ...aliases] of await lines(files, '/etc/networks')) {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    for (const word of [name, ...aliases]) networks.set(word, number);
  }
  const ethers = new Map<string, Uint8Array>();
  for (const [address = '', name = ''] of await lines(files, '/etc/ethers')) {
    const mac = parseMac(address);
    if (mac !== null) ethers.set(name, mac);
  }
  return {
    // IPv6 comes before IPv4, as getaddrinfo(3) sorts them.
    host: (name) => [...(hosts.get(name.toLowerCase()) ?? [])].sort((one, other) => other.length - one.length),
    port: (name) => ({ tcp: services.tcp.get(name), udp: services.udp.get(name) }),
    protocol: (name) => protocols.get(name),
    network: (name) => networks.get(name),
    ether: (name) => ethers.get(name),
  };
}

async function lines(files: FilePort, path: string): Promise<string[][]> {
  try {
    const text = new TextDecoder().decode(await files.read(path));
    return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  } catch (error) {
    if (error instanceof NetError) return [];
    throw error;
  }
}
