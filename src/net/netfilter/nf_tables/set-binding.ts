import { NFT_DATA_VERDICT } from '../../../netlink/nfnl/data.js';
import { NFT_SET_ANONYMOUS } from '../../../netlink/nfnl/nf-tables.js';
import type { ExpressionContext } from './expression.js';
import type { NftSet } from './set.js';
import type { Transaction } from './transaction.js';

/** A set by its name, or by the number that it has in this batch. Linux: nft_set_lookup_global() */
export function findSet(context: Pick<ExpressionContext, 'table' | 'transaction'>, name?: string, id?: number): NftSet | undefined {
  const named = name === undefined ? undefined : context.table.sets.get(name);
  if (named !== undefined) return named;
  const set = id === undefined ? undefined : context.transaction.setIds.get(id);
  return set?.table === context.table ? set : undefined;
}

export function bindSet(set: NftSet, transaction: Transaction): void {
  set.use++;
  if (set.parameters.dataType === NFT_DATA_VERDICT) transaction.needsValidation = true;
}

/** The last rule that has an anonymous set takes it along. */
export function unbindSet(set: NftSet, transaction: Transaction): void {
  set.use--;
  if ((set.flags & NFT_SET_ANONYMOUS) === 0 || set.use !== 0) return;
  const { sets } = set.table;
  if (sets.get(set.name) !== set) return;
  sets.delete(set.name);
  for (const element of set.elements()) set.release(element);
  transaction.did(() => {
    sets.set(set.name, set);
    for (const element of set.elements()) set.hold(element);
  });
  transaction.finally(() => set.destroy());
}
