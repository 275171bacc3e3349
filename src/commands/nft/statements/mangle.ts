import type { Expr, ExthdrExpr, MangleStatement, NotrackStatement, PayloadExpr, ResetOptionStatement, SelectorExpr } from '../ast.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import * as notrackWire from '../../../netlink/nfnl/expressions/notrack.js';
import { fail } from '../errors.js';
import { valueBits } from '../evaluate/constants.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import { parseTcpOption } from '../expressions/exthdr.js';
import { selectorOf, isSelector } from '../expressions/selectors.js';
import * as make from '../parser/make.js';
import type { StatementKind } from './statement.js';

/** Statements that change packets, or what is known of them: ... set VALUE, reset tcp option, notrack. */

/** What follows "set": written into packets by whole bytes, of TCP's flags by two. */
function evaluate(s: MangleStatement, context: Evaluation): void {
  const before = s.key;
  const key = before.kind === 'payload' || before.kind === 'exthdr' ? whole(before, context) : (context.expression(before) as SelectorExpr);
  const narrow = before.kind === 'payload' && before.field !== undefined ? before : key;
  const value = context.argument({ loc: { ...s.loc, end: s.value.loc.start } }, s.value, narrow.type, valueBits(narrow), narrow.byteorder);
  if (before.kind === 'payload' && key.kind === 'payload') {
    const first = key.offset + (before.offset % 8);
    const unit = before.protocol?.checksum === undefined ? 8 : 16;
    const start = Math.floor(first / unit) * unit;
    const bits = Math.ceil((first + before.bits - start) / unit) * unit;
    if (bits !== before.bits) {
      if (value.kind !== 'value') return fail('Right hand side of payload statement must be constant', value.loc);
      const shift = BigInt(bits - (first - start) - before.bits);
      const hole = ((1n << BigInt(before.bits)) - 1n) << shift;
      const load: PayloadExpr = { ...key, offset: start, bits };
      const constant = (number: bigint) => make.value(value.loc, key.type, bits, 'big', number);
      const masked = make.binop(value.loc, '&', load, constant(((1n << BigInt(bits)) - 1n) ^ hole));
      s.key = { ...load };
      s.value = make.binop(value.loc, '^', masked, constant(value.value << shift));
      return;
    }
  }
  s.key = key;
  s.value = value;
}

/** The bytes that hold a field, their dependencies added. */
function whole(e: PayloadExpr | ExthdrExpr, context: Evaluation): SelectorExpr {
  let done = context.expression({ ...e });
  while (done.kind === 'binop') done = done.left;
  if (done.kind === 'exthdr') return done;
  return done as PayloadExpr;
}

export const mangle: StatementKind<MangleStatement> = {
  kind: 'mangle',
  // It begins with what is set: statements/match.ts.
  words: [],
  evaluate,
  linearise(s, code) {
    const register = code.loadNew(s.value);
    code.release(s.value.bits);
    if (!isSelector(s.key)) return;
    selectorOf(s.key).store?.(s.key, register, code);
  },
  print: (s, show) => `${show.expr(s.key)} set ${show.expr(s.value)}`,
  json: (s, show) => ({ mangle: { key: show.exprJson(s.key), value: show.exprJson(s.value) } }),
  jsonNames: ['mangle'],
  fromJson: (_name, value, r) => ({
    kind: 'mangle',
    key: settable(r.expression(r.member(value, 'key'))),
    value: r.expression(r.member(value, 'value')),
    loc: r.loc,
  }),
};

function settable(e: Expr): Expr {
  return e.kind === 'meta' || e.kind === 'ct' || e.kind === 'payload' || e.kind === 'exthdr'
    ? e
    : fail('Invalid mangle statement key expression type.', e.loc);
}

export const notrack: StatementKind<NotrackStatement> = {
  kind: 'notrack',
  words: ['notrack'],
  parse: (p, word) => ({ kind: 'notrack', loc: p.since(word.loc) }),
  linearise: (_s, code) => code.emit(notrackWire.notrack, {}),
  print: () => 'notrack',
  json: () => ({ notrack: null }),
  jsonNames: ['notrack'],
  fromJson: (_name, _value, r) => ({ kind: 'notrack', loc: r.loc }),
};

export const resetOption: StatementKind<ResetOptionStatement> = {
  kind: 'optstrip',
  words: ['reset'],
  parse(p, word) {
    const tcp = p.expectWord('tcp');
    p.expectWord('option');
    const option = parseTcpOption(p, tcp);
    return { kind: 'optstrip', option, loc: p.since(word.loc) };
  },
  evaluate(s, context) {
    s.option = context.expression(s.option);
  },
  linearise(s, code) {
    if (s.option.kind === 'exthdr') code.emit(exthdrWire.exthdr, { type: s.option.number, op: exthdrWire.NFT_EXTHDR_OP_TCPOPT });
  },
  print: (s, show) => `reset ${show.expr(s.option)}`,
  json: (s, show) => ({ reset: show.exprJson(s.option) }),
  jsonNames: ['reset'],
  fromJson: (_name, value, r) => ({ kind: 'optstrip', option: r.expression(value), loc: r.loc }),
};
