import { RTNH_F_DEAD } from '../../../netlink/rtnl/constants.js';
import type { Fib6Info } from './info.js';

/** Gives each living way its share of the hash's 31 bits. Linux: rt6_multipath_rebalance() */
export function rebalance(siblings: readonly Fib6Info[]): void {
  let total = 0;
  for (const way of siblings) if ((way.nexthopFlags & RTNH_F_DEAD) === 0) total += way.weight;
  let weight = 0;
  for (const way of siblings) {
    if ((way.nexthopFlags & RTNH_F_DEAD) !== 0 || total === 0) {
      way.upperBound = -1;
      continue;
    }
    weight += way.weight;
    way.upperBound = Math.round((weight * 2 ** 31) / total) - 1;
  }
}
