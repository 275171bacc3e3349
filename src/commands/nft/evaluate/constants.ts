import type * as ast from '../ast.js';
import { invalidType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { concatType } from '../datatypes/registry.js';

/** What is true of expressions without any ruleset. */

/** What is wanted where an expression stands. */
export interface Expected {
  readonly type: Datatype;
  readonly bits: number;
  readonly byteorder: ByteOrder;
}

export const NOTHING_EXPECTED: Expected = { type: invalidType, bits: 0, byteorder: 'none' };

export const shapeOf = (e: Expected): Expected => ({ type: e.type, bits: e.bits, byteorder: e.byteorder });

/** Of a concatenation: each part begins at a register of 32 bits. */
export const concatShape = (parts: readonly ast.Expr[]): Expected => ({
  type: concatType(parts.map((part) => part.type)),
  bits: parts.reduce((bits, part) => bits + Math.ceil(part.bits / 32) * 32, 0),
  byteorder: 'none',
});

/** Bits of the values that it has: of a part of a byte fewer than those of the register. */
export const valueBits = (e: ast.Expr): number => (e.kind === 'binop' && e.narrow !== undefined ? e.narrow : e.bits);

export const maskOf = (length: number, bits: number): bigint => ((1n << BigInt(length)) - 1n) << BigInt(bits - length);

export function isConstant(e: ast.Expr): boolean {
  switch (e.kind) {
    case 'value':
    case 'symbol':
    case 'catchall':
    case 'verdict':
      return true;
    case 'prefix':
      return isConstant(e.of);
    case 'range':
      return isConstant(e.left) && isConstant(e.right);
    case 'concat':
      return e.parts.every(isConstant);
    case 'list':
      return e.items.every(isConstant);
    case 'set':
      return true;
    case 'element':
      return isConstant(e.key);
    default:
      return false;
  }
}

export function sameKinds(a: Datatype, b: Datatype): boolean {
  if (a.parts !== undefined || b.parts !== undefined) {
    const left = a.parts ?? [a];
    const right = b.parts ?? [b];
    return left.length === right.length && left.every((part, index) => sameKinds(part, right[index]!));
  }
  const related = (x: Datatype, y: Datatype): boolean => x.id === y.id || (x.base !== undefined && related(x.base, y));
  return related(a, b) || related(b, a);
}

/** Does something to all values in a constant. */
export function mapValues(e: ast.Expr, change: (value: ast.ValueExpr) => ast.ValueExpr): ast.Expr {
  switch (e.kind) {
    case 'value':
      return change(e);
    case 'range': {
      const left = mapValues(e.left, change);
      return { ...e, left, right: mapValues(e.right, change), bits: left.bits, byteorder: left.byteorder };
    }
    case 'prefix': {
      const of = mapValues(e.of, change);
      return { ...e, of, bits: of.bits, byteorder: of.byteorder };
    }
    case 'set':
      return { ...e, elements: e.elements.map((element) => ({ ...element, key: mapValues(element.key, change) })) };
    default:
      return e;
  }
}

export const hton = (of: ast.Expr): ast.UnaryExpr => ({
  kind: 'unary',
  op: 'hton',
  of,
  loc: of.loc,
  type: of.type,
  bits: of.bits,
  byteorder: 'big',
});
