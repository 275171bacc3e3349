/**
 * SipHash-2-4 (Aumasson and Bernstein), 64 bits over whole 64-bit words, in pairs of 32-bit halves: `key` is k0 low, k0 high, k1 low, k1 high,
 * `words` are low and high half in turn. The result is left in `result`, low half first; reused.
 */
export const result = new Int32Array(2);

// v0..v3, low and high
const v = new Int32Array(8);

function add(a: number, b: number): void {
  const low = (v[a]! >>> 0) + (v[b]! >>> 0);
  v[a + 1] = v[a + 1]! + v[b + 1]! + (low > 0xffff_ffff ? 1 : 0);
  v[a] = low;
}

/** Rotates left by less than 32, then takes the other in by exclusive or. */
function rotateXor(a: number, by: number, b: number): void {
  const low = v[a]!;
  const high = v[a + 1]!;
  v[a] = ((low << by) | (high >>> (32 - by))) ^ v[b]!;
  v[a + 1] = ((high << by) | (low >>> (32 - by))) ^ v[b + 1]!;
}

function swap(a: number): void {
  const low = v[a]!;
  v[a] = v[a + 1]!;
  v[a + 1] = low;
}

function round(): void {
  add(0, 2);
  rotateXor(2, 13, 0);
  swap(0);
  add(4, 6);
  rotateXor(6, 16, 4);
  add(0, 6);
  rotateXor(6, 21, 0);
  add(4, 2);
  rotateXor(2, 17, 4);
  swap(4);
}

function compress(low: number, high: number): void {
  v[6]! ^= low;
  v[7]! ^= high;
  round();
  round();
  v[0]! ^= low;
  v[1]! ^= high;
}

function begin(key: Int32Array | Uint32Array): void {
  v[0] = key[0]! ^ 0x7073_6575;
  v[1] = key[1]! ^ 0x736f_6d65;
  v[2] = key[2]! ^ 0x6e64_6f6d;
  v[3] = key[3]! ^ 0x646f_7261;
  v[4] = key[0]! ^ 0x6e65_7261;
  v[5] = key[1]! ^ 0x6c79_6765;
  v[6] = key[2]! ^ 0x7974_6573;
  v[7] = key[3]! ^ 0x7465_6462;
}

export function siphash(key: Int32Array | Uint32Array, words: Int32Array | Uint32Array, count: number): void {
  begin(key);
  for (let i = 0; i < count; i += 2) compress(words[i]!, words[i + 1]!);
  compress(0, (count * 4) << 24);
  v[4]! ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  result[0] = v[0]! ^ v[2]! ^ v[4]! ^ v[6]!;
  result[1] = v[1]! ^ v[3]! ^ v[5]! ^ v[7]!;
}

/** HalfSipHash as Linux has it on 64-bit machines (hsiphash_1u32()): SipHash-1-3 over one 32-bit word, the low half of the result. */
export function hsiphash(key: Uint32Array, word: number): number {
  begin(key);
  const length = 4 << 24;
  v[6]! ^= word;
  v[7]! ^= length;
  round();
  v[0]! ^= word;
  v[1]! ^= length;
  v[4]! ^= 0xff;
  for (let i = 0; i < 3; i++) round();
  return (v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0;
}
