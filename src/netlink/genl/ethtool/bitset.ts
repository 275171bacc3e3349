import {
  type AttributeCodec,
  attributes,
  binary,
  flag,
  nest,
  many,
  string,
  u32,
  type AttributesOf,
  type Source,
} from '../../attributes.js';
import { NLA_HDRLEN } from '../../constants.js';

/** A set of bits: words of 32, the lowest first. */
export type Bits = Uint32Array;

export const newBits = (size: number): Bits => new Uint32Array(Math.ceil(size / 32));
export const hasBit = (bits: Bits, index: number) => ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;

export function setBit(bits: Bits, index: number, value = true): void {
  if (value) bits[index >>> 5]! |= 1 << (index & 31);
  else bits[index >>> 5]! &= ~(1 << (index & 31));
}

export function bitsOf(size: number, indexes: Iterable<number>): Bits {
  const bits = newBits(size);
  for (const index of indexes) setBit(bits, index);
  return bits;
}

/** The bits of a 32-bit word. */
export const wordBits = (word: number): Bits => Uint32Array.of(word >>> 0);

export const combine = (a: Bits, b: Bits, by: (x: number, y: number) => number): Bits => a.map((word, i) => by(word, b[i] ?? 0) >>> 0);
export const equalBits = (a: Bits, b: Bits) => a.length === b.length && a.every((word, i) => word === b[i]);
export const isEmpty = (bits: Bits) => bits.every((word) => word === 0);

/** One bit of the verbose form, and where it and its name lie in the message. */
export interface WireBit {
  readonly index?: number | undefined;
  readonly name?: string | undefined;
  readonly value?: boolean | undefined;
  readonly offset?: number;
  readonly nameOffset?: number;
}

const bitTable = attributes('ETHTOOL_A_BITSET_BIT', { index: u32(1), name: string(2), value: flag(3) });

/** ETHTOOL_A_BITSET_BITS_BIT, which knows where it stood, for extended ACKs. */
const bit: AttributeCodec<WireBit> = {
  type: 1,
  nested: true,
  read(source: Source, start, end) {
    const values = bitTable.parse(source, start, end);
    const offset = start - NLA_HDRLEN - source.base;
    return { ...values, offset, nameOffset: offset + NLA_HDRLEN + (values.index === undefined ? 0 : 8) };
  },
  write: (writer, { index, name, value }) => bitTable.write(writer, { index, name, value }),
};

const bitsTable = attributes('ETHTOOL_A_BITSET_BITS', { bits: many(bit) });

/** ETHTOOL_A_BITSET_*: compact with `value` and `mask`, or verbose with `bits`. */
export const bitsetTable = attributes('ETHTOOL_A_BITSET', {
  noMask: flag(1),
  size: u32(2),
  bits: nest(3, bitsTable),
  value: binary(4),
  mask: binary(5),
});
export type WireBitset = AttributesOf<typeof bitsetTable>;
export const bitset = (type: number): AttributeCodec<WireBitset> => nest(type, bitsetTable);

const bytesOfBits = (bits: Bits): Uint8Array => {
  const bytes = new Uint8Array(bits.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of bits.entries()) view.setUint32(i * 4, word, true);
  return bytes;
};

/** Words out of bytes; what is behind `size` bits is left out. */
export function bitsOfBytes(bytes: Uint8Array, size: number): Bits {
  const bits = newBits(size);
  for (let i = 0; i < size && i >>> 3 < bytes.length; i++) if ((bytes[i >>> 3]! & (1 << (i & 7))) !== 0) setBit(bits, i);
  return bits;
}

/** The compact form; `mask` null: a plain list. */
export const compactBitset = (size: number, value: Bits, mask: Bits | null): WireBitset => ({
  ...(mask === null ? { noMask: true } : {}),
  size,
  value: bytesOfBits(value),
  ...(mask === null ? {} : { mask: bytesOfBits(mask) }),
});

/** The verbose form. `names` gives what each bit is called; one without a name is told by its index alone. Linux: ethnl_put_bitset32() */
export function verboseBitset(size: number, value: Bits, mask: Bits | null, names: readonly string[] | null): WireBitset {
  const bits: WireBit[] = [];
  for (let index = 0; index < size; index++) {
    if (!hasBit(mask ?? value, index)) continue;
    const name = names?.[index];
    bits.push({
      index,
      ...(name === undefined || name === '' ? {} : { name }),
      ...(mask !== null && hasBit(value, index) ? { value: true } : {}),
    });
  }
  return { ...(mask === null ? { noMask: true } : {}), size, bits: { bits } };
}

/** What a bitset of an answer says: its bits, and which of them it speaks of (all, in a list without a mask). */
export interface ReadBits {
  readonly size: number;
  readonly value: Bits;
  readonly mask: Bits;
}

/** Reads a bitset of an answer, compact or verbose (by index). */
export function readBitset(wire: WireBitset | undefined): ReadBits | null {
  if (wire === undefined) return null;
  const size = wire.size ?? 0;
  if (wire.value !== undefined) {
    const value = bitsOfBytes(wire.value, size);
    return { size, value, mask: wire.mask === undefined ? value : bitsOfBytes(wire.mask, size) };
  }
  const value = newBits(size);
  const mask = newBits(size);
  for (const { index, value: on } of wire.bits?.bits ?? []) {
    if (index === undefined || index >= size) continue;
    setBit(mask, index);
    if (on === true || wire.noMask === true) setBit(value, index);
  }
  return { size, value, mask };
}
