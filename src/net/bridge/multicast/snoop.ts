import { fold, sum, verify } from '../../../wire/checksum.js';
import { ADDRESS_BYTES, ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import { CHANGE_TO_INCLUDE, MODE_IS_INCLUDE } from '../../../wire/group-record.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as igmp from '../../../wire/igmp.js';
import * as ipv4 from '../../../wire/ipv4.js';
import * as ipv6 from '../../../wire/ipv6.js';
import * as mld from '../../../wire/mld.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { BridgeDevice } from '../bridge-device.js';
import { BR_MCAST_TO_UNICAST, type BridgePort } from '../port.js';
import { inUse, type MulticastContext, type PortMulticastContext } from './context.js';
import { countMulticast, countParseError } from './count.js';
import { MCAST_EXCLUDE, MCAST_INCLUDE, PG_PERMANENT } from './database.js';
import { ethernetGroup, GroupKey, ipv4Group, ipv6Group } from './group-key.js';
import { findMembership, join, leave, tellMdb } from './groups.js';
import { generalQuery, groupQuery } from './querier.js';
import { markRouter } from './routers.js';
import { handleRecord } from './sources.js';

// What passes a bridge of IGMP and MLD, and what it learns of it (RFC 4541).

// What multicastReceive() says of a packet.
export const MC_DROP = -1;
export const MC_PLAIN = 0;
/** Without members it is for routers alone. */
export const MC_ROUTERS_ONLY = 1;
/** IGMP or MLD itself: no group in the database is looked up for it. */
export const MC_CONTROL = 2;

const ALL_PIM_ROUTERS = 0xe000_000d;
const ALL_SNOOPERS = 0xe000_006a;
const PROTOCOL_PIM = 103;
const PIM_HELLO = 0x20;
/** Multicast router advertisement, RFC 4286. */
const MRD_ADVERTISEMENT = 0x30;
const MRD6_ADVERTISEMENT = 151;
const US_PER_TENTH = 100_000;
const US_PER_MS = 1000;

const key = new GroupKey();
const address = new Uint32Array(4);

/** Looks at a packet for a group as it enters the bridge, `skb.data` at its network header. Linux: br_multicast_rcv() */
export function multicastReceive(bridge: BridgeDevice, from: BridgePort | null, skb: PacketBuffer, vlan: number): number {
  const { multicast } = bridge;
  if (!multicast.enabled) return MC_PLAIN;
  const context = multicast.contextOf(vlan);
  if (context === null || !multicast.isActive(context)) return MC_PLAIN;
  if (skb.protocol !== ETH_P_IP && skb.protocol !== ETH_P_IPV6) return MC_PLAIN;
  const port = from === null ? null : multicast.portContext(from, vlan);
  if (from !== null && port === null) return MC_PLAIN;
  return skb.protocol === ETH_P_IP ? receiveIpv4(context, port, skb, vlan) : receiveIpv6(context, port, skb, vlan);
}

function parseError(context: MulticastContext, port: PortMulticastContext | null, six: boolean): number {
  countParseError(context.bridge, port?.port ?? null, six);
  return MC_DROP;
}

/** Who sent it, where ports are told members apart. */
function memberOf(port: PortMulticastContext | null, skb: PacketBuffer): Uint8Array | null {
  if (port === null || !port.port.has(BR_MCAST_TO_UNICAST)) return null;
  const at = skb.macHeader + ADDRESS_BYTES;
  return skb.bytes.slice(at, at + ADDRESS_BYTES);
}

// Linux: br_multicast_ipv4_rcv(), ip_mc_check_igmp()
function receiveIpv4(context: MulticastContext, port: PortMulticastContext | null, skb: PacketBuffer, vlan: number): number {
  const { view, data: at } = skb;
  if (skb.length < ipv4.HEADER || ipv4.version(view, at) !== 4) return parseError(context, port, false);
  const header = ipv4.headerLength(view, at);
  const total = ipv4.totalLength(view, at);
  if (header < ipv4.HEADER || total > skb.length || total < header) return parseError(context, port, false);
  const to = ipv4.destination(view, at);
  if (ipv4.protocol(view, at) !== igmp.PROTOCOL) {
    if (!ipv4.isLocalMulticast(to)) return MC_ROUTERS_ONLY;
    const message = at + header;
    if (to === ALL_PIM_ROUTERS && ipv4.protocol(view, at) === PROTOCOL_PIM && total > header && view.getUint8(message) === PIM_HELLO)
      markRouter(context, port, false);
    return MC_PLAIN;
  }
  const bytes = total - header;
  const message = at + header;
  if (bytes < igmp.HEADER || !verify(view, message, bytes, 0)) return parseError(context, port, false);
  const type = igmp.type(view, message);
  if (to === ALL_SNOOPERS && type === MRD_ADVERTISEMENT) {
    markRouter(context, port, false);
    return MC_PLAIN;
  }
  let verdict: number = MC_CONTROL;
  let understood = true;
  switch (type) {
    case igmp.V1_REPORT:
    case igmp.V2_REPORT:
      verdict = MC_CONTROL | MC_ROUTERS_ONLY;
      joinIpv4(context, port, igmp.group(view, message), vlan, memberOf(port, skb), true);
      break;
    case igmp.V2_LEAVE:
      leaveIpv4(context, port, igmp.group(view, message), vlan, memberOf(port, skb));
      break;
    case igmp.QUERY:
      understood = queryIpv4(context, port, view, at, message, bytes, vlan);
      break;
    case igmp.V3_REPORT:
      understood = reportIpv4(context, port, view, message, bytes, vlan, memberOf(port, skb));
      break;
    default:
      return ipv4.isLocalMulticast(to) ? MC_PLAIN : MC_ROUTERS_ONLY;
  }
  if (!understood) return parseError(context, port, false);
  countMulticast(context.bridge, port?.port ?? null, skb, at, type, false);
  return verdict;
}

function joinIpv4(
  context: MulticastContext,
  port: PortMulticastContext | null,
  group: number,
  vlan: number,
  member: Uint8Array | null,
  old: boolean,
): void {
  if (ipv4.isMulticast(group) && !ipv4.isLocalMulticast(group))
    join(context, port, ipv4Group(key, vlan, group), member, old ? MCAST_EXCLUDE : MCAST_INCLUDE, old);
}

function leaveIpv4(
  context: MulticastContext,
  port: PortMulticastContext | null,
  group: number,
  vlan: number,
  member: Uint8Array | null,
): void {
  if (!ipv4.isLocalMulticast(group)) leave(context, port, ipv4Group(key, vlan, group), member);
}

// Linux: br_ip4_multicast_query(); false: it is none.
function queryIpv4(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  at: number,
  message: number,
  bytes: number,
  vlan: number,
): boolean {
  let group = igmp.group(view, message);
  const version = igmp.queryVersion(view, message, bytes);
  if (version === 0 || (group === 0 && ipv4.destination(view, at) !== igmp.ALL_HOSTS)) return false;
  if (!inUse(context, port)) return true;
  let maxDelayUs = igmp.code(view, message) * US_PER_TENTH;
  if (version === 1) {
    maxDelayUs = 100 * US_PER_TENTH;
    group = 0;
  } else if (version === 3) {
    if (igmp.querySources(view, message) > 0 || (context.igmpVersion === 3 && group !== 0 && igmp.suppress(view, message))) return true;
    maxDelayUs = igmp.v3ResponseTime(view, message) * US_PER_TENTH;
  }
  if (group !== 0) {
    groupQuery(context, ipv4Group(key, vlan, group), maxDelayUs);
    return true;
  }
  address.fill(0);
  address[0] = ipv4.source(view, at);
  generalQuery(context, port, false, address, maxDelayUs);
  return true;
}

// Linux: br_ip4_multicast_igmp3_report()
function reportIpv4(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  message: number,
  bytes: number,
  vlan: number,
  member: Uint8Array | null,
): boolean {
  const old = context.igmpVersion === 2;
  const end = message + bytes;
  let at = message + igmp.V3_REPORT_HEADER;
  for (let left = igmp.reportRecords(view, message); left > 0; left--) {
    if (at + igmp.RECORD_HEADER > end) return false;
    const count = igmp.recordSources(view, at);
    if (at + igmp.RECORD_HEADER + igmp.SOURCE_BYTES * count > end) return false;
    const type = igmp.recordType(view, at);
    const group = igmp.recordGroup(view, at);
    const none = count === 0 && (type === CHANGE_TO_INCLUDE || type === MODE_IS_INCLUDE);
    if (type < MODE_IS_INCLUDE || type > 6) {
      at += igmp.recordBytes(view, at);
      continue;
    }
    if (none && (port === null || old)) leaveIpv4(context, port, group, vlan, member);
    else if (!none) joinIpv4(context, port, group, vlan, member, old);
    if (port !== null && !old) {
      const sources: Uint32Array[] = [];
      for (let i = 0; i < count; i++) sources.push(Uint32Array.of(igmp.recordSource(view, at, i), 0, 0, 0));
      applyRecord(context, port, ipv4Group(key, vlan, group), member, type, sources);
    }
    at += igmp.recordBytes(view, at);
  }
  return true;
}

function applyRecord(
  context: MulticastContext,
  port: PortMulticastContext,
  group: GroupKey,
  member: Uint8Array | null,
  type: number,
  sources: Uint32Array[],
): void {
  const { bridge } = context;
  const entry = bridge.multicast.database.find(group);
  const membership = entry === null ? undefined : findMembership(entry, port.port, member);
  if (entry === null || membership === undefined || (membership.flags & PG_PERMANENT) !== 0) return;
  if (handleRecord(context, membership, type, sources)) tellMdb(bridge, entry, membership, 'mdbNew');
}

const isSnooped = (group: Uint32Array): boolean => ipv6.isMulticast(group) && !ipv6.equalAddress(group, ipv6.ALL_NODES);

// Linux: br_multicast_ipv6_rcv(), ipv6_mc_check_mld()
function receiveIpv6(context: MulticastContext, port: PortMulticastContext | null, skb: PacketBuffer, vlan: number): number {
  const { view, data: at } = skb;
  if (skb.length < ipv6.HEADER || ipv6.version(view, at) !== 6) return parseError(context, port, true);
  const total = ipv6.HEADER + ipv6.payloadLength(view, at);
  if (total > skb.length) return parseError(context, port, true);
  ipv6.readAddress(view, at + ipv6.DESTINATION, address);
  const plain = ipv6.equalAddress(address, ipv6.ALL_NODES) ? MC_PLAIN : MC_ROUTERS_ONLY;
  if (ipv6.nextHeader(view, at) !== ipv6.NEXTHDR_HOP || total < ipv6.HEADER + 8) return plain;
  const options = at + ipv6.HEADER;
  if (view.getUint8(options) !== ipv6.NEXTHDR_ICMPV6) return plain;
  const message = options + (view.getUint8(options + 1) + 1) * 8;
  const bytes = at + total - message;
  if (bytes < icmpv6.HEADER) return parseError(context, port, true);
  const pseudo = ipv6.pseudoHeaderSumAt(view, at, ipv6.NEXTHDR_ICMPV6, bytes);
  if (fold(sum(view, message, bytes, pseudo)) !== 0xffff) return parseError(context, port, true);
  const type = icmpv6.type(view, message);
  if (type === MRD6_ADVERTISEMENT) {
    markRouter(context, port, true);
    return plain;
  }
  let verdict: number = MC_CONTROL;
  let understood = true;
  const long = bytes >= mld.HEADER;
  switch (type) {
    case icmpv6.MLD_REPORT:
      if (!long) return parseError(context, port, true);
      verdict = MC_CONTROL | MC_ROUTERS_ONLY;
      joinIpv6(context, port, view, message + mld.GROUP_AT, vlan, memberOf(port, skb), true);
      break;
    case icmpv6.MLD_DONE:
      if (!long) return parseError(context, port, true);
      leaveIpv6(context, port, view, message + mld.GROUP_AT, vlan, memberOf(port, skb));
      break;
    case icmpv6.MLD_QUERY:
      understood = long && queryIpv6(context, port, view, at, message, bytes, vlan);
      break;
    case icmpv6.MLD2_REPORT:
      understood = reportIpv6(context, port, view, message, bytes, vlan, memberOf(port, skb));
      break;
    default:
      return plain;
  }
  if (!understood) return parseError(context, port, true);
  countMulticast(context.bridge, port?.port ?? null, skb, at, type, false);
  return verdict;
}

function joinIpv6(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  at: number,
  vlan: number,
  member: Uint8Array | null,
  old: boolean,
): void {
  ipv6.readAddress(view, at, key.group);
  if (isSnooped(key.group)) join(context, port, ipv6Group(key, vlan), member, old ? MCAST_EXCLUDE : MCAST_INCLUDE, old);
}

function leaveIpv6(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  at: number,
  vlan: number,
  member: Uint8Array | null,
): void {
  ipv6.readAddress(view, at, key.group);
  if (isSnooped(key.group)) leave(context, port, ipv6Group(key, vlan), member);
}

// Linux: br_ip6_multicast_query()
function queryIpv6(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  at: number,
  message: number,
  bytes: number,
  vlan: number,
): boolean {
  ipv6.readAddress(view, at + ipv6.SOURCE, address);
  const version = mld.queryVersion(bytes);
  if (version === 0 || !ipv6.isLinkLocal(address)) return false;
  mld.group(view, message, key.group);
  const general = ipv6.isAny(key.group);
  if (general && view.getUint32(at + ipv6.DESTINATION + 12) !== 1) return false;
  if (!inUse(context, port)) return true;
  let maxDelayUs = Math.max(mld.code(view, message) * US_PER_MS, 1);
  if (version === 2) {
    if (mld.querySources(view, message) > 0 || (context.mldVersion === 2 && !general && mld.suppress(view, message))) return true;
    maxDelayUs = Math.max(mld.v2ResponseDelay(view, message) * US_PER_MS, 1);
  }
  if (general) generalQuery(context, port, true, address, maxDelayUs);
  else groupQuery(context, ipv6Group(key, vlan), maxDelayUs);
  return true;
}

// Linux: br_ip6_multicast_mld2_report()
function reportIpv6(
  context: MulticastContext,
  port: PortMulticastContext | null,
  view: DataView,
  message: number,
  bytes: number,
  vlan: number,
  member: Uint8Array | null,
): boolean {
  const old = context.mldVersion === 1;
  const end = message + bytes;
  let at = message + mld.V2_REPORT_HEADER;
  for (let left = mld.reportRecords(view, message); left > 0; left--) {
    if (at + mld.RECORD_HEADER > end) return false;
    const count = mld.recordSources(view, at);
    if (at + mld.RECORD_HEADER + mld.SOURCE_BYTES * count > end) return false;
    const type = mld.recordType(view, at);
    const none = count === 0 && (type === CHANGE_TO_INCLUDE || type === MODE_IS_INCLUDE);
    if (type < MODE_IS_INCLUDE || type > 6) {
      at += mld.recordBytes(view, at);
      continue;
    }
    if (none && (port === null || old)) leaveIpv6(context, port, view, at + 4, vlan, member);
    else if (!none) joinIpv6(context, port, view, at + 4, vlan, member, old);
    if (port !== null && !old) {
      const sources: Uint32Array[] = [];
      for (let i = 0; i < count; i++) sources.push(mld.recordSource(view, at, i, new Uint32Array(4)));
      ipv6.readAddress(view, at + 4, key.group);
      applyRecord(context, port, ipv6Group(key, vlan), member, type, sources);
    }
    at += mld.recordBytes(view, at);
  }
  return true;
}

/** The key that a packet for a group is looked up by, in one object that the next call fills anew. */
export function packetKey(skb: PacketBuffer, vlan: number): GroupKey {
  const { view, data: at } = skb;
  if (skb.protocol === ETH_P_IP && skb.length >= ipv4.HEADER)
    return ipv4Group(key, vlan, ipv4.destination(view, at), ipv4.source(view, at));
  if (skb.protocol === ETH_P_IPV6 && skb.length >= ipv6.HEADER) {
    ipv6.readAddress(view, at + ipv6.DESTINATION, key.group);
    ipv6Group(key, vlan);
    ipv6.readAddress(view, at + ipv6.SOURCE, key.source);
    return key;
  }
  return ethernetGroup(key, vlan, skb.bytes, skb.macHeader);
}
