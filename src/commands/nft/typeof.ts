import type { Expr } from './ast.js';
import { isSelector, selectorByTypeof, selectorOf } from './expressions/selectors.js';
import { nowhere } from './location.js';
import * as make from './parser/make.js';
import { parseUserData, UserData, userNumber } from './userdata.js';
import { concatType } from './datatypes/registry.js';

// libnftnl/udata.h
const TYPEOF_EXPR = 0;
const TYPEOF_DATA = 1;
const EXPR_CONCAT = 13;

function one(e: Expr): UserData | null {
  let plain = e;
  while (plain.kind === 'binop') plain = plain.left;
  if (!isSelector(plain)) return null;
  const kind = selectorOf(plain);
  const numbers = kind.typeof?.save(plain);
  if (kind.typeof === undefined || numbers === null || numbers === undefined) return null;
  const data = new UserData();
  for (const [type, value] of numbers) data.number(type, value);
  return new UserData().number(TYPEOF_EXPR, kind.typeof.id).nested(TYPEOF_DATA, data);
}

/** An expression of `typeof` for the userdata of a set; null where nft keeps none. */
export function saveTypeof(e: Expr): UserData | null {
  if (e.kind !== 'concat') return one(e);
  const data = new UserData();
  for (const [index, part] of e.parts.entries()) {
    const saved = one(part);
    if (saved === null) return null;
    data.nested(index, saved);
  }
  return new UserData().number(TYPEOF_EXPR, EXPR_CONCAT).nested(TYPEOF_DATA, data);
}

function restoreOne(bytes: Uint8Array): Expr | null {
  const values = parseUserData(bytes);
  const kind = selectorByTypeof(userNumber(values.get(TYPEOF_EXPR)) ?? -1);
  if (kind?.typeof === undefined) return null;
  const numbers = new Map([...parseUserData(values.get(TYPEOF_DATA))].map(([type, value]) => [type, userNumber(value) ?? 0]));
  return kind.typeof.restore(numbers, nowhere);
}

export function restoreTypeof(bytes: Uint8Array | undefined): Expr | null {
  if (bytes === undefined) return null;
  const values = parseUserData(bytes);
  if (userNumber(values.get(TYPEOF_EXPR)) !== EXPR_CONCAT) return restoreOne(bytes);
  const parts: Expr[] = [];
  for (const [, part] of parseUserData(values.get(TYPEOF_DATA))) {
    const restored = restoreOne(part);
    if (restored === null) return null;
    parts.push(restored);
  }
  return {
    ...make.concat(nowhere, parts),
    type: concatType(parts.map((part) => part.type)),
    bits: parts.reduce((bits, part) => bits + Math.ceil(part.bits / 32) * 32, 0),
  };
}
