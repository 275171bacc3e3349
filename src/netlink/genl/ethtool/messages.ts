import {
  type AttributeCodec,
  type AttributeShape,
  type AttributesOf,
  type AttributeTable,
  attributes,
  binary,
  custom,
  flag,
  list,
  many,
  nest,
  s32,
  string,
  u8,
  u32,
  u64,
  be16,
  type ValuesOf,
} from '../../attributes.js';
import { type GenlMessage, genlMessage } from '../genl.js';
import { bitset } from './bitset.js';

/** ETHTOOL_A_HEADER_*: the device, and ETHTOOL_FLAG_*. */
export const headerTable = attributes('ETHTOOL_A_HEADER', { index: u32(1), name: string(2, { max: 127 }), flags: u32(3, { mask: 7 }) });
export type EthtoolHeader = AttributesOf<typeof headerTable>;
/** The first attribute of each message of the family. */
export const header: AttributeCodec<EthtoolHeader> = nest(1, headerTable);

/** A message of the family: what all of them have in common is their header. */
export type EthtoolShape = AttributeShape & { readonly header: typeof header };
export type EthtoolMessage<S extends EthtoolShape> = GenlMessage<S>;

/** A message's attributes with its header, which together are all that its shape has: TypeScript cannot tell for any shape. */
export const withHeader = <S extends EthtoolShape>(attributes: Omit<ValuesOf<S>, 'header'> | undefined, header: EthtoolHeader) =>
  ({ ...attributes, header }) as unknown as ValuesOf<S>;

const ethtoolMessage = <S extends EthtoolShape>(name: string, table: AttributeTable<S>) => genlMessage(name, table);

const switched = { max: 1 };

const stringTable = attributes('ETHTOOL_A_STRING', { index: u32(1), value: string(2) });
const stringsTable = attributes('ETHTOOL_A_STRINGS', { string: many(nest(1, stringTable)) });
const stringSetTable = attributes('ETHTOOL_A_STRINGSET', { id: u32(1), count: u32(2), strings: nest(3, stringsTable) });
export type StringSetAttributes = AttributesOf<typeof stringSetTable>;
const stringSetsTable = attributes('ETHTOOL_A_STRINGSETS', { sets: many(nest(1, stringSetTable)) });
export const strsetMessage = ethtoolMessage(
  'strset',
  attributes('ETHTOOL_A_STRSET', { header, stringSets: nest(2, stringSetsTable), countsOnly: flag(3) }),
);

export const linkinfoMessage = ethtoolMessage(
  'linkinfo',
  attributes('ETHTOOL_A_LINKINFO', { header, port: u8(2), phyAddress: u8(3), mdix: u8(4), mdixControl: u8(5), transceiver: u8(6) }),
);

export const linkmodesMessage = ethtoolMessage(
  'linkmodes',
  attributes('ETHTOOL_A_LINKMODES', {
    header,
    autoneg: u8(2),
    ours: bitset(3),
    peer: bitset(4),
    speed: u32(5),
    duplex: u8(6),
    masterSlaveConfig: u8(7),
    masterSlaveState: u8(8),
    lanes: u32(9, { min: 1 }),
    rateMatching: u8(10),
  }),
);

export const linkstateMessage = ethtoolMessage(
  'linkstate',
  attributes('ETHTOOL_A_LINKSTATE', { header, link: u8(2), sqi: u32(3), sqiMax: u32(4), extState: u8(5), extSubstate: u8(6) }),
);

export const debugMessage = ethtoolMessage('debug', attributes('ETHTOOL_A_DEBUG', { header, messageMask: bitset(2) }));
export const wolMessage = ethtoolMessage('wol', attributes('ETHTOOL_A_WOL', { header, modes: bitset(2), sopass: binary(3, { max: 6 }) }));

export const featuresMessage = ethtoolMessage(
  'features',
  attributes('ETHTOOL_A_FEATURES', { header, hw: bitset(2), wanted: bitset(3), active: bitset(4), noChange: bitset(5) }),
);

export const privflagsMessage = ethtoolMessage('privflags', attributes('ETHTOOL_A_PRIVFLAGS', { header, flags: bitset(2) }));

export const ringsMessage = ethtoolMessage(
  'rings',
  attributes('ETHTOOL_A_RINGS', {
    header,
    rxMax: u32(2),
    rxMiniMax: u32(3),
    rxJumboMax: u32(4),
    txMax: u32(5),
    rx: u32(6),
    rxMini: u32(7),
    rxJumbo: u32(8),
    tx: u32(9),
    rxBufferLength: u32(10, { min: 1 }),
    tcpDataSplit: u8(11),
    cqeSize: u32(12, { min: 1 }),
    txPush: u8(13, switched),
  }),
);

export const channelsMessage = ethtoolMessage(
  'channels',
  attributes('ETHTOOL_A_CHANNELS', {
    header,
    rxMax: u32(2),
    txMax: u32(3),
    otherMax: u32(4),
    combinedMax: u32(5),
    rx: u32(6),
    tx: u32(7),
    other: u32(8),
    combined: u32(9),
  }),
);

export const coalesceMessage = ethtoolMessage(
  'coalesce',
  attributes('ETHTOOL_A_COALESCE', {
    header,
    rxUsecs: u32(2),
    rxMaxFrames: u32(3),
    rxUsecsIrq: u32(4),
    rxMaxFramesIrq: u32(5),
    txUsecs: u32(6),
    txMaxFrames: u32(7),
    txUsecsIrq: u32(8),
    txMaxFramesIrq: u32(9),
    statsBlockUsecs: u32(10),
    adaptiveRx: u8(11),
    adaptiveTx: u8(12),
    pktRateLow: u32(13),
    rxUsecsLow: u32(14),
    rxMaxFramesLow: u32(15),
    txUsecsLow: u32(16),
    txMaxFramesLow: u32(17),
    pktRateHigh: u32(18),
    rxUsecsHigh: u32(19),
    rxMaxFramesHigh: u32(20),
    txUsecsHigh: u32(21),
    txMaxFramesHigh: u32(22),
    rateSampleInterval: u32(23),
    cqeModeTx: u8(24, switched),
    cqeModeRx: u8(25, switched),
  }),
);
export type CoalesceAttributes = AttributesOf<typeof coalesceMessage.attributes>;

const pauseStatistics = attributes('ETHTOOL_A_PAUSE_STAT', { txFrames: u64(2), rxFrames: u64(3) });
export const pauseMessage = ethtoolMessage(
  'pause',
  attributes('ETHTOOL_A_PAUSE', {
    header,
    autoneg: u8(2, switched),
    rx: u8(3, switched),
    tx: u8(4, switched),
    statistics: nest(5, pauseStatistics),
  }),
);

export const eeeMessage = ethtoolMessage(
  'eee',
  attributes('ETHTOOL_A_EEE', {
    header,
    modesOurs: bitset(2),
    modesPeer: bitset(3),
    active: u8(4),
    enabled: u8(5),
    txLpiEnabled: u8(6),
    txLpiTimer: u32(7),
  }),
);

export const tsinfoMessage = ethtoolMessage(
  'tsinfo',
  attributes('ETHTOOL_A_TSINFO', { header, timestamping: bitset(2), txTypes: bitset(3), rxFilters: bitset(4), phcIndex: u32(5) }),
);

const cableTestCfg = attributes('ETHTOOL_A_CABLE_TEST_TDR_CFG', { first: u32(1), last: u32(2), step: u32(3), pair: u8(4) });
export const cableTestMessage = ethtoolMessage('cable-test', attributes('ETHTOOL_A_CABLE_TEST', { header }));
export const cableTestTdrMessage = ethtoolMessage(
  'cable-test-tdr',
  attributes('ETHTOOL_A_CABLE_TEST_TDR', { header, cfg: nest(2, cableTestCfg) }),
);

const tunnelEntry = attributes('ETHTOOL_A_TUNNEL_UDP_ENTRY', { port: be16(1), type: u32(2) });
const tunnelTable = attributes('ETHTOOL_A_TUNNEL_UDP_TABLE', { size: u32(1), types: bitset(2), entries: many(nest(3, tunnelEntry)) });
const tunnelPorts = attributes('ETHTOOL_A_TUNNEL_UDP', { tables: many(nest(1, tunnelTable)) });
export const tunnelInfoMessage = ethtoolMessage(
  'tunnel-info',
  attributes('ETHTOOL_A_TUNNEL_INFO', { header, udpPorts: nest(2, tunnelPorts) }),
);

const fecStatistics = attributes('ETHTOOL_A_FEC_STAT', { corrected: binary(2), uncorrectable: binary(3), correctedBits: binary(4) });
export const fecMessage = ethtoolMessage(
  'fec',
  attributes('ETHTOOL_A_FEC', { header, modes: bitset(2), auto: u8(3, switched), active: u32(4), statistics: nest(5, fecStatistics) }),
);

export const moduleEepromMessage = ethtoolMessage(
  'module-eeprom',
  attributes('ETHTOOL_A_MODULE_EEPROM', {
    header,
    length: u32(3, { min: 1 }),
    offset: u32(2, { max: 255 }),
    page: u8(4),
    bank: u8(5),
    i2cAddress: u8(6, { max: 0x7f }),
    data: binary(7),
  }),
);

/** ETHTOOL_A_STATS_GRP_STAT: one counter, whose attribute type is its number in the group. */
export interface GroupCounter {
  readonly id: number;
  readonly value: number;
}

const counter = custom<GroupCounter>(4, {
  nested: true,
  read(source, start) {
    const id = source.view.getUint16(start + 2, true) & 0x3fff;
    return { id, value: source.view.getUint32(start + 4, true) + source.view.getUint32(start + 8, true) * 0x1_0000_0000 };
  },
  write(writer, { id, value }) {
    const mark = writer.beginAttribute(id);
    writer.u64(value);
    writer.endAttribute(mark);
  },
});
const histogramBucket = attributes('ETHTOOL_A_STATS_GRP_HIST', { low: u32(7), high: u32(8), value: u64(9) });
const statisticsGroup = attributes('ETHTOOL_A_STATS_GRP', {
  id: u32(2),
  stringSet: u32(3),
  counters: many(counter),
  rxHistogram: many(nest(5, histogramBucket)),
  txHistogram: many(nest(6, histogramBucket)),
});
export type StatisticsGroup = AttributesOf<typeof statisticsGroup>;
export const statsMessage = ethtoolMessage(
  'stats',
  attributes('ETHTOOL_A_STATS', { header: nest(2, headerTable), groups: bitset(3), group: many(nest(4, statisticsGroup)) }),
);

export const phcVclocksMessage = ethtoolMessage(
  'phc-vclocks',
  attributes('ETHTOOL_A_PHC_VCLOCKS', { header, count: u32(2), index: list(3, s32(0)) }),
);
export const moduleMessage = ethtoolMessage('module', attributes('ETHTOOL_A_MODULE', { header, powerModePolicy: u8(2), powerMode: u8(3) }));
export const pseMessage = ethtoolMessage(
  'pse',
  attributes('ETHTOOL_A_PSE', { header, podlAdminState: u32(2), podlAdminControl: u32(3), podlPowerStatus: u32(4) }),
);
