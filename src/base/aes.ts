/** AES (FIPS 197): its inverse, for cipher block chaining (NIST SP 800-38A). Keys of 16, 24 or 32 bytes. */

const BLOCK = 16;

const double = (byte: number) => ((byte << 1) ^ ((byte & 0x80) === 0 ? 0 : 0x1b)) & 0xff;

function multiply(one: number, other: number): number {
  let result = 0;
  for (let a = one, b = other; b !== 0; a = double(a), b >>= 1) if ((b & 1) !== 0) result ^= a;
  return result;
}

/** The substitution box: inverses in GF(2^8), and an affine map. */
function substitutions(): { forward: Uint8Array; inverse: Uint8Array } {
  const forward = new Uint8Array(256);
  const inverse = new Uint8Array(256);
  let p = 1;
  let q = 1;
  do {
    // p goes through all numbers but zero, multiplied by three; q is its inverse.
    p ^= double(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if ((q & 0x80) !== 0) q ^= 0x09;
    const turned = q ^ (q << 1) ^ (q << 2) ^ (q << 3) ^ (q << 4);
    forward[p] = ((turned ^ (turned >>> 8)) & 0xff) ^ 0x63;
  } while (p !== 1);
  forward[0] = 0x63;
  for (let i = 0; i < 256; i++) inverse[forward[i]!] = i;
  return { forward, inverse };
}

const boxes = substitutions();
const times = [9, 11, 13, 14].map((factor) => Uint8Array.from({ length: 256 }, (_, byte) => multiply(byte, factor)));
const [by9, by11, by13, by14] = times as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

function expand(key: Uint8Array): Uint8Array {
  const rounds = key.length / 4 + 6;
  const words = new Uint8Array((rounds + 1) * BLOCK);
  words.set(key);
  let constant = 1;
  for (let i = key.length; i < words.length; i += 4) {
    let part = words.slice(i - 4, i);
    if (i % key.length === 0) {
      part = Uint8Array.of(part[1]!, part[2]!, part[3]!, part[0]!).map((byte) => boxes.forward[byte]!);
      part[0]! ^= constant;
      constant = double(constant);
    } else if (key.length === 32 && i % 32 === 16) part = part.map((byte) => boxes.forward[byte]!);
    for (let n = 0; n < 4; n++) words[i + n] = words[i + n - key.length]! ^ part[n]!;
  }
  return words;
}

export class AesDecryption {
  readonly #keys: Uint8Array;
  readonly #rounds: number;
  readonly #state = new Uint8Array(BLOCK);
  readonly #turned = new Uint8Array(BLOCK);

  constructor(key: Uint8Array) {
    this.#keys = expand(key);
    this.#rounds = key.length / 4 + 6;
  }

  /** Plain text of `text`, whose length is a multiple of 16, by cipher block chaining. */
  cbc(vector: Uint8Array, text: Uint8Array): Uint8Array {
    const plain = new Uint8Array(text.length);
    let before = vector;
    for (let at = 0; at < text.length; at += BLOCK) {
      const block = text.subarray(at, at + BLOCK);
      this.#block(block);
      for (let i = 0; i < BLOCK; i++) plain[at + i] = this.#state[i]! ^ before[i]!;
      before = block;
    }
    return plain;
  }

  #block(bytes: Uint8Array): void {
    const s = this.#state;
    s.set(bytes);
    this.#addKey(this.#rounds);
    for (let round = this.#rounds - 1; ; round--) {
      // Rows go back by their number, and bytes through the inverse box.
      for (let i = 0; i < BLOCK; i++) this.#turned[(i + 4 * (i % 4)) % BLOCK] = boxes.inverse[s[i]!]!;
      s.set(this.#turned);
      this.#addKey(round);
      if (round === 0) return;
      for (let c = 0; c < BLOCK; c += 4) {
        const [a, b, d, e] = [s[c]!, s[c + 1]!, s[c + 2]!, s[c + 3]!];
        s[c] = by14[a]! ^ by11[b]! ^ by13[d]! ^ by9[e]!;
        s[c + 1] = by9[a]! ^ by14[b]! ^ by11[d]! ^ by13[e]!;
        s[c + 2] = by13[a]! ^ by9[b]! ^ by14[d]! ^ by11[e]!;
        s[c + 3] = by11[a]! ^ by13[b]! ^ by9[d]! ^ by14[e]!;
      }
    }
  }

  #addKey(round: number): void {
    for (let i = 0; i < BLOCK; i++) this.#state[i]! ^= this.#keys[round * BLOCK + i]!;
  }
}
