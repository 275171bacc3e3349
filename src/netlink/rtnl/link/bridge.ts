import { type AttributesOf, attributes, be16, binary, flag, struct, u8, u16, u32, u64 } from '../../attributes.js';

/** struct ifla_bridge_id: priority in network order, then the address. */
const bridgeId = (type: number) => binary(type, { min: 8 });

// enum br_boolopt_id, linux/if_bridge.h: bits of IFLA_BR_MULTI_BOOLOPT
export const BR_BOOLOPT_NO_LL_LEARN = 1 << 0;
export const BR_BOOLOPT_MCAST_VLAN_SNOOPING = 1 << 1;

/** IFLA_INFO_DATA of kind "bridge": linux/if_link.h, IFLA_BR_*, in the order of br_fill_info(). Times are in 10 ms. */
export const bridgeData = attributes('IFLA_BR', {
  helloTimer: u64(16),
  tcnTimer: u64(17),
  topologyChangeTimer: u64(18),
  gcTimer: u64(19),
  forwardDelay: u32(1),
  helloTime: u32(2),
  maxAge: u32(3),
  ageingTime: u32(4),
  stpState: u32(5),
  priority: u16(6),
  vlanFiltering: u8(7),
  groupFwdMask: u16(9),
  bridgeId: bridgeId(11),
  rootId: bridgeId(10),
  rootPort: u16(12),
  rootPathCost: u32(13),
  topologyChange: u8(14),
  topologyChangeDetected: u8(15),
  groupAddr: binary(20, { min: 6 }),
  multiBoolopt: struct(46, { value: 'u32', mask: 'u32' }),
  vlanProtocol: be16(8),
  vlanDefaultPvid: u16(39),
  vlanStatsEnabled: u8(41),
  vlanStatsPerPort: u8(45),
  mcastRouter: u8(22),
  mcastSnooping: u8(23),
  mcastQueryUseIfaddr: u8(24),
  mcastQuerier: u8(25),
  mcastStatsEnabled: u8(42),
  mcastHashElasticity: u32(26),
  mcastHashMax: u32(27),
  mcastLastMemberCnt: u32(28),
  mcastStartupQueryCnt: u32(29),
  mcastIgmpVersion: u8(43),
  mcastMldVersion: u8(44),
  mcastLastMemberIntvl: u64(30),
  mcastMembershipIntvl: u64(31),
  mcastQuerierIntvl: u64(32),
  mcastQueryIntvl: u64(33),
  mcastQueryResponseIntvl: u64(34),
  mcastStartupQueryIntvl: u64(35),
  nfCallIptables: u8(36),
  nfCallIp6tables: u8(37),
  nfCallArptables: u8(38),
  // Only in requests:
  fdbFlush: flag(21),
});
export type BridgeData = AttributesOf<typeof bridgeData>;

/** IFLA_INFO_SLAVE_DATA of a bridge's ports, and IFLA_PROTINFO of AF_BRIDGE: IFLA_BRPORT_*, in the order of br_port_fill_attrs(). */
export const bridgePortData = attributes('IFLA_BRPORT', {
  state: u8(1),
  priority: u16(2),
  cost: u32(3),
  hairpin: u8(4),
  guard: u8(5),
  rootBlock: u8(6),
  fastLeave: u8(7),
  mcastToUnicast: u8(28),
  learning: u8(8),
  flood: u8(9),
  mcastFlood: u8(27),
  bcastFlood: u8(30),
  proxyArp: u8(10),
  proxyArpWifi: u8(12),
  rootId: bridgeId(13),
  bridgeId: bridgeId(14),
  designatedPort: u16(15),
  designatedCost: u16(16),
  id: u16(17),
  no: u16(18),
  topologyChangeAck: u8(19),
  configPending: u8(20),
  vlanTunnel: u8(29),
  groupFwdMask: u16(31),
  neighSuppress: u8(32),
  isolated: u8(33),
  locked: u8(39),
  messageAgeTimer: u64(21),
  forwardDelayTimer: u64(22),
  holdTimer: u64(23),
  mcastRouter: u8(25),
  backupPort: u32(34),
  // Only in requests:
  flush: flag(24),
  learningSync: u8(11),
});
export type BridgePortData = AttributesOf<typeof bridgePortData>;
