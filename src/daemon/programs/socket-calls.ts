import { EAFNOSUPPORT, EINVAL, EOPNOTSUPP, ESOCKTNOSUPPORT } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { SOCK_DGRAM, SOCK_RAW } from '../../net/core/socket.js';
import { createSocket } from '../../control/tapstack/create-socket.js';
import { O_CLOEXEC, O_NONBLOCK } from '../../host/libc.js';
import { TcpSocket } from '../../net/tcp/socket.js';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from '../../netlink/constants.js';
import type { CallDescriptor } from './call-table.js';
import { DatagramSocket } from './datagram-socket.js';
import { PacketSocket as StackPacketSocket } from '../../net/packet/packet-socket.js';
import { PacketSocket } from './packet-socket.js';
import { NetlinkSocket } from './netlink-socket.js';
import type { ProgramCall } from './program-call.js';
import { StreamSocket } from './stream-socket.js';
import type { Supervisor } from './supervisor.js';
import { vrfOfProcess } from './vrf-of-process.js';

const TYPE_MASK = 0xf;

/** socket() and socketpair(): AF_UNIX stays the host's, and nothing else ever is. */
export const socketCalls: readonly CallDescriptor[] = [
  { name: 'socket', when: { anyOf: [{ argument: 0, differs: AF_UNIX }] }, handle: openSocket },
  {
    name: 'socketpair',
    when: { anyOf: [{ argument: 0, differs: AF_UNIX }] },
    // Linux: no other family has pairs of sockets.
    handle: (call) => call.fail(EOPNOTSUPP),
  },
];

function openSocket(call: ProgramCall, supervisor: Supervisor): void {
  const family = call.ints[0]!;
  const flags = call.ints[1]! & ~TYPE_MASK;
  const type = call.ints[1]! & TYPE_MASK;
  if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0) return call.fail(EINVAL);
  const socket = makeSocket(call, supervisor, family, type, call.ints[2]!);
  let program: number;
  try {
    program = socket.open(flags);
  } catch (error) {
    socket.close();
    throw error;
  }
  const fd = call.give(program, (flags & O_CLOEXEC) !== 0);
  supervisor.bench.libc.close(program);
  if (fd < 0) socket.close();
  else {
    socket.tid = call.tid;
    socket.fd = fd;
  }
}

/** Throws NetError. */
function makeSocket(call: ProgramCall, supervisor: Supervisor, family: number, type: number, protocol: number) {
  const { bench } = supervisor;
  const namespace = supervisor.namespaceOf(call);
  const credentials = bench.credentialsOf(call.tid);
  if (family === AF_NETLINK) {
    if (type !== SOCK_RAW && type !== SOCK_DGRAM) throw new NetError(ESOCKTNOSUPPORT);
    return new NetlinkSocket(bench, {
      namespace,
      protocol,
      type,
      credentials,
      namespaceBehind: (tid, fd) => supervisor.namespaceOfFile(tid, fd),
    });
  }
  if (family !== AF_INET && family !== AF_INET6 && family !== AF_PACKET) {
    supervisor.note(`socket family ${family}`);
    throw new NetError(EAFNOSUPPORT);
  }
  // The protocol of a packet socket is an EtherType in network order.
  const number = family === AF_PACKET ? ((protocol & 0xff) << 8) | ((protocol >> 8) & 0xff) : protocol;
  const inner = createSocket(namespace, family, type, number, credentials);
  if (family !== AF_PACKET) inner.boundIfindex = vrfOfProcess(namespace, call.tid);
  if (inner instanceof StackPacketSocket) return new PacketSocket(bench, namespace, inner);
  return inner instanceof TcpSocket ? new StreamSocket(bench, namespace, inner, false) : new DatagramSocket(bench, namespace, inner);
}
