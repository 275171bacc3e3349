import { EACCES, EADDRINUSE, EAGAIN, EHOSTUNREACH, EINVAL } from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { MSG_ERRQUEUE, ReceiveInfo, type Socket, SocketAddress } from '../../../../src/net/core/socket.js';
import { formatIpv6 } from '../../../../src/wire/ipv6-address.js';
import { bytesOf, ip6, routed } from './world.js';

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const ICMPV6 = 58;
const SOL_IPV6 = 41;
const IPV6_RECVERR = 25;
const IPV6_UNICAST_HOPS = 16;
const into = new Uint8Array(200);
const one = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0);

function at(text: string, port = 0): SocketAddress {
  const address = new SocketAddress();
  address.family = AF_INET6;
  address.words.set(ip6(text));
  address.port = port;
  return address;
}

function create(namespace: Namespace, uid: number): Socket | number {
  const family = namespace.sockets.families.find((f) => f.family === AF_INET6 && f.type === SOCK_DGRAM && f.protocol === ICMPV6)!;
  return family.create(namespace, ICMPV6, uid, uid === 0);
}

function open(namespace: Namespace): Socket {
  namespace.ipv4.settings.pingGroupFirst = 0;
  namespace.ipv4.settings.pingGroupLast = 1000;
  const socket = create(namespace, 1000);
  if (typeof socket === 'number') throw new Error(`errno ${socket}`);
  return socket;
}

/** An echo request; id and checksum are the kernel's. */
const request = (sequence: number): Uint8Array => Uint8Array.of(128, 0, 0xff, 0xff, 0xff, 0xff, 0, sequence, 1, 2, 3, 4);

test('who may have one is up to net.ipv4.ping_group_range', () => {
  const { left } = routed();
  expect(create(left, 1000)).toBe(-EACCES);
  left.ipv4.settings.pingGroupFirst = 1000;
  left.ipv4.settings.pingGroupLast = 1000;
  expect(create(left, 999)).toBe(-EACCES);
  expect(typeof create(left, 1000)).toBe('object');
});

test('an echo comes back to the socket whose id it has, and to none of IPv4 (net/ipv4/ping.c)', () => {
  const { world, left } = routed();
  const socket = open(left);
  const other = open(left);
  expect(socket.bind(at('::', 77))).toBe(0);
  expect(other.bind(at('::', 78))).toBe(0);
  const v4 = left.ping.createSocket(2, 0, true);
  v4.reuseAddress = true;
  expect(socket.send(request(1), 0, 12, 0, at('2001:db8:1::1'))).toBe(12);
  world.settle();
  world.advanceMs(10);
  const info = new ReceiveInfo();
  expect(socket.receive(into, 0, 200, 0, info)).toBe(12);
  expect([...into.subarray(0, 2), ...into.subarray(4, 12)]).toEqual([129, 0, 0, 77, 0, 1, 1, 2, 3, 4]);
  expect([formatIpv6(bytesOf(info.from.words)), info.from.port, info.ttl]).toEqual(['2001:db8:1::1', 0, 63]);
  expect([other, v4].map((sk) => sk.receive(into, 0, 200, 0, null))).toEqual([-EAGAIN, -EAGAIN]);
  for (const sk of [socket, other, v4]) sk.close();
  expect(world.stack.pool.inUse).toBe(0);
});

test('only echo requests may be sent, to no mapped address', () => {
  const { left } = routed();
  const socket = open(left);
  expect(socket.send(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 1), 0, 8, 0, at('2001:db8:1::1'))).toBe(-EINVAL);
  expect(socket.send(request(1), 0, 7, 0, at('2001:db8:1::1'))).toBe(-EINVAL);
  expect(socket.send(request(1), 0, 12, 0, at('::ffff:127.0.0.1'))).toBe(-EINVAL);
  const taken = left.ping.createSocket(AF_INET6, 0, true);
  taken.reuseAddress = false;
  socket.close();
  expect(taken.bind(at('::', 9))).toBe(0);
  expect(open(left).bind(at('::', 9))).toBe(-EADDRINUSE);
});

test('what a router says of an echo request is told with IPV6_RECVERR (ping_err())', () => {
  const { world, left } = routed();
  const socket = open(left);
  expect(socket.setOption(SOL_IPV6, IPV6_RECVERR, one(1))).toBe(0);
  expect(socket.setOption(SOL_IPV6, IPV6_UNICAST_HOPS, one(1))).toBe(0);
  socket.send(request(9), 0, 12, 0, at('2001:db8:1::1'));
  world.advanceMs(10);
  const info = new ReceiveInfo();
  expect(socket.receive(into, 0, 200, MSG_ERRQUEUE, info)).toBe(12);
  expect([info.errorNumber, info.errorType, info.errorCode]).toEqual([EHOSTUNREACH, 3, 0]);
  expect(formatIpv6(bytesOf(info.offender.words))).toBe('2001:db8::fe');
  expect([into[0], into[7]]).toEqual([128, 9]);
});
