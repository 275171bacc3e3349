import { EMLINK } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { BaseChain, Chain } from './chain.js';
import type { Table } from './table.js';
import { MAX_JUMPS } from './verdict.js';

/**
 * Whether the rules of a table may stand as they do: from no base chain on do jumps lead more than sixteen deep, or round (EMLINK), and
 * what hangs on a hook or a type of chain is reached from such alone (EOPNOTSUPP). Linux: nft_table_validate()
 */
export function validateTable(table: Table): void {
  const depths = new Map<Chain, number>();
  for (const chain of table.chains.values()) if (chain.base !== null) depthOf(chain, depths, new Set());
  for (const chain of table.chains.values()) if (chain.base !== null) validateFrom(chain, chain.base, new Set());
}

/**
 * Whether a jump to a chain may be, as the chain is now: it does not lead round, nor too deep (EMLINK), and from base chain `from` nothing
 * in it that may not be there (EOPNOTSUPP). Linux: nft_immediate_validate()
 */
export function checkJump(to: Chain, from: BaseChain | null): void {
  if (1 + depthOf(to, new Map(), new Set()) >= MAX_JUMPS) fail(EMLINK);
  if (from !== null) validateFrom(to, from, new Set());
}

/** How deep jumps lead from a chain. */
function depthOf(chain: Chain, depths: Map<Chain, number>, above: Set<Chain>): number {
  const known = depths.get(chain);
  if (known !== undefined) return known;
  if (above.has(chain)) return fail(EMLINK);
  above.add(chain);
  let depth = 0;
  for (const rule of chain.rules)
    for (const expression of rule.expressions)
      expression.targets((target) => {
        depth = Math.max(depth, 1 + depthOf(target, depths, above));
      });
  above.delete(chain);
  if (depth >= MAX_JUMPS) return fail(EMLINK);
  depths.set(chain, depth);
  return depth;
}

function validateFrom(chain: Chain, base: BaseChain, seen: Set<Chain>): void {
  if (seen.has(chain)) return;
  seen.add(chain);
  for (const rule of chain.rules)
    for (const expression of rule.expressions) {
      expression.validate(base);
      expression.targets((target) => validateFrom(target, base, seen));
    }
}
