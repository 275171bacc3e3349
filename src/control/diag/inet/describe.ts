import { DatagramSocket } from '../../../net/core/datagram-socket.js';
import type { InetSocket } from '../../../net/core/inet-socket.js';
import { SOCK_RAW, SOCK_STREAM } from '../../../net/core/socket.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import {
  INET_DIAG_MEMINFO,
  INET_DIAG_SKMEMINFO,
  INET_DIAG_TCLASS,
  INET_DIAG_TOS,
  type InetDiagAttributes,
  type InetDiagMessage,
  SOCKOPT_BIND_ADDRESS_NO_PORT,
  SOCKOPT_FREEBIND,
  SOCKOPT_HDRINCL,
  SOCKOPT_IS_ICSK,
  SOCKOPT_MC_ALL,
  SOCKOPT_MC_LOOP,
  SOCKOPT_RECVERR,
  SOCKOPT_TRANSPARENT,
} from '../../../netlink/diag/inet.js';
import { cookieWords } from '../cookies.js';
import { ROOT_CGROUP } from './bytecode.js';
import { diagWord, type InetEntry } from './entry.js';

const TCP_CLOSE = 7;
const TCP_LISTEN = 10;
/** Bit of class ids in idiag_ext; it has the place of INET_DIAG_TCLASS as well. */
const EXT_CLASS_ID = 1 << (17 - 1);

/** struct inet_diag_msg. Linux: inet_diag_msg_common_fill() */
export function headerOf(entry: InetEntry, cookie: number): InetDiagMessage {
  const { family, local, remote } = entry;
  return {
    family,
    state: entry.state,
    timer: entry.timer,
    retrans: entry.retrans,
    sport: entry.localPort,
    dport: entry.remotePort,
    src0: diagWord(family, local, 0),
    src1: diagWord(family, local, 1),
    src2: diagWord(family, local, 2),
    src3: diagWord(family, local, 3),
    dst0: diagWord(family, remote, 0),
    dst1: diagWord(family, remote, 1),
    dst2: diagWord(family, remote, 2),
    dst3: diagWord(family, remote, 3),
    ifindex: entry.ifindex,
    ...cookieWords(cookie),
    expires: entry.expires,
    rqueue: entry.rqueue,
    wqueue: entry.wqueue,
    uid: entry.uid,
    inode: entry.inode,
  };
}

/** The memory of a socket: SK_MEMINFO_*. Linux: sk_get_meminfo() */
export const meminfoOf = (socket: InetSocket) => ({
  rmemAlloc: socket.receiveMemory,
  rcvbuf: socket.receiveBuffer,
  // What TCP has sent waits in its queue; datagrams are charged until they have left.
  wmemAlloc: socket.type === SOCK_STREAM ? 0 : socket.sendMemory,
  sndbuf: socket.sendBuffer,
  wmemQueued: socket.type === SOCK_STREAM ? socket.sendMemory : 0,
  fwdAlloc: socket.forwardAlloc,
  drops: socket instanceof DatagramSocket ? socket.drops : 0,
});

function socketOptions(socket: InetSocket): Uint8Array {
  let bits = 0;
  if (socket.receiveErrors) bits |= SOCKOPT_RECVERR;
  if (socket.type === SOCK_STREAM) bits |= SOCKOPT_IS_ICSK;
  if (socket.freebind) bits |= SOCKOPT_FREEBIND;
  if (socket.headerIncluded) bits |= SOCKOPT_HDRINCL;
  if (socket.multicastLoop) bits |= SOCKOPT_MC_LOOP;
  if (socket.transparent) bits |= SOCKOPT_TRANSPARENT;
  if (socket.multicastAll) bits |= SOCKOPT_MC_ALL;
  if (socket.bindAddressNoPort) bits |= SOCKOPT_BIND_ADDRESS_NO_PORT;
  return Uint8Array.of(bits & 0xff, bits >>> 8);
}

/** What all sockets over IP tell; `ext` asks for some of it. Linux: inet_diag_msg_attrs_fill(), inet_sk_diag_fill() */
export function attributesOf(entry: InetEntry, ext: number, netAdmin: boolean): InetDiagAttributes {
  const { socket } = entry;
  // Handshakes and TIME_WAIT entries have but a mark.
  if (socket === null) return netAdmin ? { mark: entry.mark } : {};
  const asked = (attribute: number) => (ext & (1 << (attribute - 1))) !== 0;
  const v6 = entry.family === AF_INET6;
  const tclass = asked(INET_DIAG_TCLASS);
  return {
    shutdown: socket.shutdownMask,
    ...(asked(INET_DIAG_TOS) ? { tos: socket.tos } : {}),
    ...(tclass && v6 ? { tclass: socket.tos } : {}),
    ...(v6 && (entry.state === TCP_CLOSE || entry.state === TCP_LISTEN) ? { skv6only: socket.ipv6Only ? 1 : 0 } : {}),
    ...(netAdmin ? { mark: socket.mark } : {}),
    ...(tclass || (ext & EXT_CLASS_ID) !== 0 ? { classId: socket.priority } : {}),
    cgroupId: ROOT_CGROUP,
    sockopt: socketOptions(socket),
    ...(asked(INET_DIAG_MEMINFO)
      ? { meminfo: { rmem: socket.receiveMemory, wmem: socket.sendMemory, fmem: socket.forwardAlloc, tmem: socket.sendMemory } }
      : {}),
    ...(asked(INET_DIAG_SKMEMINFO) ? { skmeminfo: { optmem: 0, backlog: 0, ...meminfoOf(socket) } } : {}),
    ...(socket.type === SOCK_RAW ? { protocol: socket.protocol } : {}),
  };
}
