import { hashStep } from '../../../base/hash.js';
import {
  NF_NAT_RANGE_MAP_IPS,
  NF_NAT_RANGE_NETMAP,
  NF_NAT_RANGE_PERSISTENT,
  NF_NAT_RANGE_PROTO_OFFSET,
  NF_NAT_RANGE_PROTO_RANDOM,
  NF_NAT_RANGE_PROTO_RANDOM_FULLY,
  NF_NAT_RANGE_PROTO_SPECIFIED,
} from '../../../netlink/nfnl/expressions/nat.js';
import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import { IPS_CONFIRMED, ZONE } from '../conntrack/layout.js';
import { hasPorts, IPPROTO_ICMP, IPPROTO_ICMPV6, Tuple } from '../conntrack/tuple.js';
import { type NatRange, SOURCE } from './range.js';

const RANDOM = NF_NAT_RANGE_PROTO_RANDOM | NF_NAT_RANGE_PROTO_RANDOM_FULLY;
const MAX_ATTEMPTS = 128;
const reply = new Tuple();

/** Whether the answers to `tuple` are another connection's. Linux: nf_nat_used_tuple() */
function isUsed(conntrack: Conntrack, tuple: Tuple, id: number): boolean {
  const { table, namespace } = conntrack;
  if (!tuple.invert(reply)) return true;
  const found = table.find(namespace.id, table.get(id, ZONE), reply);
  return found !== 0 && found >> 1 !== id && (table.status(found >> 1) & IPS_CONFIRMED) !== 0;
}

const isIcmp = (tuple: Tuple) => tuple.protocol === (tuple.family === NFPROTO_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

/** The port that is to change: of ICMP its id. */
const portOf = (tuple: Tuple, manip: number): number => (manip === SOURCE || isIcmp(tuple) ? tuple.sourcePort : tuple.destinationPort);

function setPort(tuple: Tuple, manip: number, port: number): void {
  if (manip === SOURCE || isIcmp(tuple)) tuple.setPorts(port, tuple.destinationPort);
  else tuple.setPorts(tuple.sourcePort, port);
}

function inRange(tuple: Tuple, manip: number, range: NatRange): boolean {
  if ((range.flags & NF_NAT_RANGE_MAP_IPS) !== 0) {
    const address = manip === SOURCE ? tuple.source : tuple.destination;
    if (compare(address, range.minAddress) < 0 || compare(address, range.maxAddress) > 0) return false;
  }
  if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) === 0) return true;
  const port = portOf(tuple, manip);
  return port >= range.minPort && port <= range.maxPort;
}

function compare(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/**
 * Changes `tuple`, what a connection looks like so far, into what the range wants, such that its answers are nobody else's.
 * Linux: get_unique_tuple()
 */
export function makeUnique(conntrack: Conntrack, tuple: Tuple, id: number, range: NatRange, manip: number): void {
  if (manip === SOURCE && (range.flags & RANDOM) === 0 && inRange(tuple, manip, range) && !isUsed(conntrack, tuple, id)) return;
  chooseAddress(conntrack, tuple, range, manip);
  if ((range.flags & RANDOM) === 0) {
    if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) !== 0) {
      const port = portOf(tuple, manip);
      const fits = port >= range.minPort && port <= range.maxPort;
      if (fits && (range.minPort === range.maxPort || !isUsed(conntrack, tuple, id))) return;
    } else if (!isUsed(conntrack, tuple, id)) return;
  }
  choosePort(conntrack, tuple, id, range, manip);
}

/** One of several addresses by a hash of who asks: the same for the same host, and with `persistent` whoever it speaks to. Linux: find_best_ips_proto() */
function chooseAddress(conntrack: Conntrack, tuple: Tuple, range: NatRange, manip: number): void {
  if ((range.flags & NF_NAT_RANGE_MAP_IPS) === 0) return;
  const address = manip === SOURCE ? tuple.source : tuple.destination;
  const { minAddress: min, maxAddress: max } = range;
  if ((range.flags & NF_NAT_RANGE_NETMAP) !== 0) {
    // What is the same of both ends is the net; the host's part stays.
    for (let i = 0; i < 4; i++) {
      const host = min[i]! ^ max[i]!;
      address[i] = (min[i]! & ~host) | (address[i]! & host);
    }
    return;
  }
  if (compare(min, max) === 0) {
    address.set(min);
    return;
  }
  let hash = conntrack.namespace.stack.hashSeed;
  for (let i = 0; i < 4; i++) {
    hash = hashStep(hash, tuple.source[i]!);
    if ((range.flags & NF_NAT_RANGE_PERSISTENT) === 0) hash = hashStep(hash, tuple.destination[i]!);
  }
  const last = tuple.family === NFPROTO_IPV4 ? 0 : 3;
  let full = false;
  for (let i = 0; i <= last; i++) {
    // Words behind one that is not at its end are free.
    const low = full ? 0 : min[i]!;
    const high = full ? 0xffff_ffff : max[i]!;
    const width = high - low + 1;
    address[i] = low + Math.floor(((hash >>> 0) / 0x1_0000_0000) * width);
    if (address[i]! < high) full = true;
    hash = hashStep(hash, i);
  }
}

/** A port that is free, in the range or in that of its kind (below 512, below 1024, others). Linux: nf_nat_l4proto_unique_tuple() */
function choosePort(conntrack: Conntrack, tuple: Tuple, id: number, range: NatRange, manip: number): void {
  const icmp = isIcmp(tuple);
  if (!icmp && !hasPorts(tuple.protocol)) return;
  let min: number;
  let count: number;
  const port = portOf(tuple, manip);
  if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) !== 0) {
    min = Math.min(range.minPort, range.maxPort);
    count = Math.abs(range.maxPort - range.minPort) + 1;
  } else if (icmp) {
    min = 0;
    count = 0x1_0000;
  } else {
    // The destination's port means something, and is not changed unasked.
    if (manip !== SOURCE) return;
    if (port < 512) {
      min = 1;
      count = 511;
    } else if (port < 1024) {
      min = 600;
      count = 424;
    } else {
      min = 1024;
      count = 64_512;
    }
  }
  const { random } = conntrack.namespace.stack;
  if ((range.flags & NF_NAT_RANGE_PROTO_OFFSET) !== 0) {
    // Each port keeps its distance from the base.
    setPort(tuple, manip, min + ((((port - range.basePort) % count) + count) % count));
    return;
  }
  let offset = (range.flags & RANDOM) !== 0 || manip === SOURCE ? random.u32() & 0xffff : 0;
  let attempts = Math.min(count, MAX_ATTEMPTS);
  for (;;) {
    for (let i = 0; i < attempts; i++, offset++) {
      setPort(tuple, manip, min + (offset % count));
      if (!isUsed(conntrack, tuple, id)) return;
    }
    if (attempts >= count || attempts < 16) return;
    attempts >>>= 1;
    offset = random.u32() & 0xffff;
  }
}
