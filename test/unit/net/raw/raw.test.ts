import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL, EPERM } from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { MSG_ERRQUEUE, ReceiveInfo, type Socket } from '../../../../src/net/core/socket.js';
import { address, ip4, routed } from '../kit.js';
import { echo, ipv4, pattern } from '../packets.js';

const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const into = new Uint8Array(3000);

function create(namespace: Namespace, type: number, protocol: number, uid = 0): Socket | number {
  const family = namespace.sockets.families.find((f) => f.type === type && (f.anyProtocol === true || f.protocol === protocol))!;
  return family.create(namespace, protocol, uid, uid === 0);
}

function open(namespace: Namespace, type: number, protocol: number): Socket {
  const socket = create(namespace, type, protocol);
  if (typeof socket === 'number') throw new Error(`errno ${socket}`);
  return socket;
}

const one = new Uint8Array([1, 0, 0, 0]);

test('a raw ICMP socket sees replies and requests with their headers, as far as its filter lets them', () => {
  const { world, left, right } = routed();
  const raw = open(left, SOCK_RAW, 1);
  const watcher = open(right, SOCK_RAW, 1);
  const request = echo(1234, 1, pattern(20));
  expect(raw.send(request, 0, request.length, 0, address('10.0.1.1'))).toBe(28);
  world.settle();
  const info = new ReceiveInfo();
  expect(raw.receive(into, 0, 100, 0, info)).toBe(48);
  expect([into[0], into[9], into[20]]).toEqual([0x45, 1, 0]);
  expect(info.from.words[3]).toBe(ip4('10.0.1.1'));
  expect(watcher.receive(into, 0, 100, 0, null)).toBe(48);
  expect(into[20]).toBe(8);
  // Not echo requests any more.
  expect(watcher.setOption(255, 1, new Uint8Array([0, 1, 0, 0]))).toBe(0);
  raw.send(request, 0, request.length, 0, address('10.0.1.1'));
  world.settle();
  expect(watcher.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
  raw.close();
  watcher.close();
  expect(world.stack.pool.inUse).toBe(0);
});

test('IP_HDRINCL sends what the user wrote, with checksum, length, id and source filled in', () => {
  const { world, left, rightDevice } = routed();
  const seen = world.capture(rightDevice, false);
  const raw = open(left, SOCK_RAW, 255);
  const packet = ipv4({ from: '0.0.0.0', to: '10.0.1.1', protocol: 200, ttl: 9 }, pattern(12));
  packet[10] = 0;
  packet[2] = 0;
  expect(raw.send(packet, 0, packet.length, 0, address('10.0.1.1'))).toBe(32);
  world.settle();
  const view = new DataView(seen[0]!.buffer);
  expect([view.getUint32(12), view.getUint8(8), view.getUint16(2)]).toEqual([ip4('10.0.0.1'), 8, 32]);
  expect(view.getUint16(4)).not.toBe(0);
  expect(raw.send(packet, 0, 19, 0, address('10.0.1.1'))).toBe(-EINVAL);
});

test('raw sockets need CAP_NET_RAW, ping sockets a group of ping_group_range', () => {
  const { left } = routed();
  expect(create(left, SOCK_RAW, 1, 1000)).toBe(-EPERM);
  expect(create(left, SOCK_DGRAM, 1)).toBe(-EACCES);
  left.ipv4.settings.pingGroupFirst = 0;
  left.ipv4.settings.pingGroupLast = 0x7fff_ffff;
  expect(typeof create(left, SOCK_DGRAM, 1, 1000)).toBe('object');
});

test('two ping sockets get their own replies, and errors about their own requests', () => {
  const { world, left } = routed();
  left.ipv4.settings.pingGroupFirst = 0;
  left.ipv4.settings.pingGroupLast = 0;
  const a = open(left, SOCK_DGRAM, 1);
  const b = open(left, SOCK_DGRAM, 1);
  const request = echo(1, 1, pattern(8));
  const where = address('10.0.1.1');
  for (const socket of [a, b]) expect(socket.send(request, 0, 16, 0, where)).toBe(16);
  world.settle();
  expect(a.local.port).not.toBe(b.local.port);
  for (const socket of [a, b]) {
    expect(socket.receive(into, 0, 100, 0, null)).toBe(16);
    expect((into[4]! << 8) | into[5]!).toBe(socket.local.port);
    expect(socket.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
  }
  a.setOption(0, 11, one);
  a.setOption(0, 2, one);
  a.send(request, 0, 16, 0, where);
  world.settle();
  const info = new ReceiveInfo();
  expect(a.receive(into, 0, 100, MSG_ERRQUEUE, info)).toBe(16);
  expect([info.errorNumber, info.errorType, info.offender.words[3]]).toEqual([EHOSTUNREACH, 11, ip4('10.0.0.254')]);
  expect(a.send(new Uint8Array(8), 0, 8, 0, where)).toBe(-EINVAL);
  a.close();
  b.close();
  expect(world.stack.pool.inUse).toBe(0);
});

test('a protocol that only a raw socket has is not answered with protocol unreachable', () => {
  const { world, left, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  const raw = open(router, SOCK_RAW, 200);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 200 }, pattern(8)));
  expect(raw.receive(into, 0, 100, 0, null)).toBe(28);
  expect(answers).toEqual([]);
  expect(left.ipv4.stats.inUnknownProtos).toBe(0);
});

test('a multicast that a raw socket writes with its header comes back only while IP_MULTICAST_LOOP is on', () => {
  const { world, left } = routed();
  const IP_MULTICAST_LOOP = 34;
  const IP_ADD_MEMBERSHIP = 35;
  const listener = open(left, SOCK_RAW, 112);
  expect(listener.setOption(0, IP_ADD_MEMBERSHIP, Uint8Array.of(224, 0, 0, 18, 10, 0, 0, 1))).toBe(0);
  const raw = open(left, SOCK_RAW, 255);
  const packet = ipv4({ from: '10.0.0.1', to: '224.0.0.18', protocol: 112, ttl: 255 }, pattern(20));
  raw.setOption(0, 32, Uint8Array.of(10, 0, 0, 1));
  expect(raw.send(packet, 0, packet.length, 0, address('224.0.0.18'))).toBe(40);
  world.settle();
  expect(listener.receive(into, 0, 100, 0, null)).toBe(40);
  expect(raw.setOption(0, IP_MULTICAST_LOOP, Uint8Array.of(0))).toBe(0);
  raw.send(packet, 0, packet.length, 0, address('224.0.0.18'));
  world.settle();
  expect(listener.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
});
