import { NetError } from '../../base/net-error.js';
import type { FilePort } from '../../client/command.js';
import { formatIpv4, ipv4Bytes, parseIpv4, readIpv4 } from '../../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../../wire/ipv6-address.js';
import { formatMac } from '../../wire/mac-address.js';
import type { Words } from './words.js';

/** Organisations that tcpdump knows by the first three bytes of a MAC address. */
export const organisations: Words = {
  0x000000: 'Ethernet',
  0x00000c: 'Cisco',
  0x00005e: 'IANA',
  0x000081: 'Nortel Networks SONMP',
  0x0000f8: 'Cisco bridged',
  0x0080c2: 'Ethernet bridged',
  0x00a03e: 'ATM Forum',
  0x00e02f: 'DOCSIS Spanning Tree',
  0x080007: 'Appletalk',
  0x009069: 'Juniper',
  0x080009: 'Hewlett-Packard',
  0x00120f: 'IEEE 802.3 Private',
  0x0012bb: 'ANSI/TIA',
  0x001b21: 'DCBX',
  0x002320: 'Nicira Networks',
  0x5c16c7: 'Big Switch Networks',
  0xb0d2f5: 'Vello Systems',
  0x002481: 'HP',
  0x0004ea: 'HP-Labs',
  0x748771: 'Infoblox Inc',
  0xa42305: 'Open Networking Lab',
  0x00049f: 'Freescale',
  0x0015ad: 'Netronome',
  0x001018: 'Broadcom',
  0x00e004: 'PMC-Sierra',
  0xd0f0db: 'Ericsson',
};

/** Texts kept for addresses seen before; forgotten all at once when there are this many. */
const KEPT = 4096;
/** Addresses of one packet whose names are asked for; more stay numbers. */
const MAXIMUM_ASKED = 64;
/**
 * Stands, with a character that says which, for a name that is asked for, until settle() puts the name there. Packets are bytes, so
 * that no text of theirs has such characters.
 */
const ASKED = '\ue000';
const FIRST_ASKED = 0xe100;
/** Blanks before it where it was to fill a column of COLUMN characters. */
const COLUMN = 15;
const asked = new RegExp(`( {${COLUMN - 2}})?${ASKED}([\\u{e100}-\\u{f8ff}])`, 'gu');

/** Where names come from that no file has. */
export interface NameSource {
  /** The name of an address of 4 or 16 bytes; '': it has none; null: nobody could tell. */
  name(address: Uint8Array): Promise<string | null>;
}

/** An IPv4 network, -f: addresses outside of it stay numbers. */
export interface LocalNetwork {
  readonly address: number;
  readonly mask: number;
}

/**
 * Texts of addresses and ports. With -n they are numbers; else names of /etc/hosts, /etc/services and /etc/ethers stand for them.
 * A stack has no other way from an address to a name.
 */
export class Names {
  readonly numeric: boolean;
  readonly #shortHosts: boolean;
  readonly #hosts = new Map<string, string>();
  readonly #ethers = new Map<string, string>();
  readonly #tcp = new Map<number, string>();
  readonly #udp = new Map<number, string>();
  readonly #seen4 = new Map<number, string>();
  /** Names, or numbers where there are none, by numbers. */
  readonly #answers = new Map<string, string>();
  #asked: { readonly numbers: string; readonly address: Uint8Array }[] = [];
  /** Null: names are those of files alone. */
  source: NameSource | null = null;
  local: LocalNetwork = { address: 0, mask: 0 };
  /** Names of devices by index, for SLL2: those of the host or stack that the packets come from. */
  deviceNames: ReadonlyMap<number, string> = new Map();

  /** `shortHosts`: -N, names without their domain. */
  constructor(numeric: boolean, shortHosts = false) {
    this.numeric = numeric;
    this.#shortHosts = shortHosts;
  }

  static async read(files: FilePort, shortHosts: boolean): Promise<Names> {
    const names = new Names(false, shortHosts);
    for (const [address = '', name] of await table(files, '/etc/hosts')) if (name !== undefined) names.#addHost(address, name);
    for (const [address = '', name] of await table(files, '/etc/ethers'))
      if (name !== undefined && /^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(address))
        names.#ethers.set(address.toLowerCase().replace(/\b(\w)\b/g, '0$1'), name);
    for (const [name = '', port = ''] of await table(files, '/etc/services')) {
      const [number = '', protocol] = port.split('/');
      const ports = protocol === 'tcp' ? names.#tcp : protocol === 'udp' ? names.#udp : null;
      if (ports !== null && !ports.has(Number(number))) ports.set(Number(number), name);
    }
    names.#ethers.set('ff:ff:ff:ff:ff:ff', 'Broadcast');
    return names;
  }

  #addHost(address: string, name: string): void {
    const v4 = parseIpv4(address);
    const v6 = v4 === null ? parseIpv6(address) : null;
    const key = v4 !== null ? formatIpv4(v4) : v6 !== null ? formatIpv6(v6) : '';
    if (key !== '' && !this.#hosts.has(key)) this.#hosts.set(key, this.#short(name));
  }

  #short(name: string): string {
    return this.#shortHosts ? name.replace(/\..*/, '') : name;
  }

  ip(address: number): string {
    const seen = this.#seen4.get(address);
    if (seen !== undefined) return seen;
    const numbers = formatIpv4(address);
    const { address: local, mask } = this.local;
    const foreign = (address & mask) >>> 0 !== local;
    let text = foreign ? numbers : (this.#hosts.get(numbers) ?? this.#answers.get(numbers));
    if (text === undefined) {
      if (this.source !== null) return this.#ask(numbers, ipv4Bytes(address));
      text = numbers;
    }
    if (this.#seen4.size >= KEPT) this.#seen4.clear();
    this.#seen4.set(address, text);
    return text;
  }

  ip6(bytes: Uint8Array, at: number): string {
    const numbers = formatIpv6(bytes, at);
    const text = this.#hosts.get(numbers) ?? this.#answers.get(numbers);
    if (text !== undefined) return text;
    return this.source === null ? numbers : this.#ask(numbers, bytes.slice(at, at + 16));
  }

  #ask(numbers: string, address: Uint8Array): string {
    let index = this.#asked.findIndex((other) => other.numbers === numbers);
    if (index < 0) {
      if (this.#asked.length === MAXIMUM_ASKED) return numbers;
      index = this.#asked.push({ numbers, address }) - 1;
    }
    return ASKED + String.fromCharCode(FIRST_ASKED + index);
  }

  /** Are there names in the last text that settle() has to find? */
  get unsettled(): boolean {
    return this.#asked.length > 0;
  }

  /** The text of a packet with the names in it that were asked for. What nobody could tell is asked for again another time. */
  async settle(text: string): Promise<string> {
    const questions = this.#asked;
    this.#asked = [];
    const source = this.source!;
    const found = await Promise.all(
      questions.map(async ({ numbers, address }) => {
        const name = await source.name(address);
        const shown = name === null || name === '' ? numbers : this.#short(name);
        if (name !== null) this.#keep(numbers, shown);
        return shown;
      }),
    );
    return text.replace(asked, (_, blanks: string | undefined, which: string) => {
      const name = found[which.charCodeAt(0) - FIRST_ASKED] ?? '';
      return blanks === undefined ? name : name.padStart(COLUMN);
    });
  }

  #keep(numbers: string, shown: string): void {
    if (this.#answers.size >= KEPT) this.#answers.clear();
    this.#answers.set(numbers, shown);
  }

  /** Of four or sixteen bytes. */
  address(bytes: Uint8Array, at: number, length: number): string {
    return length === 4 ? this.ip(readIpv4(bytes, at)) : this.ip6(bytes, at);
  }

  mac(bytes: Uint8Array, at: number): string {
    const text = formatMac(bytes, at, 6);
    if (this.numeric) return text;
    const organisation = organisations[(bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!] ?? 'Unknown';
    return this.#ethers.get(text) ?? `${text} (oui ${organisation})`;
  }

  tcpPort(port: number): string {
    return this.#tcp.get(port) ?? String(port);
  }

  udpPort(port: number): string {
    return this.#udp.get(port) ?? String(port);
  }

  /** A link-layer address of any length. */
  link(bytes: Uint8Array, at: number, length: number): string {
    if (length === 0) return '<empty>';
    return length === 6 ? this.mac(bytes, at) : formatMac(bytes, at, length);
  }
}

/** Words of each line of a file, comments left out; a file that is not there has no lines. */
async function table(files: FilePort, path: string): Promise<string[][]> {
  let text: string;
  try {
    text = new TextDecoder().decode(await files.read(path));
  } catch (error) {
    if (error instanceof NetError) return [];
    throw error;
  }
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
}
