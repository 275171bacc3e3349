import { ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { SOCK_RAW } from '../../net/core/socket.js';
import {
  AF_NETLINK,
  NETLINK_BROADCAST_ERROR,
  NETLINK_CAP_ACK,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_PKTINFO,
  NETLINK_SOCK_DIAG,
  NLM_F_MULTI,
} from '../../netlink/constants.js';
import {
  NDIAG_FLAG_BROADCAST_ERROR,
  NDIAG_FLAG_CAP_ACK,
  NDIAG_FLAG_CB_RUNNING,
  NDIAG_FLAG_LISTEN_ALL_NSID,
  NDIAG_FLAG_NO_ENOBUFS,
  NDIAG_FLAG_PKTINFO,
  NDIAG_PROTO_ALL,
  NDIAG_SHOW_FLAGS,
  NDIAG_SHOW_GROUPS,
  NDIAG_SHOW_MEMINFO,
  NETLINK_UNCONNECTED,
  type NetlinkDiagAttributes,
  type NetlinkDiagMessage,
  netlinkDiagMessage,
  netlinkDiagRequest,
} from '../../netlink/diag/netlink.js';
import { SOCK_DIAG_BY_FAMILY } from '../../netlink/diag/sock-diag.js';
import { FIRST_DUMP_BYTES, type NetlinkEndpoint, truesizeOf } from '../netlink-endpoint.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { type Cookies, cookieWords } from './cookies.js';
import type { DiagHandler } from './sock-diag.js';

/** net.core.rmem_default and wmem_default, which the kernel's own ends have. */
const DEFAULT_BUFFER = 212_992;

const flagOptions: readonly (readonly [option: number, flag: number])[] = [
  [NETLINK_PKTINFO, NDIAG_FLAG_PKTINFO],
  [NETLINK_BROADCAST_ERROR, NDIAG_FLAG_BROADCAST_ERROR],
  [NETLINK_NO_ENOBUFS, NDIAG_FLAG_NO_ENOBUFS],
  [NETLINK_LISTEN_ALL_NSID, NDIAG_FLAG_LISTEN_ALL_NSID],
  [NETLINK_CAP_ACK, NDIAG_FLAG_CAP_ACK],
];

function flagsOf(socket: NetlinkEndpoint): number {
  let flags = socket.dumping ? NDIAG_FLAG_CB_RUNNING : 0;
  for (const [option, flag] of flagOptions) if (socket.getOption(option) !== 0) flags |= flag;
  return flags;
}

/** Groups as the kernel keeps them: words of 64 bits, as many as the highest group needs. */
function groupBits(groups: ReadonlySet<number>): Uint8Array {
  const bits = new Uint8Array(Math.max(8, Math.ceil(Math.max(0, ...groups) / 64) * 8));
  for (const group of groups) bits[(group - 1) >> 3]! |= 1 << ((group - 1) & 7);
  return bits;
}

const memory = (rmemAlloc: number, rcvbuf: number) => ({
  rmemAlloc,
  rcvbuf,
  wmemAlloc: 0,
  sndbuf: DEFAULT_BUFFER,
  fwdAlloc: 0,
  wmemQueued: 0,
  optmem: 0,
  backlog: 0,
  drops: 0,
});

/** The kernel's own end of a protocol: what is asked just now is in its queue. */
function describeKernel(protocol: number, show: number, request: NetlinkRequest): NetlinkDiagAttributes {
  const queued = protocol === NETLINK_SOCK_DIAG ? truesizeOf(request.message.bytes.length) : 0;
  return {
    ...((show & NDIAG_SHOW_MEMINFO) === 0 ? {} : { meminfo: memory(queued, DEFAULT_BUFFER) }),
    ...((show & NDIAG_SHOW_FLAGS) === 0 ? {} : { flags: 0 }),
  };
}

/** Who asks has the datagram that is being filled charged to it already. */
function describe(socket: NetlinkEndpoint, show: number, request: NetlinkRequest): NetlinkDiagAttributes {
  const queued = socket.receiveMemory + (socket === request.socket ? truesizeOf(FIRST_DUMP_BYTES) : 0);
  return {
    ...((show & NDIAG_SHOW_MEMINFO) === 0 ? {} : { meminfo: memory(queued, socket.receiveBuffer) }),
    ...((show & NDIAG_SHOW_GROUPS) === 0 || socket.groups.size === 0 ? {} : { groups: groupBits(socket.groups) }),
    ...((show & NDIAG_SHOW_FLAGS) === 0 ? {} : { flags: flagsOf(socket) }),
  };
}

function headerOf(protocol: number, portId: number, cookie: number): NetlinkDiagMessage {
  return {
    family: AF_NETLINK,
    type: SOCK_RAW,
    protocol,
    state: NETLINK_UNCONNECTED,
    portId,
    destinationPortId: 0,
    destinationGroup: 0,
    inode: 0,
    ...cookieWords(cookie),
  };
}

// Linux: netlink_diag_dump()
function dump(request: NetlinkRequest, cookies: Cookies): Dump {
  const { header } = netlinkDiagRequest.parse(request.message);
  const { server, namespace, socket: reader, message } = request;
  const known = server.kernelEnds(namespace);
  return {
    *messages(writer) {
      if (header.protocol !== NDIAG_PROTO_ALL && header.protocol >= 32) fail(ENOENT);
      for (const protocol of known) {
        if (header.protocol !== NDIAG_PROTO_ALL && header.protocol !== protocol) continue;
        const kernel = describeKernel(protocol, header.show, request);
        const build = (portId: number, cookie: number, attributes: NetlinkDiagAttributes) => {
          const answer = headerOf(protocol, portId, cookie);
          netlinkDiagMessage.build(writer, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, message.sequence, reader.portId, answer, attributes);
        };
        build(0, 0, kernel);
        yield;
        for (const socket of server.socketsOf(namespace, protocol)) {
          build(socket.portId, cookies.of(socket), describe(socket, header.show, request));
          yield;
        }
      }
    },
  };
}

/** Netlink sockets, the kernel's own ends among them: netlink_diag. */
export const netlinkDiag: DiagHandler = { family: AF_NETLINK, dump };
