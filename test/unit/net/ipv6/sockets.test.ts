import { EADDRINUSE, EADDRNOTAVAIL, EAGAIN, ECONNREFUSED, EINPROGRESS, EINVAL, EMSGSIZE } from '../../../../src/base/errno.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { isMappedAddress, setIpv4Address } from '../../../../src/net/core/inet-socket.js';
import { POLLIN, ReceiveInfo, type Socket, SocketAddress } from '../../../../src/net/core/socket.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { INFINITY_LIFE_TIME } from '../../../../src/netlink/rtnl/constants.js';
import { formatIpv6 } from '../../../../src/wire/ipv6-address.js';
import { bytesOf, ip6, routed, World6 } from './world.js';

const at = (text: string, port: number, scopeId = 0): SocketAddress => {
  const address = new SocketAddress();
  address.family = 10;
  address.words.set(ip6(text));
  address.port = port;
  address.scopeId = scopeId;
  return address;
};
const at4 = (address: number, port: number): SocketAddress => {
  const result = new SocketAddress();
  setIpv4Address(result, address, port);
  return result;
};
const text = (words: Uint32Array): string => formatIpv6(bytesOf(words));
const tcp6 = (namespace: Namespace): TcpSocket => new TcpSocket(namespace.tcp, 10, 0, true);
const udp6 = (namespace: Namespace) => namespace.udp.createSocket(0, true, 10);
const one = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0);
const into = new Uint8Array(100_000);

function transfer(world: World6, from: Socket, to: Socket, bytes: number): number {
  const data = new Uint8Array(bytes).map((_, i) => i);
  let sent = 0;
  let received = 0;
  for (let round = 0; round < 5000 && received < bytes; round++) {
    if (sent < bytes) sent += Math.max(0, from.send(data, sent, bytes - sent, 0, null));
    world.advanceMs(1);
    for (let count = to.receive(into, 0, into.length, 0, null); count > 0; count = to.receive(into, 0, into.length, 0, null)) {
      for (let i = 0; i < count; i++) if (into[i] !== ((received + i) & 255)) return -1;
      received += count;
    }
  }
  return received;
}

function connection(world: World6, server: Namespace, client: Namespace, where: SocketAddress) {
  const listener = tcp6(server);
  expect(listener.bind(at('::', where.port))).toBe(0);
  expect(listener.listen(5)).toBe(0);
  const socket = tcp6(client);
  expect(socket.connect(where)).toBe(-EINPROGRESS);
  world.advanceMs(100);
  const accepted = listener.accept();
  if (typeof accepted === 'number') throw new Error(`not accepted: ${accepted}`);
  return { listener, socket, accepted };
}

describe('TCP over IPv6', () => {
  test('a megabyte crosses a router', () => {
    const { world, left, right } = routed();
    const { listener, socket, accepted } = connection(world, right, left, at('2001:db8:1::1', 80));
    expect(text(accepted.remote.words)).toBe('2001:db8::1');
    expect(transfer(world, socket, accepted, 1_000_000)).toBe(1_000_000);
    expect(transfer(world, accepted, socket, 300_000)).toBe(300_000);
    for (const each of [socket, accepted, listener]) each.close();
    world.advanceMs(200_000);
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('segments follow a smaller path MTU', () => {
    const { world, left, right, routerRight, rightDevice } = routed();
    const { socket, accepted } = connection(world, right, left, at('2001:db8:1::1', 80));
    for (const device of [routerRight, rightDevice]) {
      device.mtu = 1280;
      device.ipv6!.config.mtu = 1280;
    }
    const lengths: number[] = [];
    rightDevice.taps.push((skb, _device, out) => {
      if (!out && skb.gsoSize === 0) lengths.push(skb.tail - skb.data);
    });
    expect(transfer(world, socket, accepted, 100_000)).toBe(100_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1280);
  });

  test('link-local ends need their link', () => {
    const world = new World6();
    const a = world.namespace();
    const b = world.namespace();
    const [left, right] = world.cable(a, b);
    world.advanceMs(5000);
    const target = world.linkLocal(right);
    expect(tcp6(a).connect(at(target, 80))).toBe(-EINVAL);
    const { socket, accepted } = connection(world, b, a, at(target, 80, left.ifindex));
    expect(transfer(world, socket, accepted, 10_000)).toBe(10_000);
  });

  test('a closed port refuses', () => {
    const { world, left } = routed();
    const socket = tcp6(left);
    expect(socket.connect(at('2001:db8:1::1', 81))).toBe(-EINPROGRESS);
    world.advanceMs(100);
    expect(socket.connect(at('2001:db8:1::1', 81))).toBe(-ECONNREFUSED);
  });

  test('one listener serves both families, unless it is for IPv6 alone', () => {
    const world = new World6();
    const a = world.namespace();
    const b = world.namespace();
    const [left, right] = world.cable(a, b);
    world.advanceMs(5000);
    for (const [device, local] of [
      [left, 0x0a000001],
      [right, 0x0a000002],
    ] as const)
      ipv4Routes(device.namespace).addresses.add(
        {
          device,
          local,
          address: local,
          prefixLength: 24,
          broadcast: 0,
          scope: 0,
          label: device.name,
          flags: 0,
          priority: 0,
          protocol: 0,
          validLifetime: INFINITY_LIFE_TIME,
          preferredLifetime: INFINITY_LIFE_TIME,
        },
        {},
      );
    const { socket, accepted } = connection(world, b, a, at('::ffff:10.0.0.2', 80));
    expect(isMappedAddress(accepted.remote.words)).toBe(true);
    expect(transfer(world, socket, accepted, 5000)).toBe(5000);
    const four = new TcpSocket(a.tcp, 2, 0, true);
    expect(four.connect(at4(0x0a000002, 80))).toBe(-EINPROGRESS);
    world.advanceMs(10);
    expect(four.state).toBe(1);
    const only = tcp6(b);
    expect(only.setOption(41, 26, one(1))).toBe(0);
    expect(only.bind(at('::', 90))).toBe(0);
    expect(only.listen(1)).toBe(0);
    const refused = new TcpSocket(a.tcp, 2, 0, true);
    refused.connect(at4(0x0a000002, 90));
    world.advanceMs(10);
    expect(refused.connect(at4(0x0a000002, 90))).toBe(-ECONNREFUSED);
    const beside = new TcpSocket(b.tcp, 2, 0, true);
    expect(beside.bind(at4(0, 80))).toBe(-EADDRINUSE);
    expect(beside.bind(at4(0, 90))).toBe(0);
  });
});

describe('UDP over IPv6', () => {
  test('a datagram goes there and the answer back', () => {
    const { world, left, right } = routed();
    const server = udp6(right);
    expect(server.bind(at('::', 7))).toBe(0);
    const client = udp6(left);
    expect(client.connect(at('2001:db8:1::1', 7))).toBe(0);
    expect(text(client.local.words)).toBe('2001:db8::1');
    expect(client.send(new Uint8Array(5), 0, 5, 0, null)).toBe(5);
    world.settle();
    expect(server.poll() & POLLIN).toBe(POLLIN);
    const info = new ReceiveInfo();
    expect(server.receive(into, 0, 100, 0, info)).toBe(5);
    expect([text(info.from.words), info.from.port, info.ttl]).toEqual(['2001:db8::1', client.local.port, 63]);
    expect(server.send(new Uint8Array(6000), 0, 6000, 0, info.from)).toBe(6000);
    world.settle();
    expect(client.receive(into, 0, 10_000, 0, null)).toBe(6000);
    expect(client.receive(into, 0, 10_000, 0, null)).toBe(-EAGAIN);
    client.close();
    server.close();
    expect(world.stack.pool.inUse).toBe(0);
  });

  test('nobody listens: the connected socket is told', () => {
    const { world, left } = routed();
    const client = udp6(left);
    client.connect(at('2001:db8:1::1', 9));
    client.send(new Uint8Array(5), 0, 5, 0, null);
    world.settle();
    expect(client.send(new Uint8Array(5), 0, 5, 0, null)).toBe(-ECONNREFUSED);
  });

  test('a group is heard by who joined it', () => {
    const world = new World6();
    const a = world.namespace();
    const b = world.namespace();
    const [left, right] = world.cable(a, b);
    world.advanceMs(5000);
    const listener = udp6(b);
    listener.bind(at('::', 5000));
    const sender = udp6(a);
    sender.setOption(41, 17, one(left.ifindex));
    const group = at('ff02::1234', 5000);
    expect(sender.send(new Uint8Array(3), 0, 3, 0, group)).toBe(3);
    world.settle();
    expect(listener.receive(into, 0, 100, 0, null)).toBe(-EAGAIN);
    const request = new Uint8Array(20);
    request.set(bytesOf(ip6('ff02::1234')));
    request[16] = right.ifindex;
    expect(listener.setOption(41, 20, request)).toBe(0);
    sender.send(new Uint8Array(3), 0, 3, 0, group);
    world.settle();
    expect(listener.receive(into, 0, 100, 0, null)).toBe(3);
  });

  test('addresses that are nobody here cannot be bound, and what is too long with DONTFRAG is refused', () => {
    const { left } = routed();
    expect(udp6(left).bind(at('2001:db8::77', 1))).toBe(-EADDRNOTAVAIL);
    expect(udp6(left).bind(at('fe80::1', 1))).toBe(-EINVAL);
    const client = udp6(left);
    client.setOption(41, 62, one(1));
    expect(client.send(new Uint8Array(3000), 0, 3000, 0, at('2001:db8:1::1', 9))).toBe(-EMSGSIZE);
  });
});
