import type { Bits } from '../../netlink/genl/ethtool/bitset.js';
import type { NetDevice } from './device.js';

/** What drivers without a version of their own tell: uname -r of the system we are. */
export const KERNEL_RELEASE = '6.1.0-56-amd64';

/** ETHTOOL_GDRVINFO: who drives a device. `version` left out: the kernel's. */
export interface DriverName {
  readonly driver: string;
  readonly version?: string;
  readonly firmware?: string;
  readonly bus?: string;
}

/** A feature set as a driver is born with it: names of netlink/genl/ethtool/strings.ts. */
export interface FeatureProfile {
  /** On from the start (netdev->features). */
  readonly on: readonly string[];
  /** May be switched (netdev->hw_features). */
  readonly changeable: readonly string[];
  /** Wished for though not on (netdev->wanted_features beyond `on`). */
  readonly wished?: readonly string[];
}

/** What a device can change, what is wished for of it, and what is on: bits of featureNames. */
export interface FeatureState {
  active: Bits;
  wanted: Bits;
  readonly changeable: Bits;
}

/** struct ethtool_link_ksettings. */
export interface LinkSettings {
  /** Mb/s; 0xffffffff: not known. */
  speed: number;
  duplex: number;
  port: number;
  phyAddress: number;
  autoneg: boolean;
  transceiver: number;
  mdix: number;
  mdixControl: number;
  supported: Bits;
  advertising: Bits;
  linkPartner: Bits;
}

export interface RingParameters {
  readonly rxMax: number;
  readonly rxMiniMax: number;
  readonly rxJumboMax: number;
  readonly txMax: number;
  rx: number;
  rxMini: number;
  rxJumbo: number;
  tx: number;
}

export interface ChannelCounts {
  readonly rxMax: number;
  readonly txMax: number;
  readonly otherMax: number;
  readonly combinedMax: number;
  rx: number;
  tx: number;
  other: number;
  combined: number;
}

/** struct ethtool_coalesce, microseconds and frames; keys as in netlink/genl/ethtool/messages.ts. */
export type CoalesceKey =
  | 'rxUsecs'
  | 'rxMaxFrames'
  | 'rxUsecsIrq'
  | 'rxMaxFramesIrq'
  | 'txUsecs'
  | 'txMaxFrames'
  | 'txUsecsIrq'
  | 'txMaxFramesIrq'
  | 'statsBlockUsecs'
  | 'adaptiveRx'
  | 'adaptiveTx'
  | 'pktRateLow'
  | 'rxUsecsLow'
  | 'rxMaxFramesLow'
  | 'txUsecsLow'
  | 'txMaxFramesLow'
  | 'pktRateHigh'
  | 'rxUsecsHigh'
  | 'rxMaxFramesHigh'
  | 'txUsecsHigh'
  | 'txMaxFramesHigh'
  | 'rateSampleInterval'
  | 'cqeModeTx'
  | 'cqeModeRx';
export type CoalesceValues = Partial<Record<CoalesceKey, number>>;

export interface PauseParameters {
  autoneg: boolean;
  rx: boolean;
  tx: boolean;
}

/** ETHTOOL_GRXFH and its kin: the indirection table, the key and the function of receive-side scaling. */
export interface RssSettings {
  readonly indirection: Uint32Array;
  readonly key: Uint8Array;
  /** ETH_RSS_HASH_*: one bit. */
  readonly hashFunction: number;
  /** The user has set the table (netif_is_rxfh_configured()). */
  readonly configured: boolean;
}

/** struct ethtool_rx_flow_spec as bytes (linux/ethtool.h), with its place. */
export interface FlowRule {
  readonly location: number;
  readonly specification: Uint8Array;
}

/**
 * A plug-in module's memory as one piece: of an SFP the 256 bytes at I2C address 50h and those at 51h, of others the lower memory and
 * then page after page.
 */
export interface ModuleEeprom {
  /** ETH_MODULE_* */
  readonly type: number;
  readonly memory: Uint8Array;
}

/** A value that can be asked for and, where `set` is there, given. */
export interface Knob<Device, Value> {
  get(device: Device): Value;
  set?(device: Device, value: Value): void;
}

/**
 * What a driver says to ethtool (struct ethtool_ops): one object a driver, shared by its devices. What is left out Linux's driver does
 * not offer either, and is answered with EOPNOTSUPP.
 */
export interface EthtoolOps<Device extends NetDevice = NetDevice> {
  driver?(device: Device): DriverName;
  features(device: Device): FeatureProfile;
  /** Takes out of a wish what the device cannot have now (ndo_fix_features). */
  fixFeatures?(device: Device, wanted: Bits): Bits;
  /** What is on has changed (ndo_set_features). */
  featuresChanged?(device: Device): void;
  /** It says whether there is a link (get_link). */
  readonly reportsLink?: boolean;
  /** It stamps sent packets (SOF_TIMESTAMPING_TX_SOFTWARE). */
  readonly stampsSent?: boolean;
  readonly linkSettings?: Knob<Device, LinkSettings>;
  readonly messageLevel?: Knob<Device, number>;
  /** Bits of WAKE_*: what it can, what it does. */
  readonly wakeOnLan?: Knob<Device, { readonly supported: number; active: number; sopass: Uint8Array }>;
  readonly rings?: Knob<Device, RingParameters>;
  readonly channels?: Knob<Device, ChannelCounts>;
  readonly coalesce?: Knob<Device, CoalesceValues> & { readonly supported: readonly CoalesceKey[] };
  /** The same of one queue; RangeError: there is none of that number. */
  readonly queueCoalesce?: {
    get(device: Device, queue: number): CoalesceValues;
    set(device: Device, queue: number, values: CoalesceValues): void;
  };
  readonly pause?: Knob<Device, PauseParameters>;
  /** Pause frames sent and received. */
  pauseStatistics?(device: Device): { readonly txFrames: number; readonly rxFrames: number };
  readonly privateFlags?: Knob<Device, number> & { readonly names: readonly string[] };
  readonly statistics?: { names(device: Device): readonly string[]; values(device: Device): readonly number[] };
  /** Standard counters by group and number (ETHTOOL_A_STATS_*); those left out are not told. */
  standardStatistics?(device: Device, group: number): readonly { readonly id: number; readonly value: number }[];
  readonly selfTest?: {
    readonly names: readonly string[];
    /** One result a test: 0 passed. */
    run(device: Device, offline: boolean): readonly number[];
  };
  /** Blinks, or stops. */
  identify?(device: Device, on: boolean): void;
  restartNegotiation?(device: Device): void;
  readonly registers?: { readonly version: number; dump(device: Device): Uint8Array };
  readonly eeprom?: {
    readonly magic: number;
    readonly bytes: number;
    read(device: Device): Uint8Array;
    write(device: Device, at: number, bytes: Uint8Array): void;
  };
  /** The memory of the module that is plugged in; null: there is no cage for one. */
  moduleEeprom?(device: Device): ModuleEeprom | null;
  readonly rss?: Knob<Device, RssSettings>;
  /** Fields of a flow that are hashed (RXH_*), by flow type. */
  readonly flowHash?: { get(device: Device, flowType: number): number; set(device: Device, flowType: number, fields: number): void };
  rxQueues?(device: Device): number;
  readonly flowRules?: {
    readonly capacity: number;
    list(device: Device): readonly FlowRule[];
    /** EINVAL, ENOSPC. */
    insert(device: Device, rule: FlowRule): void;
    /** ENOENT. */
    delete(device: Device, location: number): void;
  };
  readonly tunables?: ReadonlyMap<number, Knob<Device, number>>;
}

const nothing: FeatureProfile = { on: [], changeable: [] };

/** Of a device that nobody has said anything about. */
export const noEthtoolOps: EthtoolOps = { features: () => nothing };
