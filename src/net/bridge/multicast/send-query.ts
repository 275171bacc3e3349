import * as icmpv6 from '../../../wire/icmpv6.js';
import { checksum } from '../../../wire/checksum.js';
import { ADDRESS_BYTES, ETH_P_IP, ETH_P_IPV6, HEADER, ipv4Multicast } from '../../../wire/ethernet.js';
import * as igmp from '../../../wire/igmp.js';
import * as ipv4 from '../../../wire/ipv4.js';
import * as ipv6 from '../../../wire/ipv6.js';
import * as mld from '../../../wire/mld.js';
import { RT_SCOPE_LINK } from '../../../netlink/rtnl/constants.js';
import { PACKET_MULTICAST, type PacketBuffer } from '../../core/packet-buffer.js';
import { copyBytes } from '../../core/packet-pool.js';
import { netifReceive } from '../../core/receive.js';
import { devQueueXmit } from '../../core/transmit.js';
import type { MulticastContext, PortMulticastContext } from './context.js';
import { countMulticast } from './count.js';
import { GroupKey, isZero } from './group-key.js';

/** Everything in general. */
export const ALL_GROUPS4: GroupKey = Object.assign(new GroupKey(), { protocol: ETH_P_IP });
export const ALL_GROUPS6: GroupKey = Object.assign(new GroupKey(), { protocol: ETH_P_IPV6 });

/** RFC 3376 8.1: how many losses are made up for. */
const ROBUSTNESS = 2;
const IP4_HEADER = ipv4.HEADER + 4;
const IP6_HEADER = ipv6.HEADER + 8;
/** 10 ms. */
const TICKS_PER_SECOND = 100;
const TOS_CONTROL = 0xc0;
const groupMac = new Uint8Array(ADDRESS_BYTES);
const source6 = new Uint32Array(4);

/**
 * Asks who is a member of `key.group` (all zero: of anything) - of `sources` alone where given - by the port, or null: the host.
 * `suppress`: routers are to leave their timers as they are. Linux: br_multicast_send_query()
 */
export function sendQuery(
  context: MulticastContext,
  port: PortMulticastContext | null,
  key: GroupKey,
  sources: readonly Uint32Array[] | null = null,
  suppress = false,
): void {
  const skb = key.protocol === ETH_P_IP ? igmpQuery(context, key, sources, suppress) : mldQuery(context, key, sources, suppress);
  if (skb === null) return;
  const { bridge } = context;
  const type = key.protocol === ETH_P_IP ? igmp.QUERY : icmpv6.MLD_QUERY;
  countMulticast(bridge, port?.port ?? null, skb, skb.networkHeader, type, port !== null);
  if (port === null) {
    rememberQuerier(context, skb, key.protocol);
    if (context.vid !== 0 && !bridge.vlanSet.untagged(context.vid)) tag(skb, context);
    skb.device = bridge;
    skb.pull(HEADER);
    skb.packetType = PACKET_MULTICAST;
    netifReceive(skb);
    return;
  }
  if (context.vid !== 0 && !port.port.vlans.untagged(context.vid)) tag(skb, context);
  skb.device = port.port.device;
  devQueueXmit(skb);
}

function tag(skb: PacketBuffer, context: MulticastContext): void {
  skb.vlanTci = context.vid;
  skb.vlanProtocol = context.bridge.vlanProtocol;
}

/** The bridge's own address; 0: it has none. */
const ownAddress = ({ bridge }: MulticastContext): number =>
  bridge.ipv4?.addresses.find((address) => !address.secondary && address.scope <= RT_SCOPE_LINK)?.local ?? 0;

// Linux: br_multicast_select_own_querier()
function rememberQuerier(context: MulticastContext, skb: PacketBuffer, protocol: number): void {
  const state = context.state(protocol !== ETH_P_IP);
  if (protocol === ETH_P_IP) {
    state.querier.fill(0);
    state.querier[0] = ipv4.source(skb.view, skb.networkHeader);
  } else ipv6.readAddress(skb.view, skb.networkHeader + ipv6.SOURCE, state.querier);
  state.querierPort = null;
}

/** An empty frame of the bridge's to groupMac, with room for `bytes` behind its header. Null: no memory. */
function frame(context: MulticastContext, protocol: number, bytes: number): PacketBuffer | null {
  const { bridge } = context;
  const skb = bridge.stack.pool.allocate(HEADER + bytes);
  if (skb === null) return null;
  const at = skb.put(HEADER + bytes);
  skb.bytes.fill(0, at, skb.tail);
  copyBytes(groupMac, 0, skb.bytes, at, ADDRESS_BYTES);
  copyBytes(bridge.address, 0, skb.bytes, at + ADDRESS_BYTES, ADDRESS_BYTES);
  skb.view.setUint16(at + 12, protocol);
  skb.macHeader = at;
  skb.networkHeader = at + HEADER;
  skb.protocol = protocol;
  return skb;
}

function igmpQuery(
  context: MulticastContext,
  key: GroupKey,
  sources: readonly Uint32Array[] | null,
  suppress: boolean,
): PacketBuffer | null {
  const { bridge } = context;
  const group = key.group[0]!;
  const third = context.igmpVersion === 3;
  const count = third ? (sources?.length ?? 0) : 0;
  const payload = third ? igmp.V3_QUERY + igmp.SOURCE_BYTES * count : igmp.HEADER;
  const destination = group === 0 ? igmp.ALL_HOSTS : group;
  ipv4Multicast(destination, groupMac);
  const skb = frame(context, ETH_P_IP, IP4_HEADER + payload);
  if (skb === null) return null;
  const { view } = skb;
  const at = skb.networkHeader;
  const from = bridge.multicast.queryUsesAddress ? ownAddress(context) : 0;
  view.setUint8(at, 0x40 | (IP4_HEADER >>> 2));
  view.setUint8(at + 1, TOS_CONTROL);
  view.setUint16(at + 2, IP4_HEADER + payload);
  view.setUint16(at + 6, ipv4.DF);
  view.setUint8(at + 8, 1);
  view.setUint8(at + 9, igmp.PROTOCOL);
  view.setUint32(at + 12, from);
  view.setUint32(at + 16, destination);
  copyBytes(igmp.ROUTER_ALERT_OPTION, 0, skb.bytes, at + ipv4.HEADER, igmp.ROUTER_ALERT_OPTION.length);
  ipv4.writeChecksum(view, at, IP4_HEADER);
  const message = at + IP4_HEADER;
  const tenths = Math.floor((group === 0 ? context.queryResponseInterval : context.lastMemberInterval) / (TICKS_PER_SECOND / 10));
  igmp.write(view, message, igmp.QUERY, tenths & 0xff, group);
  if (third) {
    igmp.writeQueryV3(view, message, suppress, ROBUSTNESS, Math.floor(context.queryInterval / TICKS_PER_SECOND) & 0xff, count);
    for (let i = 0; i < count; i++) view.setUint32(message + igmp.V3_QUERY + igmp.SOURCE_BYTES * i, sources![i]![0]!);
  }
  igmp.writeChecksum(view, message, payload);
  return skb;
}

function mldQuery(
  context: MulticastContext,
  key: GroupKey,
  sources: readonly Uint32Array[] | null,
  suppress: boolean,
): PacketBuffer | null {
  const { bridge } = context;
  const general = isZero(key.group);
  const second = context.mldVersion === 2;
  const count = second ? (sources?.length ?? 0) : 0;
  const payload = second ? mld.V2_QUERY + mld.SOURCE_BYTES * count : mld.HEADER;
  const destination = general ? ipv6.ALL_NODES : key.group;
  // Without a link-local address of its own nobody may ask.
  bridge.multicast.hasIpv6Address = bridge.namespace.ipv6.addresses.select(bridge, destination, source6);
  if (!bridge.multicast.hasIpv6Address) return null;
  groupMac[0] = 0x33;
  groupMac[1] = 0x33;
  for (let i = 0; i < 4; i++) groupMac[2 + i] = (destination[3]! >>> (24 - 8 * i)) & 0xff;
  const skb = frame(context, ETH_P_IPV6, IP6_HEADER + payload);
  if (skb === null) return null;
  const { view } = skb;
  const at = skb.networkHeader;
  view.setUint32(at, 0x6000_0000);
  view.setUint16(at + 4, IP6_HEADER - ipv6.HEADER + payload);
  view.setUint8(at + 6, ipv6.NEXTHDR_HOP);
  view.setUint8(at + 7, 1);
  ipv6.writeAddress(view, at + ipv6.SOURCE, source6);
  ipv6.writeAddress(view, at + ipv6.DESTINATION, destination);
  copyBytes(mld.ROUTER_ALERT_HEADER, 0, skb.bytes, at + ipv6.HEADER, mld.ROUTER_ALERT_HEADER.length);
  const message = at + IP6_HEADER;
  const delayMs = (general ? context.queryResponseInterval : context.lastMemberInterval) * 10;
  mld.write(view, message, icmpv6.MLD_QUERY, Math.min(delayMs, 0xffff), key.group);
  if (second) {
    mld.writeQueryV2(view, message, suppress, ROBUSTNESS, Math.floor(context.queryInterval / TICKS_PER_SECOND) & 0xff, count);
    for (let i = 0; i < count; i++) ipv6.writeAddress(view, message + mld.V2_QUERY + mld.SOURCE_BYTES * i, sources![i]!);
  }
  const pseudo = ipv6.pseudoHeaderSum(source6, destination, ipv6.NEXTHDR_ICMPV6, payload);
  view.setUint16(message + icmpv6.CHECKSUM_AT, checksum(view, message, payload, pseudo));
  return skb;
}
