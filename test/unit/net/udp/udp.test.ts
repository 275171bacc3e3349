import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOTCONN,
  EPERM,
  EPIPE,
} from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, POLLERR, POLLIN, POLLOUT, ReceiveInfo } from '../../../../src/net/core/socket.js';
import { address, ip4, routed, World } from '../kit.js';
import { ipv4, pattern, udp } from '../packets.js';

const into = new Uint8Array(70_000);
const open = (namespace: Namespace, uid = 0) => namespace.udp.createSocket(uid, uid === 0);
const int = (value: number): Uint8Array => new Uint8Array([value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff]);

function pair() {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  const [left, right] = world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  return { world, a, b, left, right };
}

const bound = (namespace: Namespace, where: string, port: number) => {
  const socket = open(namespace);
  expect(socket.bind(address(where, port))).toBe(0);
  return socket;
};

test('a datagram goes there and the answer back', () => {
  const { world, a, b } = pair();
  const server = bound(b, '0.0.0.0', 7);
  const client = open(a);
  expect(client.connect(address('10.0.0.2', 7))).toBe(0);
  expect(client.local.words[3]).toBe(ip4('10.0.0.1'));
  expect(client.local.port).toBeGreaterThanOrEqual(32_768);
  expect(client.send(pattern(5), 0, 5, 0, null)).toBe(5);
  world.settle();
  expect(server.poll()).toBe(POLLIN | POLLOUT);
  const info = new ReceiveInfo();
  expect(server.receive(into, 0, 100, MSG_PEEK, info)).toBe(5);
  expect(server.receive(into, 0, 3, MSG_TRUNC, info)).toBe(5);
  expect([info.flags, info.fullLength, info.from.port]).toEqual([MSG_TRUNC, 5, client.local.port]);
  expect(info.destination[3]).toBe(ip4('10.0.0.2'));
  expect(server.receive(into, 0, 100, 0, info)).toBe(-EAGAIN);
  expect(server.send(pattern(9), 0, 9, 0, info.from)).toBe(9);
  world.settle();
  expect(client.receive(into, 0, 100, 0, null)).toBe(9);
  client.close();
  server.close();
  expect(world.stack.pool.inUse).toBe(0);
});

test('a host talks to itself over lo, also to its own address', () => {
  const { world, a } = pair();
  const server = bound(a, '0.0.0.0', 7);
  const client = open(a);
  for (const where of ['127.0.0.1', '10.0.0.1']) {
    expect(client.send(pattern(5), 0, 5, 0, address(where, 7))).toBe(5);
    world.settle();
    const info = new ReceiveInfo();
    expect(server.receive(into, 0, 100, 0, info)).toBe(5);
    expect(info.from.words[3]).toBe(ip4(where));
    expect(info.ifindex).toBe(1);
  }
});

test('nobody there: port unreachable, which a connected socket reports once', () => {
  const { world, a, b } = pair();
  const client = open(a);
  client.connect(address('10.0.0.2', 99));
  expect(client.send(pattern(5), 0, 5, 0, null)).toBe(5);
  world.settle();
  expect(b.ipv4.udpStats.noPorts).toBe(1);
  expect(client.poll() & POLLERR).toBe(POLLERR);
  expect(client.receive(into, 0, 100, 0, null)).toBe(-ECONNREFUSED);
  expect(client.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
});

test('a socket that is not connected hears of errors only with IP_RECVERR, and reads them from the error queue', () => {
  const { world, a } = pair();
  const client = open(a);
  client.send(pattern(5), 0, 5, 0, address('10.0.0.2', 99));
  world.settle();
  expect(client.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
  expect(client.setOption(0, 11, int(1))).toBe(0);
  client.send(pattern(5), 0, 5, 0, address('10.0.0.2', 99));
  world.settle();
  const info = new ReceiveInfo();
  expect(client.receive(into, 0, 100, MSG_ERRQUEUE, info)).toBe(5);
  expect([info.errorNumber, info.errorOrigin, info.errorType, info.errorCode]).toEqual([ECONNREFUSED, 2, 3, 3]);
  expect([info.from.words[3], info.from.port, info.offender.words[3]]).toEqual([ip4('10.0.0.2'), 99, ip4('10.0.0.2')]);
  expect(client.receive(into, 0, 100, MSG_ERRQUEUE, info)).toBe(-EAGAIN);
});

test('a path MTU that ICMP tells of makes DF datagrams too long', () => {
  const { world, left, routerRight } = routed();
  routerRight.mtu = 1000;
  const client = open(left);
  client.connect(address('10.0.1.1', 9));
  expect(client.setOption(0, 10, int(2))).toBe(0);
  expect(client.send(pattern(1200), 0, 1200, 0, null)).toBe(1200);
  world.settle();
  expect(client.receive(into, 0, 100, 0, null)).toBe(-EMSGSIZE);
  expect(client.send(pattern(1200), 0, 1200, 0, null)).toBe(-EMSGSIZE);
  expect(client.getOption(0, 14)).toEqual(int(1000));
  expect(client.send(pattern(900), 0, 900, 0, null)).toBe(900);
});

test('bind refuses what Linux refuses', () => {
  const { a } = pair();
  expect(open(a, 1000).bind(address('0.0.0.0', 53))).toBe(-EACCES);
  expect(open(a, 1000).bind(address('0.0.0.0', 1024))).toBe(0);
  expect(open(a).bind(address('10.9.9.9', 53))).toBe(-EADDRNOTAVAIL);
  const first = bound(a, '10.0.0.1', 53);
  expect(first.bind(address('10.0.0.1', 54))).toBe(-EINVAL);
  expect(open(a).bind(address('0.0.0.0', 53))).toBe(-EADDRINUSE);
  expect(open(a).bind(address('127.0.0.1', 53))).toBe(0);
  first.close();
  expect(open(a).bind(address('10.0.0.1', 53))).toBe(0);
});

test('SO_REUSEADDR on both shares a port; SO_REUSEPORT spreads flows and keeps each with one socket', () => {
  const { world, a, b, right } = pair();
  const x = open(a);
  const y = open(a);
  x.setOption(1, 2, int(1));
  y.setOption(1, 2, int(1));
  expect([x.bind(address('0.0.0.0', 53)), y.bind(address('0.0.0.0', 53))]).toEqual([0, 0]);
  const group = [open(b), open(b), open(b)];
  for (const socket of group) {
    socket.setOption(1, 15, int(1));
    expect(socket.bind(address('0.0.0.0', 80))).toBe(0);
  }
  for (let round = 0; round < 2; round++)
    for (let port = 1; port <= 60; port++)
      world.inject(right, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, udp('10.0.0.1', port, '10.0.0.2', 80, pattern(1))));
  const info = new ReceiveInfo();
  for (const socket of group) {
    const ports = new Map<number, number>();
    while (socket.receive(into, 0, 10, 0, info) >= 0) ports.set(info.from.port, (ports.get(info.from.port) ?? 0) + 1);
    expect(ports.size).toBeGreaterThan(5);
    expect([...ports.values()].every((count) => count === 2)).toBe(true);
  }
});

test('the most particular socket gets the datagram: connected, then bound to the address, then any', () => {
  const { world, b, right } = pair();
  const reuse = () => {
    const socket = open(b);
    socket.setOption(1, 2, int(1));
    return socket;
  };
  const any = reuse();
  const exact = reuse();
  const connected = reuse();
  any.bind(address('0.0.0.0', 5));
  exact.bind(address('10.0.0.2', 5));
  connected.bind(address('10.0.0.2', 5));
  connected.connect(address('10.0.0.1', 1000));
  const send = (port: number) =>
    world.inject(right, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, udp('10.0.0.1', port, '10.0.0.2', 5, pattern(1))));
  const who = () => [any, exact, connected].map((s) => s.receive(into, 0, 10, 0, null));
  send(1000);
  expect(who()).toEqual([-EAGAIN, -EAGAIN, 1]);
  send(1001);
  expect(who()).toEqual([-EAGAIN, 1, -EAGAIN]);
  exact.close();
  send(1001);
  expect(who()).toEqual([1, -EAGAIN, -EAGAIN]);
});

test('broadcast needs SO_BROADCAST, and reaches every socket on the port, here and there', () => {
  const { world, a, b } = pair();
  const here = bound(a, '0.0.0.0', 67);
  const there = [open(b), open(b)];
  for (const socket of there) {
    socket.setOption(1, 2, int(1));
    socket.bind(address('0.0.0.0', 67));
  }
  const client = open(a);
  expect(client.send(pattern(3), 0, 3, 0, address('10.0.0.255', 67))).toBe(-EACCES);
  client.setOption(1, 6, int(1));
  expect(client.send(pattern(3), 0, 3, 0, address('10.0.0.255', 67))).toBe(3);
  world.settle();
  for (const socket of [here, ...there]) {
    expect(socket.receive(into, 0, 10, 0, null)).toBe(3);
    expect(socket.receive(into, 0, 10, 0, null)).toBe(-EAGAIN);
    socket.close();
  }
  expect(world.stack.pool.inUse).toBe(0);
});

test('a group reaches its members only, and the sender if it is one and IP_MULTICAST_LOOP is on', () => {
  const { world, a, b } = pair();
  const member = bound(b, '0.0.0.0', 5000);
  const client = bound(a, '0.0.0.0', 5000);
  const mreq = new Uint8Array([239, 1, 1, 1, 10, 0, 0, 2]);
  const send = () => {
    expect(client.send(pattern(3), 0, 3, 0, address('239.1.1.1', 5000))).toBe(3);
    world.settle();
    return [member.receive(into, 0, 10, 0, null), client.receive(into, 0, 10, 0, null)];
  };
  client.setOption(0, 32, new Uint8Array([10, 0, 0, 1]));
  expect(send()).toEqual([-EAGAIN, -EAGAIN]);
  expect(member.setOption(0, 35, mreq)).toBe(0);
  expect(member.setOption(0, 35, mreq)).toBe(-EADDRINUSE);
  expect(send()).toEqual([3, -EAGAIN]);
  client.setOption(0, 35, new Uint8Array([239, 1, 1, 1, 10, 0, 0, 1]));
  expect(send()).toEqual([3, 3]);
  client.setOption(0, 34, int(0));
  expect(send()).toEqual([3, -EAGAIN]);
  expect(member.setOption(0, 36, mreq)).toBe(0);
  expect(member.setOption(0, 36, mreq)).toBe(-EADDRNOTAVAIL);
  expect(send()).toEqual([-EAGAIN, -EAGAIN]);
});

test('a full receive queue drops, and counts by Linux sizes', () => {
  const { world, b, right } = pair();
  const server = bound(b, '0.0.0.0', 7);
  expect(server.setOption(1, 8, int(4096))).toBe(0);
  expect(server.getOption(1, 8)).toEqual(int(8192));
  for (let i = 0; i < 20; i++)
    world.inject(right, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, udp('10.0.0.1', 1000, '10.0.0.2', 7, pattern(1))));
  // 768 bytes of truesize each: one more than fits is let in.
  expect(b.ipv4.udpStats.inDatagrams).toBe(11);
  expect([b.ipv4.udpStats.rcvbufErrors, b.ipv4.udpStats.inErrors, server.drops]).toEqual([9, 9, 9]);
  expect(world.drops.filter((reason) => reason === 15)).toHaveLength(9);
  server.close();
  expect(server.receiveMemory).toBe(0);
  expect(world.stack.pool.inUse).toBe(0);
});

test('a wrong checksum is dropped, none at all is let pass', () => {
  const { world, b, right } = pair();
  const server = bound(b, '0.0.0.0', 7);
  const datagram = udp('10.0.0.1', 1000, '10.0.0.2', 7, pattern(11));
  const bad = datagram.slice();
  bad[9]! ^= 0x40;
  world.inject(right, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, bad));
  expect([b.ipv4.udpStats.inCsumErrors, b.ipv4.udpStats.inErrors]).toEqual([1, 1]);
  const none = datagram.slice();
  none[6] = 0;
  none[7] = 0;
  world.inject(right, ipv4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17 }, none));
  expect(server.receive(into, 0, 100, 0, null)).toBe(11);
});

test('errors of send are Linux errors', () => {
  const { a } = pair();
  const socket = open(a);
  expect(socket.send(pattern(1), 0, 1, 0, null)).toBe(-EDESTADDRREQ);
  expect(socket.send(pattern(1), 0, 1, 0, address('10.0.0.2', 0))).toBe(-EINVAL);
  expect(socket.send(pattern(1), 0, 1, 0, address('192.0.2.1', 9))).toBe(-ENETUNREACH);
  expect(socket.send(into, 0, 65_508, 0, address('127.0.0.1', 9))).toBe(-EMSGSIZE);
  expect(socket.send(into, 0, 65_507, 0, address('127.0.0.1', 9))).toBe(65_507);
  expect(socket.shutdown(1)).toBe(-ENOTCONN);
  expect(socket.send(pattern(1), 0, 1, 0, address('10.0.0.2', 9))).toBe(-EPIPE);
  expect(open(a, 1000).setOption(1, 36, int(1))).toBe(-EPERM);
});

test('connect to AF_UNSPEC undoes a connect', () => {
  const { a } = pair();
  const socket = open(a);
  socket.connect(address('10.0.0.2', 9));
  const nobody = address('0.0.0.0');
  nobody.family = 0;
  expect(socket.connect(nobody)).toBe(0);
  expect([socket.local.words[3], socket.local.port, socket.remote.port]).toEqual([0, 0, 0]);
  expect(socket.send(pattern(1), 0, 1, 0, null)).toBe(-EDESTADDRREQ);
});
