import type * as ast from '../ast.js';
import { isBitmask } from '../datatypes/meta.js';
import * as make from '../parser/make.js';
import { th } from '../protocols/transport.js';
import { LINK } from '../protocols/protocol.js';

/** A register of the kernel. */
const MOST_BITS = 128;
/** Loads of up to four bytes are the kernel's quick ones: above the link layer two of them are not made one slow one. */
const QUICK_BITS = 32;

interface Field {
  /** Where in the rule it stands. */
  index: number;
  readonly payload: ast.PayloadExpr;
  readonly value: ast.ValueExpr;
  /** It says what header follows. */
  readonly key: boolean;
  readonly loc: ast.MatchStatement['loc'];
}

function equality(s: ast.Statement, index: number): Field | null {
  if (s.kind !== 'match' || s.expr.kind !== 'relational') return null;
  const { left, right, op } = s.expr;
  if (left.kind !== 'payload' || right.kind !== 'value' || left.protocol === undefined || left.offset % 8 !== 0 || left.bits % 8 !== 0)
    return null;
  if (op !== '==' && op !== 'implicit') return null;
  if (op === 'implicit' && isBitmask(left.type)) return null;
  return { index, payload: left, value: right, key: left.field?.name === left.protocol.key, loc: s.loc };
}

function join(low: Field, high: Field): Field | null {
  const [a, b] = [low.payload, high.payload];
  const likes = a.protocol === b.protocol || a.protocol === th || b.protocol === th;
  if (a.base !== b.base || !likes || a.offset + a.bits !== b.offset) return null;
  const bits = a.bits + b.bits;
  const quick = a.bits <= QUICK_BITS && b.bits <= QUICK_BITS;
  if (bits > MOST_BITS || (a.base !== LINK && bits > QUICK_BITS && quick)) return null;
  const value = make.value(low.value.loc, low.value.type, bits, 'big', (low.value.value << BigInt(b.bits)) | high.value.value);
  // What says which header follows keeps its place: what reads that header stands behind it.
  // The same goes for ports of any transport before the one that is named.
  const place = high.key || (a.protocol === th && b.protocol !== th) ? high : low;
  return {
    index: place.index,
    payload: { ...a, protocol: place.payload.protocol!, bits },
    value,
    key: low.key || high.key,
    loc: place.loc,
  };
}

/** Neighbouring fields of a header that are compared are compared at once, wherever in the rule they stand: payload_do_merge() of nft. */
export function mergePayloads(statements: readonly ast.Statement[]): readonly ast.Statement[] {
  const fields = statements.map(equality).filter((field) => field !== null);
  if (fields.length < 2) return statements;
  fields.sort((a, b) => a.payload.base - b.payload.base || a.payload.offset - b.payload.offset);
  const out: (ast.Statement | null)[] = [...statements];
  let before = fields[0]!;
  for (const field of fields.slice(1)) {
    const both = join(before, field);
    if (both !== null) {
      out[before.index] = null;
      out[field.index] = null;
      out[both.index] = { kind: 'match', expr: make.relational(both.loc, '==', both.payload, both.value), loc: both.loc };
    }
    before = both ?? field;
  }
  return out.filter((statement) => statement !== null);
}
