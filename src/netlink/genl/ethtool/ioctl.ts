// linux/ethtool.h: what still goes by ioctl(SIOCETHTOOL), and on the bus in the same bytes. All numbers are in host order.

/** linux/sockios.h */
export const SIOCETHTOOL = 0x8946;

/** The first word of every request. */
export const Ioctl = {
  GSET: 0x01,
  SSET: 0x02,
  GDRVINFO: 0x03,
  GREGS: 0x04,
  GWOL: 0x05,
  SWOL: 0x06,
  GMSGLVL: 0x07,
  SMSGLVL: 0x08,
  NWAY_RST: 0x09,
  GLINK: 0x0a,
  GEEPROM: 0x0b,
  SEEPROM: 0x0c,
  GCOALESCE: 0x0e,
  SCOALESCE: 0x0f,
  GRINGPARAM: 0x10,
  SRINGPARAM: 0x11,
  GPAUSEPARAM: 0x12,
  SPAUSEPARAM: 0x13,
  GRXCSUM: 0x14,
  SRXCSUM: 0x15,
  GTXCSUM: 0x16,
  STXCSUM: 0x17,
  GSG: 0x18,
  SSG: 0x19,
  TEST: 0x1a,
  GSTRINGS: 0x1b,
  PHYS_ID: 0x1c,
  GSTATS: 0x1d,
  GTSO: 0x1e,
  STSO: 0x1f,
  GPERMADDR: 0x20,
  GGSO: 0x23,
  SGSO: 0x24,
  GFLAGS: 0x25,
  SFLAGS: 0x26,
  GPFLAGS: 0x27,
  SPFLAGS: 0x28,
  GRXFH: 0x29,
  SRXFH: 0x2a,
  GGRO: 0x2b,
  SGRO: 0x2c,
  GRXRINGS: 0x2d,
  GRXCLSRLCNT: 0x2e,
  GRXCLSRULE: 0x2f,
  GRXCLSRLALL: 0x30,
  SRXCLSRLDEL: 0x31,
  SRXCLSRLINS: 0x32,
  FLASHDEV: 0x33,
  RESET: 0x34,
  GSSET_INFO: 0x37,
  GFEATURES: 0x3a,
  SFEATURES: 0x3b,
  GCHANNELS: 0x3c,
  SCHANNELS: 0x3d,
  SET_DUMP: 0x3e,
  GET_DUMP_FLAG: 0x3f,
  GET_DUMP_DATA: 0x40,
  GET_TS_INFO: 0x41,
  GMODULEINFO: 0x42,
  GMODULEEEPROM: 0x43,
  GRSSH: 0x46,
  SRSSH: 0x47,
  GTUNABLE: 0x48,
  STUNABLE: 0x49,
  GPHYSTATS: 0x4a,
  PERQUEUE: 0x4b,
  GLINKSETTINGS: 0x4c,
  SLINKSETTINGS: 0x4d,
  PHY_GTUNABLE: 0x4e,
  PHY_STUNABLE: 0x4f,
} as const;

/** ETH_GSTRING_LEN */
export const STRING_BYTES = 32;

/** struct ethtool_drvinfo: where its fields lie. */
export const DriverInfo = {
  size: 196,
  driver: 4,
  version: 36,
  firmware: 68,
  bus: 100,
  eromVersion: 132,
  privFlags: 176,
  statistics: 180,
  tests: 184,
  eepromBytes: 188,
  registerBytes: 192,
} as const;

/** struct ethtool_sset_info: u32 cmd | u32 | u64 mask | u32 data[]. */
export const SsetInfo = { size: 16, mask: 8, data: 16 } as const;
/** struct ethtool_gstrings: u32 cmd | u32 set | u32 count | names of 32 bytes. */
export const Strings = { size: 12, set: 4, count: 8, data: 12 } as const;
/** struct ethtool_stats: u32 cmd | u32 count | u64 data[]. */
export const Stats = { size: 8, count: 4, data: 8 } as const;
/** struct ethtool_regs: u32 cmd | u32 version | u32 length | data. */
export const Registers = { size: 12, version: 4, length: 8, data: 12 } as const;
/** struct ethtool_eeprom: u32 cmd | u32 magic | u32 offset | u32 length | data. */
export const Eeprom = { size: 16, magic: 4, offset: 8, length: 12, data: 16 } as const;
/** struct ethtool_modinfo: u32 cmd | u32 type (ETH_MODULE_*) | u32 length | u32[8]. */
export const ModuleInfo = { size: 44, type: 4, length: 8 } as const;
/** The layouts of a module's memory as one piece. */
export const ETH_MODULE_SFF_8079 = 1;
export const ETH_MODULE_SFF_8472 = 2;
export const ETH_MODULE_SFF_8636 = 3;
export const ETH_MODULE_SFF_8436 = 4;
/** struct ethtool_test: u32 cmd | u32 flags | u32 | u32 count | u64 data[]. */
export const Test = { size: 16, flags: 4, count: 12, data: 16 } as const;
export const ETH_TEST_FL_OFFLINE = 1;
export const ETH_TEST_FL_FAILED = 2;
export const ETH_TEST_FL_EXTERNAL_LB = 4;
export const ETH_TEST_FL_EXTERNAL_LB_DONE = 8;
/** struct ethtool_value: u32 cmd | u32 value. */
export const Value = { size: 8, value: 4 } as const;
/** struct ethtool_perm_addr: u32 cmd | u32 size | bytes. */
export const PermanentAddress = { size: 8, length: 4, data: 8 } as const;

/** struct ethtool_rx_flow_spec: u32 type | union (52) | ext (20) | union mask (52) | ext mask (20) | u64 cookie | u32 location. */
export const FlowSpec = { size: 168, type: 0, fields: 4, ext: 56, mask: 76, maskExt: 128, cookie: 152, location: 160 } as const;
/** struct ethtool_rxnfc: u32 cmd | u32 flow type | u64 data | spec | u32 rule count or context | u32 locations[]. */
export const RxNfc = { size: 192, flowType: 4, data: 8, spec: 16, ruleCount: 184, locations: 188 } as const;
/** struct ethtool_rxfh: u32 cmd | u32 context | u32 entries | u32 key bytes | u8 function | 3 | u32 | u32 data[]. */
export const Rxfh = { size: 24, context: 4, entries: 8, keyBytes: 12, hashFunction: 16, data: 24 } as const;
/** struct ethtool_tunable: u32 cmd | u32 id | u32 type | u32 length | data. */
export const Tunable = { size: 16, id: 4, type: 8, length: 12, data: 16 } as const;
/** struct ethtool_per_queue_op: u32 cmd | u32 sub-command | u32 mask[128] | data. */
export const PerQueue = { size: 520, subCommand: 4, mask: 8, data: 520 } as const;
/** struct ethtool_coalesce: u32 cmd and 22 words. */
export const Coalesce = { size: 92 } as const;

/** The words of struct ethtool_coalesce behind its command, by the names of netlink. */
export const coalesceWords = [
  'rxUsecs',
  'rxMaxFrames',
  'rxUsecsIrq',
  'rxMaxFramesIrq',
  'txUsecs',
  'txMaxFrames',
  'txUsecsIrq',
  'txMaxFramesIrq',
  'statsBlockUsecs',
  'adaptiveRx',
  'adaptiveTx',
  'pktRateLow',
  'rxUsecsLow',
  'rxMaxFramesLow',
  'txUsecsLow',
  'txMaxFramesLow',
  'pktRateHigh',
  'rxUsecsHigh',
  'rxMaxFramesHigh',
  'txUsecsHigh',
  'txMaxFramesHigh',
  'rateSampleInterval',
] as const;

/** struct ethtool_cmd: u32 cmd | u32 supported | u32 advertising | u16 speed | u8 duplex | u8 port | ... */
export const LinkCommand = {
  size: 44,
  supported: 4,
  advertising: 8,
  speed: 12,
  duplex: 14,
  port: 15,
  phyAddress: 16,
  transceiver: 17,
  autoneg: 18,
  speedHigh: 28,
  mdix: 30,
  mdixControl: 31,
  linkPartner: 32,
} as const;
/** struct ethtool_link_settings, and three sets of link modes behind it, each of as many words as `words` says. */
export const LinkSettingsStruct = {
  size: 48,
  speed: 4,
  duplex: 8,
  port: 9,
  phyAddress: 10,
  autoneg: 11,
  mdix: 13,
  mdixControl: 14,
  words: 15,
  transceiver: 16,
  modes: 48,
} as const;
/** struct ethtool_wolinfo: u32 cmd | u32 supported | u32 options | u8 sopass[6]. */
export const WakeOnLan = { size: 20, supported: 4, options: 8, sopass: 12 } as const;
/** struct ethtool_ringparam, ethtool_channels and ethtool_pauseparam: words behind the command. */
export const RING_BYTES = 36;
export const CHANNELS_BYTES = 36;
export const PAUSE_BYTES = 16;
/** struct ethtool_ts_info: u32 cmd | u32 stamps | s32 clock | u32 types of sent | 3 | u32 filters of received | 3. */
export const TimestampInfo = { size: 44, stamps: 4, clock: 8, txTypes: 12, rxFilters: 28 } as const;
/** struct ethtool_gfeatures: u32 cmd | u32 blocks | available, requested, active, never changed; of SFEATURES valid, requested. */
export const FeatureBlocks = { size: 8, count: 4, blocks: 8, getBytes: 16, setBytes: 8 } as const;
/** ETH_FLAG_*: the features that GFLAGS tells by their numbers among NETIF_F_*. */
export const ETH_FLAG_LRO = 1 << 15;
export const ETH_FLAG_TXVLAN = 1 << 7;
export const ETH_FLAG_RXVLAN = 1 << 8;
export const ETH_FLAG_NTUPLE = 1 << 27;
export const ETH_FLAG_RXHASH = 1 << 28;
/** ETHTOOL_F_*: what SFEATURES says of what it could not do. */
export const ETHTOOL_F_UNSUPPORTED = 1;
export const ETHTOOL_F_WISH = 2;
