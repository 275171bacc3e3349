import { hash2, hashStep } from '../../base/hash.js';
import * as ipv4 from '../../wire/ipv4.js';
import { Flow } from '../core/flow.js';
import { NUD_VALID } from '../core/neighbour.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { FibInfo, FibNexthop } from './fib/info.js';
import { innerHeader, quotedHeader, readKeys } from './flow-keys.js';
import type { Ipv4Routes } from './routes.js';

// net/ip_fib.h: FIB_MULTIPATH_HASH_FIELD_*
const SRC_IP = 1 << 0;
const DST_IP = 1 << 1;
const IP_PROTO = 1 << 2;
const SRC_PORT = 1 << 4;
const DST_PORT = 1 << 5;
const INNER_SHIFT = 6;
const INNER = 0xfc0;

const keys = new Flow();

/**
 * One of several ways for a flow, always the same while they live: by the hash that fib_multipath_hash_policy asks for. `skb` is
 * the packet where it came in, null for one that is made here. `fallback` where no way is left. Linux: fib_select_multipath()
 */
export function selectNexthop(routes: Ipv4Routes, info: FibInfo, fallback: FibNexthop, flow: Flow, skb: PacketBuffer | null): FibNexthop {
  const hash = multipathHash(routes, flow, skb);
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

/** 31 bits. Linux: fib_multipath_hash() */
export function multipathHash(routes: Ipv4Routes, flow: Flow, skb: PacketBuffer | null): number {
  const seed = routes.hashSeed;
  const at = skb === null ? -1 : skb.networkHeader;
  switch (routes.multipathHashPolicy) {
    case 1:
      if (skb === null || !readKeys(skb, at, keys)) return layer4(seed, flow) >>> 1;
      return layer4(seed, keys) >>> 1;
    case 2: {
      const inner = skb === null ? -1 : innerHeader(skb, at);
      if (skb === null || inner < 0 || !readKeys(skb, inner, keys)) return layer3(seed, flow, skb) >>> 1;
      return hash2(seed, keys.source, keys.destination) >>> 1;
    }
    case 3:
      return custom(seed, routes.multipathHashFields, flow, skb) >>> 1;
    default:
      return layer3(seed, flow, skb) >>> 1;
  }
}

/** The addresses; of an ICMP error those of the packet that it is about, turned round. Linux: ip_multipath_l3_keys() */
function layer3(seed: number, flow: Flow, skb: PacketBuffer | null): number {
  const quoted = skb === null ? -1 : quotedHeader(skb, skb.networkHeader);
  if (skb !== null && quoted >= 0) return hash2(seed, ipv4.destination(skb.view, quoted), ipv4.source(skb.view, quoted));
  return hash2(seed, flow.source, flow.destination);
}

function layer4(seed: number, flow: Flow): number {
  return hashStep(hashStep(hash2(seed, flow.source, flow.destination), (flow.sourcePort << 16) | flow.destinationPort), flow.protocol);
}

/** Linux: fib_multipath_custom_hash_skb(), fib_multipath_custom_hash_fl4() */
function custom(seed: number, fields: number, flow: Flow, skb: PacketBuffer | null): number {
  const inner = skb === null || (fields & INNER) === 0 ? -1 : innerHeader(skb, skb.networkHeader);
  const outer = skb !== null && readKeys(skb, skb.networkHeader, keys) ? keys : flow;
  let hash = byFields(seed, fields, outer);
  if (skb !== null && inner >= 0 && readKeys(skb, inner, keys)) hash = byFields(hash, fields >>> INNER_SHIFT, keys);
  return hash;
}

function byFields(seed: number, fields: number, flow: Flow): number {
  let hash = hash2(seed, (fields & SRC_IP) === 0 ? 0 : flow.source, (fields & DST_IP) === 0 ? 0 : flow.destination);
  if ((fields & IP_PROTO) !== 0) hash = hashStep(hash, flow.protocol);
  if ((fields & SRC_PORT) !== 0) hash = hashStep(hash, flow.sourcePort);
  if ((fields & DST_PORT) !== 0) hash = hashStep(hash, flow.destinationPort);
  return hash;
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
