// linux/ethtool_netlink.h: the generic netlink family "ethtool".
export const ETHTOOL_FAMILY = 'ethtool';
export const ETHTOOL_VERSION = 1;
export const ETHTOOL_MONITOR_GROUP = 'monitor';

/** genlmsghdr.cmd of requests: ETHTOOL_MSG_*. */
export const Request = {
  STRSET_GET: 1,
  LINKINFO_GET: 2,
  LINKINFO_SET: 3,
  LINKMODES_GET: 4,
  LINKMODES_SET: 5,
  LINKSTATE_GET: 6,
  DEBUG_GET: 7,
  DEBUG_SET: 8,
  WOL_GET: 9,
  WOL_SET: 10,
  FEATURES_GET: 11,
  FEATURES_SET: 12,
  PRIVFLAGS_GET: 13,
  PRIVFLAGS_SET: 14,
  RINGS_GET: 15,
  RINGS_SET: 16,
  CHANNELS_GET: 17,
  CHANNELS_SET: 18,
  COALESCE_GET: 19,
  COALESCE_SET: 20,
  PAUSE_GET: 21,
  PAUSE_SET: 22,
  EEE_GET: 23,
  EEE_SET: 24,
  TSINFO_GET: 25,
  CABLE_TEST_ACT: 26,
  CABLE_TEST_TDR_ACT: 27,
  TUNNEL_INFO_GET: 28,
  FEC_GET: 29,
  FEC_SET: 30,
  MODULE_EEPROM_GET: 31,
  STATS_GET: 32,
  PHC_VCLOCKS_GET: 33,
  MODULE_GET: 34,
  MODULE_SET: 35,
  PSE_GET: 36,
  PSE_SET: 37,
} as const;

/** genlmsghdr.cmd of answers and notifications: ETHTOOL_MSG_*_REPLY, *_NTF. */
export const Answer = {
  STRSET_GET_REPLY: 1,
  LINKINFO_GET_REPLY: 2,
  LINKINFO_NTF: 3,
  LINKMODES_GET_REPLY: 4,
  LINKMODES_NTF: 5,
  LINKSTATE_GET_REPLY: 6,
  DEBUG_GET_REPLY: 7,
  DEBUG_NTF: 8,
  WOL_GET_REPLY: 9,
  WOL_NTF: 10,
  FEATURES_GET_REPLY: 11,
  FEATURES_SET_REPLY: 12,
  FEATURES_NTF: 13,
  PRIVFLAGS_GET_REPLY: 14,
  PRIVFLAGS_NTF: 15,
  RINGS_GET_REPLY: 16,
  RINGS_NTF: 17,
  CHANNELS_GET_REPLY: 18,
  CHANNELS_NTF: 19,
  COALESCE_GET_REPLY: 20,
  COALESCE_NTF: 21,
  PAUSE_GET_REPLY: 22,
  PAUSE_NTF: 23,
  EEE_GET_REPLY: 24,
  EEE_NTF: 25,
  TSINFO_GET_REPLY: 26,
  CABLE_TEST_NTF: 27,
  CABLE_TEST_TDR_NTF: 28,
  TUNNEL_INFO_GET_REPLY: 29,
  FEC_GET_REPLY: 30,
  FEC_NTF: 31,
  MODULE_EEPROM_GET_REPLY: 32,
  STATS_GET_REPLY: 33,
  PHC_VCLOCKS_GET_REPLY: 34,
  MODULE_GET_REPLY: 35,
  MODULE_NTF: 36,
  PSE_GET_REPLY: 37,
} as const;

// ETHTOOL_FLAG_*: flags of the request header.
export const ETHTOOL_FLAG_COMPACT_BITSETS = 1;
export const ETHTOOL_FLAG_OMIT_REPLY = 2;
export const ETHTOOL_FLAG_STATS = 4;

/** enum ethtool_stringset, linux/ethtool.h. */
export const StringSet = {
  TEST: 0,
  STATS: 1,
  PRIV_FLAGS: 2,
  NTUPLE_FILTERS: 3,
  FEATURES: 4,
  RSS_HASH_FUNCS: 5,
  TUNABLES: 6,
  PHY_STATS: 7,
  PHY_TUNABLES: 8,
  LINK_MODES: 9,
  MSG_CLASSES: 10,
  WOL_MODES: 11,
  SOF_TIMESTAMPING: 12,
  TS_TX_TYPES: 13,
  TS_RX_FILTERS: 14,
  UDP_TUNNEL_TYPES: 15,
  STATS_STD: 16,
  STATS_ETH_PHY: 17,
  STATS_ETH_MAC: 18,
  STATS_ETH_CTRL: 19,
  STATS_RMON: 20,
} as const;

// linux/ethtool.h
export const DUPLEX_HALF = 0;
export const DUPLEX_FULL = 1;
export const DUPLEX_UNKNOWN = 0xff;
export const SPEED_UNKNOWN = 0xffff_ffff;
export const PORT_TP = 0;
export const PORT_OTHER = 0xff;
export const XCVR_INTERNAL = 0;
export const ETH_TP_MDI_INVALID = 0;
export const ETH_TP_MDI = 1;
export const ETH_TP_MDI_X = 2;
export const ETH_TP_MDI_AUTO = 3;

/** Names of 32-bit words that a bitset of so many bits takes. */
export const ETHTOOL_MAX_NAME = 127;
