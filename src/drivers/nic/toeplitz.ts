/** The longest input: two IPv6 addresses and two ports. */
const LONGEST = 36;

/**
 * The hash by which NICs spread flows over queues (receive-side scaling): a bit of the key for each bit of the input. Tables give the
 * share of each byte at each place, so that a packet costs a look-up a byte.
 */
export class Toeplitz {
  readonly #shares = new Uint32Array(LONGEST * 256);

  /** `key`: at least 40 bytes. */
  constructor(key: Uint8Array) {
    const bit = (index: number) => (key[index >>> 3]! >>> (7 - (index & 7))) & 1;
    const window = (start: number) => {
      let word = 0;
      for (let i = 0; i < 32; i++) word = ((word << 1) | bit(start + i)) >>> 0;
      return word;
    };
    for (let place = 0; place < LONGEST; place++) {
      const windows = Array.from({ length: 8 }, (_, i) => window(place * 8 + i));
      for (let byte = 0; byte < 256; byte++) {
        let share = 0;
        for (let i = 0; i < 8; i++) if ((byte & (0x80 >>> i)) !== 0) share ^= windows[i]!;
        this.#shares[place * 256 + byte] = share;
      }
    }
  }

  /** Adds to `hash` what `bytes` from `at` on give as the input's bytes from `place` on. */
  add(hash: number, bytes: Uint8Array, at: number, count: number, place: number): number {
    let sum = hash;
    for (let i = 0; i < count; i++) sum ^= this.#shares[(place + i) * 256 + bytes[at + i]!]!;
    return sum;
  }
}
