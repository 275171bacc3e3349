import { NFT_CT_DST, NFT_CT_SRC } from '../../../netlink/nfnl/expressions/ct.js';
import type * as ast from '../ast.js';
import { integerType, invalidType, stringType, verdictType } from '../datatypes/basic.js';
import { concatType } from '../datatypes/registry.js';
import { fail } from '../errors.js';
import * as make from '../parser/make.js';
import { concatShape, type Expected, isConstant, NOTHING_EXPECTED, sameKinds, shapeOf, valueBits } from './constants.js';
import type { Evaluation } from './evaluation.js';
import { checked } from './literals.js';
import { transferToSet } from './shifts.js';

/** Expressions made of others: concatenations, operations on bits, maps, and verdicts, which maps may give. */

/** Where keys of sets are made, an address of a connection has to be of one version of IP. */
function unspecificCt(e: ast.Expr): void {
  if (e.kind === 'ct' && (e.key === NFT_CT_SRC || e.key === NFT_CT_DST)) fail('specify either ip or ip6 for address matching', e.loc);
}

export function concat(context: Evaluation, e: ast.ConcatExpr, expected: Expected): ast.Expr {
  const types = expected.type.parts;
  if (types !== undefined && types.length < e.parts.length)
    fail('unexpected concat component, expecting ' + types.map((type) => type.description).join(' . '), e.parts[types.length]!.loc);
  if (expected.type !== invalidType && types === undefined)
    fail(`unexpected concat expression, expecting ${expected.type.description}`, e.loc);
  const parts = e.parts.map((part, index) => {
    const type = types?.[index];
    const wanted = type === undefined ? NOTHING_EXPECTED : context.sets.partExpected(index, type);
    const done = context.expression(part, wanted);
    unspecificCt(done);
    if (done.kind === 'setref' || done.kind === 'set')
      fail(`cannot use ${done.kind === 'set' ? 'set' : 'set reference'} in concatenation`, done.loc);
    return done;
  });
  if (types !== undefined && parts.length < types.length)
    fail(
      `datatype mismatch, expected ${expected.type.description}, expression has type ${concatType(parts.map((part) => part.type)).description}`,
      e.loc,
    );
  for (const part of parts)
    if (part.bits === 0) fail(`can not use variable sized data types (${part.type.description}) in concat expressions`, part.loc);
  return { ...e, parts, ...concatShape(parts) };
}

export function binop(context: Evaluation, e: ast.BinopExpr, expected: Expected): ast.Expr {
  const left = context.expression(e.left, expected);
  const shift = e.op === '<<' || e.op === '>>';
  const wanted: Expected = shift
    ? { type: integerType, bits: 32, byteorder: 'host' }
    : { type: left.type, bits: valueBits(left), byteorder: left.byteorder };
  const right = context.expression(e.right, wanted);
  if (left.kind === 'value' && right.kind === 'value') return checked({ ...left, loc: e.loc, value: fold(e.op, left, right.value) });
  if (shift && right.kind === 'value' && right.value > BigInt(left.bits))
    fail(
      `${e.op === '<<' ? 'Left' : 'Right'} shift of ${right.value} bits is undefined for type of ${left.bits} bits width`,
      right.loc,
      left.loc,
    );
  if (right.kind !== 'value') return fail(`Right hand side of binary operation (${e.op}) must be constant`, right.loc, e.loc);
  if (left.kind === 'value' || left.kind === 'list' || left.kind === 'set' || left.kind === 'range')
    return fail(`Binary operation (${e.op}) is undefined for constant expressions`, left.loc);
  return { ...make.binop(e.loc, e.op, left, right), ...shapeOf(left) };
}

export function map(context: Evaluation, e: ast.MapExpr, expected: Expected): ast.Expr {
  let key = context.expression(e.key);
  if (isConstant(key)) fail('Map expression key must not be constant', key.loc);
  unspecificCt(key);
  let mappings = e.mappings;
  if (mappings.kind === 'set') {
    const literal = context.sets.mapLiteral(mappings, key, expected);
    key = transferToSet(key, literal);
    mappings = context.sets.anonymous(literal, key, true, expected);
  } else if (mappings.kind === 'setref') {
    const set = context.ruleset.findSet(mappings.name, mappings.loc);
    if (set.dataType === undefined && set.objectType === undefined) fail('Expression is not a map', mappings.loc);
    if (!sameKinds(key.type, set.keyType))
      fail(
        `datatype mismatch, map expects ${set.keyType.description}, mapping expression has type ${key.type.description}`,
        mappings.loc,
        key.loc,
      );
    mappings = { ...mappings, set };
  } else fail('invalid mapping expression', mappings.loc, e.loc);
  const { set } = mappings as ast.SetRefExpr;
  if (expected.type !== verdictType && set!.dataType === verdictType && expected.type !== invalidType)
    fail('verdict map used as data map', e.loc);
  return {
    ...e,
    key: context.sets.lookupKey(key, set!),
    mappings,
    type: set!.dataType ?? stringType,
    bits: set!.dataBits ?? 0,
    byteorder: set!.dataByteorder ?? 'host',
  };
}

export function verdict(context: Evaluation, e: ast.Expr): ast.Expr {
  if (e.kind === 'map') {
    const done = map(context, e, { type: verdictType, bits: 0, byteorder: 'none' });
    if (done.type.id !== verdictType.id)
      fail(`datatype mismatch, expected ${verdictType.description}, expression has type ${done.type.description}`, e.loc);
    return done;
  }
  if (e.kind !== 'verdict') return fail('expected a verdict', e.loc);
  if (e.block !== undefined) context.ruleset.declareBlock(e.block);
  if (e.chain !== undefined && e.chain.kind !== 'symbol' && e.chain.kind !== 'value')
    return fail('invalid verdict chain expression', e.chain.loc);
  return e;
}

function fold(op: ast.BinaryOperator, left: ast.ValueExpr, right: bigint): bigint {
  switch (op) {
    case '&':
      return left.value & right;
    case '|':
      return left.value | right;
    case '^':
      return left.value ^ right;
    case '<<':
      return (left.value << right) & ((1n << BigInt(left.bits || 64)) - 1n);
    case '>>':
      return left.value >> right;
  }
}
