/** MD5 (RFC 1321), fed piece by piece without allocating. */
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000) | 0);

export class Md5 {
  readonly #block = new Uint8Array(64);
  readonly #view = new DataView(this.#block.buffer);
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #fill = 0;
  #total = 0;

  begin(): void {
    this.#a = 0x6745_2301;
    this.#b = 0xefcd_ab89 | 0;
    this.#c = 0x98ba_dcfe | 0;
    this.#d = 0x1032_5476;
    this.#fill = 0;
    this.#total = 0;
  }

  update(bytes: Uint8Array, start: number, count: number): void {
    this.#total += count;
    for (let i = 0; i < count; i++) {
      this.#block[this.#fill++] = bytes[start + i]!;
      if (this.#fill === 64) this.#compress();
    }
  }

  /** Writes the sixteen bytes of the digest. */
  end(into: DataView, at: number): void {
    const bits = this.#total * 8;
    this.#block[this.#fill++] = 0x80;
    if (this.#fill > 56) {
      this.#block.fill(0, this.#fill);
      this.#compress();
    }
    this.#block.fill(0, this.#fill);
    this.#view.setUint32(56, bits >>> 0, true);
    this.#view.setUint32(60, Math.floor(bits / 0x1_0000_0000), true);
    this.#compress();
    into.setInt32(at, this.#a, true);
    into.setInt32(at + 4, this.#b, true);
    into.setInt32(at + 8, this.#c, true);
    into.setInt32(at + 12, this.#d, true);
  }

  #compress(): void {
    this.#fill = 0;
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let i = 0; i < 64; i++) {
      let mix: number;
      let word: number;
      if (i < 16) {
        mix = (b & c) | (~b & d);
        word = i;
      } else if (i < 32) {
        mix = (d & b) | (~d & c);
        word = (5 * i + 1) & 15;
      } else if (i < 48) {
        mix = b ^ c ^ d;
        word = (3 * i + 5) & 15;
      } else {
        mix = c ^ (b | ~d);
        word = (7 * i) & 15;
      }
      const sum = (a + mix + SINES[i]! + this.#view.getInt32(word << 2, true)) | 0;
      const by = SHIFTS[((i >> 4) << 2) | (i & 3)]!;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0;
    }
    this.#a = (this.#a + a) | 0;
    this.#b = (this.#b + b) | 0;
    this.#c = (this.#c + c) | 0;
    this.#d = (this.#d + d) | 0;
  }
}

/** HMAC-MD5, RFC 2104: sixteen bytes. */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  const md5 = new Md5();
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  const pad = new Uint8Array(64);
  const of = (...parts: readonly Uint8Array[]) => {
    md5.begin();
    for (const part of parts) md5.update(part, 0, part.length);
    md5.end(view, 0);
  };
  if (key.length <= 64) pad.set(key);
  else {
    of(key);
    pad.set(digest);
  }
  of(
    pad.map((byte) => byte ^ 0x36),
    message,
  );
  of(
    pad.map((byte) => byte ^ 0x5c),
    digest.slice(),
  );
  return digest;
}
