/** Triple DES (FIPS 46-3): its inverse, for cipher block chaining. Keys of 24 bytes. */

const BLOCK = 8;

// FIPS 46-3; bits are counted from one, the highest first.
const initial = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8, 57, 49, 41,
  33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];
const final = initial.map((_, i) => initial.indexOf(i + 1) + 1);
const expansion = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25,
  26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];
const permutation = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25];
const firstChoice = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7,
  62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const secondChoice = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48,
  44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const shifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
const boxes = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((rows) => Uint8Array.from(rows.replace(/ /g, ''), (digit) => Number.parseInt(digit, 16)));

type Bits = Uint8Array;

const bitsOf = (bytes: Uint8Array): Bits => Uint8Array.from({ length: bytes.length * 8 }, (_, i) => (bytes[i >> 3]! >> (7 - (i & 7))) & 1);
const chosen = (bits: Bits, order: readonly number[]): Bits => Uint8Array.from(order, (n) => bits[n - 1]!);

/** Keys of the sixteen rounds. */
function schedule(key: Uint8Array): Bits[] {
  const bits = chosen(bitsOf(key), firstChoice);
  let left = Array.from(bits.subarray(0, 28));
  let right = Array.from(bits.subarray(28));
  return shifts.map((count) => {
    left = [...left.slice(count), ...left.slice(0, count)];
    right = [...right.slice(count), ...right.slice(0, count)];
    return chosen(Uint8Array.from([...left, ...right]), secondChoice);
  });
}

function mixed(half: Bits, key: Bits): Bits {
  const wide = chosen(half, expansion);
  const out = new Uint8Array(32);
  for (let box = 0; box < 8; box++) {
    const bit = (n: number) => wide[box * 6 + n]! ^ key[box * 6 + n]!;
    const row = (bit(0) << 1) | bit(5);
    const column = (bit(1) << 3) | (bit(2) << 2) | (bit(3) << 1) | bit(4);
    const value = boxes[box]![row * 16 + column]!;
    for (let n = 0; n < 4; n++) out[box * 4 + n] = (value >> (3 - n)) & 1;
  }
  return chosen(out, permutation);
}

function block(bits: Bits, keys: readonly Bits[]): Bits {
  const start = chosen(bits, initial);
  let left = start.subarray(0, 32);
  let right = start.subarray(32);
  for (const key of keys) {
    const mix = mixed(right, key);
    const next = left.map((bit, i) => bit ^ mix[i]!);
    left = right;
    right = next;
  }
  return chosen(Uint8Array.from([...right, ...left]), final);
}

export class TripleDesDecryption {
  readonly #keys: readonly (readonly Bits[])[];

  constructor(key: Uint8Array) {
    const [one, two, three] = [0, 8, 16].map((at) => schedule(key.subarray(at, at + 8))) as [Bits[], Bits[], Bits[]];
    this.#keys = [three.reverse(), two, one.reverse()];
  }

  /** Plain text of `text`, whose length is a multiple of 8, by cipher block chaining. */
  cbc(vector: Uint8Array, text: Uint8Array): Uint8Array {
    const plain = new Uint8Array(text.length);
    let before = vector;
    for (let at = 0; at < text.length; at += BLOCK) {
      const input = text.subarray(at, at + BLOCK);
      let bits = bitsOf(input);
      for (const keys of this.#keys) bits = block(bits, keys);
      for (let i = 0; i < BLOCK * 8; i++) plain[at + (i >> 3)]! |= bits[i]! << (7 - (i & 7));
      for (let i = 0; i < BLOCK; i++) plain[at + i]! ^= before[i]!;
      before = input;
    }
    return plain;
  }
}
