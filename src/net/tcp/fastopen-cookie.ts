import { result, siphash } from '../../base/siphash.js';
import { AF_INET } from '../../netlink/constants.js';
import type { ConnectionKey } from './demux.js';
import type { Tcb } from './tcb.js';
import type { Tcp } from './tcp.js';

/** Cookies of TCP Fast Open (RFC 7413 4.1.2) as Linux makes them: SipHash of the two addresses, eight bytes. */
export const COOKIE_BYTES = 8;
/** Longest cookie that a peer may give. */
export const MAX_COOKIE = 16;
export const KEY_BYTES = 16;

// net.ipv4.tcp_fastopen
export const TFO_CLIENT = 1;
export const TFO_SERVER = 2;
export const TFO_CLIENT_NO_COOKIE = 4;
export const TFO_SERVER_NO_COOKIE = 0x200;
/** Every listener takes part, without the option. */
export const TFO_SERVER_WITHOUT_OPTION = 0x400;

const addresses = new DataView(new ArrayBuffer(32));
const words = new Int32Array(addresses.buffer);
const cookie = new Uint8Array(COOKIE_BYTES);

/** The keys of `listener`, else of the namespace, which has a random one unless it was given some; the first makes cookies. */
export function keysOf(tcp: Tcp, listener: Tcb | null): readonly Uint32Array[] {
  if (listener !== null && listener.fastopenKeys !== null) return listener.fastopenKeys;
  const { settings } = tcp;
  if (settings.fastopenKeys === null) {
    const key = new Uint32Array(4);
    for (let i = 0; i < 4; i++) key[i] = tcp.stack.random.u32();
    settings.fastopenKeys = [key];
  }
  return settings.fastopenKeys;
}

/** The cookie for the peer of `key`; reused. */
export function makeCookie(key: ConnectionKey, family: number, secret: Uint32Array): Uint8Array {
  let count: number;
  if (family === AF_INET) {
    addresses.setUint32(0, key.remote[3]!);
    addresses.setUint32(4, key.local[3]!);
    count = 2;
  } else {
    for (let i = 0; i < 4; i++) {
      addresses.setUint32(4 * i, key.remote[i]!);
      addresses.setUint32(16 + 4 * i, key.local[i]!);
    }
    count = 8;
  }
  siphash(secret, words, count);
  for (let i = 0; i < COOKIE_BYTES; i++) cookie[i] = result[i >> 2]! >>> (8 * (i & 3));
  return cookie;
}

/** Which of `keys` made `given`: 0 none, 1 the first, 2 the other. */
export function checkCookie(key: ConnectionKey, family: number, keys: readonly Uint32Array[], given: Uint8Array, bytes: number): number {
  if (bytes !== COOKIE_BYTES) return 0;
  for (let i = 0; i < keys.length; i++) {
    const expected = makeCookie(key, family, keys[i]!);
    let same = true;
    for (let at = 0; at < COOKIE_BYTES; at++) if (expected[at] !== given[at]) same = false;
    if (same) return i + 1;
  }
  return 0;
}

/** One or two keys as an option gives them; null: the length is none of theirs. */
export function keysFromBytes(bytes: Uint8Array): Uint32Array[] | null {
  if (bytes.length !== KEY_BYTES && bytes.length !== 2 * KEY_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const key = (start: number) => Uint32Array.from({ length: 4 }, (_, i) => view.getUint32(start + 4 * i, true));
  return bytes.length === KEY_BYTES ? [key(0)] : [key(0), key(KEY_BYTES)];
}

export function keysToBytes(keys: readonly Uint32Array[]): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES * keys.length);
  const view = new DataView(bytes.buffer);
  keys.forEach((key, n) => {
    for (let i = 0; i < 4; i++) view.setUint32(n * KEY_BYTES + 4 * i, key[i]!, true);
  });
  return bytes;
}

/** What is known of a server: its cookie, and the MSS that its SYN-ACK offered. */
export interface KnownServer {
  mss: number;
  cookie: Uint8Array;
  /** The cookie came in the experimental option. */
  experimental: boolean;
}

/** Servers by address that gave a cookie, those used last at the end; the oldest goes when there are too many. */
export class FastOpenCache {
  readonly #servers = new Map<string, KnownServer>();
  static readonly LIMIT = 1024;

  get(address: Uint32Array): KnownServer | null {
    return this.#servers.get(address.join()) ?? null;
  }

  set(address: Uint32Array, server: KnownServer): void {
    const name = address.join();
    this.#servers.delete(name);
    this.#servers.set(name, server);
    if (this.#servers.size > FastOpenCache.LIMIT) this.#servers.delete(this.#servers.keys().next().value!);
  }
}
