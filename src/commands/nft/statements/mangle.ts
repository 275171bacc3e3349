import type { Expr, MangleStatement, NotrackStatement, ResetOptionStatement } from '../ast.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import * as notrackWire from '../../../netlink/nfnl/expressions/notrack.js';
import { fail } from '../errors.js';
import { parseTcpOption } from '../expressions/exthdr.js';
import { selectorOf, isSelector } from '../expressions/selectors.js';
import type { StatementKind } from './statement.js';

/** Statements that change packets, or what is known of them: ... set VALUE, reset tcp option, notrack. */

export const mangle: StatementKind<MangleStatement> = {
  kind: 'mangle',
  // It begins with what is set: statements/match.ts.
  words: [],
  evaluate: (s, context) => context.mangle(s),
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
