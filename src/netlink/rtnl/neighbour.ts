import { type AttributesOf, attributes, be16, binary, layout, nest, plain, s32, string, struct, u16, u32, u64, u8 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { MAX_ADDR_LEN } from './constants.js';

/** struct ndmsg, linux/neighbour.h. */
export const ndmsg = layout({
  family: 'u8',
  pad1: 'pad8',
  pad2: 'pad16',
  ifindex: 's32',
  state: 'u16',
  flags: 'u8',
  type: 'u8',
});

/** NDA_*, linux/neighbour.h, in the order of Linux's neigh_fill_info(). */
export const neighbourAttributes = attributes('NDA', {
  dst: binary(1),
  lladdr: binary(2, { max: MAX_ADDR_LEN }),
  /** Clock ticks (USER_HZ) ago. */
  cacheinfo: struct(3, { confirmed: 'u32', used: 'u32', updated: 'u32', refcnt: 'u32' }),
  probes: u32(4),
  protocol: u8(12),
  flagsExt: u32(15),
  vlan: u16(5),
  port: be16(6),
  vni: u32(7),
  ifindex: u32(8),
  master: u32(9),
  linkNetnsid: s32(10),
  srcVni: u32(11),
  nhId: u32(13),
  ndmStateMask: u16(16),
  ndmFlagsMask: u8(17),
});
export type NeighbourAttributes = AttributesOf<typeof neighbourAttributes>;

/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. */
export const neighbourMessage = message('neighbour', ndmsg, neighbourAttributes);
export type NeighbourHeader = HeaderOf<typeof neighbourMessage>;

/** NDTPA_*: times in milliseconds. */
export const neighbourTableParameters = attributes('NDTPA', {
  ifindex: u32(1),
  refcnt: u32(2),
  queueLenbytes: u32(16),
  queueLen: u32(8),
  proxyQlen: u32(14),
  appProbes: u32(9),
  ucastProbes: u32(10),
  mcastProbes: u32(11),
  mcastReprobes: u32(17),
  reachableTime: u64(3),
  baseReachableTime: u64(4),
  gcStaletime: u64(6),
  delayProbeTime: u64(7),
  retransTime: u64(5),
  anycastDelay: u64(12),
  proxyDelay: u64(13),
  locktime: u64(15),
  intervalProbeTimeMs: u64(19),
});

export const ndtmsg = layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16' });

/** NDTA_*. */
export const neighbourTableAttributes = attributes('NDTA', {
  name: string(1),
  gcInterval: u64(8),
  thresh1: u32(2),
  thresh2: u32(3),
  thresh3: u32(4),
  config: struct(5, {
    keyLen: 'u16',
    entrySize: 'u16',
    entries: 'u32',
    lastFlush: 'u32',
    lastRand: 'u32',
    hashRnd: 'u32',
    hashMask: 'u32',
    hashChainGc: 'u32',
    proxyQlen: 'u32',
  }),
  stats: struct(7, {
    allocs: 'u64',
    destroys: 'u64',
    hashGrows: 'u64',
    resFailed: 'u64',
    lookups: 'u64',
    hits: 'u64',
    rcvProbesMcast: 'u64',
    rcvProbesUcast: 'u64',
    periodicGcRuns: 'u64',
    forcedGcRuns: 'u64',
    tableFulls: 'u64',
  }),
  parms: plain(nest(6, neighbourTableParameters)),
});

/** RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL. */
export const neighbourTableMessage = message('neighbour table', ndtmsg, neighbourTableAttributes);
