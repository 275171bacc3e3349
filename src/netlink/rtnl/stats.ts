import { type AttributesOf, attributes, layout, many, nest, plain, struct, u32, u8 } from '../attributes.js';
import { deferred, message } from '../schema.js';
import { linkStats64 } from './link/link.js';

/** struct if_stats_msg, linux/if_link.h. */
export const ifStatsMsg = layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16', ifindex: 'u32', filterMask: 'u32' });

/** struct rtnl_hw_stats64 */
export const hardwareStats = layout({
  rxPackets: 'u64',
  txPackets: 'u64',
  rxBytes: 'u64',
  txBytes: 'u64',
  rxErrors: 'u64',
  txErrors: 'u64',
  rxDropped: 'u64',
  txDropped: 'u64',
  multicast: 'u64',
});

const hardwareInfo = attributes('IFLA_OFFLOAD_XSTATS_HW_S_INFO', { request: u8(1), used: u8(2) });

/** IFLA_OFFLOAD_XSTATS_*; what hwInfo nests is of each kind of hardware statistics. */
export const offloadStats = attributes('IFLA_OFFLOAD_XSTATS', {
  cpuHit: struct(1, linkStats64),
  hwInfo: nest(2, attributes('IFLA_OFFLOAD_XSTATS', { l3Stats: nest(3, hardwareInfo) })),
  l3Stats: struct(3, hardwareStats),
});
export type OffloadStats = AttributesOf<typeof offloadStats>;

/** LINK_XSTATS_TYPE_*: whose statistics a nest holds, each in the kind's own words. */
export const kindStats = attributes('LINK_XSTATS_TYPE', { bridge: plain(deferred(1)), bond: plain(deferred(2)) });
export type KindStats = AttributesOf<typeof kindStats>;

/** IFLA_STATS_GET_FILTERS: of a group, which subgroups; IFLA_OFFLOAD_XSTATS_* as bits. */
export const statsFilters = attributes('IFLA_STATS', { offload: u32(4) });

/** Of requests. */
export const statsRequestAttributes = attributes('IFLA_STATS', { filters: nest(1, statsFilters), l3Stats: u8(2, { max: 1 }) });
/** Of answers, in the order of Linux's rtnl_fill_statsinfo(). */
export const statsAttributes = attributes('IFLA_STATS', {
  link: struct(1, linkStats64),
  xstats: plain(nest(2, kindStats)),
  xstatsSlave: plain(nest(3, kindStats)),
  offload: plain(nest(4, offloadStats)),
  afSpec: plain(nest(5, attributes('AF', {}))),
});
export type StatsAttributes = AttributesOf<typeof statsAttributes>;

/** RTM_GETSTATS, RTM_SETSTATS */
export const statsRequest = message('stats', ifStatsMsg, statsRequestAttributes);
/** RTM_NEWSTATS */
export const statsMessage = message('stats', ifStatsMsg, statsAttributes);

/** IFLA_STATS_FILTER_BIT() of the groups. */
export const STATS_LINK = 1;
export const STATS_XSTATS = 2;
export const STATS_XSTATS_SLAVE = 4;
export const STATS_OFFLOAD = 8;
export const STATS_AF_SPEC = 16;
/** IFLA_OFFLOAD_XSTATS_*, as bits of a filter. */
export const OFFLOAD_CPU_HIT = 1;
export const OFFLOAD_HW_INFO = 2;
export const OFFLOAD_L3_STATS = 4;

// What bridges count, linux/if_bridge.h.

/** struct br_mcast_stats: each of one direction received and sent. */
export const bridgeMulticastStats = layout({
  igmpV1QueriesRx: 'u64',
  igmpV1QueriesTx: 'u64',
  igmpV2QueriesRx: 'u64',
  igmpV2QueriesTx: 'u64',
  igmpV3QueriesRx: 'u64',
  igmpV3QueriesTx: 'u64',
  igmpLeavesRx: 'u64',
  igmpLeavesTx: 'u64',
  igmpV1ReportsRx: 'u64',
  igmpV1ReportsTx: 'u64',
  igmpV2ReportsRx: 'u64',
  igmpV2ReportsTx: 'u64',
  igmpV3ReportsRx: 'u64',
  igmpV3ReportsTx: 'u64',
  igmpParseErrors: 'u64',
  mldV1QueriesRx: 'u64',
  mldV1QueriesTx: 'u64',
  mldV2QueriesRx: 'u64',
  mldV2QueriesTx: 'u64',
  mldLeavesRx: 'u64',
  mldLeavesTx: 'u64',
  mldV1ReportsRx: 'u64',
  mldV1ReportsTx: 'u64',
  mldV2ReportsRx: 'u64',
  mldV2ReportsTx: 'u64',
  mldParseErrors: 'u64',
  multicastBytesRx: 'u64',
  multicastBytesTx: 'u64',
  multicastPacketsRx: 'u64',
  multicastPacketsTx: 'u64',
});

/** struct bridge_stp_xstats */
export const bridgeStpStats = layout({
  transitionBlocking: 'u64',
  transitionForwarding: 'u64',
  rxBpdu: 'u64',
  txBpdu: 'u64',
  rxTcn: 'u64',
  txTcn: 'u64',
});

/** struct bridge_vlan_xstats; flags are those of BRIDGE_VLAN_INFO. */
const bridgeVlanStats = layout({
  rxBytes: 'u64',
  rxPackets: 'u64',
  txBytes: 'u64',
  txPackets: 'u64',
  vid: 'u16',
  flags: 'u16',
  pad: 'pad32',
});

/** BRIDGE_XSTATS_* */
export const bridgeStats = attributes('BRIDGE_XSTATS', {
  vlans: many(struct(1, bridgeVlanStats)),
  multicast: struct(2, bridgeMulticastStats),
  stp: struct(4, bridgeStpStats),
});
export type BridgeStats = AttributesOf<typeof bridgeStats>;
