import { NFTA_FIB_F_PRESENT } from '../../../netlink/nfnl/expressions/fib.js';
import type * as ast from '../ast.js';
import { ifnameType, integerType, invalidType, stringType } from '../datatypes/basic.js';
import { booleanType, isBitmask } from '../datatypes/meta.js';
import { fail } from '../errors.js';
import * as make from '../parser/make.js';
import { type Expected, hton, isConstant, mapValues, sameKinds, valueBits } from './constants.js';
import type { Evaluation } from './evaluation.js';
import { learn, learnSet } from './learn.js';
import { transfer, transferToSet } from './shifts.js';

/** LEFT op RIGHT and LEFT & MASK op VALUE: the sides get one type, one byte order, and what a match tells of the headers is noted. */
export function condition(context: Evaluation, e: ast.Expr): ast.Expr {
  if (e.kind === 'flagcmp') return flagCompare(context, e);
  if (e.kind !== 'relational') return fail('expression is no condition', e.loc);
  let left = context.expression(e.left);
  if (left.kind === 'range' || left.kind === 'prefix' || left.kind === 'set' || left.kind === 'list')
    fail('Left hand side of relational expression must not be constant', left.loc, e.loc);
  if (isConstant(left))
    fail(left.type === invalidType ? `unknown expression` : 'Left hand side of relational expression must not be constant', left.loc);
  const expected: Expected = { type: left.type, bits: valueBits(left), byteorder: left.byteorder };
  let right =
    e.right.kind === 'setref'
      ? setReference(context, e.right, left)
      : context.sets.withParts(left, () => context.expression(e.right, expected));
  if (right.kind === 'set') right = onlyElement(right) ?? right;
  ({ left, right } = presence(left, right));
  if (right.kind !== 'setref') sameType(left, right);
  const { op } = e;
  switch (right.kind) {
    case 'setref':
    case 'set': {
      if (op !== 'implicit' && op !== '==' && op !== '!=') fail(`Operator ${op} is not supported for sets`, e.loc);
      let set: ast.Expr = right;
      if (right.kind === 'set') {
        left = transferToSet(left, right);
        set = context.sets.anonymous(right, left, false);
      }
      left = context.sets.lookupKey(left, (set as ast.SetRefExpr).set!);
      learnSet(context, left, right);
      return make.relational(e.loc, op, left, set);
    }
    case 'range': {
      if (op !== 'implicit' && op !== '==' && op !== '!=') fail(`invalid operator ${op}`, e.loc);
      ({ left, right } = transfer(left, right));
      ({ left, right } = bigEndian(left, right));
      return make.relational(e.loc, op, left, right);
    }
    case 'prefix':
      ({ left, right } = transfer(left, right));
      return make.relational(e.loc, op, left, right);
    default: {
      if (right.kind === 'list') fail('Right hand side of relational expression is no value', right.loc);
      ({ left, right } = transfer(left, right));
      if (op === '<' || op === '>' || op === '<=' || op === '>=') ({ left, right } = bigEndian(left, right));
      if (op === '!' && !isBitmask(left.type)) fail(`negation can only be used with singleton bitmask values`, e.loc);
      if (op === 'implicit' || op === '==') learn(context, left, right);
      // What is masked already is compared as it is.
      return make.relational(e.loc, op === 'implicit' && left.kind === 'binop' ? '==' : op, left, right);
    }
  }
}

function flagCompare(context: Evaluation, e: ast.FlagCmpExpr): ast.Expr {
  const left = context.expression(e.left);
  const expected: Expected = { type: left.type, bits: left.bits, byteorder: left.byteorder };
  if (!isBitmask(left.type)) fail(`${left.type.description} is not a bitmask`, e.loc);
  return { ...e, left, mask: bits(context.expression(e.mask, expected)), value: bits(context.expression(e.value, expected)) };
}

function bits(e: ast.Expr): ast.Expr {
  if (e.kind !== 'list') return e;
  let value = 0n;
  for (const item of e.items) value |= item.kind === 'value' ? item.value : 0n;
  return make.value(e.loc, e.type, e.bits, e.byteorder, value);
}

/** "fib ... oif exists": whether there is one is asked, not which. */
function presence(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
  if (left.kind !== 'fib' || right.kind !== 'value' || right.type !== booleanType) return { left, right };
  return {
    left: { ...left, flags: left.flags | NFTA_FIB_F_PRESENT, type: booleanType },
    right: { ...right, bits: left.bits, byteorder: 'host' },
  };
}

function sameType(left: ast.Expr, right: ast.Expr): void {
  if (right.type.id === left.type.id || right.kind === 'set' || right.type === integerType || left.type.base?.id === right.type.id) return;
  if (left.type.base === stringType || left.type === stringType) return;
  fail(`datatype mismatch, expected ${left.type.description}, expression has type ${right.type.description}`, right.loc, left.loc);
}

function setReference(context: Evaluation, e: ast.SetRefExpr, left: ast.Expr): ast.SetRefExpr {
  const set = context.ruleset.findSet(e.name, e.loc);
  if (!sameKinds(left.type, set.keyType))
    fail(`datatype mismatch, expected ${left.type.description}, expression has type ${set.keyType.description}`, e.loc, left.loc);
  return { ...e, set, type: set.keyType, bits: set.keyBits, byteorder: set.keyByteorder };
}

/** A set of one element is no set. */
function onlyElement(e: ast.SetExpr): ast.Expr | null {
  if (e.elements.length !== 1) return null;
  const [only] = e.elements;
  if (only!.key.kind === 'concat' || only!.key.kind === 'catchall' || only!.data !== undefined) return null;
  if (only!.key.kind === 'setref' || (only!.statements?.length ?? 0) > 0) return null;
  return only!.key;
}

/** Numbers are compared byte by byte: those of the host's order are turned round. */
function bigEndian(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
  if (left.byteorder !== 'host' || left.bits <= 8) return { left, right };
  if (left.type === ifnameType) return { left, right };
  return { left: hton(left), right: mapValues(right, (value) => ({ ...value, byteorder: 'big' })) };
}
