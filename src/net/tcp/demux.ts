import { hashStep } from '../../base/hash.js';
import type { SocketAddress } from '../core/socket.js';

/** What a segment of a known connection can lead to. */
export const ENDPOINT_SOCKET = 0;
export const ENDPOINT_REQUEST = 1;
export const ENDPOINT_TIME_WAIT = 2;

export interface Endpoint {
  readonly kind: 0 | 1 | 2;
  /** Its row in the table; -1: not in it. */
  slot: number;
}

/** Words of a row: local address 4, remote address 4, local port and remote port 1, routing domain 1. */
const ROW = 10;
const FIRST_ROWS = 64;

/** The two addresses and ports of a connection as this host sees it. Reused, filled for each segment. */
export class ConnectionKey {
  readonly local = new Uint32Array(4);
  readonly remote = new Uint32Array(4);
  localPort = 0;
  remotePort = 0;
  /** The VRF, as an ifindex, that the addresses are of: each may have the same ones; 0: none. */
  domain = 0;

  set(local: SocketAddress, remote: SocketAddress, domain: number): this {
    this.domain = domain;
    for (let i = 0; i < 4; i++) {
      this.local[i] = local.words[i]!;
      this.remote[i] = remote.words[i]!;
    }
    this.localPort = local.port;
    this.remotePort = remote.port;
    return this;
  }
}

/**
 * All connections of a namespace by addresses and ports (Linux: ehash): sockets, requests in a handshake, TIME_WAIT entries.
 * Rows keep the addresses, so that a request or a TIME_WAIT entry need not; `#index` is open addressed, linear, seeded.
 */
export class EndpointTable<E extends Endpoint> {
  count = 0;
  readonly #seed: number;
  #rows = new Uint32Array(FIRST_ROWS * ROW);
  #endpoints: (E | null)[] = new Array(FIRST_ROWS).fill(null);
  #freeRows: number[] = [];
  #usedRows = 0;
  /** Row number + 1, 0: free. Twice as many places as rows. */
  #index = new Int32Array(FIRST_ROWS * 2);
  #hashes = new Int32Array(FIRST_ROWS * 2);

  constructor(seed: number) {
    this.#seed = seed;
  }

  hash(key: ConnectionKey): number {
    const l = key.local;
    const r = key.remote;
    let h = hashStep(this.#seed ^ key.domain, r[3]!);
    h = hashStep(h, (key.localPort << 16) | key.remotePort);
    h = hashStep(h, l[3]!);
    // The other words are the same for all IPv4 addresses: one step mixes them in.
    return hashStep(
      h,
      r[0]! ^ Math.imul(r[1]!, 3) ^ Math.imul(r[2]!, 5) ^ Math.imul(l[0]!, 7) ^ Math.imul(l[1]!, 11) ^ Math.imul(l[2]!, 13),
    );
  }

  find(key: ConnectionKey): E | null {
    const place = this.#place(key, this.hash(key));
    const row = this.#index[place]!;
    return row === 0 ? null : this.#endpoints[row - 1]!;
  }

  /** Puts `endpoint` under `key`; false when the key is taken. */
  add(key: ConnectionKey, endpoint: E): boolean {
    if (this.count * 2 >= this.#index.length) this.#grow();
    const hash = this.hash(key);
    const place = this.#place(key, hash);
    if (this.#index[place] !== 0) return false;
    const row = this.#freeRows.length > 0 ? this.#freeRows.pop()! : this.#usedRows++;
    this.#index[place] = row + 1;
    this.#hashes[place] = hash;
    const at = row * ROW;
    for (let i = 0; i < 4; i++) {
      this.#rows[at + i] = key.local[i]!;
      this.#rows[at + 4 + i] = key.remote[i]!;
    }
    this.#rows[at + 8] = ((key.localPort << 16) | key.remotePort) >>> 0;
    this.#rows[at + 9] = key.domain;
    this.#endpoints[row] = endpoint;
    endpoint.slot = row;
    this.count++;
    return true;
  }

  remove(endpoint: E): void {
    if (endpoint.slot < 0) return;
    const place = this.#placeOfRow(endpoint.slot);
    this.#endpoints[endpoint.slot] = null;
    this.#freeRows.push(endpoint.slot);
    endpoint.slot = -1;
    this.count--;
    this.#close(place);
  }

  /** Another endpoint takes the place of `old`: a request becomes a socket, a socket a TIME_WAIT entry. */
  replace(old: E, next: E): void {
    const row = old.slot;
    this.#endpoints[row] = next;
    next.slot = row;
    old.slot = -1;
  }

  /** Reads the addresses and ports of an endpoint in the table. */
  keyOf(endpoint: E, key: ConnectionKey): ConnectionKey {
    const at = endpoint.slot * ROW;
    for (let i = 0; i < 4; i++) {
      key.local[i] = this.#rows[at + i]!;
      key.remote[i] = this.#rows[at + 4 + i]!;
    }
    const ports = this.#rows[at + 8]!;
    key.localPort = ports >>> 16;
    key.remotePort = ports & 0xffff;
    key.domain = this.#rows[at + 9]!;
    return key;
  }

  /** All endpoints, for dumps. */
  *values(): IterableIterator<E> {
    for (let row = 0; row < this.#usedRows; row++) {
      const endpoint = this.#endpoints[row]!;
      if (endpoint !== null) yield endpoint;
    }
  }

  #place(key: ConnectionKey, hash: number): number {
    const mask = this.#index.length - 1;
    let place = hash & mask;
    while (true) {
      const row = this.#index[place]!;
      if (row === 0 || (this.#hashes[place] === hash && this.#equal(row - 1, key))) return place;
      place = (place + 1) & mask;
    }
  }

  #equal(row: number, key: ConnectionKey): boolean {
    const rows = this.#rows;
    const at = row * ROW;
    return (
      rows[at + 8] === ((key.localPort << 16) | key.remotePort) >>> 0 &&
      rows[at + 9] === key.domain &&
      rows[at + 7] === key.remote[3] &&
      rows[at + 3] === key.local[3] &&
      rows[at + 6] === key.remote[2] &&
      rows[at + 5] === key.remote[1] &&
      rows[at + 4] === key.remote[0] &&
      rows[at + 2] === key.local[2] &&
      rows[at + 1] === key.local[1] &&
      rows[at] === key.local[0]
    );
  }

  readonly #scratch = new ConnectionKey();

  #placeOfRow(row: number): number {
    const at = row * ROW;
    const key = this.#scratch;
    for (let i = 0; i < 4; i++) {
      key.local[i] = this.#rows[at + i]!;
      key.remote[i] = this.#rows[at + 4 + i]!;
    }
    key.localPort = this.#rows[at + 8]! >>> 16;
    key.remotePort = this.#rows[at + 8]! & 0xffff;
    key.domain = this.#rows[at + 9]!;
    return this.#place(key, this.hash(key));
  }

  /** Frees a place and moves those behind it forward, so that no tombstones are needed. */
  #close(free: number): void {
    const mask = this.#index.length - 1;
    let hole = free;
    let place = (hole + 1) & mask;
    while (this.#index[place] !== 0) {
      const home = this.#hashes[place]! & mask;
      if (((place - home) & mask) >= ((place - hole) & mask)) {
        this.#index[hole] = this.#index[place]!;
        this.#hashes[hole] = this.#hashes[place]!;
        hole = place;
      }
      place = (place + 1) & mask;
    }
    this.#index[hole] = 0;
  }

  #grow(): void {
    const oldIndex = this.#index;
    const oldHashes = this.#hashes;
    const rows = oldIndex.length;
    const keys = new Uint32Array(rows * ROW);
    keys.set(this.#rows);
    this.#rows = keys;
    for (let i = this.#endpoints.length; i < rows; i++) this.#endpoints.push(null);
    this.#index = new Int32Array(rows * 2);
    this.#hashes = new Int32Array(rows * 2);
    const mask = rows * 2 - 1;
    for (let i = 0; i < oldIndex.length; i++) {
      if (oldIndex[i] === 0) continue;
      let place = oldHashes[i]! & mask;
      while (this.#index[place] !== 0) place = (place + 1) & mask;
      this.#index[place] = oldIndex[i]!;
      this.#hashes[place] = oldHashes[i]!;
    }
  }
}
