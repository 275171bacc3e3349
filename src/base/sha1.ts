// FIPS 180-4, 6.1.2

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The state of SHA-1 after one block of 64 bytes, without padding: what Linux's sha1_transform() makes of a fresh state. */
export function sha1Block(block: Uint8Array): Uint32Array {
  const view = new DataView(block.buffer, block.byteOffset, 64);
  const w = new Int32Array(80);
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(i * 4);
  for (let i = 16; i < 80; i++) w[i] = rotate(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
  let a = 0x6745_2301;
  let b = 0xefcd_ab89 | 0;
  let c = 0x98ba_dcfe | 0;
  let d = 0x1032_5476;
  let e = 0xc3d2_e1f0 | 0;
  for (let i = 0; i < 80; i++) {
    let f: number;
    let k: number;
    if (i < 20) {
      f = (b & c) | (~b & d);
      k = 0x5a82_7999;
    } else if (i < 40) {
      f = b ^ c ^ d;
      k = 0x6ed9_eba1;
    } else if (i < 60) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8f1b_bcdc;
    } else {
      f = b ^ c ^ d;
      k = 0xca62_c1d6;
    }
    const next = (rotate(a, 5) + f + e + k + w[i]!) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  return Uint32Array.of(a + 0x6745_2301, b + 0xefcd_ab89, c + 0x98ba_dcfe, d + 0x1032_5476, e + 0xc3d2_e1f0);
}
