import type { AttributeShape } from '../../../netlink/attributes.js';
import type { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import { removeChain } from './chains.js';
import type { Context } from './context.js';
import { removeFlowtable } from './flowtables.js';
import { removeObject } from './objects.js';
import { removeRule } from './rules.js';
import { removeSet } from './sets.js';

/** Takes everything out of a table: rules first, that nothing is referred to any more. Linux: nft_flush_table() */
export function flushTable(context: Context<AttributeShape>, table: Table, transaction: Transaction): void {
  for (const chain of table.chains.values()) for (const rule of [...chain.rules]) removeRule(context, rule, transaction);
  for (const set of [...table.sets.values()]) removeSet(context, set, transaction);
  for (const flowtable of [...table.flowtables.values()]) removeFlowtable(context, flowtable, transaction);
  for (const object of [...table.objects.values()]) removeObject(context, object, transaction);
  for (const chain of [...table.chains.values()]) removeChain(context, chain, transaction);
}
