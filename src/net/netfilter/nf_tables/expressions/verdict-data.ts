import { EINVAL, ENOENT, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import type { Verdict } from '../../../../netlink/nfnl/data.js';
import type { Chain } from '../chain.js';
import type { ExpressionContext } from '../expression.js';
import { CONTINUE, GOTO, JUMP, NF_ACCEPT, NF_DROP, NF_QUEUE, RETURN, BREAK } from '../verdict.js';

const plain = new Set([NF_DROP, NF_ACCEPT, NF_QUEUE, CONTINUE, BREAK, RETURN]);

/** NFTA_VERDICT_*. EINVAL, ENOENT, EOPNOTSUPP (a base chain is not jumped to). Linux: nft_verdict_init() */
export function verdictOf(
  values: Verdict,
  context: Pick<ExpressionContext, 'table' | 'transaction'>,
): { code: number; chain: Chain | null } {
  const code = (values.code ?? fail(EINVAL)) | 0;
  if (plain.has(code)) return { code, chain: null };
  if (code !== JUMP && code !== GOTO) return fail(EINVAL);
  let chain: Chain | undefined;
  if (values.chain !== undefined) chain = context.table.chains.get(values.chain);
  else if (values.chainId !== undefined) chain = context.transaction.chainIds.get(values.chainId);
  else return fail(EINVAL);
  if (chain === undefined) return fail(ENOENT);
  if (chain.base !== null) return fail(EOPNOTSUPP);
  if (chain.bound) return fail(EINVAL);
  return { code, chain };
}

export const describeVerdict = (code: number, chain: Chain | null): Verdict => ({
  code: code >>> 0,
  ...(chain === null ? {} : { chain: chain.name }),
});
