import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { makeCtExpectation } from './ct-expectation.js';
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

const keptTypes = new Set([
  objects.NFT_OBJECT_CT_TIMEOUT,
  objects.NFT_OBJECT_SYNPROXY,
  objects.NFT_OBJECT_SECMARK,
  objects.NFT_OBJECT_TUNNEL,
]);

/** Helpers that Linux has as modules; those of one version of IP alone. */
const helpers = new Set(['ftp', 'tftp', 'sip', 'irc', 'pptp', 'amanda', 'snmp', 'netbios-ns', 'sane', 'h323', 'RAS', 'Q.931']);

// Linux: nft_ct_helper_obj_init()
function checkHelper(values: Readonly<Record<string, unknown>>, { table }: ExpressionContext): void {
  const { name, l4proto, l3proto } = values as { name?: string; l4proto?: number; l3proto?: number };
  if (name === undefined || (l4proto ?? 0) === 0) fail(name === undefined ? EINVAL : ENOENT);
  const family = l3proto ?? table.family;
  const other = (table.family === NFPROTO_IPV4 && family === NFPROTO_IPV6) || (table.family === NFPROTO_IPV6 && family === NFPROTO_IPV4);
  if (other) fail(EINVAL);
  if (!helpers.has(name!)) fail(ENOENT);
}

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
      checkHelper(values, context);
      return new KeptObject(values);
    case objects.NFT_OBJECT_CT_EXPECT:
      return makeCtExpectation(numbers, context);
    default:
      return keptTypes.has(type) ? new KeptObject(values) : fail(EOPNOTSUPP);
  }
}
