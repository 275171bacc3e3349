import { type AttributesOf, attributes, layout, many, nest, struct, u16, u32, u64, u8 } from '../attributes.js';
import { message } from '../schema.js';
import { routersNest } from './mdb.js';

// VLANs of bridges and their ports with all that belongs to each: RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN, linux/if_bridge.h.

/** Flag of BRIDGE_VLANDB_ENTRY_INFO: options of a VLAN that is there. */
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 1 << 6;
export const BRIDGE_VLANDB_DUMPF_STATS = 1 << 0;
export const BRIDGE_VLANDB_DUMPF_GLOBAL = 1 << 1;

const statistics = attributes('BRIDGE_VLANDB_STATS', { rxBytes: u64(1), rxPackets: u64(2), txBytes: u64(3), txPackets: u64(4) });
const tunnelInfo = attributes('BRIDGE_VLANDB_TINFO', { id: u32(1), command: u32(2) });

/** BRIDGE_VLANDB_ENTRY_*, in the order of br_vlan_fill_vids(). */
const entry = attributes('BRIDGE_VLANDB_ENTRY', {
  info: struct(1, { flags: 'u16', vid: 'u16' }),
  range: u16(2),
  state: u8(3),
  tunnelInfo: nest(4, tunnelInfo),
  mcastRouter: u8(6),
  stats: nest(5, statistics),
});
export type VlanEntryAttributes = AttributesOf<typeof entry>;

/** BRIDGE_VLANDB_GOPTS_*, in the order of br_vlan_global_opts_fill(). Intervals in 10 ms. */
const globalOptions = attributes('BRIDGE_VLANDB_GOPTS', {
  id: u16(1),
  range: u16(2),
  mcastSnooping: u8(3),
  mcastIgmpVersion: u8(4),
  mcastLastMemberCnt: u32(6),
  mcastStartupQueryCnt: u32(7),
  mcastQuerier: u8(15),
  mcastLastMemberIntvl: u64(8),
  mcastMembershipIntvl: u64(10),
  mcastQuerierIntvl: u64(11),
  mcastQueryIntvl: u64(12),
  mcastQueryResponseIntvl: u64(13),
  mcastStartupQueryIntvl: u64(14),
  mcastRouterPorts: routersNest(16),
  mcastMldVersion: u8(5),
});
export type VlanGlobalOptions = AttributesOf<typeof globalOptions>;

const header = layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16', ifindex: 'u32' });

export const bridgeVlanMessage = message(
  'bridge vlan',
  header,
  attributes('BRIDGE_VLANDB', { entries: many(nest(1, entry)), globalOptions: many(nest(2, globalOptions)) }),
);

/** RTM_GETVLAN: what is to be dumped. */
export const bridgeVlanDumpMessage = message('bridge vlan', header, attributes('BRIDGE_VLANDB_DUMP', { flags: u32(1) }));
