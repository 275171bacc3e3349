import { ECONNABORTED } from '../../../base/errno.js';
import { DatagramSocket } from '../../../net/core/datagram-socket.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import type { InetDiagRequest } from '../../../netlink/diag/inet.js';
import type { UdpSocket } from '../../../net/udp/udp-socket.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { PROTOCOL as UDP } from '../../../wire/udp.js';
import { PROTOCOL as UDPLITE } from '../../../wire/udplite.js';
import type { Udp } from '../../../net/udp/udp.js';
import type { InetEntry } from './entry.js';
import { type InetDiagProtocol, readWords, stateWanted } from './protocol.js';

const TCP_ESTABLISHED = 1;
const TCP_CLOSE = 7;
const IPPROTO_RAW = 255;

const stateOf = (socket: DatagramSocket): number => (socket.connected ? TCP_ESTABLISHED : TCP_CLOSE);

/** Linux: udp_diag_get_info(), raw_diag_get_info(): memory, not bytes of datagrams. */
function takeDatagramSocket(socket: DatagramSocket, entry: InetEntry): void {
  entry.takeSocket(socket);
  entry.state = stateOf(socket);
  entry.rqueue = socket.waitingMemory;
  entry.wqueue = socket.sendMemory;
}

function* fill(sockets: readonly DatagramSocket[], family: number, states: number, entry: InetEntry): IterableIterator<void> {
  for (const socket of sockets) {
    if (socket.closed || socket.family !== family || !stateWanted(states, stateOf(socket))) continue;
    takeDatagramSocket(socket, entry);
    yield;
  }
}

function destroy({ socket }: InetEntry): void {
  if (socket instanceof DatagramSocket) socket.abort(ECONNABORTED);
}

const local = new Uint32Array(4);
const remote = new Uint32Array(4);

function readNames(request: InetDiagRequest): void {
  readWords(request.family, request.src0, request.src1, request.src2, request.src3, local);
  readWords(request.family, request.dst0, request.dst1, request.dst2, request.dst3, remote);
}

/** UDP's sockets by their ports. */
function udpSockets(udp: Udp): UdpSocket[] {
  const sockets: UdpSocket[] = [];
  udp.ports.forEach((user) => {
    sockets.push(user as UdpSocket);
  });
  return sockets.sort((a, b) => a.local.port - b.local.port);
}

const udpDiagOf = (protocol: number, of: (namespace: Namespace) => Udp): InetDiagProtocol => ({
  protocol,
  // Linux: udp_dump()
  entries: (namespace, family, states, entry) => fill(udpSockets(of(namespace)), family, states, entry),

  // Linux: udp_dump_one(): source and destination are the socket's own, as those of a packet to it.
  find(namespace, request, entry) {
    readNames(request);
    for (let user = of(namespace).ports.first(request.sport); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      if (socket.family !== request.family || !fits(socket, request)) continue;
      if (socket.connected && (socket.remote.port !== request.dport || !same(socket.remote.words, remote))) continue;
      takeDatagramSocket(socket, entry);
      return true;
    }
    return false;
  },
  destroy,
});

export const udpDiag = udpDiagOf(UDP, ({ udp }) => udp);
export const udpLiteDiag = udpDiagOf(UDPLITE, ({ udpLite }) => udpLite);

/** Bound to the address that is asked for, or to any, and to the device or none. */
function fits(socket: DatagramSocket, request: InetDiagRequest): boolean {
  if (socket.boundIfindex !== 0 && socket.boundIfindex !== request.ifindex) return false;
  const { words } = socket.local;
  return same(words, local) || (words[3] === 0 && words[0] === 0 && words[1] === 0);
}

const same = (a: Uint32Array, b: Uint32Array): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];

function rawSockets({ raw, raw6 }: Namespace, family: number): DatagramSocket[] {
  const sockets: DatagramSocket[] = [];
  const take = (socket: DatagramSocket): void => {
    sockets.push(socket);
  };
  if (family === AF_INET6) raw6?.forEach(take);
  else raw.forEach(take);
  return sockets;
}

export const rawDiag: InetDiagProtocol = {
  protocol: IPPROTO_RAW,
  // Linux: raw_diag_dump()
  entries: (namespace, family, states, entry) => fill(rawSockets(namespace, family), family, states, entry),

  // Linux: raw_sock_get(); the protocol is in the padding of the request.
  find(namespace, request, entry) {
    readNames(request);
    for (const socket of rawSockets(namespace, request.family)) {
      if (socket.protocol !== request.rawProtocol || !fits(socket, request)) continue;
      if (socket.connected && !same(socket.remote.words, remote)) continue;
      takeDatagramSocket(socket, entry);
      return true;
    }
    return false;
  },
  destroy,
};
