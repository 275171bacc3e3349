import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { type WireExpression, wireExpression } from '../../../../netlink/nfnl/expression.js';
import { Deferred } from '../../../../netlink/schema.js';
import type { ExpressionContext, ExpressionKind } from '../expression.js';
import type { RuleExpression } from '../rule.js';
import { expressionOf } from './lookup-kind.js';

/** An expression as the sender describes it. ENOENT: of no known kind. */
export function makeExpression(wire: WireExpression, context: ExpressionContext): RuleExpression {
  const kind: ExpressionKind = expressionOf(wire.name ?? fail(EINVAL)) ?? fail(ENOENT);
  const values = (wire.data ?? Deferred.empty).parse(kind.of.attributes);
  return { kind, expression: kind.init(values, context) };
}

/** An expression as dumps have it. */
export const describeExpression = (part: RuleExpression, reset: boolean): WireExpression =>
  wireExpression(part.kind.of, part.expression.describe(reset));
