import { layout } from '../attributes.js';

// linux/sock_diag.h
/** As older programs ask, with struct inet_diag_req. */
export const TCPDIAG_GETSOCK = 18;
export const DCCPDIAG_GETSOCK = 19;
export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;

// enum sknetlink_groups: destroyed sockets are told of
export const SKNLGRP_INET_TCP_DESTROY = 1;
export const SKNLGRP_INET_UDP_DESTROY = 2;
export const SKNLGRP_INET6_TCP_DESTROY = 3;
export const SKNLGRP_INET6_UDP_DESTROY = 4;

/** Both words of a cookie that stands for none: any socket fits. */
export const NO_COOKIE = 0xffff_ffff;

/** SK_MEMINFO_*, an array of u32: bytes of memory, and drops, of a socket. */
export const skMeminfo = layout({
  rmemAlloc: 'u32',
  rcvbuf: 'u32',
  wmemAlloc: 'u32',
  sndbuf: 'u32',
  fwdAlloc: 'u32',
  wmemQueued: 'u32',
  optmem: 'u32',
  backlog: 'u32',
  drops: 'u32',
});
