import type * as ast from '../ast.js';
import { integerType, invalidType, stringType } from '../datatypes/basic.js';
import { type ByteOrder, type Datatype, parseSymbol, TypeProblem } from '../datatypes/datatype.js';
import { booleanType, isBitmask } from '../datatypes/meta.js';
import { fail } from '../errors.js';
import * as make from '../parser/make.js';
import { type Expected, maskOf, NOTHING_EXPECTED, shapeOf } from './constants.js';
import type { Evaluation } from './evaluation.js';

/** Words and numbers, and what is written with them alone: prefixes, ranges, lists of flags. */

const order = (expected: Expected, type: Datatype): ByteOrder => {
  if (expected.byteorder !== 'none') return expected.byteorder;
  return type.byteorder === 'none' ? 'host' : type.byteorder;
};
const parsedString = (text: string): bigint => stringType.parse!(text, undefined as never) as bigint;

export function symbol(context: Evaluation, e: ast.SymbolExpr, expected: Expected): ast.Expr {
  let { type } = expected;
  if (expected === NOTHING_EXPECTED) return fail('No symbol type information', e.loc);
  if (type === invalidType) return fail(`Can't parse symbolic ${type.description} expressions`, e.loc);
  if (e.text === '' && type.base === stringType) return fail('Empty string is not allowed', e.loc);
  if (e.text === '' && type === stringType) return fail('Empty string is not allowed', e.loc);
  if (type.parts !== undefined) return fail(`invalid data type, expected ${type.description}`, e.loc);
  if ((e.text === 'exists' || e.text === 'missing') && !e.quoted && type !== booleanType && type.base !== stringType) type = booleanType;
  let parsed: bigint | readonly bigint[];
  try {
    parsed = parseSymbol(type, e.text, context.names);
  } catch (error) {
    if (error instanceof TypeProblem) return fail(error.message, e.loc);
    throw error;
  }
  if (Array.isArray(parsed)) {
    const keys = parsed.map((value: bigint) => make.element(e.loc, make.value(e.loc, type, expected.bits, expected.byteorder, value)));
    return { ...make.set(e.loc, keys), ...shapeOf({ ...expected, type }) };
  }
  const value = make.value(e.loc, type, expected.bits || type.bits, order(expected, type), parsed as bigint);
  return type === stringType || type.base === stringType ? string(value, e.text) : checked(value);
}

/** Names may end in an asterisk. */
function string(value: ast.ValueExpr, text: string): ast.Expr {
  const most = value.bits / 8;
  const length = new TextEncoder().encode(text).length;
  if (most > 0 && length > most) fail(`String exceeds maximum length of ${most}`, value.loc);
  if (!text.endsWith('*')) return value;
  // "a\*" stands for "a*"; the backslash of a quoted word is in the name.
  if (text.endsWith('\\*')) return { ...value, value: parsedString(`${text.slice(0, -2)}*`) };
  if (text.length === 1) return fail('All-wildcard strings are not supported', value.loc);
  const short = { ...value, value: parsedString(text.slice(0, -1)) };
  return { ...make.prefix(value.loc, short, (length - 1) * 8), type: value.type, bits: value.bits, byteorder: value.byteorder };
}

export function checked(value: ast.ValueExpr): ast.ValueExpr {
  if (value.bits === 0) return value;
  const most = (1n << BigInt(value.type.bits === 1 ? 1 : value.bits)) - 1n;
  if (value.value > most) fail(`Value ${value.value} exceeds valid range 0-${most}`, value.loc);
  return value;
}

export function prefix(context: Evaluation, e: ast.PrefixExpr, expected: Expected): ast.Expr {
  const of = context.expression(e.of, expected);
  if (of.kind !== 'value') return fail(`Prefix expression is undefined for ${of.type.description} expressions`, e.loc);
  const { type } = of;
  if (type.prefix !== true && type.id !== integerType.id && type.base?.id !== integerType.id)
    fail(`Prefix expression expected integer value`, e.loc);
  if (e.length > of.bits) fail(`Prefix length ${e.length} is invalid for type of ${of.bits} bits width`, e.loc);
  const mask = maskOf(e.length, of.bits);
  return { ...make.prefix(e.loc, { ...of, value: of.value & mask }, e.length), ...shapeOf(of) };
}

export function range(context: Evaluation, e: ast.RangeExpr, expected: Expected): ast.Expr {
  const left = context.expression(e.left, expected);
  const right = context.expression(e.right, expected);
  if (left.kind === 'value' && right.kind === 'value' && left.value > right.value) fail('Range has zero or negative size', e.loc);
  if (left.type.base === stringType) fail(`Range expression is undefined for ${left.type.description} types`, left.loc, e.loc);
  return { ...make.range(e.loc, left, right), ...shapeOf(left) };
}

export function list(context: Evaluation, e: ast.ListExpr, expected: Expected): ast.Expr {
  const items = e.items.map((item) => context.expression(item, expected));
  const type = items[0]!.type;
  if (!isBitmask(type)) return { ...e, items, ...shapeOf(items[0]!) };
  let value = 0n;
  for (const item of items) {
    if (item.kind !== 'value') return fail('List member is no value', item.loc);
    value |= item.value;
  }
  return make.value(e.loc, type, items[0]!.bits, items[0]!.byteorder, value);
}
