import { VirtualClock } from '../../../../src/base/clock.js';
import { EHOSTUNREACH } from '../../../../src/base/errno.js';
import { SeededRandom } from '../../../../src/base/random.js';
import { loopbackModule } from '../../../../src/drivers/loopback.js';
import { VethDevice } from '../../../../src/drivers/veth.js';
import { INFINITY_LIFE_TIME, RT_SCOPE_UNIVERSE } from '../../../../src/netlink/rtnl/constants.js';
import { arpModule } from '../../../../src/net/arp/module.js';
import type { NetDevice } from '../../../../src/net/core/device.js';
import { registerDevice } from '../../../../src/net/core/device-registry.js';
import { openDevice } from '../../../../src/net/core/device-state.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import { netifReceive } from '../../../../src/net/core/receive.js';
import { ReceiveInfo } from '../../../../src/net/core/socket.js';
import { Stack } from '../../../../src/net/core/stack.js';
import { routeRequest } from '../../../../src/net/ipv4/fib/request.js';
import { ipv4Module } from '../../../../src/net/ipv4/module.js';
import { nexthopModule } from '../../../../src/net/nexthop/module.js';
import { Ipv4Routes, ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import { rawModule } from '../../../../src/net/raw/module.js';
import { udpModule } from '../../../../src/net/udp/module.js';
import { address, ip4 } from '../kit.js';
import { echo, pattern } from '../packets.js';

// The path with everything that belongs to it: routing tables, ARP, sockets, over veths.

const into = new Uint8Array(70_000);

function network() {
  const clock = new VirtualClock();
  const stack = new Stack(
    {
      clock,
      random: new SeededRandom(3),
      modules: [nexthopModule, ipv4Module((ipv4) => new Ipv4Routes(ipv4)), arpModule, udpModule, rawModule, loopbackModule],
      linkKinds: [],
      debugPool: true,
    },
    netifReceive,
  );
  const namespace = () => {
    const made = stack.createNamespace();
    openDevice(made.loopback);
    return made;
  };
  const addAddress = (device: NetDevice, where: string, prefixLength: number) =>
    ipv4Routes(device.namespace).addresses.add({
      device,
      local: ip4(where),
      address: ip4(where),
      prefixLength,
      broadcast: prefixLength < 31 ? (ip4(where) | (0xffff_ffff >>> prefixLength)) >>> 0 : 0,
      scope: RT_SCOPE_UNIVERSE,
      label: device.name,
      flags: 0,
      priority: 0,
      protocol: 0,
      validLifetime: INFINITY_LIFE_TIME,
      preferredLifetime: INFINITY_LIFE_TIME,
    });
  const cable = (a: Namespace, addressA: string, b: Namespace, addressB: string): [NetDevice, NetDevice] => {
    const ends = [a, b].map((where) => {
      const device = new VethDevice(stack, 'veth%d');
      device.setRandomAddress();
      device.carrier = false;
      registerDevice(where, device);
      return device;
    });
    ends[0]!.connect(ends[1]!);
    for (const end of ends) openDevice(end);
    addAddress(ends[0]!, addressA, 24);
    addAddress(ends[1]!, addressB, 24);
    return [ends[0]!, ends[1]!];
  };
  const defaultRoute = (from: Namespace, gateway: string) =>
    ipv4Routes(from).fib.insert(routeRequest({ nexthops: [{ oif: 0, gateway: ip4(gateway), weight: 1, flags: 0 }] }), 0x400);
  const settle = () => {
    while (stack.poll());
  };
  const advanceMs = (ms: number) => {
    const end = clock.monotonicUs() + ms * 1000;
    for (settle(); stack.nextDeadlineUs() <= end; settle()) clock.moveTo(stack.nextDeadlineUs());
    clock.moveTo(end);
    settle();
  };
  const left = namespace();
  const router = namespace();
  const right = namespace();
  const [, routerLeft] = cable(left, '10.0.0.1', router, '10.0.0.254');
  const [routerRight] = cable(router, '10.0.1.254', right, '10.0.1.1');
  for (const end of [routerLeft, routerRight]) end.ipv4!.config.forwarding = 1;
  defaultRoute(left, '10.0.0.254');
  defaultRoute(right, '10.0.1.254');
  advanceMs(2000);
  return { stack, left, router, right, routerRight, settle, advanceMs };
}

function pingSocket(namespace: Namespace) {
  namespace.ipv4.settings.pingGroupFirst = 0;
  namespace.ipv4.settings.pingGroupLast = 0;
  const family = namespace.sockets.families.find((f) => f.type === 2 && f.protocol === 1)!;
  const socket = family.create(namespace, 1, 0, true);
  if (typeof socket === 'number') throw new Error(`errno ${socket}`);
  return socket;
}

test('a ping finds its way by ARP and routes to the neighbour, through a router, and to itself', () => {
  const { left, settle } = network();
  const socket = pingSocket(left);
  const request = echo(0, 1, pattern(56));
  const info = new ReceiveInfo();
  for (const [where, ttl] of [
    ['10.0.0.254', 64],
    ['10.0.1.1', 63],
    ['127.0.0.1', 64],
    ['10.0.0.1', 64],
  ] as const) {
    expect(socket.send(request, 0, 64, 0, address(where))).toBe(64);
    settle();
    expect([where, socket.receive(into, 0, 100, 0, info), info.ttl]).toEqual([where, 64, ttl]);
    expect(info.from.words[3]).toBe(ip4(where));
  }
});

test('who does not answer ARP is unreachable after three seconds, and the router says so', () => {
  const { stack, left, advanceMs } = network();
  const socket = pingSocket(left);
  socket.setOption(0, 11, new Uint8Array([1, 0, 0, 0]));
  for (const where of ['10.0.0.77', '10.0.1.77']) {
    expect(socket.send(echo(0, 1, pattern(8)), 0, 16, 0, address(where))).toBe(16);
    advanceMs(2500);
    expect(socket.receive(into, 0, 100, 0, null)).toBe(-11);
    advanceMs(1500);
    expect(socket.receive(into, 0, 100, 0, null)).toBe(-EHOSTUNREACH);
    expect(socket.receive(into, 0, 100, 0x2000, null)).toBe(16);
  }
  socket.close();
  advanceMs(60_000);
  expect(stack.pool.inUse).toBe(0);
});

test('a path MTU is learnt from the router and kept to, and 60000 bytes go in fragments that fit it', () => {
  const { stack, left, right, routerRight, settle, advanceMs } = network();
  routerRight.mtu = 1000;
  const server = right.udp.createSocket(0, true);
  server.bind(address('0.0.0.0', 9));
  const client = left.udp.createSocket(0, true);
  client.connect(address('10.0.1.1', 9));
  client.send(pattern(1400), 0, 1400, 0, null);
  settle();
  expect(client.receive(into, 0, 10, 0, null)).toBe(-90);
  expect(client.connectionMtu()).toBe(1000);
  expect(client.send(pattern(60_000), 0, 60_000, 0, null)).toBe(60_000);
  settle();
  expect(server.receive(into, 0, into.length, 0, null)).toBe(60_000);
  client.close();
  server.close();
  advanceMs(60_000);
  expect(stack.pool.inUse).toBe(0);
});
