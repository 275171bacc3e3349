import { type AttributesOf, attributes, binary, layout, nest, string, struct, u8, u32, u64 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { skMeminfo } from './sock-diag.js';

// linux/inet_diag.h, linux/tcp.h

/** struct inet_diag_sockid; addresses are four words each, of which IPv4 fills the first. */
const sockid = {
  sport: 'be16',
  dport: 'be16',
  src0: 'be32',
  src1: 'be32',
  src2: 'be32',
  src3: 'be32',
  dst0: 'be32',
  dst1: 'be32',
  dst2: 'be32',
  dst3: 'be32',
  ifindex: 'u32',
  cookie0: 'u32',
  cookie1: 'u32',
} as const;

/** struct inet_diag_req_v2, or inet_diag_req_raw, whose `rawProtocol` is in the place of its padding. */
const requestHeader = layout({
  family: 'u8',
  protocol: 'u8',
  ext: 'u8',
  rawProtocol: 'u8',
  states: 'u32',
  ...sockid,
});

/** INET_DIAG_REQ_* */
const requestAttributes = attributes('INET_DIAG_REQ', {
  bytecode: binary(1),
  protocol: u32(3),
});

export const inetDiagRequest = message('inet_diag_req_v2', requestHeader, requestAttributes);
export type InetDiagRequest = HeaderOf<typeof inetDiagRequest>;

/** struct inet_diag_req, of TCPDIAG_GETSOCK and DCCPDIAG_GETSOCK. */
export const inetDiagLegacyRequest = message(
  'inet_diag_req',
  layout({ family: 'u8', sourceLength: 'u8', destinationLength: 'u8', ext: 'u8', ...sockid, states: 'u32', dbs: 'u32' }),
  requestAttributes,
);

/** struct inet_diag_msg */
const answerHeader = layout({
  family: 'u8',
  state: 'u8',
  timer: 'u8',
  retrans: 'u8',
  ...sockid,
  /** Milliseconds until the timer. */
  expires: 'u32',
  rqueue: 'u32',
  wqueue: 'u32',
  uid: 'u32',
  inode: 'u32',
});

// Numbers of attributes by which extensions are asked for: bit `number - 1` of idiag_ext.
export const INET_DIAG_MEMINFO = 1;
export const INET_DIAG_INFO = 2;
export const INET_DIAG_VEGASINFO = 3;
export const INET_DIAG_CONG = 4;
export const INET_DIAG_TOS = 5;
export const INET_DIAG_TCLASS = 6;
export const INET_DIAG_SKMEMINFO = 7;
export const INET_DIAG_SHUTDOWN = 8;

/** INET_ULP_INFO_*: which upper layer protocol (kTLS, MPTCP) is on a TCP socket. */
const ulpInfo = attributes('INET_ULP_INFO', {
  name: string(1),
  tls: nest(2, attributes('TLS_INFO', { version: binary(1), cipher: binary(2), txconf: binary(3), rxconf: binary(4) })),
  mptcp: nest(
    3,
    attributes('MPTCP_SUBFLOW_ATTR', {
      tokenRemote: u32(1),
      tokenLocal: u32(2),
      relativeWriteSeq: u32(3),
      mapSeq: u64(4),
      mapSubflowSeq: u32(5),
      sendSubflowOffset: u32(6),
      mapDataLength: binary(7),
      flags: u32(8),
      idRemote: u8(9),
      idLocal: u8(10),
    }),
  ),
});

/** INET_DIAG_*, in the order in which Linux writes them. */
const answerAttributes = attributes('INET_DIAG', {
  shutdown: u8(INET_DIAG_SHUTDOWN),
  tos: u8(INET_DIAG_TOS),
  tclass: u8(INET_DIAG_TCLASS),
  skv6only: u8(11),
  mark: u32(15),
  classId: u32(17),
  cgroupId: u64(21),
  /** struct inet_diag_sockopt: SOCKOPT_* bits. */
  sockopt: binary(22),
  meminfo: struct(INET_DIAG_MEMINFO, { rmem: 'u32', wmem: 'u32', fmem: 'u32', tmem: 'u32' }),
  skmeminfo: struct(INET_DIAG_SKMEMINFO, skMeminfo),
  protocol: u8(10),
  /** struct tcp_info, as long as the sender has it. */
  info: binary(INET_DIAG_INFO),
  cong: string(INET_DIAG_CONG),
  /** struct tcp_md5sig keys of 104 bytes each. */
  md5sig: binary(18),
  ulpInfo: nest(19, ulpInfo),
  vegasinfo: struct(INET_DIAG_VEGASINFO, { enabled: 'u32', rttcnt: 'u32', rtt: 'u32', minrtt: 'u32' }),
  dctcpinfo: struct(9, { enabled: 'u16', ceState: 'u16', alpha: 'u32', abEcn: 'u32', abTot: 'u32' }),
  bbrinfo: struct(16, { bwLo: 'u32', bwHi: 'u32', minRtt: 'u32', pacingGain: 'u32', cwndGain: 'u32' }),
  /** SCTP: struct sockaddr_storage of 128 bytes each. */
  locals: binary(12),
  peers: binary(13),
});

export const inetDiagMessage = message('inet_diag_msg', answerHeader, answerAttributes);
export type InetDiagMessage = HeaderOf<typeof inetDiagMessage>;
export type InetDiagAttributes = AttributesOf<typeof answerAttributes>;

/** idiag_timer: what the timer that runs is for. */
export const TIMER_OFF = 0;
export const TIMER_ON = 1;
export const TIMER_KEEPALIVE = 2;
export const TIMER_TIMEWAIT = 3;
export const TIMER_PERSIST = 4;

/** struct inet_diag_sockopt, first byte then second. */
export const SOCKOPT_RECVERR = 1 << 0;
export const SOCKOPT_IS_ICSK = 1 << 1;
export const SOCKOPT_FREEBIND = 1 << 2;
export const SOCKOPT_HDRINCL = 1 << 3;
export const SOCKOPT_MC_LOOP = 1 << 4;
export const SOCKOPT_TRANSPARENT = 1 << 5;
export const SOCKOPT_MC_ALL = 1 << 6;
export const SOCKOPT_NODEFRAG = 1 << 7;
export const SOCKOPT_BIND_ADDRESS_NO_PORT = 1 << 8;
export const SOCKOPT_RECVERR_RFC4884 = 1 << 9;
export const SOCKOPT_DEFER_CONNECT = 1 << 10;
