import { NetError } from '../../base/net-error.js';
import type { FilePort } from '../../client/command.js';
import { formatIpv4, ipv4Bytes } from '../../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../../wire/ipv6-address.js';
import { die } from './numbers.js';

export const addressText = (bytes: Uint8Array) =>
  bytes.length === 4 ? formatIpv4(((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0) : formatIpv6(bytes);

/** Names of the instance's /etc/hosts; there is no other way from a name to an address in a stack. */
export class HostNames {
  readonly #byName = new Map<string, Uint8Array[]>();
  readonly #byAddress = new Map<string, string>();

  static async read(files: FilePort): Promise<HostNames> {
    const names = new HostNames();
    try {
      names.#parse(new TextDecoder().decode(await files.read('/etc/hosts')));
    } catch (error) {
      // Without the file there is localhost alone.
      if (!(error instanceof NetError)) throw error;
    }
    names.#add('127.0.0.1', ['localhost']);
    names.#add('::1', ['localhost', 'ip6-localhost', 'ip6-loopback']);
    return names;
  }

  #parse(text: string): void {
    for (const line of text.split('\n')) {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (names.length > 0) this.#add(address, names);
    }
  }

  #add(text: string, names: readonly string[]): void {
    const address = parseAddress(text);
    if (address === null) return;
    const key = addressText(address);
    if (!this.#byAddress.has(key)) this.#byAddress.set(key, names[0]!);
    for (const name of names) {
      const known = this.#byName.get(name.toLowerCase()) ?? [];
      if (!known.some((other) => addressText(other) === key)) this.#byName.set(name.toLowerCase(), [...known, address]);
    }
  }

  /** getaddrinfo(3) with that family (0: any, IPv4 before IPv6). Throws CommandFailure. */
  lookup(name: string, family: 0 | 4 | 6): Uint8Array {
    const literal = parseAddress(name);
    if (literal !== null) {
      if (family !== 0 && (family === 4) !== (literal.length === 4)) throw die(`${name}: Address family for hostname not supported`);
      return literal;
    }
    const known = this.#byName.get(name.toLowerCase()) ?? [];
    const found =
      known.find((address) => (family === 6 ? address.length === 16 : address.length === 4)) ?? (family === 0 ? known[0] : undefined);
    if (found === undefined) throw die(`${name}: Name or service not known`);
    return found;
  }

  /** "name (address)", or the address alone where it has no name. */
  describe(address: Uint8Array): string {
    const text = addressText(address);
    const name = this.#byAddress.get(text);
    return name === undefined ? text : `${name} (${text})`;
  }
}

/** An address in any form that inet_aton(3) and inet_pton(3) take; null for a name. */
export function parseAddress(text: string): Uint8Array | null {
  return inetAton(text) ?? parseIpv6(text.replace(/%.*$/, ''));
}

/** One to four parts, decimal, octal or hexadecimal, the last of which fills what is left: "10.1" is 10.0.0.1. */
export function inetAton(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(part)) return null;
    const number = /^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part);
    const last = index === parts.length - 1;
    const limit = last ? 256 ** (5 - parts.length) : 256;
    if (number >= limit) return null;
    value += last ? number : number * 256 ** (3 - index);
  }
  return ipv4Bytes(value);
}
