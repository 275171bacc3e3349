import type { AttributeShape } from '../../../../netlink/attributes.js';
import type { ExpressionSchema } from '../../../../netlink/nfnl/expression.js';
import { Expression, type ExpressionKind, expressionKind } from '../expression.js';
import { BREAK } from '../verdict.js';

/** An expression that is taken, kept and listed, and does not decide: its rule matches no packet. README: "What does not work yet". */
class Kept extends Expression {
  constructor(readonly values: Readonly<Record<string, unknown>>) {
    super();
  }

  run(): number {
    return BREAK;
  }

  describe() {
    return this.values;
  }
}

export const kept = <S extends AttributeShape>(schema: ExpressionSchema<S>): ExpressionKind<S> =>
  expressionKind(schema, (values) => new Kept(values));
