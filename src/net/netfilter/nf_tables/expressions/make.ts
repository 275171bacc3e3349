import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { type WireExpression, wireExpression } from '../../../../netlink/nfnl/expression.js';
import { Deferred } from '../../../../netlink/schema.js';
import { needExpression } from '../autoload.js';
import type { ExpressionContext, ExpressionKind } from '../expression.js';
import type { RuleExpression } from '../rule.js';
import { expressionOf } from './lookup-kind.js';

/** An expression of a known kind, with what the sender says of it. */
interface ParsedExpression {
  readonly kind: ExpressionKind;
  readonly values: Parameters<ExpressionKind['init']>[0];
}

/** ENOENT: of no known kind. EAGAIN: its module has to be loaded first. Linux: nf_tables_expr_parse() */
export function parseExpression(wire: WireExpression, { namespace, table, transaction }: ExpressionContext): ParsedExpression {
  const name = wire.name ?? fail(EINVAL);
  const found = expressionOf(name);
  needExpression({ modules: namespace.stack.modules, transaction }, table.family, name, found !== undefined);
  const kind: ExpressionKind = found ?? fail(ENOENT);
  return { kind, values: (wire.data ?? Deferred.empty).parse(kind.of.attributes) };
}

/** Linux: nf_tables_newexpr() */
export const initExpression = ({ kind, values }: ParsedExpression, context: ExpressionContext): RuleExpression => ({
  kind,
  expression: kind.init(values, context),
});

/** An expression as the sender describes it. */
export const makeExpression = (wire: WireExpression, context: ExpressionContext): RuleExpression =>
  initExpression(parseExpression(wire, context), context);

/** An expression as dumps have it. */
export const describeExpression = (part: RuleExpression, reset: boolean): WireExpression =>
  wireExpression(part.kind.of, part.expression.describe(reset));
