import type * as ast from '../ast.js';
import { integerType, invalidType, stringText, verdictType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import type { Location } from '../location.js';

/** Makers of the tree's nodes. */

const untyped = (loc: Location) => ({ loc, type: invalidType, byteorder: 'none' as ByteOrder, bits: 0 });
export const typed = (loc: Location, type: Datatype, bits = type.bits, byteorder: ByteOrder = type.byteorder) => ({
  loc,
  type,
  byteorder,
  bits,
});

export const symbol = (loc: Location, text: string, quoted = false): ast.SymbolExpr => ({
  kind: 'symbol',
  text,
  ...(quoted ? { quoted } : {}),
  ...untyped(loc),
});
export const setRef = (loc: Location, name: string): ast.SetRefExpr => ({ kind: 'setref', name, ...untyped(loc) });
export const value = (loc: Location, type: Datatype, bits: number, byteorder: ByteOrder, number: bigint): ast.ValueExpr => ({
  kind: 'value',
  value: number,
  ...typed(loc, type, bits, byteorder),
});
export const number = (loc: Location, text: string): ast.ValueExpr => ({
  kind: 'value',
  value: BigInt(text),
  ...typed(loc, integerType, 64, 'host'),
});
export const prefix = (loc: Location, of: ast.Expr, length: number): ast.PrefixExpr => ({
  kind: 'prefix',
  of,
  length,
  ...typed(loc, of.type, of.bits, of.byteorder),
});
export const range = (loc: Location, left: ast.Expr, right: ast.Expr): ast.RangeExpr => ({
  kind: 'range',
  left,
  right,
  ...typed(loc, left.type, left.bits, left.byteorder),
});
export const concat = (loc: Location, parts: ast.Expr[]): ast.ConcatExpr => ({ kind: 'concat', parts, ...untyped(loc) });
export const list = (loc: Location, items: ast.Expr[]): ast.ListExpr => ({ kind: 'list', items, ...untyped(loc) });
export const set = (loc: Location, elements: ast.ElementExpr[]): ast.SetExpr => ({ kind: 'set', elements, ...untyped(loc) });
export const element = (loc: Location, key: ast.Expr): ast.ElementExpr => ({
  kind: 'element',
  key,
  ...typed(loc, key.type, key.bits, key.byteorder),
});
export const catchall = (loc: Location): ast.CatchallExpr => ({ kind: 'catchall', ...untyped(loc) });
export const map = (loc: Location, key: ast.Expr, mappings: ast.Expr): ast.MapExpr => ({ kind: 'map', key, mappings, ...untyped(loc) });
export const binop = (loc: Location, op: ast.BinaryOperator, left: ast.Expr, right: ast.Expr): ast.BinopExpr => ({
  kind: 'binop',
  op,
  left,
  right,
  ...typed(loc, left.type, left.bits, left.byteorder),
});
export const relational = (loc: Location, op: ast.RelationalOperator, left: ast.Expr, right: ast.Expr): ast.RelationalExpr => ({
  kind: 'relational',
  op,
  left,
  right,
  ...typed(loc, verdictType, 0),
});
export const verdict = (loc: Location, verb: ast.VerdictExpr['verb'], chain?: ast.Expr): ast.VerdictExpr => ({
  kind: 'verdict',
  verb,
  ...(chain === undefined ? {} : { chain }),
  ...typed(loc, verdictType, 0),
});

/** Of a value of a type of strings, the text. */
export const stringOf = (e: ast.ValueExpr): string => stringText(e.value);
