import { NFT_META_L4PROTO } from '../../../netlink/nfnl/expressions/meta.js';
import type * as ast from '../ast.js';
import { integerType, stringType } from '../datatypes/basic.js';
import type { ByteOrder } from '../datatypes/datatype.js';
import { isBitmask } from '../datatypes/meta.js';
import { bytesValue, valueBytes } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { expr, plainOf, shiftedSet } from './fields.js';
import type { KnownHeaders } from './known-headers.js';
import { bitList, prefixLength, typed } from './values.js';

/** >= and <= one behind the other are a range, and < and > what is outside of one; nft looks at the kind of what is read only. */
export function joinRanges(statements: readonly ast.Statement[]): ast.Statement[] {
  const out: ast.Statement[] = [];
  for (const s of statements) {
    const before = out.at(-1);
    const first = before?.kind === 'match' && before.expr.kind === 'relational' ? before.expr : null;
    const second = s.kind === 'match' && s.expr.kind === 'relational' ? s.expr : null;
    const inside = first?.op === '>=' && second?.op === '<=';
    const outside = first?.op === '<' && second?.op === '>';
    if (first !== null && second !== null && (inside || outside) && plainOf(first.left).kind === plainOf(second.left).kind) {
      const range = make.range(nowhere, first.right, second.right);
      out[out.length - 1] = {
        kind: 'match',
        expr: make.relational(nowhere, inside ? 'implicit' : '!=', second.left, range),
        loc: nowhere,
      };
    } else out.push(s);
  }
  return out;
}

/** One comparison, or several fields' that were compared at once. */
export function match(known: KnownHeaders, s: ast.MatchStatement, e: ast.RelationalExpr): void {
  const fields = split(known, e);
  if (fields !== null) {
    for (const each of fields) match(known, { kind: 'match', expr: each, loc: nowhere }, each);
    return;
  }
  const left = expr(known, e.left);
  if (e.right.kind === 'setref') {
    const done = make.relational(nowhere, e.op, left, shiftedSet(e.right, left));
    known.out.push({ kind: 'match', expr: done, loc: nowhere });
    if (left.kind === 'meta' && left.key === NFT_META_L4PROTO) known.protocols.severalTransports = true;
    known.learnIcmpTypes(left, e.right);
    return;
  }
  const done = compare(e, left);
  const statement: ast.MatchStatement = { ...s, expr: done };
  known.out.push(statement);
  known.learn(statement, done);
}

/** Several fields that were compared at once. */
function split(known: KnownHeaders, e: ast.RelationalExpr): ast.RelationalExpr[] | null {
  const { left, right } = e;
  if (left.kind !== 'payload' || right.kind !== 'value' || (e.op !== '==' && e.op !== 'implicit')) return null;
  const protocol = known.protocolAt(left);
  if (protocol === undefined) return null;
  const start = left.offset - known.linkOffset(protocol, left.base);
  if (protocol.fields.some((field) => field.offset === start && field.bits >= left.bits && known.icmpFits(field))) return null;
  const bytes = valueBytes(right.value, right.bits, 'host');
  const out: ast.RelationalExpr[] = [];
  let at = start;
  while (at < start + left.bits) {
    const field = protocol.fields.find(
      (candidate) =>
        candidate.offset === at && candidate.bits % 8 === 0 && at + candidate.bits <= start + left.bits && known.icmpFits(candidate),
    );
    if (field === undefined) return null;
    const part = bytes.slice((at - start) / 8, (at - start + field.bits) / 8);
    const payload: ast.PayloadExpr = { ...left, offset: left.offset + (at - start), bits: field.bits };
    out.push(make.relational(nowhere, e.op, payload, make.value(nowhere, integerType, field.bits, 'host', bytesValue(part, 'host'))));
    at += field.bits;
  }
  return out.length > 1 ? out : null;
}

function compare(e: ast.RelationalExpr, left: ast.Expr): ast.Expr {
  let plain = left;
  while (plain.kind === 'unary') plain = plain.of;
  const turned = left.kind === 'unary';
  const order: ByteOrder = turned ? 'big' : plain.byteorder;
  if (e.right.kind === 'range') {
    const right = make.range(nowhere, typed(e.right.left, plain, order), typed(e.right.right, plain, order));
    return make.relational(nowhere, e.op === '==' ? 'implicit' : e.op, plain, right);
  }
  if (plain.kind === 'binop') return compareMasked(e, plain);
  const raw = e.right as ast.ValueExpr;
  // A name that was compared only at its beginning.
  if ((plain.type.base === stringType || plain.type === stringType) && raw.bits < plain.bits) {
    const value = make.value(nowhere, plain.type, raw.bits, 'host', raw.value);
    return make.relational(nowhere, e.op, plain, { ...make.prefix(nowhere, value, raw.bits) });
  }
  if (plain.kind === 'ct' && plain.byteorder === 'big' && raw.bits < plain.bits) {
    const first = bytesValue(valueBytes(raw.value, raw.bits, 'host'), 'big') << BigInt(plain.bits - raw.bits);
    return make.relational(nowhere, e.op, plain, make.prefix(nowhere, make.value(nowhere, plain.type, plain.bits, 'big', first), raw.bits));
  }
  if (plain.kind === 'payload' && plain.field !== undefined && raw.bits < plain.field.bits && !turned) {
    const bytes = valueBytes(raw.value, raw.bits, 'host');
    const value = make.value(
      nowhere,
      plain.field.type,
      plain.field.bits,
      'big',
      bytesValue(bytes, 'big') << BigInt(plain.field.bits - raw.bits),
    );
    return make.relational(nowhere, e.op, { ...plain, bits: plain.field.bits }, make.prefix(nowhere, value, raw.bits));
  }
  return make.relational(nowhere, e.op, plain, typed(raw, plain, order));
}

/** left & mask == value: a prefix, flags, or what it is. */
function compareMasked(e: ast.RelationalExpr, left: ast.BinopExpr): ast.Expr {
  const raw = e.right as ast.ValueExpr;
  const right = typed(raw, left, left.byteorder) as ast.ValueExpr;
  const mask = left.op === '&' && left.right.kind === 'value' ? left.right : null;
  if (mask === null) return make.relational(nowhere, e.op, left, right);
  const of = left.left;
  if (isBitmask(of.type) && (e.op === '==' || e.op === '!=')) {
    if (right.value === 0n) return make.relational(nowhere, e.op === '!=' ? 'implicit' : '!', of, { ...right, value: mask.value });
    if (of.kind !== 'binop' && (mask.value & (mask.value - 1n)) !== 0n)
      return {
        ...make.relational(nowhere, e.op, of, right),
        kind: 'flagcmp',
        left: of,
        mask: bitList(mask),
        value: bitList(right),
        op: e.op,
      };
  }
  const length = prefixLength(mask.value, mask.bits);
  if (length !== null && isPrefixType(of)) return make.relational(nowhere, e.op, of, make.prefix(nowhere, right, length));
  return make.relational(nowhere, e.op, left, right);
}

const isPrefixType = (e: ast.Expr): boolean => e.type.prefix === true && e.kind !== 'binop';
