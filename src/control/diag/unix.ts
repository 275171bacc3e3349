import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { ProgramUnixSocket } from '../../net/core/program-unix-socket.js';
import { UNIX_LISTEN, type UnixSocket } from '../../net/unix/unix-socket.js';
import { AF_UNIX, NLM_F_MULTI } from '../../netlink/constants.js';
import { SOCK_DIAG_BY_FAMILY } from '../../netlink/diag/sock-diag.js';
import {
  UDIAG_SHOW_ICONS,
  UDIAG_SHOW_MEMINFO,
  UDIAG_SHOW_NAME,
  UDIAG_SHOW_PEER,
  UDIAG_SHOW_RQLEN,
  UDIAG_SHOW_UID,
  type UnixDiagAttributes,
  unixDiagMessage,
  unixDiagRequest,
} from '../../netlink/diag/unix.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { type Cookies, cookieWords } from './cookies.js';
import type { DiagHandler } from './sock-diag.js';

/** What waits to be accepted has no file, and so no inode number of its own: its client's is told. */
function waitingInodes({ waiting }: UnixSocket): Uint8Array {
  const bytes = new Uint8Array(waiting.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, { peer }] of waiting.entries()) view.setUint32(i * 4, peer?.inode ?? 0, true);
  return bytes;
}

/** Of a listener how many wait and may wait; of others bytes to be read, and memory of what they have sent. Linux: sk_diag_show_rqlen() */
const lengthsOf = (socket: UnixSocket) =>
  socket.state === UNIX_LISTEN
    ? { rqueue: socket.waiting.length, wqueue: socket.maxBacklog }
    : { rqueue: socket.readable, wqueue: socket.sendMemory };

// Linux: sk_diag_fill() of unix/diag.c
function describe(socket: UnixSocket, show: number): UnixDiagAttributes {
  const { local, peer, state } = socket;
  return {
    ...((show & UDIAG_SHOW_NAME) === 0 || local.bytes === null ? {} : { name: local.bytes }),
    ...((show & UDIAG_SHOW_PEER) === 0 || peer === null ? {} : { peer: peer.embryo ? 0 : peer.inode }),
    ...((show & UDIAG_SHOW_ICONS) === 0 || state !== UNIX_LISTEN ? {} : { icons: waitingInodes(socket) }),
    ...((show & UDIAG_SHOW_RQLEN) === 0 ? {} : { rqlen: lengthsOf(socket) }),
    ...((show & UDIAG_SHOW_MEMINFO) === 0
      ? {}
      : {
          meminfo: {
            rmemAlloc: 0,
            rcvbuf: socket.receiveBuffer,
            wmemAlloc: socket.sendMemory,
            sndbuf: socket.sendBuffer,
            fwdAlloc: 0,
            wmemQueued: 0,
            optmem: 0,
            backlog: 0,
            drops: 0,
          },
        }),
    shutdown: socket.shutdownMask,
    ...((show & UDIAG_SHOW_UID) === 0 ? {} : { uid: socket.uid }),
  };
}

/** As far as a socket of the host's kernel shows itself: not its peer, its queues or whose it is. */
const describeOfProgram = ({ name }: ProgramUnixSocket, show: number): UnixDiagAttributes => ({
  ...((show & UDIAG_SHOW_NAME) === 0 || name === null ? {} : { name }),
  shutdown: 0,
});

const headerOf = (socket: UnixSocket, cookies: Cookies) => ({
  family: AF_UNIX,
  type: socket.type,
  state: socket.state,
  inode: socket.inode,
  ...cookieWords(cookies.of(socket)),
});

// Linux: unix_diag_dump()
function dump(request: NetlinkRequest, cookies: Cookies): Dump {
  const { header } = unixDiagRequest.parse(request.message);
  return {
    *messages(writer) {
      const { sequence } = request.message;
      for (const socket of [...request.namespace.unix.sockets]) {
        if (socket.closed || socket.embryo || (header.states & (1 << socket.state)) === 0) continue;
        const { portId } = request.socket;
        const answer = headerOf(socket, cookies);
        unixDiagMessage.build(writer, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sequence, portId, answer, describe(socket, header.show));
        yield;
      }
      for (const socket of request.namespace.unix.ofPrograms) {
        if ((header.states & (1 << socket.state)) === 0) continue;
        const { portId } = request.socket;
        const answer = { family: AF_UNIX, type: socket.type, state: socket.state, inode: socket.inode, ...cookieWords(socket.inode) };
        unixDiagMessage.build(writer, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sequence, portId, answer, describeOfProgram(socket, header.show));
        yield;
      }
    },
  };
}

// Linux: unix_diag_get_exact()
function get(request: NetlinkRequest, cookies: Cookies): void {
  const { header } = unixDiagRequest.parse(request.message);
  if (header.inode === 0) fail(EINVAL);
  for (const socket of request.namespace.unix.sockets) {
    if (socket.inode !== header.inode) continue;
    cookies.check(socket, header);
    request.answer(unixDiagMessage, headerOf(socket, cookies), describe(socket, header.show), SOCK_DIAG_BY_FAMILY);
    return;
  }
  fail(ENOENT);
}

/** Unix sockets: unix_diag. */
export const unixDiag: DiagHandler = { family: AF_UNIX, dump, get };
