import {
  BR_BOOLOPT_MCAST_VLAN_SNOOPING,
  BR_BOOLOPT_NO_LL_LEARN,
  type BridgeData,
  bridgeData,
} from '../../../../netlink/rtnl/link/bridge.js';
import { Deferred } from '../../../../netlink/schema.js';
import { formatMac } from '../../../../wire/mac-address.js';
import { invalidArgument } from '../../../shared/failure.js';
import { RawJson } from '../../../shared/json-writer.js';
import { parseLinkAddress } from '../../../shared/link-layer.js';
import { parseUnsigned } from '../../../shared/numbers.js';
import type { Printer } from '../../../shared/printer.js';
import type { LinkKindPart } from './kind.js';
import { parseVlanProtocol, vlanProtocolName } from './vlan.js';
import { type KindWord, readKindWords, type Writable } from './words.js';

const optionLines = `[ fdb_flush ]
[ forward_delay FORWARD_DELAY ]
[ hello_time HELLO_TIME ]
[ max_age MAX_AGE ]
[ ageing_time AGEING_TIME ]
[ stp_state STP_STATE ]
[ priority PRIORITY ]
[ group_fwd_mask MASK ]
[ group_address ADDRESS ]
[ no_linklocal_learn NO_LINKLOCAL_LEARN ]
[ vlan_filtering VLAN_FILTERING ]
[ vlan_protocol VLAN_PROTOCOL ]
[ vlan_default_pvid VLAN_DEFAULT_PVID ]
[ vlan_stats_enabled VLAN_STATS_ENABLED ]
[ vlan_stats_per_port VLAN_STATS_PER_PORT ]
[ mcast_snooping MULTICAST_SNOOPING ]
[ mcast_vlan_snooping MULTICAST_VLAN_SNOOPING ]
[ mcast_router MULTICAST_ROUTER ]
[ mcast_query_use_ifaddr MCAST_QUERY_USE_IFADDR ]
[ mcast_querier MULTICAST_QUERIER ]
[ mcast_hash_elasticity HASH_ELASTICITY ]
[ mcast_hash_max HASH_MAX ]
[ mcast_last_member_count LAST_MEMBER_COUNT ]
[ mcast_startup_query_count STARTUP_QUERY_COUNT ]
[ mcast_last_member_interval LAST_MEMBER_INTERVAL ]
[ mcast_membership_interval MEMBERSHIP_INTERVAL ]
[ mcast_querier_interval QUERIER_INTERVAL ]
[ mcast_query_interval QUERY_INTERVAL ]
[ mcast_query_response_interval QUERY_RESPONSE_INTERVAL ]
[ mcast_startup_query_interval STARTUP_QUERY_INTERVAL ]
[ mcast_stats_enabled MCAST_STATS_ENABLED ]
[ mcast_igmp_version IGMP_VERSION ]
[ mcast_mld_version MLD_VERSION ]
[ nf_call_iptables NF_CALL_IPTABLES ]
[ nf_call_ip6tables NF_CALL_IP6TABLES ]
[ nf_call_arptables NF_CALL_ARPTABLES ]`;
const usage = `Usage: ... bridge ${optionLines.split('\n').join('\n\t\t  ')}\n\nWhere: VLAN_PROTOCOL := { 802.1Q | 802.1ad }`;

type Values = Writable<BridgeData>;
type NumberKey = { [K in keyof BridgeData]-?: NonNullable<BridgeData[K]> extends number ? K : never }[keyof BridgeData];

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const EXACT = Number.MAX_SAFE_INTEGER;

const numeric = (word: string, key: NumberKey, max: number, complaint = `invalid ${word}`): KindWord<Values> => ({
  word,
  short: true,
  take(state, cursor) {
    const text = cursor.next();
    const value = parseUnsigned(text, max);
    if (value === null) throw invalidArgument(`${complaint}`, text);
    state[key] = value;
  },
});

const option = (word: string, bit: number): KindWord<Values> => ({
  word,
  short: true,
  take(state, cursor) {
    const text = cursor.next();
    const value = parseUnsigned(text, U8);
    if (value === null) throw invalidArgument(`invalid ${word}`, text);
    const { value: old, mask } = state.multiBoolopt ?? { value: 0, mask: 0 };
    state.multiBoolopt = { value: value === 0 ? old & ~bit : old | bit, mask: mask | bit };
  },
});

// In the order of iproute2, which abbreviations go by.
const words: readonly KindWord<Values>[] = [
  numeric('forward_delay', 'forwardDelay', U32),
  numeric('hello_time', 'helloTime', U32),
  numeric('max_age', 'maxAge', U32),
  numeric('ageing_time', 'ageingTime', U32),
  numeric('stp_state', 'stpState', U32),
  numeric('priority', 'priority', U16),
  numeric('vlan_filtering', 'vlanFiltering', U8),
  {
    word: 'vlan_protocol',
    short: true,
    take(state, cursor) {
      const text = cursor.next();
      const protocol = parseVlanProtocol(text);
      if (protocol === null) throw invalidArgument('invalid vlan_protocol', text);
      state.vlanProtocol = protocol;
    },
  },
  numeric('group_fwd_mask', 'groupFwdMask', U16),
  {
    word: 'group_address',
    short: true,
    take(state, cursor) {
      state.groupAddr = parseLinkAddress(cursor.next());
    },
  },
  {
    word: 'fdb_flush',
    short: true,
    take(state) {
      state.fdbFlush = true;
    },
  },
  numeric('vlan_default_pvid', 'vlanDefaultPvid', U16),
  numeric('vlan_stats_enabled', 'vlanStatsEnabled', U8),
  numeric('vlan_stats_per_port', 'vlanStatsPerPort', U8),
  numeric('mcast_router', 'mcastRouter', U8),
  numeric('mcast_snooping', 'mcastSnooping', U8),
  option('mcast_vlan_snooping', BR_BOOLOPT_MCAST_VLAN_SNOOPING),
  numeric('mcast_query_use_ifaddr', 'mcastQueryUseIfaddr', U8),
  numeric('mcast_querier', 'mcastQuerier', U8),
  option('no_linklocal_learn', BR_BOOLOPT_NO_LL_LEARN),
  numeric('mcast_hash_elasticity', 'mcastHashElasticity', U32),
  numeric('mcast_hash_max', 'mcastHashMax', U32),
  numeric('mcast_last_member_count', 'mcastLastMemberCnt', U32),
  numeric('mcast_startup_query_count', 'mcastStartupQueryCnt', U32),
  numeric('mcast_last_member_interval', 'mcastLastMemberIntvl', EXACT),
  numeric('mcast_membership_interval', 'mcastMembershipIntvl', EXACT),
  numeric('mcast_querier_interval', 'mcastQuerierIntvl', EXACT),
  numeric('mcast_query_interval', 'mcastQueryIntvl', EXACT),
  numeric('mcast_query_response_interval', 'mcastQueryResponseIntvl', EXACT),
  numeric('mcast_startup_query_interval', 'mcastStartupQueryIntvl', EXACT),
  numeric('mcast_stats_enabled', 'mcastStatsEnabled', U8),
  numeric('mcast_igmp_version', 'mcastIgmpVersion', U8),
  numeric('mcast_mld_version', 'mcastMldVersion', U8),
  numeric('nf_call_iptables', 'nfCallIptables', U8, 'invalid nf_call_iptables'),
  numeric('nf_call_ip6tables', 'nfCallIp6tables', U8),
  numeric('nf_call_arptables', 'nfCallArptables', U8),
];

/** "8000.2:0:0:0:0:1": the priority in four digits, the address without leading zeros. */
export const bridgeIdText = (id: Uint8Array) =>
  `${formatMac(id, 0, 2).replace(':', '')}.${[...id.subarray(2, 8)].map((byte) => byte.toString(16)).join(':')}`;

/** A time of 10 ms units as "   1.50". */
export function printTimer(out: Printer, key: string, value: number | undefined): void {
  if (value === undefined) return;
  const seconds = Math.floor(value / 100);
  const rest = String(value % 100).padStart(2, '0');
  out.field(key, new RawJson(`${seconds}.${rest}`), `${key} ${String(seconds).padStart(4)}.${rest} `);
}

/** What `print` shows one after the other: attribute, JSON key, word in the text where it is another. */
type Shown = readonly [NumberKey, string, string?];

const plain = (out: Printer, data: BridgeData, shown: readonly Shown[]) => {
  for (const [key, name, word = name] of shown) {
    const value = data[key];
    if (value !== undefined) out.field(name, value, `${word} ${value} `);
  }
};

const first: readonly Shown[] = [
  ['forwardDelay', 'forward_delay'],
  ['helloTime', 'hello_time'],
  ['maxAge', 'max_age'],
  ['ageingTime', 'ageing_time'],
  ['stpState', 'stp_state'],
  ['priority', 'priority'],
  ['vlanFiltering', 'vlan_filtering'],
];
const tree: readonly Shown[] = [
  ['rootPort', 'root_port'],
  ['rootPathCost', 'root_path_cost'],
  ['topologyChange', 'topology_change'],
  ['topologyChangeDetected', 'topology_change_detected'],
];
const vlans: readonly Shown[] = [
  ['vlanDefaultPvid', 'vlan_default_pvid'],
  ['vlanStatsEnabled', 'vlan_stats_enabled'],
  ['vlanStatsPerPort', 'vlan_stats_per_port'],
];
const multicast: readonly Shown[] = [
  ['mcastRouter', 'mcast_router'],
  ['mcastQueryUseIfaddr', 'mcast_query_use_ifaddr'],
  ['mcastQuerier', 'mcast_querier'],
  ['mcastHashElasticity', 'mcast_hash_elasticity'],
  ['mcastHashMax', 'mcast_hash_max'],
  ['mcastLastMemberCnt', 'mcast_last_member_cnt', 'mcast_last_member_count'],
  ['mcastStartupQueryCnt', 'mcast_startup_query_cnt', 'mcast_startup_query_count'],
  ['mcastLastMemberIntvl', 'mcast_last_member_intvl', 'mcast_last_member_interval'],
  ['mcastMembershipIntvl', 'mcast_membership_intvl', 'mcast_membership_interval'],
  ['mcastQuerierIntvl', 'mcast_querier_intvl', 'mcast_querier_interval'],
  ['mcastQueryIntvl', 'mcast_query_intvl', 'mcast_query_interval'],
  ['mcastQueryResponseIntvl', 'mcast_query_response_intvl', 'mcast_query_response_interval'],
  ['mcastStartupQueryIntvl', 'mcast_startup_query_intvl', 'mcast_startup_query_interval'],
  ['mcastStatsEnabled', 'mcast_stats_enabled'],
  ['mcastIgmpVersion', 'mcast_igmp_version'],
  ['mcastMldVersion', 'mcast_mld_version'],
  ['nfCallIptables', 'nf_call_iptables'],
  ['nfCallIp6tables', 'nf_call_ip6tables'],
  ['nfCallArptables', 'nf_call_arptables'],
];

function print(out: Printer, data: BridgeData): void {
  plain(out, data, first);
  if (data.vlanProtocol !== undefined) {
    const name = vlanProtocolName(data.vlanProtocol);
    out.field('vlan_protocol', name, `vlan_protocol ${name} `);
  }
  if (data.bridgeId !== undefined) out.field('bridge_id', bridgeIdText(data.bridgeId), `bridge_id ${bridgeIdText(data.bridgeId)} `);
  if (data.rootId !== undefined) out.field('root_id', bridgeIdText(data.rootId), `designated_root ${bridgeIdText(data.rootId)} `);
  plain(out, data, tree);
  printTimer(out, 'hello_timer', data.helloTimer);
  printTimer(out, 'tcn_timer', data.tcnTimer);
  printTimer(out, 'topology_change_timer', data.topologyChangeTimer);
  printTimer(out, 'gc_timer', data.gcTimer);
  plain(out, data, vlans);
  if (data.groupFwdMask !== undefined) {
    const mask = data.groupFwdMask === 0 ? '0' : `0x${data.groupFwdMask.toString(16)}`;
    out.field('group_fwd_mask', mask, `group_fwd_mask ${mask} `);
  }
  if (data.groupAddr !== undefined) out.field('group_addr', formatMac(data.groupAddr), `group_address ${formatMac(data.groupAddr)} `);
  plain(out, data, [['mcastSnooping', 'mcast_snooping']]);
  if (data.multiBoolopt !== undefined) {
    const { value, mask } = data.multiBoolopt;
    for (const [bit, name] of [
      [BR_BOOLOPT_NO_LL_LEARN, 'no_linklocal_learn'],
      [BR_BOOLOPT_MCAST_VLAN_SNOOPING, 'mcast_vlan_snooping'],
    ] as const)
      if ((mask & bit) !== 0) out.field(name, (value & bit) === 0 ? 0 : 1, `${name} ${(value & bit) === 0 ? 0 : 1} `);
  }
  plain(out, data, multicast);
}

/** A switch whose ports are other devices. */
export const bridge: LinkKindPart = {
  kind: 'bridge',
  usage,
  async parse(context, cursor) {
    return Deferred.of(bridgeData, await readKindWords<Values>('bridge', usage, words, {}, context, cursor));
  },
  print({ out }, data) {
    if (data !== undefined) print(out, data.parse(bridgeData));
  },
};
