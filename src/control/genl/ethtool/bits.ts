import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import {
  type Bits,
  bitsOfBytes,
  combine,
  compactBitset,
  newBits,
  setBit,
  verboseBitset,
  type WireBit,
  type WireBitset,
} from '../../../netlink/genl/ethtool/bitset.js';
import { compact } from './object.js';

/** A bitset as the reader wants it. */
export const writeBits = (flags: number, size: number, value: Bits, mask: Bits | null, names: readonly string[] | null): WireBitset =>
  compact(flags) ? compactBitset(size, value, mask) : verboseBitset(size, value, mask, names);

/** What a bitset of a request asks for: of the bits in `mask` those in `value`. Linux: ethnl_parse_bitset() */
export function readBits(
  wire: WireBitset,
  size: number,
  names: readonly string[] | null,
  offset: number | undefined,
): { value: Bits; mask: Bits } {
  return wire.bits === undefined ? readCompact(wire, size, offset) : readVerbose(wire, size, names, offset);
}

/** A set with what a request asks of it. Linux: ethnl_update_bitset() */
export function updateBits(
  current: Bits,
  wire: WireBitset | undefined,
  size: number,
  names: readonly string[] | null,
  offset: number | undefined,
): Bits {
  if (wire === undefined) return current;
  const { value, mask } = readBits(wire, size, names, offset);
  return combine(
    combine(current, mask, (a, b) => a & ~b),
    combine(value, mask, (a, b) => a & b),
    (a, b) => a | b,
  );
}

function readCompact(wire: WireBitset, size: number, offset: number | undefined): { value: Bits; mask: Bits } {
  const declared = wire.size ?? fail(EINVAL, 'missing size in compact bitset', offset);
  const bytes = wire.value ?? fail(EINVAL, 'missing value in compact bitset', offset);
  const words = Math.ceil(declared / 32) * 4;
  if (bytes.length !== words) fail(EINVAL, 'bitset value length does not match size', offset);
  if (wire.noMask === true) {
    if (wire.mask !== undefined) fail(EINVAL, 'mask not allowed in bitset without mask', offset);
  } else if (wire.mask === undefined) fail(EINVAL, 'missing mask in compact bitset', offset);
  else if (wire.mask.length !== words) fail(EINVAL, 'bitset mask length does not match size', offset);
  const value = bitsOfBytes(bytes, Math.max(declared, size));
  const mask = wire.mask === undefined ? value.map(() => 0xffff_ffff) : bitsOfBytes(wire.mask, Math.max(declared, size));
  for (let i = size; i < declared; i++)
    if (((value[i >>> 5]! | (wire.mask === undefined ? 0 : mask[i >>> 5]!)) & (1 << (i & 31))) !== 0)
      fail(EOPNOTSUPP, 'cannot modify bits past kernel bitset size', offset);
  const length = Math.ceil(size / 32);
  return { value: value.slice(0, length), mask: mask.slice(0, length) };
}

function readVerbose(
  wire: WireBitset,
  size: number,
  names: readonly string[] | null,
  offset: number | undefined,
): { value: Bits; mask: Bits } {
  if (wire.value !== undefined) fail(EINVAL, 'value only allowed in compact bitset', offset);
  if (wire.mask !== undefined) fail(EINVAL, 'mask only allowed in compact bitset', offset);
  const value = newBits(size);
  const noMask = wire.noMask === true;
  const mask = noMask ? value.map(() => 0xffff_ffff) : newBits(size);
  for (const bit of wire.bits?.bits ?? []) {
    const index = indexOf(bit, size, names);
    setBit(value, index, noMask || bit.value === true);
    setBit(mask, index);
  }
  return { value, mask };
}

// Linux: ethnl_parse_bit()
function indexOf(bit: WireBit, size: number, names: readonly string[] | null): number {
  const { index, name, offset, nameOffset } = bit;
  if (index !== undefined) {
    if (index >= size) fail(EOPNOTSUPP, 'bit index too high', offset === undefined ? undefined : offset + 4);
    const own = names?.[index];
    if (name !== undefined && own !== undefined && own !== name) fail(EINVAL, 'bit index and name mismatch', offset);
    return index;
  }
  if (name === undefined) return fail(EINVAL, 'neither bit index nor name specified', offset);
  const found = name === '' ? -1 : (names?.indexOf(name) ?? -1);
  return found < 0 ? fail(EOPNOTSUPP, 'bit name not found', nameOffset) : found;
}
