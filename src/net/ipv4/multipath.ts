import { hash2 } from '../../base/hash.js';
import { NUD_VALID } from '../core/neighbour.js';
import type { FibInfo, FibNexthop } from './fib/info.js';
import type { Ipv4Routes } from './routes.js';

/**
 * One of several ways for a flow, always the same while they live: by a 31-bit hash of its addresses (fib_multipath_hash_policy 0).
 * `fallback` where none is left. Linux: fib_select_multipath()
 */
export function selectNexthop(routes: Ipv4Routes, info: FibInfo, fallback: FibNexthop, source: number, destination: number): FibNexthop {
  const hash = hash2(routes.hashSeed, source, destination) >>> 1;
  const { nexthops } = info;
  let first: FibNexthop | null = null;
  for (let i = 0; i < nexthops.length; i++) {
    const nexthop = nexthops[i]!;
    if (routes.multipathUseNeighbour !== 0 && !isGood(routes, nexthop)) continue;
    if (nexthop.upperBound < 0) continue;
    if (first === null) first = nexthop;
    if (hash <= nexthop.upperBound) return nexthop;
  }
  return first ?? fallback;
}

/** Linux: fib_good_nh() */
function isGood(routes: Ipv4Routes, nexthop: FibNexthop): boolean {
  if (nexthop.gateway === 0 || nexthop.device === null) return true;
  const neighbour = routes.arp.lookup(nexthop.device, nexthop.gateway);
  return neighbour === null || (neighbour.state & NUD_VALID) !== 0;
}
