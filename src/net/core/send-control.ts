import { EINVAL, ENOBUFS, EPERM } from '../../base/errno.js';
import { AF_INET6 } from '../../netlink/constants.js';
import { PROTOCOL as UDP } from '../../wire/udp.js';
import { FLOWINFO_MASK } from '../ipv6/flow-label.js';
import { stateOf } from '../ipv6/flow-label-table.js';
import { InetSocket, isAnyAddress } from './inet-socket.js';
import { SOCK_STREAM, type Socket } from './socket.js';
import { SOL_SOCKET } from './socket-options.js';

/** struct cmsghdr of a 64-bit Linux: length with this header (8 bytes), level, type. */
export const CMSGHDR = 16;

const SOL_IP = 0;
const SOL_UDP = 17;
const SOL_IPV6 = 41;

const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
const SO_MARK = 36;
const SO_TIMESTAMPING = 37;
const SO_TIMESTAMPING_NEW = 65;
const SCM_TXTIME = 61;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_RETOPTS = 7;
const IP_PKTINFO = 8;
const UDP_SEGMENT = 103;
const IPV6_FLOWINFO = 11;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IPV6_DONTFRAG = 62;
const IPV6_TCLASS = 67;

const ON_STACK = 36;

/** SOF_TIMESTAMPING_TX_*: the times that one send may ask for, linux/net_tstamp.h. */
const TX_RECORD_MASK = 0x303;

/**
 * Sends with what control messages say of this one send - source, device, TTL, TOS, mark, times, size of segments -, and leaves the
 * socket as it was. `length` bytes of messages lie at `start` of `v`, each at a multiple of 8 bytes. What `send` gives, or -EINVAL,
 * -EPERM. Linux: ip_cmsg_send(), ip6_datagram_send_ctl(), udp_cmsg_send(), sock_cmsg_send()
 */
export function withControl(socket: Socket, v: DataView, start: number, length: number, send: () => number): number {
  if (length === 0 || !(socket instanceof InetSocket)) return send();
  // Linux: ____sys_sendmsg() has room for a few messages, for more it takes memory of the socket.
  if (length > ON_STACK && length >= socket.namespace.stack.settings.optmemMax) return -ENOBUFS;
  const { ttl, tos, mark, boundIfindex, multicastTtl, dontFragment6, timestampingFlags, segmentBytes } = socket;
  const local = Uint32Array.from(socket.local.words);
  try {
    return apply(socket, v, start, start + length) || send();
  } finally {
    Object.assign(socket, { ttl, tos, mark, boundIfindex, multicastTtl, dontFragment6, timestampingFlags, segmentBytes });
    socket.local.words.set(local);
    if (socket.flowLabels !== null) socket.flowLabels.ofMessage = -1;
  }
}

function apply(socket: InetSocket, v: DataView, start: number, end: number): number {
  for (let at = start; at + CMSGHDR <= end; ) {
    const size = v.getUint32(at, true) + v.getUint32(at + 4, true) * 0x1_0000_0000;
    if (size < CMSGHDR || at + size > end) return -EINVAL;
    const error = applyOne(socket, v.getInt32(at + 8, true), v.getInt32(at + 12, true), v, at + CMSGHDR, size - CMSGHDR);
    if (error !== 0) return error;
    at += (size + 7) & ~7;
  }
  return 0;
}

/** `bytes` of data at `at`. Messages of other levels are for nobody. */
function applyOne(socket: InetSocket, level: number, type: number, v: DataView, at: number, bytes: number): number {
  if (level === SOL_SOCKET) return ofSocket(socket, type, v, at, bytes);
  if (socket.type === SOCK_STREAM) return 0;
  if (level === SOL_IP) return ofIpv4(socket, type, v, at, bytes);
  if (level === SOL_IPV6 && socket.family === AF_INET6) return ofIpv6(socket, type, v, at, bytes);
  if (level !== SOL_UDP || socket.protocol !== UDP) return 0;
  if (type !== UDP_SEGMENT || bytes !== 2) return -EINVAL;
  socket.segmentBytes = v.getUint16(at, true);
  return 0;
}

/** Linux: __sock_cmsg_send() */
function ofSocket(socket: InetSocket, type: number, v: DataView, at: number, bytes: number): number {
  switch (type) {
    case SO_MARK:
      if (!socket.privileged) return -EPERM;
      if (bytes !== 4) return -EINVAL;
      socket.mark = v.getUint32(at, true);
      return 0;
    case SO_TIMESTAMPING:
    case SO_TIMESTAMPING_NEW: {
      const flags = bytes === 4 ? v.getUint32(at, true) : ~0;
      if ((flags & ~TX_RECORD_MASK) !== 0) return -EINVAL;
      socket.timestampingFlags = (socket.timestampingFlags & ~TX_RECORD_MASK) | flags;
      return 0;
    }
    case SCM_TXTIME:
      // A time of departure, for queueing disciplines that are not there.
      return bytes === 8 ? 0 : -EINVAL;
    case SCM_RIGHTS:
    case SCM_CREDENTIALS:
      return 0;
    default:
      return -EINVAL;
  }
}

function ofIpv4(socket: InetSocket, type: number, v: DataView, at: number, bytes: number): number {
  switch (type) {
    case IP_TTL: {
      const ttl = bytes === 4 ? v.getInt32(at, true) : 0;
      if (ttl < 1 || ttl > 255) return -EINVAL;
      socket.ttl = ttl;
      socket.multicastTtl = ttl;
      return 0;
    }
    case IP_TOS: {
      const tos = bytes === 4 ? v.getInt32(at, true) : bytes === 1 ? v.getUint8(at) : -1;
      if (tos < 0 || tos > 255) return -EINVAL;
      socket.tos = tos;
      return 0;
    }
    case IP_PKTINFO: {
      if (bytes !== 12) return -EINVAL;
      const ifindex = v.getInt32(at, true);
      if (ifindex !== 0) socket.boundIfindex = ifindex;
      const source = v.getUint32(at + 4);
      if (source === 0 || !isAnyAddress(socket.local.words)) return 0;
      socket.local.words[2] = 0xffff;
      socket.local.words[3] = source;
      return 0;
    }
    default:
      return type === IP_RETOPTS ? 0 : -EINVAL;
  }
}

function ofIpv6(socket: InetSocket, type: number, v: DataView, at: number, bytes: number): number {
  switch (type) {
    case IPV6_HOPLIMIT: {
      const limit = bytes === 4 ? v.getInt32(at, true) : 256;
      if (limit < -1 || limit > 255) return -EINVAL;
      // -1: as the socket has it.
      if (limit < 0) return 0;
      socket.ttl = limit;
      socket.multicastTtl = limit;
      return 0;
    }
    case IPV6_TCLASS: {
      const trafficClass = bytes === 4 ? v.getInt32(at, true) : 256;
      if (trafficClass < -1 || trafficClass > 255) return -EINVAL;
      if (trafficClass >= 0) socket.tos = trafficClass;
      return 0;
    }
    case IPV6_DONTFRAG: {
      const on = bytes === 4 ? v.getInt32(at, true) : -1;
      if (on < 0 || on > 1) return -EINVAL;
      socket.dontFragment6 = on === 1;
      return 0;
    }
    case IPV6_PKTINFO: {
      if (bytes < 20) return -EINVAL;
      const ifindex = v.getInt32(at + 16, true);
      if (ifindex !== 0) socket.boundIfindex = ifindex;
      if (isAnyAddress(socket.local.words)) for (let i = 0; i < 4; i++) socket.local.words[i] = v.getUint32(at + 4 * i);
      return 0;
    }
    case IPV6_FLOWINFO:
      if (bytes < 4) return -EINVAL;
      stateOf(socket).ofMessage = v.getUint32(at) & FLOWINFO_MASK;
      return 0;
    default:
      // Extension headers of one datagram are not there.
      return 0;
  }
}
