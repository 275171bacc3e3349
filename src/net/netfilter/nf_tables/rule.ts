import type { Chain } from './chain.js';
import type { Expression, ExpressionKind } from './expression.js';
import type { Transaction } from './transaction.js';

/** An expression with its kind, which describes it. */
export interface RuleExpression {
  readonly kind: ExpressionKind;
  readonly expression: Expression;
}

/** A rule (struct nft_rule). */
export class Rule {
  readonly chain: Chain;
  readonly handle: number;
  readonly parts: readonly RuleExpression[];
  readonly expressions: readonly Expression[];
  userdata: Uint8Array | undefined;

  constructor(chain: Chain, handle: number, parts: readonly RuleExpression[], userdata: Uint8Array | undefined) {
    this.chain = chain;
    this.handle = handle;
    this.parts = parts;
    this.expressions = parts.map((part) => part.expression);
    this.userdata = userdata;
  }

  activate(transaction: Transaction): void {
    for (const expression of this.expressions) expression.activate(transaction);
  }

  deactivate(transaction: Transaction): void {
    for (const expression of this.expressions) expression.deactivate(transaction);
  }
}
