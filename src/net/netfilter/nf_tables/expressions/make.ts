import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { type WireExpression, wireExpression } from '../../../../netlink/nfnl/expression.js';
import { connlimit } from '../../../../netlink/nfnl/expressions/connlimit.js';
import { NFT_SET_TIMEOUT } from '../../../../netlink/nfnl/nf-tables.js';
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

/** An expression as the sender describes it. EOPNOTSUPP: connections cannot be counted by elements that time out. Linux: nft_set_elem_expr_alloc() */
export function makeExpression(wire: WireExpression, context: ExpressionContext): RuleExpression {
  const made = initExpression(parseExpression(wire, context), context);
  if (wire.name === connlimit.name && context.set !== undefined && (context.set.flags & NFT_SET_TIMEOUT) !== 0) fail(EOPNOTSUPP);
  return made;
}

/** An expression as dumps have it. */
export const describeExpression = (part: RuleExpression, reset: boolean): WireExpression =>
  wireExpression(part.kind.of, part.expression.describe(reset));
