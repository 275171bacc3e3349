import type { Flow } from '../core/flow.js';
import { multipathHash } from '../core/multipath-hash.js';
import { NUD_VALID } from '../core/neighbour.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { FibInfo, FibNexthop } from './fib/info.js';
import type { Ipv4Routes } from './routes.js';

/**
 * One of several ways for a flow, always the same while they live: by the hash that fib_multipath_hash_policy asks for. `skb` is
 * the packet where it came in, null for one that is made here. `fallback` where no way is left. Linux: fib_select_multipath()
 */
export function selectNexthop(routes: Ipv4Routes, info: FibInfo, fallback: FibNexthop, flow: Flow, skb: PacketBuffer | null): FibNexthop {
  const { hashSeed, multipathHashPolicy, multipathHashFields } = routes;
  const hash = multipathHash(hashSeed, multipathHashPolicy, multipathHashFields, flow, false, skb);
  const resilient = info.object === null ? null : info.object.resilient;
  return resilient === null ? selectByHash(routes, info, fallback, hash) : info.nexthops[resilient.pick(hash)]!;
}

function selectByHash(routes: Ipv4Routes, info: FibInfo, fallback: FibNexthop, hash: number): FibNexthop {
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
  const { device, gateway, gateway6 } = nexthop;
  if (device === null || (gateway === 0 && gateway6 === null)) return true;
  const neighbour =
    gateway6 === null
      ? routes.arp.lookup(device, gateway)
      : routes.namespace.ipv6.ndisc.table.lookup(device, gateway6[0]!, gateway6[1]!, gateway6[2]!, gateway6[3]!);
  return neighbour === null || (neighbour.state & NUD_VALID) !== 0;
}
