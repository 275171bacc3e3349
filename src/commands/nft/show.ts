import type { Expr, Statement } from './ast.js';
import type { JsonValue, OutputStyle } from './datatypes/datatype.js';
import { exprJson, jsonOfMatch } from './json/expression.js';
import { printExpr } from './print/expression.js';
import { kindOf } from './statements/registry.js';

/** How things are shown: handed to the kinds of expressions and statements, which show what is inside of them by it. */
export interface Show {
  readonly style: OutputStyle;
  expr(e: Expr): string;
  exprJson(e: Expr): JsonValue;
  matchJson(e: Expr): JsonValue;
  statement(s: Statement): string;
  statementJson(s: Statement): JsonValue;
  /** The same without counts. */
  stateless(): Show;
  /** The same with numbers for names. */
  numeric(): Show;
  /** The same without names of protocols, services and users: ranges in JSON. */
  plainRange(): Show;
}

export function showWith(style: OutputStyle): Show {
  const show: Show = {
    style,
    expr: (e) => printExpr(e, show),
    exprJson: (e) => exprJson(e, show),
    matchJson: (e) => jsonOfMatch(e, show),
    statement: (s) => kindOf(s).print(s, show),
    statementJson: (s) => kindOf(s).json(s, show),
    stateless: () => (style.stateless ? show : showWith({ ...style, stateless: true })),
    plainRange: () => showWith({ ...style, numericProtocol: true, services: false, guid: false }),
    numeric: () =>
      showWith({
        ...style,
        numericProtocol: true,
        numericPriority: true,
        numericSymbol: true,
        numericTime: true,
        services: false,
        guid: false,
      }),
  };
  return show;
}
