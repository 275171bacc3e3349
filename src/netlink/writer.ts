import { NLA_F_NESTED, NLMSG_HDRLEN } from './constants.js';

const encoder = new TextEncoder();

/**
 * Builds netlink messages one behind the other in a growing buffer, in host (little endian) byte order.
 * Nesting is by marks: `const nest = w.beginNest(type); ...; w.endNest(nest)`.
 */
export class MessageWriter {
  bytes: Uint8Array;
  view: DataView;
  /** Where the next byte goes. */
  at = 0;
  #messageStart = 0;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.at = 0;
  }

  /** A copy of all that was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  begin(type: number, flags: number, sequence: number, portId: number): void {
    this.#messageStart = this.at;
    this.reserve(NLMSG_HDRLEN);
    const at = this.at;
    this.view.setUint32(at, 0, true);
    this.view.setUint16(at + 4, type, true);
    this.view.setUint16(at + 6, flags, true);
    this.view.setUint32(at + 8, sequence >>> 0, true);
    this.view.setUint32(at + 12, portId >>> 0, true);
    this.at += NLMSG_HDRLEN;
  }

  /** Closes the message that begin() opened: pads it and fills in its length. */
  end(): void {
    this.view.setUint32(this.#messageStart, this.at - this.#messageStart, true);
    this.pad();
  }

  /** Drops what was written since begin(). */
  abort(): void {
    this.at = this.#messageStart;
  }

  get messageStart(): number {
    return this.#messageStart;
  }

  u8(value: number): void {
    this.reserve(1);
    this.view.setUint8(this.at++, value);
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.at, value >>> 0, true);
    this.at += 4;
  }

  s32(value: number): void {
    this.u32(value);
  }

  /** A 64-bit number up to 2^53; it is written as two halves. Negative numbers are written as two's complement. */
  u64(value: number): void {
    this.u32((value % 0x1_0000_0000) | 0);
    this.u32(Math.floor(value / 0x1_0000_0000) | 0);
  }

  be16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.at, value);
    this.at += 2;
  }

  be32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.at, value >>> 0);
    this.at += 4;
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    // Addresses, which most are, are copied sooner than set() is called.
    if (length <= 16) for (let i = 0; i < length; i++) this.bytes[this.at + i] = bytes[i]!;
    else this.bytes.set(bytes, this.at);
    this.at += length;
  }

  /** Text of ASCII, one byte a letter; false, and nothing written: it has other letters. */
  ascii(text: string): boolean {
    const { length } = text;
    this.reserve(length);
    const { bytes, at } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[at + i] = code;
    }
    this.at = at + length;
    return true;
  }

  zeros(count: number): void {
    this.reserve(count);
    this.bytes.fill(0, this.at, this.at + count);
    this.at += count;
  }

  u32s(values: readonly number[] | Uint32Array): void {
    const { length } = values;
    this.reserve(length * 4);
    const { view } = this;
    let { at } = this;
    for (let i = 0; i < length; i++, at += 4) view.setUint32(at, values[i]! >>> 0, true);
    this.at = at;
  }

  /** Fills with zeros up to the next multiple of four. */
  pad(): void {
    const missing = -(this.at - this.#messageStart) & 3;
    if (missing === 0) return;
    this.reserve(missing);
    for (let i = 0; i < missing; i++) this.bytes[this.at++] = 0;
  }

  /** Opens an attribute whose payload follows; returns the mark for endAttribute(). */
  beginAttribute(type: number): number {
    this.reserve(4);
    const mark = this.at;
    this.view.setUint32(mark, (type << 16) >>> 0, true);
    this.at = mark + 4;
    return mark;
  }

  endAttribute(mark: number): void {
    this.view.setUint16(mark, this.at - mark, true);
    this.pad();
  }

  beginNest(type: number): number {
    return this.beginAttribute(type | NLA_F_NESTED);
  }

  endNest(mark: number): void {
    this.endAttribute(mark);
  }

  attributeU8(type: number, value: number): void {
    const mark = this.beginAttribute(type);
    this.u8(value);
    this.endAttribute(mark);
  }

  attributeU16(type: number, value: number): void {
    const mark = this.beginAttribute(type);
    this.u16(value);
    this.endAttribute(mark);
  }

  attributeU32(type: number, value: number): void {
    const mark = this.beginAttribute(type);
    this.u32(value);
    this.endAttribute(mark);
  }

  attributeBytes(type: number, value: Uint8Array): void {
    const mark = this.beginAttribute(type);
    this.raw(value);
    this.endAttribute(mark);
  }

  /** A string with its terminating NUL. */
  attributeString(type: number, value: string): void {
    const mark = this.beginAttribute(type);
    this.raw(encoder.encode(value));
    this.u8(0);
    this.endAttribute(mark);
  }

  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
