import type { Namespace } from '../../../core/namespace.js';
import { Expression } from '../expression.js';
import type { Transaction } from '../transaction.js';

/** An expression that wants connections: packets are tracked while it is in a rule. */
export abstract class ConntrackUser extends Expression {
  /** Set when the expression is made (ExpressionContext). */
  namespace: Namespace | null = null;

  override activate(_transaction: Transaction): void {
    this.namespace?.conntrack.use();
  }

  override deactivate(_transaction: Transaction): void {
    this.namespace?.conntrack.unuse();
  }
}

/** For init(): the same with the namespace that the rule is in. */
export function inNamespace<T extends ConntrackUser>(expression: T, namespace: Namespace): T {
  expression.namespace = namespace;
  return expression;
}
