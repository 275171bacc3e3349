import { hashStep } from '../../base/hash.js';
import { FlowKeys, innerHeader, quotedHeader } from './flow-keys.js';
import type { Flow } from './flow.js';
import type { PacketBuffer } from './packet-buffer.js';

// net/ip_fib.h: FIB_MULTIPATH_HASH_FIELD_*; those of the packet inside a tunnel's stand six bits higher.
const SRC_IP = 1 << 0;
const DST_IP = 1 << 1;
const IP_PROTO = 1 << 2;
const FLOWLABEL = 1 << 3;
const SRC_PORT = 1 << 4;
const DST_PORT = 1 << 5;
const INNER_SHIFT = 6;

const LAYER_3 = SRC_IP | DST_IP;
const LAYER_3_IPV6 = SRC_IP | DST_IP | IP_PROTO | FLOWLABEL;
const LAYER_4 = SRC_IP | DST_IP | IP_PROTO | SRC_PORT | DST_PORT;

const keys = new FlowKeys();

/**
 * 31 bits of a flow, by the fields that fib_multipath_hash_policy and _fields ask for; the same both ways. `skb` is the packet where
 * it came in, its IP header at networkHeader; null: it is made here, `flow` says all. Linux: fib_multipath_hash(), rt6_multipath_hash()
 */
export function multipathHash(seed: number, policy: number, fields: number, flow: Flow, six: boolean, skb: PacketBuffer | null): number {
  switch (policy) {
    case 1:
      return byFields(seed, LAYER_4, outerKeys(flow, six, skb)) >>> 1;
    case 2: {
      const inner = skb === null ? -1 : innerHeader(skb, skb.networkHeader);
      if (skb === null || inner < 0) return layer3(seed, flow, six, skb);
      keys.read(skb, inner);
      return byFields(seed, skb.view.getUint8(inner) >>> 4 === 6 ? LAYER_3_IPV6 : LAYER_3, keys) >>> 1;
    }
    case 3: {
      const hash = byFields(seed, fields, outerKeys(flow, six, skb));
      const inner = skb === null || fields >>> INNER_SHIFT === 0 ? -1 : innerHeader(skb, skb.networkHeader);
      return (skb !== null && inner >= 0 && keys.read(skb, inner) ? byFields(hash, fields >>> INNER_SHIFT, keys) : hash) >>> 1;
    }
    default:
      return layer3(seed, flow, six, skb);
  }
}

const outerKeys = (flow: Flow, six: boolean, skb: PacketBuffer | null): FlowKeys =>
  skb !== null && keys.read(skb, skb.networkHeader) ? keys : keys.take(flow, six);

/** The addresses, of IPv6 the flow label too; of an ICMP error those of the packet that it is about. Linux: ip_multipath_l3_keys() */
function layer3(seed: number, flow: Flow, six: boolean, skb: PacketBuffer | null): number {
  const fields = six ? LAYER_3_IPV6 : LAYER_3;
  const quoted = skb === null ? -1 : quotedHeader(skb, skb.networkHeader);
  if (skb !== null && quoted >= 0 && keys.read(skb, quoted)) return byFields(seed, fields, keys) >>> 1;
  return byFields(seed, fields, outerKeys(flow, six, skb)) >>> 1;
}

/** Addresses and ports each in order, so that both ways of a flow have one hash (__flow_hash_consistentify()). */
function byFields(
  seed: number,
  fields: number,
  { source, destination, protocol, flowLabel, sourcePort, destinationPort }: FlowKeys,
): number {
  const useSource = (fields & SRC_IP) !== 0;
  const useDestination = (fields & DST_IP) !== 0;
  const swapped = useSource && useDestination && isBefore(destination, source);
  const first = swapped ? destination : source;
  const second = swapped ? source : destination;
  let hash = seed;
  for (let i = 0; i < 4; i++) hash = hashStep(hash, useSource ? first[i]! : 0);
  for (let i = 0; i < 4; i++) hash = hashStep(hash, useDestination ? second[i]! : 0);
  if ((fields & IP_PROTO) !== 0) hash = hashStep(hash, protocol);
  if ((fields & FLOWLABEL) !== 0) hash = hashStep(hash, flowLabel);
  const from = (fields & SRC_PORT) !== 0 ? sourcePort : 0;
  const to = (fields & DST_PORT) !== 0 ? destinationPort : 0;
  return from < to ? hashStep(hashStep(hash, from), to) : hashStep(hashStep(hash, to), from);
}

function isBefore(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}
