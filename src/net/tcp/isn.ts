import type { RandomSource } from '../../base/random.js';
import type { ConnectionKey } from './demux.js';

/**
 * HalfSipHash-2-4 (Aumasson and Bernstein; SipHash on 32-bit words), 32 bits of result, over the words of a connection's key:
 * without the secret nobody can tell the result for one connection from that of another.
 */
export class KeyedHash {
  readonly #k0: number;
  readonly #k1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor(random: RandomSource) {
    this.#k0 = random.u32() | 0;
    this.#k1 = random.u32() | 0;
  }

  /** Over addresses and ports. */
  ofConnection(key: ConnectionKey): number {
    this.#begin();
    for (let i = 0; i < 4; i++) this.#word(key.local[i]! | 0);
    for (let i = 0; i < 4; i++) this.#word(key.remote[i]! | 0);
    this.#word((key.localPort << 16) | key.remotePort);
    return this.#end(36);
  }

  /** Over addresses, ports and a number. */
  ofConnectionAt(key: ConnectionKey, number: number): number {
    this.#begin();
    for (let i = 0; i < 4; i++) this.#word(key.local[i]! | 0);
    for (let i = 0; i < 4; i++) this.#word(key.remote[i]! | 0);
    this.#word((key.localPort << 16) | key.remotePort);
    this.#word(number | 0);
    return this.#end(40);
  }

  /** Over addresses alone. */
  ofAddresses(key: ConnectionKey): number {
    this.#begin();
    for (let i = 0; i < 4; i++) this.#word(key.local[i]! | 0);
    for (let i = 0; i < 4; i++) this.#word(key.remote[i]! | 0);
    return this.#end(32);
  }

  #begin(): void {
    this.#v0 = this.#k0;
    this.#v1 = this.#k1;
    this.#v2 = 0x6c796765 ^ this.#k0;
    this.#v3 = 0x74656462 ^ this.#k1;
  }

  #word(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#round();
    this.#v0 ^= word;
  }

  #end(bytes: number): number {
    this.#word(bytes << 24);
    this.#v2 ^= 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    return this.#v1 ^ this.#v3;
  }

  #round(): void {
    let a = this.#v0;
    let b = this.#v1;
    let c = this.#v2;
    let d = this.#v3;
    a = (a + b) | 0;
    b = rotate(b, 5) ^ a;
    a = rotate(a, 16);
    c = (c + d) | 0;
    d = rotate(d, 8) ^ c;
    a = (a + d) | 0;
    d = rotate(d, 7) ^ a;
    c = (c + b) | 0;
    b = rotate(b, 13) ^ c;
    c = rotate(c, 16);
    this.#v0 = a;
    this.#v1 = b;
    this.#v2 = c;
    this.#v3 = d;
  }
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** RFC 6528: ISN = M + F(connection, secret), M one step each 64 ns as Linux has it (RFC 9293 3.4.1 wants 4 us at most). */
export function initialSequence(secret: KeyedHash, key: ConnectionKey, nowUs: number): number {
  return (secret.ofConnection(key) + Math.floor(nowUs * 15.625)) | 0;
}
