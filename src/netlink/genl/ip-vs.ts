import {
  type AttributeShape,
  type AttributesOf,
  type AttributeTable,
  attributes,
  be16,
  binary,
  nest,
  string,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../attributes.js';
import { genlMessage } from './genl.js';

// linux/ip_vs.h
export const IPVS_GENL_NAME = 'IPVS';
export const IPVS_GENL_VERSION = 1;
/** IPVS_CMD_ATTR_MAX */
export const IPVS_CMD_ATTR_MAX = 6;
/** IP_VS_VERSION_CODE: 1.2.1 */
export const IP_VS_VERSION_CODE = 0x010201;

/** enum of IPVS_CMD_* */
export const IpvsCommand = {
  NEW_SERVICE: 1,
  SET_SERVICE: 2,
  DEL_SERVICE: 3,
  GET_SERVICE: 4,
  NEW_DEST: 5,
  SET_DEST: 6,
  DEL_DEST: 7,
  GET_DEST: 8,
  NEW_DAEMON: 9,
  DEL_DAEMON: 10,
  GET_DAEMON: 11,
  SET_CONFIG: 12,
  GET_CONFIG: 13,
  SET_INFO: 14,
  GET_INFO: 15,
  ZERO: 16,
  FLUSH: 17,
} as const;

// Flags of a virtual service.
export const IP_VS_SVC_F_PERSISTENT = 0x0001;
export const IP_VS_SVC_F_HASHED = 0x0002;
export const IP_VS_SVC_F_ONEPACKET = 0x0004;
export const IP_VS_SVC_F_SCHED1 = 0x0008;
export const IP_VS_SVC_F_SCHED2 = 0x0010;
export const IP_VS_SVC_F_SCHED3 = 0x0020;

// States of the sync daemons.
export const IP_VS_STATE_MASTER = 1;
export const IP_VS_STATE_BACKUP = 2;

// Flags of a connection; the lowest bits say how its packets are forwarded.
export const IP_VS_CONN_F_FWD_MASK = 0x0007;
export const IP_VS_CONN_F_MASQ = 0;
export const IP_VS_CONN_F_LOCALNODE = 1;
export const IP_VS_CONN_F_TUNNEL = 2;
export const IP_VS_CONN_F_DROUTE = 3;
export const IP_VS_CONN_F_BYPASS = 4;
export const IP_VS_CONN_F_SYNC = 0x0020;
export const IP_VS_CONN_F_HASHED = 0x0040;
export const IP_VS_CONN_F_NOOUTPUT = 0x0080;
export const IP_VS_CONN_F_INACTIVE = 0x0100;
export const IP_VS_CONN_F_SEQ_MASK = 0x0600;
export const IP_VS_CONN_F_NO_CPORT = 0x0800;
export const IP_VS_CONN_F_TEMPLATE = 0x1000;
export const IP_VS_CONN_F_ONE_PACKET = 0x2000;
/** Not sent to backups: the connection is netfilter's as well. */
export const IP_VS_CONN_F_NFCT = 1 << 16;
/** What a backup takes over of a connection that begins there. */
export const IP_VS_CONN_F_BACKUP_MASK =
  IP_VS_CONN_F_FWD_MASK |
  IP_VS_CONN_F_NOOUTPUT |
  IP_VS_CONN_F_INACTIVE |
  IP_VS_CONN_F_SEQ_MASK |
  IP_VS_CONN_F_NO_CPORT |
  IP_VS_CONN_F_TEMPLATE;
/** And of one that it has. */
export const IP_VS_CONN_F_BACKUP_UPD_MASK = IP_VS_CONN_F_INACTIVE | IP_VS_CONN_F_SEQ_MASK;

export const IP_VS_SCHEDNAME_MAXLEN = 16;
export const IP_VS_PENAME_MAXLEN = 16;
export const IP_VS_IFNAME_MAXLEN = 16;

// IP_VS_CONN_F_TUNNEL_TYPE_*
export const TUNNEL_IPIP = 0;
export const TUNNEL_GUE = 1;
export const TUNNEL_GRE = 2;
export const TUNNEL_TYPE_MAX = 3;

// IP_VS_TUNNEL_ENCAP_FLAG_*
export const ENCAP_CSUM = 1;
export const ENCAP_REMCSUM = 2;

/** IPVS writes its nested attributes without NLA_F_NESTED. */
const plainNest = <S extends AttributeShape>(type: number, table: AttributeTable<S>) => ({ ...nest(type, table), nested: false });

const statsAttributes = attributes('IPVS_STATS_ATTR', {
  conns: u32(1),
  inpkts: u32(2),
  outpkts: u32(3),
  inbytes: u64(4),
  outbytes: u64(5),
  cps: u32(6),
  inpps: u32(7),
  outpps: u32(8),
  inbps: u32(9),
  outbps: u32(10),
});
const stats64Attributes = attributes('IPVS_STATS_ATTR', {
  conns: u64(1),
  inpkts: u64(2),
  outpkts: u64(3),
  inbytes: u64(4),
  outbytes: u64(5),
  cps: u64(6),
  inpps: u64(7),
  outpps: u64(8),
  inbps: u64(9),
  outbps: u64(10),
});
export type StatsAttributes = AttributesOf<typeof stats64Attributes>;

const address = (type: number) => binary(type, { max: 16 });

/** IPVS_SVC_ATTR_* */
const serviceAttributes = attributes('IPVS_SVC_ATTR', {
  af: u16(1),
  fwmark: u32(5),
  protocol: u16(2),
  addr: address(3),
  port: be16(4),
  schedName: string(6, { max: IP_VS_SCHEDNAME_MAXLEN - 1 }),
  peName: string(11, { max: IP_VS_PENAME_MAXLEN - 1 }),
  flags: struct(7, { flags: 'u32', mask: 'u32' }),
  /** Seconds that a client is kept at one server. */
  timeout: u32(8),
  /** As an address; of IPv6 how many bits. */
  netmask: u32(9),
  stats: plainNest(10, statsAttributes),
  stats64: plainNest(12, stats64Attributes),
});
export type ServiceAttributes = AttributesOf<typeof serviceAttributes>;

/** IPVS_DEST_ATTR_* */
const destinationAttributes = attributes('IPVS_DEST_ATTR', {
  addr: address(1),
  port: be16(2),
  fwdMethod: u32(3),
  weight: u32(4),
  tunType: u8(13),
  tunPort: be16(14),
  tunFlags: u16(15),
  uThresh: u32(5),
  lThresh: u32(6),
  activeConns: u32(7),
  inactConns: u32(8),
  persistConns: u32(9),
  addrFamily: u16(11),
  stats: plainNest(10, statsAttributes),
  stats64: plainNest(12, stats64Attributes),
});
export type DestinationAttributes = AttributesOf<typeof destinationAttributes>;

/** IPVS_DAEMON_ATTR_* */
const daemonAttributes = attributes('IPVS_DAEMON_ATTR', {
  state: u32(1),
  mcastIfn: string(2, { max: IP_VS_IFNAME_MAXLEN - 1 }),
  syncId: u32(3),
  syncMaxlen: u16(4),
  mcastPort: u16(7),
  mcastTtl: u8(8),
  mcastGroup: binary(5, { max: 4 }),
  mcastGroup6: binary(6, { max: 16 }),
});
export type DaemonAttributes = AttributesOf<typeof daemonAttributes>;

/** IPVS_CMD_ATTR_* */
export const ipvsAttributes = attributes('IPVS_CMD_ATTR', {
  service: plainNest(1, serviceAttributes),
  dest: plainNest(2, destinationAttributes),
  daemon: plainNest(3, daemonAttributes),
  /** Seconds. */
  timeoutTcp: u32(4),
  timeoutTcpFin: u32(5),
  timeoutUdp: u32(6),
});
export type IpvsAttributes = AttributesOf<typeof ipvsAttributes>;
export const ipvsMessage = genlMessage('IPVS', ipvsAttributes);

/** IPVS_INFO_ATTR_*: what answers GET_INFO. */
export const ipvsInfoAttributes = attributes('IPVS_INFO_ATTR', { version: u32(1), connTabSize: u32(2) });
export const ipvsInfoMessage = genlMessage('IPVS', ipvsInfoAttributes);
