import { formatIpv4, readIpv4 } from '../../wire/ipv4-address.js';
import type { PingOptions } from './options.js';

// RFC 791 3.1: option types
const END = 0;
const NOP = 1;
const RECORD_ROUTE = 7;
const TIMESTAMP = 68;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
/** All the room there is behind a header. */
const MOST_BYTES = 40;
/** Where the first address of a route option lies, counted as its pointer does. */
const FIRST = 4;
const kinds = { tsonly: 0, tsandaddr: 1, tsprespec: 3 } as const;

/** What -R, -T and a route of several operands put behind the header of each packet; empty: nothing. */
export function buildIpOptions(options: PingOptions, route: readonly Uint8Array[]): Uint8Array {
  if (options.recordRoute) {
    const bytes = new Uint8Array(MOST_BYTES);
    bytes.set([NOP, RECORD_ROUTE, MOST_BYTES - 1, FIRST]);
    return bytes;
  }
  if (options.timestampOption !== null) {
    const bytes = new Uint8Array(MOST_BYTES);
    const length = options.timestampOption === 'tsonly' ? MOST_BYTES : MOST_BYTES - 4;
    bytes.set([TIMESTAMP, length, 5, kinds[options.timestampOption]]);
    route.forEach((address, index) => {
      if (options.timestampOption === 'tsprespec') bytes.set(address, 4 + index * 8);
    });
    return bytes;
  }
  if (route.length < 2) return new Uint8Array(0);
  const bytes = new Uint8Array(4 + route.length * 4);
  bytes.set([NOP, LOOSE_SOURCE_ROUTE, 3 + route.length * 4, FIRST]);
  route.forEach((address, index) => {
    bytes.set(address, 4 + index * 4);
  });
  return bytes;
}

/** Prints the options of replies; it knows the last route, to say when one is the same. */
export class IpOptionText {
  readonly #describe: (address: Uint8Array) => string;
  #lastRoute = '';

  constructor(describe: (address: Uint8Array) => string) {
    this.#describe = describe;
  }

  /** The options in `bytes[start .. end)`, as text behind a reply's line. */
  of(bytes: Uint8Array, start: number, end: number, flood: boolean): string {
    let text = '';
    let at = start;
    while (at < end && bytes[at] !== END) {
      if (bytes[at] === NOP) {
        if (bytes[at + 1] !== RECORD_ROUTE && bytes[at + 1] !== LOOSE_SOURCE_ROUTE) text += '\nNOP';
        at++;
        continue;
      }
      const length = bytes[at + 1] ?? 0;
      if (length < 2 || at + length > end) break;
      text += this.#one(bytes, at, length, flood);
      at += length;
    }
    return text;
  }

  #one(bytes: Uint8Array, at: number, length: number, flood: boolean): string {
    switch (bytes[at]) {
      case RECORD_ROUTE:
        return this.#recorded(bytes, at, length, flood);
      case TIMESTAMP:
        return this.#timestamps(bytes, at, length);
      case LOOSE_SOURCE_ROUTE:
      case STRICT_SOURCE_ROUTE:
        return `\n${bytes[at] === LOOSE_SOURCE_ROUTE ? 'L' : 'S'}SRR: ${this.#addresses(bytes, at + 3, at + length)}`;
      default:
        return `\nunknown option ${bytes[at]!.toString(16)}`;
    }
  }

  #recorded(bytes: Uint8Array, at: number, length: number, flood: boolean): string {
    const end = at + Math.min(bytes[at + 2]! - 1, length);
    if (end <= at + 3) return '';
    const route = this.#addresses(bytes, at + 3, end);
    if (route === this.#lastRoute && !flood) return '\t(same route)';
    this.#lastRoute = route;
    return `\nRR: ${route}`;
  }

  #addresses(bytes: Uint8Array, start: number, end: number): string {
    let text = '';
    for (let at = start; at + 4 <= end; at += 4) text += `\t${this.#name(bytes, at)}\n`;
    return text;
  }

  #timestamps(bytes: Uint8Array, at: number, length: number): string {
    const flags = bytes[at + 3]! & 0xf;
    const withAddress = flags !== kinds.tsonly;
    let text = '\nTS: ';
    let first: number | null = null;
    const end = at + Math.min(bytes[at + 2]! - 1, length);
    for (let from = at + 4; from + (withAddress ? 8 : 4) <= end; from += withAddress ? 8 : 4) {
      if (withAddress) text += `\t${this.#name(bytes, from)}`;
      const stamp = readIpv4(bytes, withAddress ? from + 4 : from);
      const nonStandard = (stamp & 0x8000_0000) !== 0 ? ' not-standard' : '';
      const value = stamp & 0x7fff_ffff;
      text += first === null ? `\t${value} absolute${nonStandard}\n` : `\t${nonStandard === '' ? value - first : value}${nonStandard}\n`;
      first ??= value;
    }
    const missed = bytes[at + 3]! >>> 4;
    return missed > 0 ? `${text}Unrecorded hops: ${missed}\n` : text;
  }

  #name(bytes: Uint8Array, at: number): string {
    const address = bytes.slice(at, at + 4);
    return address.every((byte) => byte === 0) ? formatIpv4(0) : this.#describe(address);
  }
}
