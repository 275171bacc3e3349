import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { flowOffload as schema } from '../../../../netlink/nfnl/expressions/flow-offload.js';
import type { Flowtable } from '../flowtable.js';
import { expressionKind } from '../expression.js';
import type { Transaction } from '../transaction.js';
import { CONTINUE } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';

/** The connection may take the flowtable's short way. It takes the ordinary one, with the same result: README. */
class FlowOffload extends ConntrackUser {
  constructor(readonly flowtable: Flowtable) {
    super();
  }

  run(): number {
    return CONTINUE;
  }

  override activate(transaction: Transaction): void {
    super.activate(transaction);
    this.flowtable.use++;
  }

  override deactivate(transaction: Transaction): void {
    super.deactivate(transaction);
    this.flowtable.use--;
  }

  describe() {
    return { tableName: this.flowtable.name };
  }
}

export const flowOffload = expressionKind(schema, (values, { table, namespace }) => {
  const flowtable = table.flowtables.get(values.tableName ?? fail(EINVAL)) ?? fail(ENOENT);
  return inNamespace(new FlowOffload(flowtable), namespace);
});
