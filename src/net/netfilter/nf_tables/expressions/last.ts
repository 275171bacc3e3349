import { last as schema } from '../../../../netlink/nfnl/expressions/last.js';
import type { Stack } from '../../../core/stack.js';
import { Expression, expressionKind } from '../expression.js';
import { CONTINUE } from '../verdict.js';

class Last extends Expression {
  constructor(
    readonly stack: Stack,
    /** When it was passed; -1: never. */
    public seenUs: number,
  ) {
    super();
  }

  run(): number {
    this.seenUs = this.stack.nowUs;
    return CONTINUE;
  }

  override get stateful(): boolean {
    return true;
  }

  override clone(): Expression {
    return new Last(this.stack, -1);
  }

  describe() {
    return this.seenUs < 0 ? { set: 0, msecs: 0 } : { set: 1, msecs: Math.floor((this.stack.nowUs - this.seenUs) / 1000) };
  }
}

export const last = expressionKind(schema, (values, { namespace: { stack } }) => {
  const seen = (values.set ?? 0) !== 0 && values.msecs !== undefined ? stack.nowUs - values.msecs * 1000 : -1;
  return new Last(stack, seen);
});
