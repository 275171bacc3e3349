import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { encodeProgram } from '../../bpf/instruction.js';
import type { PacketSocket } from '../../net/packet/packet-socket.js';
import { AF_PACKET, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  PACKET_MCLIST_BYTES,
  PACKET_SHOW_FANOUT,
  PACKET_SHOW_FILTER,
  PACKET_SHOW_INFO,
  PACKET_SHOW_MCLIST,
  PACKET_SHOW_MEMINFO,
  type PacketDiagAttributes,
  packetDiagMessage,
  packetDiagRequest,
  PDI_AUXDATA,
  PDI_ORIGDEV,
  PDI_RUNNING,
} from '../../netlink/diag/packet.js';
import { SOCK_DIAG_BY_FAMILY } from '../../netlink/diag/sock-diag.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { type Cookies, cookieWords } from './cookies.js';
import type { DiagHandler } from './sock-diag.js';

/** struct packet_diag_mclist of each membership: s32 index, u32 count, u16 type, u16 address length, 32 bytes address. */
function membershipBytes({ memberships }: PacketSocket): Uint8Array {
  const bytes = new Uint8Array(memberships.length * PACKET_MCLIST_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, { ifindex, count, type, address }] of memberships.entries()) {
    const at = i * PACKET_MCLIST_BYTES;
    view.setUint32(at, ifindex, true);
    view.setUint32(at + 4, count, true);
    view.setUint16(at + 8, type, true);
    view.setUint16(at + 10, address.length, true);
    bytes.set(address, at + 12);
  }
  return bytes;
}

const infoOf = (socket: PacketSocket) => ({
  index: Math.max(0, socket.local.scopeId),
  version: 0,
  reserve: 0,
  copyThreshold: 0,
  timestamp: 0,
  flags: (socket.running ? PDI_RUNNING : 0) | (socket.auxdata ? PDI_AUXDATA : 0) | (socket.originDevice ? PDI_ORIGDEV : 0),
});

/** In the order of struct tpacket; rings there are none. Linux: sk_diag_fill() of packet/diag.c */
function describe(socket: PacketSocket, show: number, mayShowFilter: boolean): PacketDiagAttributes {
  const { filter, fanout } = socket;
  const program = filter === null ? new Uint8Array(0) : encodeProgram(filter.program);
  return {
    ...((show & PACKET_SHOW_INFO) === 0 ? {} : { info: infoOf(socket), uid: socket.uid }),
    ...((show & PACKET_SHOW_MCLIST) === 0 ? {} : { mclist: membershipBytes(socket) }),
    ...((show & PACKET_SHOW_FANOUT) === 0 || fanout === null ? {} : { fanout: (fanout.id | (fanout.mode << 16)) >>> 0 }),
    ...((show & PACKET_SHOW_MEMINFO) === 0
      ? {}
      : {
          meminfo: {
            rmemAlloc: socket.receiveMemory,
            rcvbuf: socket.receiveBuffer,
            wmemAlloc: socket.sendMemory,
            sndbuf: socket.sendBuffer,
            fwdAlloc: 0,
            wmemQueued: 0,
            optmem: program.length === 0 ? 0 : program.length + FILTER_MEMORY,
            backlog: 0,
            drops: socket.drops,
          },
        }),
    ...((show & PACKET_SHOW_FILTER) === 0 || filter === null || !mayShowFilter ? {} : { filter: program }),
  };
}

/** What a filter counts for beside its instructions (bpf_prog_size()). */
const FILTER_MEMORY = 272;

// Linux: packet_diag_dump()
function dump(request: NetlinkRequest, cookies: Cookies): Dump {
  const { header } = packetDiagRequest.parse(request.message);
  if (header.protocol !== 0) fail(EINVAL);
  return {
    *messages(writer) {
      const { sequence } = request.message;
      const { netAdmin } = request.credentials;
      for (const socket of [...request.namespace.packets.sockets]) {
        if (socket.closed) continue;
        const cookie = cookieWords(cookies.of(socket));
        const answer = { family: AF_PACKET, type: socket.type, number: socket.local.port, inode: socket.inode, ...cookie };
        packetDiagMessage.build(
          writer,
          SOCK_DIAG_BY_FAMILY,
          NLM_F_MULTI,
          sequence,
          request.socket.portId,
          answer,
          describe(socket, header.show, netAdmin),
        );
        yield;
      }
    },
  };
}

/** Packet sockets: packet_diag. */
export const packetDiag: DiagHandler = { family: AF_PACKET, dump };
