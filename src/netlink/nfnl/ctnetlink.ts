import { type AttributesOf, attributes, be16, be32, be64, binary, nest, string, struct, u8 } from '../attributes.js';
import { message } from '../schema.js';
import { NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_CTNETLINK_EXP, nfgenmsg, nfnlType } from './nfnetlink.js';

/** The messages of connection tracking, linux/netfilter/nfnetlink_conntrack.h. Attributes stand in the order of the kernel's dumps. */

// enum cntl_msg_types, as nlmsg_type.
export const IPCTNL_MSG_CT_NEW = nfnlType(NFNL_SUBSYS_CTNETLINK, 0);
export const IPCTNL_MSG_CT_GET = nfnlType(NFNL_SUBSYS_CTNETLINK, 1);
export const IPCTNL_MSG_CT_DELETE = nfnlType(NFNL_SUBSYS_CTNETLINK, 2);
export const IPCTNL_MSG_CT_GET_CTRZERO = nfnlType(NFNL_SUBSYS_CTNETLINK, 3);
export const IPCTNL_MSG_CT_GET_STATS_CPU = nfnlType(NFNL_SUBSYS_CTNETLINK, 4);
export const IPCTNL_MSG_CT_GET_STATS = nfnlType(NFNL_SUBSYS_CTNETLINK, 5);
export const IPCTNL_MSG_CT_GET_DYING = nfnlType(NFNL_SUBSYS_CTNETLINK, 6);
export const IPCTNL_MSG_CT_GET_UNCONFIRMED = nfnlType(NFNL_SUBSYS_CTNETLINK, 7);
export const IPCTNL_MSG_EXP_NEW = nfnlType(NFNL_SUBSYS_CTNETLINK_EXP, 0);
export const IPCTNL_MSG_EXP_GET = nfnlType(NFNL_SUBSYS_CTNETLINK_EXP, 1);
export const IPCTNL_MSG_EXP_DELETE = nfnlType(NFNL_SUBSYS_CTNETLINK_EXP, 2);

export const ctIp = attributes('CTA_IP', { v4Src: be32(1), v4Dst: be32(2), v6Src: binary(3), v6Dst: binary(4) });
export const ctProto = attributes('CTA_PROTO', {
  num: u8(1),
  srcPort: be16(2),
  dstPort: be16(3),
  icmpId: be16(4),
  icmpType: u8(5),
  icmpCode: u8(6),
  icmpv6Id: be16(7),
  icmpv6Type: u8(8),
  icmpv6Code: u8(9),
});
export const ctTuple = attributes('CTA_TUPLE', { ip: nest(1, ctIp), proto: nest(2, ctProto), zone: be16(3) });
export type CtTuple = AttributesOf<typeof ctTuple>;

const tcpFlags = { flags: 'u8', mask: 'u8' } as const;
export const ctProtoinfoTcp = attributes('CTA_PROTOINFO_TCP', {
  state: u8(1),
  wscaleOriginal: u8(2),
  wscaleReply: u8(3),
  flagsOriginal: struct(4, tcpFlags),
  flagsReply: struct(5, tcpFlags),
});
export const ctProtoinfoDccp = attributes('CTA_PROTOINFO_DCCP', { state: u8(1), role: u8(2), handshakeSeq: be64(3) });
export const ctProtoinfoSctp = attributes('CTA_PROTOINFO_SCTP', { state: u8(1), vtagOriginal: be32(2), vtagReply: be32(3) });
export const ctProtoinfo = attributes('CTA_PROTOINFO', {
  tcp: nest(1, ctProtoinfoTcp),
  dccp: nest(2, ctProtoinfoDccp),
  sctp: nest(3, ctProtoinfoSctp),
});
export const ctCounters = attributes('CTA_COUNTERS', { packets: be64(1), bytes: be64(2) });
/** Nanoseconds since 1970. */
export const ctTimestamp = attributes('CTA_TIMESTAMP', { start: be64(1), stop: be64(2) });
export const ctHelp = attributes('CTA_HELP', { name: string(1), info: binary(2) });
export const ctProtonat = attributes('CTA_PROTONAT', { portMin: be16(1), portMax: be16(2) });
export const ctNat = attributes('CTA_NAT', {
  v4MinIp: be32(1),
  v4MaxIp: be32(2),
  proto: nest(3, ctProtonat),
  v6MinIp: binary(4),
  v6MaxIp: binary(5),
});

export const conntrackAttributes = attributes('CTA', {
  tupleOrig: nest(1, ctTuple),
  tupleReply: nest(2, ctTuple),
  zone: be16(18),
  status: be32(3),
  timeout: be32(7),
  protoinfo: nest(4, ctProtoinfo),
  mark: be32(8),
  markMask: be32(21),
  id: be32(12),
  use: be32(11),
  tupleMaster: nest(14, ctTuple),
  countersOrig: nest(9, ctCounters),
  countersReply: nest(10, ctCounters),
  timestamp: nest(20, ctTimestamp),
  help: nest(5, ctHelp),
  labels: binary(22),
  labelsMask: binary(23),
  natSrc: nest(6, ctNat),
  natDst: nest(13, ctNat),
  statusMask: be32(26),
});
export type ConntrackAttributes = AttributesOf<typeof conntrackAttributes>;
export const conntrackMessage = message('conntrack', nfgenmsg, conntrackAttributes);

/** Of one CPU, which its nfgenmsg names in `resId`. */
export const conntrackStatsCpuMessage = message(
  'conntrack statistics',
  nfgenmsg,
  attributes('CTA_STATS', {
    found: be32(2),
    invalid: be32(4),
    insert: be32(8),
    insertFailed: be32(9),
    drop: be32(10),
    earlyDrop: be32(11),
    error: be32(12),
    searchRestart: be32(13),
    clashResolve: be32(14),
    chainToolong: be32(15),
  }),
);
export const conntrackStatsMessage = message(
  'conntrack count',
  nfgenmsg,
  attributes('CTA_STATS_GLOBAL', { entries: be32(1), maxEntries: be32(2) }),
);

export const expectAttributes = attributes('CTA_EXPECT', {
  master: nest(1, ctTuple),
  tuple: nest(2, ctTuple),
  mask: nest(3, ctTuple),
  timeout: be32(4),
  id: be32(5),
  flags: be32(8),
  class: be32(9),
  zone: be16(7),
  helpName: string(6),
});
export type ExpectAttributes = AttributesOf<typeof expectAttributes>;
export const expectMessage = message('expectation', nfgenmsg, expectAttributes);
