import { EAGAIN, ENETUNREACH, ESRCH } from '../../../base/errno.js';
import { NUD_FAILED, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../../netlink/rtnl/constants.js';
import { type In6, samePrefix } from '../../../wire/ipv6.js';
import type { Flow } from '../../core/flow.js';
import { joinL3Domain } from '../../core/l3mdev.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Ipv6Routes } from '../routes.js';
import { type Fib6Info, routerPreference, RTF_NONEXTHOP } from './info.js';
import type { Fib6Node, Fib6Table } from './table.js';

// RT6_LOOKUP_F_*
/** Only ways by the given device. */
export const LOOKUP_IFACE = 1;
/** Routers that do not answer come last. */
export const LOOKUP_REACHABLE = 2;
/** The flow has a source: rules and routes for sources are looked at. */
export const LOOKUP_HAS_SADDR = 4;
/** The packet came in: ways are held against the device it came by (ip6_pol_route_input()). */
export const LOOKUP_INPUT = 8;

/** Of the lookup (struct fib6_result): what was found, and what chooses among several ways. Reused, never allocated per packet. */
export class Fib6Result {
  /** Null: nothing, or a rule that rejects. */
  info: Fib6Info | null = null;
  /** The packet that came in, for the hash of multipath routes; null: made here. */
  skb: PacketBuffer | null = null;
}

/** Scores that are none: the way is of no use; and, the routers take turns, for of none is anything known. */
const FAIL_HARD = -3;
const FAIL_PROBE = -2;
const FAIL_DO_RR = -1;

/** A router that may be gone is asked once in so long (router_probe_interval, seconds). */
const US_PER_SECOND = 1_000_000;

/**
 * The way of a packet, by the rules: longest prefix, then metric, then device, preference and reachability (RFC 4191). 0, or a
 * negative errno; with that of a route that rejects, `result.info` is that route. Linux: fib6_rule_lookup()
 */
export function lookup(routes: Ipv6Routes, flow: Flow, flags: number, result: Fib6Result): number {
  const { fib } = routes.ipv6;
  result.info = null;
  if (!fib.rules.onlyDefaults) {
    joinL3Domain(routes.namespace, flow);
    const error = fib.rules.lookup(flow, result, flags);
    return error === -ESRCH ? -ENETUNREACH : error;
  }
  const info = policyLookup(routes, fib.local, flow, flags, result.skb) ?? policyLookup(routes, fib.main, flow, flags, result.skb);
  if (info === null) return -ENETUNREACH;
  result.info = info;
  return -info.error;
}

/** One table's answer, of a multipath route one way; null: none, or a throw route. Linux: ip6_pol_route() */
export function policyLookup(routes: Ipv6Routes, table: Fib6Table, flow: Flow, flags: number, skb: PacketBuffer | null): Fib6Info | null {
  // A host goes by the routers that answer; a router asks nobody.
  const strict = routes.ipv6.allConfig.forwarding === 0 ? flags | LOOKUP_REACHABLE : flags;
  const oif = (flags & LOOKUP_INPUT) !== 0 ? flow.iif : flow.oif;
  const found = lookupTable(routes, table, flow.destination6, flow.source6, oif, strict);
  if (found === null || found.siblings === null) return found;
  return selectSibling(routes, found, oif, strict, routes.multipathHash(flow, skb));
}

/** The way of one table; null: none, or a throw route. Linux: fib6_table_lookup() */
function lookupTable(routes: Ipv6Routes, table: Fib6Table, destination: In6, source: In6, oif: number, strict: number): Fib6Info | null {
  let flags = strict;
  for (;;) {
    const lengths = table.lengths;
    for (let i = 0; i < lengths.length; i++) {
      const node = table.node(destination, lengths[i]!);
      if (node === null) continue;
      const found = select(routes, node, source, oif, flags);
      if (found === null) continue;
      return found.rejects && found.error === EAGAIN ? null : found;
    }
    if ((flags & LOOKUP_REACHABLE) === 0) return null;
    flags &= ~LOOKUP_REACHABLE;
  }
}

/** Linux: rt6_select(), find_rr_leaf() */
function select(routes: Ipv6Routes, node: Fib6Node, source: In6, oif: number, strict: number): Fib6Info | null {
  const list = node.routes;
  for (let start = 0; start < list.length; ) {
    const metric = list[start]!.metric;
    let end = start + 1;
    while (end < list.length && list[end]!.metric === metric) end++;
    const found = bestOf(routes, node, start, end, source, oif, strict);
    if (found !== null) return found;
    start = end;
  }
  return null;
}

/** The best of the routes of one metric; of equals whose state nobody knows, each in turn. */
function bestOf(routes: Ipv6Routes, node: Fib6Node, start: number, end: number, source: In6, oif: number, strict: number): Fib6Info | null {
  const count = end - start;
  const first = node.roundRobin >= start && node.roundRobin < end ? node.roundRobin - start : 0;
  let best: Fib6Info | null = null;
  let bestScore = -1;
  let takesTurns = false;
  for (let i = 0; i < count; i++) {
    const info = node.routes[start + ((first + i) % count)]!;
    if (!usable(routes, info, source)) continue;
    let score = scoreRoute(routes, info, oif, strict);
    let turn = false;
    if (score === FAIL_DO_RR) {
      turn = true;
      score = 0;
    } else if (score === FAIL_HARD) continue;
    if ((strict & LOOKUP_REACHABLE) !== 0) probeRouter(routes, info);
    if (score <= bestScore) continue;
    takesTurns = turn;
    bestScore = score;
    best = info;
  }
  if (takesTurns && best !== null) node.roundRobin = start + ((first + 1) % count);
  return best;
}

function usable(routes: Ipv6Routes, info: Fib6Info, source: In6): boolean {
  if ((info.nexthopFlags & RTNH_F_DEAD) !== 0) return false;
  if ((info.nexthopFlags & RTNH_F_LINKDOWN) !== 0 && info.device.ipv6?.config.ignoreRoutesWithLinkdown === 1) return false;
  if (info.sourceLength !== 0 && !samePrefix(info.source, source, info.sourceLength)) return false;
  return !info.expired(routes.namespace.stack.nowUs);
}

/** Linux: rt6_score_route() */
function scoreRoute(routes: Ipv6Routes, info: Fib6Info, oif: number, strict: number): number {
  let score = oif === 0 || info.device.ifindex === oif ? 2 : 0;
  if (score === 0 && (strict & LOOKUP_IFACE) !== 0) return FAIL_HARD;
  // RFC 4191 2.1: low, medium, high as 1, 2, 3.
  score |= (routerPreference(info.flags) ^ 2) << 2;
  if ((strict & LOOKUP_REACHABLE) !== 0 && (info.flags & RTF_NONEXTHOP) === 0 && info.gateway !== null) {
    const state = checkNeighbour(routes, info);
    if (state < 0) return state;
  }
  return score;
}

/** Linux: rt6_check_neigh() with router preferences: an unknown router may be there, one that failed is not. */
function checkNeighbour(routes: Ipv6Routes, info: Fib6Info): number {
  const gateway = info.gateway!;
  const neighbour = routes.ipv6.ndisc.table.lookup(info.device, gateway[0]!, gateway[1]!, gateway[2]!, gateway[3]!);
  if (neighbour === null || neighbour.valid || (neighbour.state & NUD_FAILED) === 0) return 1;
  return FAIL_PROBE;
}

/** RFC 4191 3.5: routers that are not reachable are asked now and then, so that a good one is seen to be back. Linux: rt6_probe() */
function probeRouter(routes: Ipv6Routes, info: Fib6Info): void {
  const { gateway, device } = info;
  if (gateway === null) return;
  const { ndisc } = routes.ipv6;
  const neighbour = ndisc.table.lookup(device, gateway[0]!, gateway[1]!, gateway[2]!, gateway[3]!);
  if (neighbour === null || neighbour.valid) return;
  const { nowUs } = routes.namespace.stack;
  const intervalUs = (device.ipv6?.config.routerProbeInterval ?? 60) * US_PER_SECOND;
  if (nowUs < info.lastProbeUs + intervalUs || nowUs < neighbour.updatedUs + intervalUs) return;
  info.lastProbeUs = nowUs;
  ndisc.sendSolicitation(device, gateway, null, null, 0);
}

/** Linux: fib6_select_path() */
function selectSibling(routes: Ipv6Routes, found: Fib6Info, oif: number, strict: number, hash: number): Fib6Info {
  const siblings = found.siblings!;
  const resilient = found.object === null ? null : found.object.resilient;
  if (resilient !== null) {
    const way = siblings[resilient.pick(hash)] ?? found;
    return scoreRoute(routes, way, oif, strict) < 0 ? found : way;
  }
  for (let i = 0; i < siblings.length; i++) {
    const way = siblings[i]!;
    if (hash > way.upperBound) continue;
    return scoreRoute(routes, way, oif, strict) < 0 ? found : way;
  }
  return found;
}
