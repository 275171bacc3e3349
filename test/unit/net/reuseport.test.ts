import { EINVAL, ENOENT, EPERM } from '../../../src/base/errno.js';
import type { Namespace } from '../../../src/net/core/namespace.js';
import type { UdpSocket } from '../../../src/net/udp/udp-socket.js';
import { address, World } from './kit.js';

const SO_REUSEPORT = 15;
const SO_LOCK_FILTER = 44;
const SO_INCOMING_CPU = 49;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;
const SERVER = '10.0.0.2';

const int = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
const code = (op: number, k: number) => [op & 0xff, op >> 8, 0, 0, ...int(k)];
/** The member is said by the first byte of the payload. */
const byFirstByte = Uint8Array.of(...code(0x30, 0), ...code(0x16, 0));
/** The processor's number says it: there is one, 0. */
const byProcessor = Uint8Array.of(...code(0x20, 0xffff_f000 + 36), ...code(0x16, 0));
const always = (index: number) => Uint8Array.of(...code(0x06, index));

function pair() {
  const world = new World();
  const [a, b] = [world.namespace(), world.namespace()];
  world.cable(a, '10.0.0.1/24', b, `${SERVER}/24`);
  return { world, a, b };
}

function udp(namespace: Namespace, port = 7): UdpSocket {
  const socket = namespace.udp.createSocket(0, true);
  socket.setOption(1, SO_REUSEPORT, int(1));
  expect(socket.bind(address(SERVER, port))).toBe(0);
  return socket;
}

/** Sends `bytes` to port 7, and says which of `sockets` got it. */
function whoGets({ world, a }: ReturnType<typeof pair>, sockets: readonly UdpSocket[], ...bytes: number[]): number {
  const sender = a.udp.createSocket(0, true);
  sender.send(Uint8Array.from(bytes), 0, bytes.length, 0, address(SERVER, 7));
  world.settle();
  sender.close();
  const found = sockets.findIndex(({ queued }) => queued);
  sockets[found]?.receive(new Uint8Array(10), 0, 10, 0, null);
  return found;
}

test('SO_ATTACH_REUSEPORT_CBPF: the program of a group says by the payload which of it gets a datagram', () => {
  const net = pair();
  const sockets = [0, 1, 2].map(() => udp(net.b));
  expect(sockets[1]!.setOption(1, SO_ATTACH_REUSEPORT_CBPF, byFirstByte)).toBe(0);
  expect([0, 1, 2, 1, 0].map((first) => whoGets(net, sockets, first, 9))).toEqual([0, 1, 2, 1, 0]);
  // The last one takes the place of who goes.
  sockets[0]!.close();
  expect([0, 1].map((first) => whoGets(net, sockets, first))).toEqual([2, 1]);
});

test('a place that nobody has leaves it to the hash, and so does a group whose program was detached', () => {
  const net = pair();
  const sockets = [0, 1].map(() => udp(net.b));
  sockets[0]!.setOption(1, SO_ATTACH_REUSEPORT_CBPF, always(7));
  expect(whoGets(net, sockets, 1)).not.toBe(-1);
  sockets[0]!.setOption(1, SO_ATTACH_REUSEPORT_CBPF, always(1));
  expect(Array.from({ length: 8 }, () => whoGets(net, sockets, 1))).toEqual(new Array(8).fill(1));
  expect(sockets[1]!.setOption(1, SO_DETACH_REUSEPORT_BPF, int(0))).toBe(0);
  expect(new Set(Array.from({ length: 40 }, () => whoGets(net, sockets, 1)))).toEqual(new Set([0, 1]));
  expect(sockets[1]!.setOption(1, SO_DETACH_REUSEPORT_BPF, int(0))).toBe(-ENOENT);
});

test("a program that the first socket had before its address is the group's; the processor is number 0", () => {
  const net = pair();
  const first = net.b.udp.createSocket(0, true);
  expect(first.setOption(1, SO_ATTACH_REUSEPORT_CBPF, byProcessor)).toBe(-EINVAL);
  first.setOption(1, SO_REUSEPORT, int(1));
  expect(first.setOption(1, SO_ATTACH_REUSEPORT_CBPF, byProcessor)).toBe(0);
  expect(first.bind(address(SERVER, 7))).toBe(0);
  const sockets = [first, udp(net.b), udp(net.b)];
  expect(Array.from({ length: 8 }, () => whoGets(net, sockets, 1))).toEqual(new Array(8).fill(0));
});

test('who has an address without SO_REUSEPORT, a locked filter or no program gets none', () => {
  const net = pair();
  const alone = net.b.udp.createSocket(0, true);
  alone.bind(address(SERVER, 9));
  expect(alone.setOption(1, SO_ATTACH_REUSEPORT_CBPF, always(0))).toBe(-EINVAL);
  expect(alone.setOption(1, SO_DETACH_REUSEPORT_BPF, int(0))).toBe(-EINVAL);
  const member = udp(net.b);
  expect(member.setOption(1, SO_ATTACH_REUSEPORT_CBPF, Uint8Array.of(1, 2, 3, 4))).toBe(-EINVAL);
  member.setOption(1, SO_LOCK_FILTER, int(1));
  expect(member.setOption(1, SO_ATTACH_REUSEPORT_CBPF, always(0))).toBe(-EPERM);
});

test('SO_INCOMING_CPU prefers the socket of the processor, and tells where the last packet of a connection came in', () => {
  const net = pair();
  const sockets = [0, 1, 2].map(() => udp(net.b));
  expect(sockets[1]!.getOption(1, SO_INCOMING_CPU)).toEqual(int(-1));
  sockets[0]!.setOption(1, SO_INCOMING_CPU, int(3));
  sockets[1]!.setOption(1, SO_INCOMING_CPU, int(0));
  expect(Array.from({ length: 8 }, () => whoGets(net, sockets, 1))).toEqual(new Array(8).fill(1));
  const peer = net.a.udp.createSocket(0, true);
  peer.connect(address(SERVER, 7));
  peer.send(Uint8Array.of(1), 0, 1, 0, null);
  sockets[1]!.send(Uint8Array.of(1), 0, 1, 0, peer.local);
  net.world.settle();
  expect(peer.getOption(1, SO_INCOMING_CPU)).toEqual(int(0));
});
