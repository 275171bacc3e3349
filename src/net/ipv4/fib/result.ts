import type { FibInfo, FibNexthop } from './info.js';
import type { FibTable } from './table.js';

/** What a lookup found (struct fib_result). Reused. */
export class FibResult {
  table: FibTable | null = null;
  info: FibInfo | null = null;
  nexthop: FibNexthop | null = null;
  prefixLength = 0;
  /** RTN_* */
  type = 0;
  tos = 0;
  /** Of the rule that led here; 0: none. */
  realms = 0;
  /** Number of the entry in the table, for who shows it (RTM_F_FIB_MATCH). */
  alias = 0;
}

/** Ways whose device has no carrier are taken although ignore_routes_with_linkdown is set. */
export const FIB_LOOKUP_IGNORE_LINKSTATE = 1;
