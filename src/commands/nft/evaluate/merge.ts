import type * as ast from '../ast.js';
import { isBitmask } from '../datatypes/meta.js';
import * as make from '../parser/make.js';
import { LINK } from '../protocols/protocol.js';

const MOST_BITS = 128;
/** Loads of up to four bytes are the kernel's quick ones: above the link layer longer ones do not pay. */
const QUICK_BITS = 32;

interface Field {
  readonly statement: ast.MatchStatement;
  readonly payload: ast.PayloadExpr;
  readonly value: ast.ValueExpr;
}

function equality(s: ast.Statement): Field | null {
  if (s.kind !== 'match' || s.expr.kind !== 'relational') return null;
  const { left, right, op } = s.expr;
  if (left.kind !== 'payload' || right.kind !== 'value' || left.protocol === undefined || left.offset % 8 !== 0 || left.bits % 8 !== 0)
    return null;
  if (op !== '==' && op !== 'implicit') return null;
  if (op === 'implicit' && isBitmask(left.type)) return null;
  return { statement: s, payload: left, value: right };
}

function joined(a: Field, b: Field): ast.MatchStatement | null {
  if (a.payload.base !== b.payload.base || a.payload.protocol !== b.payload.protocol) return null;
  const [low, high] = a.payload.offset < b.payload.offset ? [a, b] : [b, a];
  if (low.payload.offset + low.payload.bits !== high.payload.offset) return null;
  const bits = low.payload.bits + high.payload.bits;
  if (bits > MOST_BITS || (a.payload.base !== LINK && bits > QUICK_BITS)) return null;
  const payload: ast.PayloadExpr = { ...low.payload, bits };
  const value = make.value(low.value.loc, low.value.type, bits, 'big', (low.value.value << BigInt(high.payload.bits)) | high.value.value);
  return { kind: 'match', expr: make.relational(a.statement.loc, '==', payload, value), loc: a.statement.loc };
}

/** Neighbouring fields of a header that are compared one behind the other are compared at once. */
export function mergePayloads(statements: readonly ast.Statement[]): ast.Statement[] {
  const out: ast.Statement[] = [];
  for (const statement of statements) {
    const before = out.at(-1);
    const a = before === undefined ? null : equality(before);
    const b = equality(statement);
    const both = a === null || b === null ? null : joined(a, b);
    if (both === null) out.push(statement);
    else out[out.length - 1] = both;
  }
  return out;
}
