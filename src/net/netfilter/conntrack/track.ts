import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import * as checksum from '../../../wire/checksum.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import { NF_ACCEPT, NF_DROP, PRE_ROUTING } from '../../core/hooks.js';
import { CHECKSUM_NONE, type PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { fulfil } from './expectations.js';
import { isIcmpError, relatedTo } from './icmp-error.js';
import {
  directionOf,
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_UNTRACKED,
  IPCT_REPLY,
  IPS_EXPECTED,
  IPS_SEEN_REPLY,
  TEMPLATE_HELPER_SHIFT,
  TEMPLATE_ZONE_MASK,
} from './layout.js';
import { DROP, INVALID, REPEAT } from './protocol.js';
import { protocolOf } from './registry.js';
import { sctpChecksumHolds } from './sctp.js';
import { IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_TCP, Tuple } from './tuple.js';

const SCTP_HEADER = 12;

const tuple = new Tuple();
const inverse = new Tuple();

/** What neighbour discovery and group management say is of no connection (nf_conntrack_icmpv6_error()). */
const untracked6 = new Set<number>([
  icmpv6.MLD_QUERY,
  icmpv6.MLD_REPORT,
  icmpv6.MLD_DONE,
  icmpv6.ROUTER_SOLICITATION,
  icmpv6.ROUTER_ADVERTISEMENT,
  icmpv6.NEIGHBOUR_SOLICITATION,
  icmpv6.NEIGHBOUR_ADVERTISEMENT,
  icmpv6.MLD2_REPORT,
]);

/** Finds a packet's connection, or begins one. NF_ACCEPT as a rule: what is invalid is for rules to drop. Linux: nf_conntrack_in() */
export function track(conntrack: Conntrack, family: number, skb: PacketBuffer, hook: number): number {
  const { stats } = conntrack;
  if (skb.conntrack !== 0 || skb.conntrackInfo === IP_CT_UNTRACKED) {
    // It was here before (looped back), or is not to be tracked.
    return NF_ACCEPT;
  }
  const zone = skb.conntrackZone & TEMPLATE_ZONE_MASK;
  const at = skb.networkHeader;
  if (!tuple.read(family, skb.view, at, skb.tail)) {
    stats.error++;
    stats.invalid++;
    return NF_ACCEPT;
  }
  const { protocol, transportAt } = tuple;
  if (conntrack.settings.checksum !== 0 && hook === PRE_ROUTING && !checksumHolds(family, protocol, skb, transportAt)) {
    stats.error++;
    stats.invalid++;
    return NF_ACCEPT;
  }
  if (protocol === IPPROTO_ICMPV6 && family !== NFPROTO_IPV4 && untracked6.has(skb.view.getUint8(transportAt))) {
    skb.conntrackInfo = IP_CT_UNTRACKED;
    return NF_ACCEPT;
  }
  if (isIcmpError(family, protocol, skb, transportAt)) {
    if (!relatedTo(conntrack, family, skb, transportAt, zone)) stats.invalid++;
    return NF_ACCEPT;
  }
  for (let round = 0; round < 2; round++) {
    const info = resolve(conntrack, skb, zone);
    if (info === FULL) return NF_DROP;
    if (info === INVALID) {
      stats.invalid++;
      return NF_ACCEPT;
    }
    const id = skb.conntrack;
    const verdict = protocolOf(family, protocol).packet(conntrack, id, skb, transportAt, info);
    if (verdict === REPEAT) {
      conntrack.namespace.stack.pool.dropConntrack(skb);
      tuple.read(family, skb.view, at, skb.tail);
      continue;
    }
    if (verdict === INVALID || verdict === DROP) {
      conntrack.namespace.stack.pool.dropConntrack(skb);
      stats.invalid++;
      return verdict === DROP ? NF_DROP : NF_ACCEPT;
    }
    conntrack.account(id, directionOf(info), skb);
    if (info === IP_CT_ESTABLISHED_REPLY && conntrack.table.setStatus(id, IPS_SEEN_REPLY)) conntrack.event(id, IPCT_REPLY);
    return NF_ACCEPT;
  }
  return NF_ACCEPT;
}

const FULL = -2;

/** The packet gets its connection; IP_CT_*, INVALID or FULL. Linux: resolve_normal_ct() */
function resolve(conntrack: Conntrack, skb: PacketBuffer, zone: number): number {
  const { table, namespace } = conntrack;
  const { pool } = namespace.stack;
  let found = table.find(namespace.id, zone, tuple);
  if (found !== 0 && conntrack.expired(found >> 1)) {
    conntrack.kill(found >> 1);
    found = 0;
  }
  if (found === 0) return begin(conntrack, skb, zone);
  const id = found >> 1;
  let info: number;
  if ((found & 1) === 1) info = IP_CT_ESTABLISHED_REPLY;
  else if ((table.status(id) & IPS_SEEN_REPLY) !== 0) info = IP_CT_ESTABLISHED;
  else if ((table.status(id) & IPS_EXPECTED) !== 0) info = IP_CT_RELATED;
  else info = IP_CT_NEW;
  pool.setConntrack(skb, id, info);
  return info;
}

/** Linux: init_conntrack() */
function begin(conntrack: Conntrack, skb: PacketBuffer, zone: number): number {
  const { table, namespace, settings, stats } = conntrack;
  if (!tuple.invert(inverse)) return INVALID;
  if (settings.max !== 0 && conntrack.count >= settings.max && !conntrack.earlyDrop()) {
    stats.drop++;
    return FULL;
  }
  const { transportAt } = tuple;
  const id = table.allocate(namespace.id, zone, tuple, inverse);
  const protocol = protocolOf(tuple.family, tuple.protocol);
  if (!protocol.isNew(conntrack, id, skb, transportAt)) {
    table.release(id);
    return INVALID;
  }
  const helper = skb.conntrackZone >>> TEMPLATE_HELPER_SHIFT;
  if (helper !== 0) conntrack.helpers.assign(id, helper);
  const expectation = conntrack.expectations.all.length === 0 ? null : conntrack.expectations.find(tuple);
  let info = IP_CT_NEW;
  if (expectation !== null) {
    fulfil(conntrack, expectation, id);
    info = IP_CT_RELATED;
  }
  namespace.stack.pool.setConntrack(skb, id, info);
  // The packet has it from here on.
  table.release(id);
  return info;
}

/** What comes in with a wrong checksum belongs to no connection (nf_conntrack_checksum). */
function checksumHolds(family: number, protocol: number, skb: PacketBuffer, at: number): boolean {
  if (skb.ipSummed !== CHECKSUM_NONE) return true;
  const v = skb.view;
  const bytes = skb.tail - at;
  const four = family === NFPROTO_IPV4;
  if (protocol === IPPROTO_SCTP) return bytes < SCTP_HEADER || sctpChecksumHolds(v, at, skb.tail);
  if (four && protocol === ip.PROTOCOL_ICMP) return checksum.verify(v, at, bytes, 0);
  const udp = protocol === ip.PROTOCOL_UDP;
  if (!udp && protocol !== IPPROTO_TCP && (four || protocol !== IPPROTO_ICMPV6)) return true;
  if (udp && bytes >= 8 && v.getUint16(at + 6) === 0) return four;
  const n = skb.networkHeader;
  const pseudo = four
    ? ip.pseudoHeaderSum(ip.source(v, n), ip.destination(v, n), protocol, bytes)
    : ip6.pseudoHeaderSumAt(v, n + ip6.SOURCE, protocol, bytes);
  return checksum.verify(v, at, bytes, pseudo);
}
