import type * as ast from '../ast.js';
import type { ByteOrder } from '../datatypes/datatype.js';
import { bytesValue, valueBytes } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';

/** Bytes as a value of the type that they are compared with. */
export function typed(e: ast.Expr, like: ast.Expr, byteorder: ByteOrder): ast.Expr {
  if (e.kind !== 'value') return e;
  if (like.kind === 'concat') return typedParts(e, like);
  const bytes = valueBytes(e.value, e.bits, 'host');
  let value = bytesValue(bytes, byteorder === 'big' ? 'big' : 'host');
  const shift = like.kind === 'payload' || like.kind === 'exthdr' ? (like.shift ?? 0) : 0;
  if (shift > 0) value >>= BigInt(shift);
  const bits = like.kind === 'payload' && like.field !== undefined && shift > 0 ? like.field.bits : e.bits;
  return make.value(nowhere, like.type, bits, like.byteorder, value);
}

function typedParts(e: ast.ValueExpr, like: ast.ConcatExpr): ast.Expr {
  const bytes = valueBytes(e.value, e.bits, 'host');
  let at = 0;
  const parts = like.parts.map((part) => {
    const length = Math.ceil(part.bits / 8);
    const value = make.value(
      nowhere,
      part.type,
      part.bits,
      part.byteorder,
      bytesValue(bytes.slice(at, at + length), part.byteorder === 'big' ? 'big' : 'host'),
    );
    at += Math.ceil(length / 4) * 4;
    return value;
  });
  return { ...make.concat(nowhere, parts), type: like.type, bits: like.bits };
}

export const bitList = (e: ast.ValueExpr): ast.Expr => ({ ...e, symbolic: 'flags' });

/** Of a mask of ones from the highest bit on, how many. */
export function prefixLength(mask: bigint, bits: number): number | null {
  if (mask === 0n) return 0;
  const text = mask.toString(2).padStart(bits, '0');
  return /^1+0*$/.test(text) ? text.lastIndexOf('1') + 1 : null;
}

/** Addresses from one to the last of a prefix are shown as that. */
export function rangeOrPrefix(e: ast.RangeExpr): ast.Expr {
  if (e.left.kind !== 'value' || e.right.kind !== 'value') return e;
  const difference = e.left.value ^ e.right.value;
  const bits = difference === 0n ? 0 : difference.toString(2).length;
  if (difference !== (1n << BigInt(bits)) - 1n || (e.left.value & difference) !== 0n || bits === 0) return e;
  if (e.left.type.prefix !== true) return e;
  return make.prefix(e.loc, e.left, e.left.bits - bits);
}
