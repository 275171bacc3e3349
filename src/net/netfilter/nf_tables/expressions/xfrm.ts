import { EINVAL, EOPNOTSUPP, ERANGE } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/xfrm.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import { FORWARD, LOCAL_IN, LOCAL_OUT, POST_ROUTING, PRE_ROUTING } from '../../../core/hooks.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, showRegister, storeRegister, wordsOf } from '../expression.js';
import { BREAK } from '../verdict.js';

const sizes = new Map([
  [keys.NFT_XFRM_KEY_DADDR_IP4, 4],
  [keys.NFT_XFRM_KEY_DADDR_IP6, 16],
  [keys.NFT_XFRM_KEY_SADDR_IP4, 4],
  [keys.NFT_XFRM_KEY_SADDR_IP6, 16],
  [keys.NFT_XFRM_KEY_REQID, 4],
  [keys.NFT_XFRM_KEY_SPI, 4],
]);
/** XFRM_MAX_DEPTH */
const MAX_DEPTH = 6;
const IN_HOOKS = [PRE_ROUTING, LOCAL_IN, FORWARD];
const OUT_HOOKS = [FORWARD, LOCAL_OUT, POST_ROUTING];

/** [ xfrm load in 0 reqid => reg 1 ]: no packet of this stack goes through IPsec, so that no rule with it matches. Linux: nft_xfrm_get_eval() */
class XfrmLoad extends Expression {
  constructor(
    readonly key: number,
    readonly direction: number,
    readonly depth: number,
    readonly word: number,
  ) {
    super();
  }

  run(): number {
    return BREAK;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(sizes.get(this.key)!)]];
  }

  // Linux: nft_xfrm_validate()
  override validate({ hook }: BaseChain): void {
    if (!(this.direction === keys.XFRM_POLICY_IN ? IN_HOOKS : OUT_HOOKS).includes(hook)) fail(EOPNOTSUPP);
  }

  describe() {
    return { dreg: showRegister(this.word), key: this.key, dir: this.direction, spnum: this.depth };
  }
}

export const xfrm = expressionKind(keys.xfrm, (values, { table }) => {
  if (table.family !== NFPROTO_IPV4 && table.family !== NFPROTO_IPV6 && table.family !== NFPROTO_INET) return fail(EOPNOTSUPP);
  const { key, dir, dreg } = values;
  if (key === undefined || dir === undefined || dreg === undefined) return fail(EINVAL);
  const bytes = sizes.get(key) ?? fail(EINVAL);
  if (dir !== keys.XFRM_POLICY_IN && dir !== keys.XFRM_POLICY_OUT) return fail(EINVAL);
  const depth = values.spnum ?? 0;
  if (depth >= MAX_DEPTH) return fail(ERANGE);
  return new XfrmLoad(key, dir, depth, storeRegister(dreg, bytes));
});
