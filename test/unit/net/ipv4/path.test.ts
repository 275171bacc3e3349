import { EXCEEDED_TTL, FRAG_NEEDED } from '../../../../src/wire/icmp.js';
import { verify } from '../../../../src/wire/checksum.js';
import { ReceiveInfo } from '../../../../src/net/core/socket.js';
import { address, routed, World } from '../kit.js';
import { echo, ipv4, pattern, udp } from '../packets.js';

const CLEAN = 0;

test('a host answers the ping of its neighbour', () => {
  const world = new World();
  const a = world.namespace();
  const b = world.namespace();
  world.cable(a, '10.0.0.1/24', b, '10.0.0.2/24');
  a.ipv4.settings.pingGroupFirst = 0;
  const family = a.sockets.families.find((f) => f.type === 2 && f.protocol === 1)!;
  a.ipv4.settings.pingGroupLast = 0;
  const socket = family.create(a, 1, 0, true);
  if (typeof socket === 'number') throw new Error(`errno ${socket}`);
  const request = echo(0, 7, pattern(56));
  expect(socket.send(request, 0, request.length, 0, address('10.0.0.2'))).toBe(request.length);
  world.settle();
  const into = new Uint8Array(2000);
  const info = new ReceiveInfo();
  expect(socket.receive(into, 0, into.length, 0, info)).toBe(64);
  expect(into[0]).toBe(0);
  expect(into.slice(8, 64)).toEqual(pattern(56));
  expect(info.from.words[3]).toBe(0x0a000002);
  expect(info.ttl).toBe(64);
  socket.close();
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('a packet is forwarded through a router, its TTL one less and its checksum right', () => {
  const { world, left, right, rightDevice, router } = routed();
  const seen = world.capture(rightDevice, false);
  const socket = left.udp.createSocket(0, true);
  const server = right.udp.createSocket(0, true);
  expect(server.bind(address('0.0.0.0', 53))).toBe(0);
  expect(socket.send(pattern(100), 0, 100, 0, address('10.0.1.1', 53))).toBe(100);
  world.settle();
  const into = new Uint8Array(200);
  const info = new ReceiveInfo();
  expect(server.receive(into, 0, 200, 0, info)).toBe(100);
  expect(into.slice(0, 100)).toEqual(pattern(100));
  expect(info.ttl).toBe(63);
  expect(verify(new DataView(seen[0]!.buffer), 0, 20, 0)).toBe(true);
  expect(router.ipv4.stats.forwDatagrams).toBe(1);
  socket.close();
  server.close();
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('a packet whose TTL runs out is answered with time exceeded, which quotes it', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const packet = ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17, ttl: 1 }, udp('10.0.0.1', 1000, '10.0.1.1', 53, pattern(20)));
  const answers = world.capture(leftDevice, false);
  world.inject(routerLeft, packet);
  expect(answers).toHaveLength(1);
  const answer = answers[0]!;
  expect(answer.slice(12, 20)).toEqual(new Uint8Array([10, 0, 0, 254, 10, 0, 0, 1]));
  expect([answer[20], answer[21]]).toEqual([11, EXCEEDED_TTL]);
  expect(answer.slice(28)).toEqual(packet);
  expect(answer[1]).toBe(0xc0);
  expect(verify(new DataView(answer.buffer), 20, answer.length - 20, 0)).toBe(true);
  expect(router.ipv4.stats.inHdrErrors).toBe(1);
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('a packet too long for the way on is answered with the MTU if it may not be cut, and cut if it may', () => {
  const { world, leftDevice, routerLeft, routerRight, rightDevice } = routed();
  routerRight.mtu = 1000;
  const payload = udp('10.0.0.1', 1000, '10.0.1.1', 53, pattern(1400));
  const answers = world.capture(leftDevice, false);
  const arrived = world.capture(rightDevice, false);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17, fragment: 0x4000 }, payload));
  expect(arrived).toHaveLength(0);
  const view = new DataView(answers[0]!.buffer);
  expect([view.getUint8(20), view.getUint8(21), view.getUint16(26)]).toEqual([3, FRAG_NEEDED, 1000]);
  expect(answers[0]!.length).toBe(576);

  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.1.1', protocol: 17, id: 77 }, payload));
  expect(arrived.map((p) => p.length)).toEqual([996, 452]);
  expect(arrived.every((p) => verify(new DataView(p.buffer), 0, 20, 0))).toBe(true);
  const fields = arrived.map((p) => new DataView(p.buffer).getUint16(6));
  expect(fields).toEqual([0x2000, 976 / 8]);
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('a datagram larger than any link goes in fragments and arrives whole', () => {
  const { world, left, right } = routed();
  const server = right.udp.createSocket(0, true);
  const client = left.udp.createSocket(0, true);
  server.bind(address('0.0.0.0', 9));
  const data = pattern(60_000);
  expect(client.send(data, 0, data.length, 0, address('10.0.1.1', 9))).toBe(data.length);
  world.settle();
  const into = new Uint8Array(65_536);
  expect(server.receive(into, 0, into.length, 0, null)).toBe(60_000);
  expect(into.slice(0, 60_000)).toEqual(data);
  expect(right.ipv4.stats.reasmOKs).toBe(1);
  expect(left.ipv4.stats.fragOKs).toBe(1);
  server.close();
  client.close();
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('bad headers are counted and dropped', () => {
  const { world, routerLeft, router } = routed();
  const good = ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 1 }, echo(1, 1, pattern(8)));
  const stats = router.ipv4.stats;
  const version6 = good.slice();
  version6[0] = 0x65;
  world.inject(routerLeft, version6);
  expect(stats.inHdrErrors).toBe(1);
  const badSum = good.slice();
  badSum[10]! ^= 1;
  world.inject(routerLeft, badSum);
  expect([stats.inHdrErrors, stats.inCsumErrors]).toEqual([2, 1]);
  world.inject(routerLeft, good.slice(0, good.length - 1));
  expect(stats.inTruncatedPkts).toBe(1);
  world.inject(routerLeft, good.slice(0, 10));
  expect(stats.inHdrErrors).toBe(3);
  expect(stats.inReceives).toBe(4);
  expect(stats.inDelivers).toBe(0);
  expect(world.stack.pool.inUse).toBe(CLEAN);
});

test('an unknown protocol is answered with protocol unreachable', () => {
  const { world, leftDevice, routerLeft, router } = routed();
  const answers = world.capture(leftDevice, false);
  world.inject(routerLeft, ipv4({ from: '10.0.0.1', to: '10.0.0.254', protocol: 200 }, pattern(30)));
  expect([answers[0]![20], answers[0]![21]]).toEqual([3, 2]);
  expect(router.ipv4.stats.inUnknownProtos).toBe(1);
});
