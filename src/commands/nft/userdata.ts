const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What nft keeps with tables, chains, rules, sets and elements in the kernel: type, length, value, a byte for each of the first. */
export class UserData {
  readonly #bytes: number[] = [];

  get empty(): boolean {
    return this.#bytes.length === 0;
  }

  /** With its NUL. */
  text(type: number, value: string): this {
    return this.raw(type, [...encoder.encode(value), 0]);
  }

  /** A u32 in host byte order. */
  number(type: number, value: number): this {
    return this.raw(type, [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
  }

  nested(type: number, inner: UserData): this {
    return this.raw(type, inner.#bytes);
  }

  raw(type: number, value: readonly number[]): this {
    this.#bytes.push(type, value.length, ...value);
    return this;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** The values by their types; of bytes that are no such list, what could be read. */
export function parseUserData(bytes: Uint8Array | undefined): ReadonlyMap<number, Uint8Array> {
  const values = new Map<number, Uint8Array>();
  if (bytes === undefined) return values;
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = bytes[at + 1]!;
    if (at + 2 + length > bytes.length) break;
    values.set(bytes[at]!, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return values;
}

export const userNumber = (value: Uint8Array | undefined): number | undefined =>
  value === undefined || value.length < 4 ? undefined : (value[0]! | (value[1]! << 8) | (value[2]! << 16) | (value[3]! << 24)) >>> 0;

export function userText(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return decoder.decode(end === -1 ? value : value.subarray(0, end));
}
