import {
  type AttributeCodec,
  type AttributesOf,
  attributes,
  binary,
  layout,
  list,
  nest,
  plain,
  s32,
  string,
  struct,
  u32,
  u8,
} from '../../attributes.js';
import { deferred, message, u32Array, type HeaderOf } from '../../schema.js';
import { vfInfoList } from './vf.js';
import { ALTIFNAMSIZ, IFALIASZ, IFNAMSIZ, MAX_ADDR_LEN } from '../constants.js';

/** struct ifinfomsg, linux/rtnetlink.h. */
export const ifinfomsg = layout({ family: 'u8', pad: 'pad8', type: 'u16', index: 's32', flags: 'u32', change: 'u32' });

// The fields of struct rtnl_link_stats and rtnl_link_stats64, linux/if_link.h, are the same but for their width and one more.
// biome-ignore format: a table
const counters = [
  'rxPackets', 'txPackets', 'rxBytes', 'txBytes', 'rxErrors', 'txErrors', 'rxDropped', 'txDropped', 'multicast', 'collisions',
  'rxLengthErrors', 'rxOverErrors', 'rxCrcErrors', 'rxFrameErrors', 'rxFifoErrors', 'rxMissedErrors',
  'txAbortedErrors', 'txCarrierErrors', 'txFifoErrors', 'txHeartbeatErrors', 'txWindowErrors',
  'rxCompressed', 'txCompressed', 'rxNohandler',
] as const;
type Counter = (typeof counters)[number];
const every = <K extends string, W extends 'u32' | 'u64'>(names: readonly K[], width: W) =>
  Object.fromEntries(names.map((name) => [name, width])) as Record<K, W>;

export const linkStats = layout(every(counters, 'u32'));
export const linkStats64 = layout(every<Counter | 'rxOtherhostDropped', 'u64'>([...counters, 'rxOtherhostDropped'], 'u64'));

/** struct rtnl_link_ifmap: 28 bytes of fields, 32 with the padding at its end. */
export const linkMap = layout({ memStart: 'u64', memEnd: 'u64', baseAddr: 'u64', irq: 'u16', dma: 'u8', port: 'u8', tail: 'pad32' });

/** IFLA_LINKINFO. `data` is read by the kind's own table: link/kinds.ts. */
export const linkInfo = attributes('IFLA_INFO', {
  kind: string(1),
  data: plain(deferred(2)),
  xstats: binary(3),
  slaveKind: string(4),
  slaveData: plain(deferred(5)),
});

/** IFLA_PROP_LIST: other names of the device. */
const altIfname = string(53, { max: ALTIFNAMSIZ - 1 });

export const linkXdp = attributes('IFLA_XDP', { fd: s32(1), attached: u8(2), flags: u32(3), progId: u32(4) });

/** IFLA_AF_SPEC's AF_INET: `conf` holds IPV4_DEVCONF_* in order, from 1 on. */
export const linkInet = attributes('IFLA_INET', { conf: u32Array(1) });

/** IFLA_AF_SPEC's AF_INET6. */
export const linkInet6 = attributes('IFLA_INET6', {
  flags: u32(1),
  cacheinfo: struct(5, { maxReasmLen: 'u32', tstamp: 'u32', reachableTime: 'u32', retransTime: 'u32' }),
  conf: u32Array(2),
  stats: binary(3),
  icmp6stats: binary(6),
  token: binary(7, { max: 16 }),
  addrGenMode: u8(8),
  raMtu: u32(9),
});

export const linkAfSpec = attributes('AF', { inet: plain(nest(2, linkInet)), inet6: plain(nest(10, linkInet6)) });

export const protoDownReason = attributes('IFLA_PROTO_DOWN_REASON', { mask: u32(1), value: u32(2) });

/** A nest in which one attribute, IFLA_ALT_IFNAME, comes many times. */
const propList: AttributeCodec<readonly string[]> = list(52, altIfname);

/** IFLA_*, linux/if_link.h, in the order in which Linux's rtnl_fill_ifinfo() writes them. */
export const linkAttributes = attributes('IFLA', {
  targetNetnsid: s32(46),
  ifname: string(3, { max: IFNAMSIZ - 1 }),
  txqlen: u32(13),
  operstate: u8(16),
  linkmode: u8(17),
  mtu: u32(4),
  minMtu: u32(50),
  maxMtu: u32(51),
  group: u32(27),
  promiscuity: u32(30),
  allmulti: u32(61),
  numTxQueues: u32(31),
  gsoMaxSegs: u32(40),
  gsoMaxSize: u32(41),
  groMaxSize: u32(58),
  tsoMaxSize: u32(59),
  tsoMaxSegs: u32(60),
  numRxQueues: u32(32),
  master: u32(10),
  carrier: u8(33),
  qdisc: string(6),
  ifalias: string(20, { max: IFALIASZ - 1 }),
  carrierChanges: u32(35),
  carrierUpCount: u32(47),
  carrierDownCount: u32(48),
  protoDown: u8(39),
  protoDownReason: nest(55, protoDownReason),
  event: u32(44),
  map: struct(14, linkMap),
  address: binary(1, { max: MAX_ADDR_LEN }),
  broadcast: binary(2, { max: MAX_ADDR_LEN }),
  stats64: struct(23, linkStats64),
  stats: struct(7, linkStats),
  xdp: plain(nest(43, linkXdp)),
  linkinfo: plain(nest(18, linkInfo)),
  link: u32(5),
  linkNetnsid: s32(37),
  newNetnsid: s32(45),
  newIfindex: s32(49),
  permAddress: binary(54),
  /** Of a message of AF_INET6 or AF_BRIDGE: the family's own table. */
  protinfo: deferred(12),
  afSpec: plain(nest(26, linkAfSpec)),
  propList,
  parentDevName: string(56),
  parentDevBusName: string(57),
  // Only in requests:
  altIfname,
  netNsPid: u32(19),
  netNsFd: u32(28),
  extMask: u32(29),
  weight: u32(15),
  vfInfo: vfInfoList,
});
export type LinkAttributes = AttributesOf<typeof linkAttributes>;
export type LinkInfo = AttributesOf<typeof linkInfo>;

/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK, RTM_NEWLINKPROP, RTM_DELLINKPROP. */
export const linkMessage = message('link', ifinfomsg, linkAttributes);
export type LinkHeader = HeaderOf<typeof linkMessage>;
