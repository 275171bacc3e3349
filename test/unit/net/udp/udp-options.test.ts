import { EAGAIN, EINVAL, ENOENT, EPERM } from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import type { UdpSocket } from '../../../../src/net/udp/udp-socket.js';
import { address, World } from '../kit.js';
import { pattern } from '../packets.js';

const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;
const SO_LOCK_FILTER = 44;
const IP_LOCAL_PORT_RANGE = 51;

const int = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
const into = new Uint8Array(2000);
const open = (namespace: Namespace): UdpSocket => namespace.udp.createSocket(0, true);

/** struct sock_filter */
const code = (op: number, jt: number, jf: number, k: number) => [op & 0xff, op >> 8, jt, jf, ...int(k)];
/** Lets datagrams from source port 1000 pass, cut to 8 + 4 bytes: the header that the filter sees, and four of the user's. */
const fromPort1000 = Uint8Array.of(...code(0x28, 0, 0, 0), ...code(0x15, 0, 1, 1000), ...code(0x06, 0, 0, 12), ...code(0x06, 0, 0, 0));

function pair() {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  const server = open(b);
  expect(server.bind(address('10.0.0.2', 7))).toBe(0);
  return { world, a, b, server };
}

function sendFrom(namespace: Namespace, port: number): void {
  const socket = open(namespace);
  expect(socket.bind(address('10.0.0.1', port))).toBe(0);
  expect(socket.send(pattern(10), 0, 10, 0, address('10.0.0.2', 7))).toBe(10);
  socket.close();
}

test('SO_ATTACH_FILTER decides which datagrams get to a UDP socket, and how much of them', () => {
  const { world, a, b, server } = pair();
  expect(server.setOption(1, SO_ATTACH_FILTER, fromPort1000)).toBe(0);
  sendFrom(a, 999);
  sendFrom(a, 1000);
  world.settle();
  expect(server.receive(into, 0, 100, 0, null)).toBe(4);
  expect(server.queued).toBe(false);
  expect(b.ipv4.udpStats.inDatagrams).toBe(1);
  expect(server.drops).toBe(1);
  expect(server.setOption(1, SO_DETACH_FILTER, int(0))).toBe(0);
  sendFrom(a, 999);
  world.settle();
  expect(server.receive(into, 0, 100, 0, null)).toBe(10);
});

test('a filter that is locked stays, and one that is none is refused', () => {
  const { server } = pair();
  expect(server.setOption(1, SO_ATTACH_FILTER, Uint8Array.of(1, 2, 3, 4))).toBe(-EINVAL);
  expect(server.setOption(1, SO_DETACH_FILTER, int(0))).toBe(-ENOENT);
  server.setOption(1, SO_ATTACH_FILTER, fromPort1000);
  expect(server.getOption(1, SO_ATTACH_FILTER)).toEqual(fromPort1000);
  expect(server.setOption(1, SO_LOCK_FILTER, int(1))).toBe(0);
  expect(server.setOption(1, SO_DETACH_FILTER, int(0))).toBe(-EPERM);
  expect(server.setOption(1, SO_ATTACH_FILTER, fromPort1000)).toBe(-EPERM);
  expect(server.setOption(1, SO_LOCK_FILTER, int(0))).toBe(-EPERM);
});

test('IP_LOCAL_PORT_RANGE narrows the ports that are chosen from', () => {
  const { a } = pair();
  const ports = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const socket = open(a);
    expect(socket.setOption(0, IP_LOCAL_PORT_RANGE, int((40_003 << 16) | 40_000))).toBe(0);
    if (socket.bind(address('10.0.0.1', 0)) === 0) ports.add(socket.local.port);
  }
  expect([...ports].sort()).toEqual([40_000, 40_001, 40_002, 40_003]);
});

test('what was read is given back to the memory of all sockets by the quarter of the buffer, or when nothing is left', () => {
  const { world, a, server } = pair();
  const sender = open(a);
  for (const bytes of [100, 1000]) sender.send(pattern(bytes), 0, bytes, 0, address('10.0.0.2', 7));
  world.settle();
  // As Linux 6.1 shows it: SK_MEMINFO_RMEM_ALLOC and FWD_ALLOC.
  expect([server.receiveMemory, server.forwardAlloc]).toEqual([3072, 1024]);
  server.receive(into, 0, 100, 0, null);
  expect([server.receiveMemory, server.forwardAlloc, server.waitingMemory]).toEqual([3072, 1024, 2304]);
  server.receive(into, 0, 1000, 0, null);
  expect([server.receiveMemory, server.forwardAlloc]).toEqual([0, 4096]);
});

test('SO_PEEK_OFF: MSG_PEEK goes on where it ended, over datagrams, and what is read moves it back', () => {
  const { world, a, server } = pair();
  const sender = open(a);
  for (const bytes of [4, 6]) sender.send(pattern(10), 10 - bytes, bytes, 0, address('10.0.0.2', 7));
  world.settle();
  const peek = (length: number) => server.receive(into, 0, length, 2, null);
  expect(server.getOption(1, 42)).toEqual(int(-1));
  expect([peek(3), peek(3)]).toEqual([3, 3]);
  expect(server.setOption(1, 42, int(1))).toBe(0);
  expect([peek(2), peek(9), peek(9), peek(9)]).toEqual([2, 1, 6, -EAGAIN]);
  expect(into.subarray(0, 6)).toEqual(pattern(10).subarray(4));
  expect(server.receive(into, 0, 9, 0, null)).toBe(4);
  expect(server.getOption(1, 42)).toEqual(int(6));
  expect([peek(9), server.receive(into, 0, 9, 0, null)]).toEqual([-EAGAIN, 6]);
  expect(server.getOption(1, 42)).toEqual(int(0));
});
