import * as immediate from '../../../netlink/nfnl/expressions/immediate.js';
import type { VerdictStatement } from '../ast.js';
import { NFT_REG_VERDICT } from '../../../netlink/nfnl/data.js';
import * as compounds from '../evaluate/compounds.js';
import type { StatementKind } from './statement.js';

export const verdict: StatementKind<VerdictStatement> = {
  kind: 'verdict',
  words: ['accept', 'drop', 'continue', 'return', 'jump', 'goto'],
  parse(p, word) {
    p.untake(word);
    const expr = p.verdict();
    return { kind: 'verdict', expr, loc: expr.loc };
  },
  evaluate(s, context) {
    s.expr = compounds.verdict(context, s.expr);
  },
  linearise(s, code) {
    if (s.expr.kind === 'map') code.load(s.expr, NFT_REG_VERDICT);
    else code.emit(immediate.immediate, { dreg: NFT_REG_VERDICT, data: code.verdictData(s.expr) });
  },
  print: (s, show) => show.expr(s.expr),
  json: (s, show) => show.exprJson(s.expr),
  jsonNames: ['accept', 'drop', 'continue', 'return', 'jump', 'goto', 'vmap'],
  fromJson(name, value, r) {
    return { kind: 'verdict', expr: name === 'vmap' ? r.map(value) : r.verdict(name, value), loc: r.loc };
  },
  terminal: (s) => s.expr.kind === 'verdict' && s.expr.verb !== 'continue',
};
