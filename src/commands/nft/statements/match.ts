import type { Expr, MatchStatement, Statement } from '../ast.js';
import { condition } from '../evaluate/conditions.js';
import * as make from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { StatementKind } from './statement.js';

/** What begins with an expression: a match, a map of verdicts, or something that is set. */
export function parseExpressionStatement(p: Parser): Statement {
  const left = p.concatExpression();
  if (p.acceptWord('vmap')) {
    const mappings = p.mapTarget();
    return { kind: 'verdict', expr: make.map(p.since(left.loc), left, mappings), loc: p.since(left.loc) };
  }
  if (p.isWord('set') && ['meta', 'ct', 'payload', 'exthdr'].includes(left.kind)) {
    p.take();
    const value = p.argument();
    return { kind: 'mangle', key: left, value, loc: p.since(left.loc) };
  }
  if (p.acceptWord('map')) {
    const target = p.mapTarget();
    const mapped = make.map(p.since(left.loc), left, target);
    return { kind: 'match', expr: relation(p, mapped), loc: p.since(left.loc) };
  }
  return { kind: 'match', expr: relation(p, left), loc: p.since(left.loc) };
}

const operators = ['==', '!=', '<=', '>=', '<', '>', '!'] as const;

function relation(p: Parser, left: Expr): Expr {
  // Behind "ct" this is a word of "ct count".
  if (left.kind === 'ct' && p.isWord('over')) return p.unexpectedAs('over');
  const operator = operators.find((sign) => p.isSign(sign));
  if (operator !== undefined) p.take();
  const right = p.rightExpression();
  if (p.isSign('/') && (operator === undefined || operator === '==' || operator === '!=')) {
    p.take();
    const mask = p.rightExpression();
    return {
      ...make.relational(p.since(left.loc), 'implicit', left, right),
      kind: 'flagcmp',
      left,
      mask,
      value: right,
      op: operator === '!=' ? '!=' : '==',
    };
  }
  return make.relational(p.since(left.loc), operator ?? 'implicit', left, right);
}

export const match: StatementKind<MatchStatement> = {
  kind: 'match',
  words: [],
  evaluate(s, context) {
    s.expr = condition(context, s.expr);
  },
  linearise: (s, code) => code.condition(s.expr),
  print: (s, show) => show.expr(s.expr),
  json: (s, show) => show.matchJson(s.expr),
  jsonNames: ['match'],
  fromJson: (_name, value, r) => ({ kind: 'match', expr: r.relation(value), loc: r.loc }),
};
