import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import { makeCtExpectation } from './ct-expectation.js';
import { makeCtHelper } from './ct-helper.js';
import { makeCtTimeout } from './ct-timeout.js';
import type { ExpressionContext } from './expression.js';
import { makeConnlimit } from './expressions/connlimit.js';
import { Counter } from './expressions/counter.js';
import { makeLimit } from './expressions/limit.js';
import { makeQuota } from './expressions/quota.js';
import type { ObjectBehaviour } from './object.js';
import { CONTINUE } from './verdict.js';

type Values = Readonly<Record<string, number | undefined>>;

/** Objects that are kept and listed; what they put on a connection has no effect yet. */
class KeptObject implements ObjectBehaviour {
  constructor(readonly values: Readonly<Record<string, unknown>>) {}

  run(): number {
    return CONTINUE;
  }

  describe() {
    return this.values;
  }
}

const keptTypes = new Set([objects.NFT_OBJECT_SYNPROXY, objects.NFT_OBJECT_TUNNEL]);

/** What an object of `type` does. Throws what Linux answers to bad parameters. */
export function makeObject(type: number, values: Readonly<Record<string, unknown>>, context: ExpressionContext): ObjectBehaviour {
  const numbers = values as Values;
  switch (type) {
    case objects.NFT_OBJECT_COUNTER:
      return new Counter(numbers['packets'] ?? 0, numbers['bytes'] ?? 0);
    case objects.NFT_OBJECT_QUOTA:
      return makeQuota(numbers);
    case objects.NFT_OBJECT_LIMIT:
      return makeLimit(numbers, context);
    case objects.NFT_OBJECT_CONNLIMIT:
      return makeConnlimit(numbers, context);
    case objects.NFT_OBJECT_CT_HELPER:
      return makeCtHelper(values, context);
    case objects.NFT_OBJECT_CT_TIMEOUT:
      return makeCtTimeout(values, context);
    case objects.NFT_OBJECT_CT_EXPECT:
      return makeCtExpectation(numbers, context);
    case objects.NFT_OBJECT_SECMARK:
      // No security module is there that could say what a context is. Linux: nft_secmark_obj_init()
      return fail(values['ctx'] === undefined ? EINVAL : ENOENT);
    default:
      return keptTypes.has(type) ? new KeptObject(values) : fail(EOPNOTSUPP);
  }
}
