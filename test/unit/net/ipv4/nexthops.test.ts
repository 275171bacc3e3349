import { openDevice } from '../../../../src/net/core/device-state.js';
import { Flow } from '../../../../src/net/core/flow.js';
import { ipv4Routes } from '../../../../src/net/ipv4/routes.js';
import type { NexthopWish } from '../../../../src/net/nexthop/table.js';
import { AF_INET, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../../src/netlink/constants.js';
import { closeDevice } from '../../../../src/net/core/device-state.js';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.js';
import { ip4, RoutedWorld } from '../routed-world.js';

const FLOWS = 2000;
const CREATE = NLM_F_CREATE | NLM_F_EXCL;

function setup() {
  const world = new RoutedWorld();
  const namespace = world.namespace();
  const devices = ['d0', 'd1', 'd2'].map((name, i) => {
    const device = world.sink(namespace, name);
    world.addAddress(device, `10.${i}.0.1/24`);
    openDevice(device);
    return device;
  });
  const routes = ipv4Routes(namespace);
  const { nexthops } = namespace;
  const wish: NexthopWish = {
    id: 0,
    protocol: 0,
    flags: 0,
    blackhole: false,
    fdb: false,
    oif: 0,
    gateway: 0,
    family: AF_INET,
    gateway6: null,
    encapsulation: null,
    group: null,
    resilient: null,
  };
  const gateway = (id: number, device: number, address: string, flags = CREATE) =>
    nexthops.add({ ...wish, id, oif: devices[device]!.ifindex, gateway: ip4(address) }, flags);
  const group = (id: number, members: readonly [number, number][], resilient: NexthopWish['resilient'] = null) =>
    nexthops.add({ ...wish, id, group: members.map(([member, weight]) => ({ id: member, weight })), resilient }, CREATE);
  const route = (prefix: string, nexthopId: number) =>
    routes.fib.insert(world.request(namespace, prefix, {}, { scope: 0, nexthops: [], nexthopId }), CREATE);
  const flow = new Flow();
  const way = (destination: string | number) => {
    flow.reset();
    flow.destination = typeof destination === 'number' ? destination : ip4(destination);
    const found = routes.output(flow);
    return found.error === 0 ? formatIpv4(found.gateway) : `error ${found.error}`;
  };
  /** The gateways of many flows to 9.0.0.0/8. */
  const spread = () => Array.from({ length: FLOWS }, (_, i) => way((ip4('9.0.0.0') + 1 + i * 131) >>> 0));
  return { world, namespace, devices, routes, nexthops, gateway, group, route, way, spread };
}

const share = (ways: readonly string[], gateway: string) => ways.filter((way) => way === gateway).length / ways.length;

describe('nexthop objects', () => {
  test('lead the routes that name them, which follow when they are replaced and go when they do', () => {
    const { nexthops, gateway, route, way, routes } = setup();
    gateway(1, 0, '10.0.0.2');
    route('9.0.0.0/8', 1);
    expect(way('9.1.2.3')).toBe('10.0.0.2');
    gateway(1, 1, '10.1.0.7', NLM_F_CREATE | NLM_F_REPLACE);
    expect(way('9.1.2.3')).toBe('10.1.0.7');
    nexthops.delete(1);
    expect(way('9.1.2.3')).toBe('error 101');
    expect(routes.fib.routes(254).some((found) => found.info.object !== null)).toBe(false);
  });

  test('of a device that goes down are removed, a group with its last member', () => {
    const { devices, nexthops, gateway, group, route, way } = setup();
    gateway(1, 0, '10.0.0.2');
    gateway(2, 1, '10.1.0.2');
    group(10, [
      [1, 1],
      [2, 1],
    ]);
    route('9.0.0.0/8', 10);
    closeDevice(devices[0]!);
    expect(nexthops.all().map(({ id }) => id)).toEqual([2, 10]);
    expect(way('9.1.2.3')).toBe('10.1.0.2');
    closeDevice(devices[1]!);
    expect(nexthops.all()).toEqual([]);
    expect(way('9.1.2.3')).toBe('error 101');
  });

  test('in a group share flows by their weights', () => {
    const { gateway, group, route, spread } = setup();
    gateway(1, 0, '10.0.0.2');
    gateway(2, 1, '10.1.0.2');
    group(10, [
      [1, 1],
      [2, 3],
    ]);
    route('9.0.0.0/8', 10);
    expect(share(spread(), '10.1.0.2')).toBeCloseTo(0.75, 1);
  });

  test('of a group stays for forwarding databases, or for routes', () => {
    const { nexthops, devices, gateway, group } = setup();
    gateway(1, 0, '10.0.0.2');
    group(10, [[1, 1]]);
    const wish = { id: 1, protocol: 0, flags: 0, blackhole: false, family: AF_INET, gateway6: null, encapsulation: null, group: null };
    const replace = (fdb: boolean, oif: number) =>
      nexthops.add({ ...wish, fdb, oif, gateway: ip4('10.0.0.3'), resilient: null }, NLM_F_CREATE | NLM_F_REPLACE);
    expect(() => replace(true, 0)).toThrow('Cannot change nexthop FDB status while in a group');
    expect(nexthops.find(1)).toMatchObject({ fdb: false, gateway: ip4('10.0.0.2') });
    replace(false, devices[0]!.ifindex);
    nexthops.delete(10);
    replace(true, 0);
    expect(nexthops.find(1)!.fdb).toBe(true);
  });

  test('a blackhole is an error', () => {
    const { nexthops, route, way } = setup();
    const blackhole = {
      id: 4,
      protocol: 0,
      flags: 0,
      blackhole: true,
      fdb: false,
      oif: 0,
      gateway: 0,
      family: AF_INET,
      gateway6: null,
      encapsulation: null,
      group: null,
      resilient: null,
    };
    nexthops.add(blackhole, CREATE);
    route('9.0.0.0/8', 4);
    expect(way('9.1.2.3')).toBe('error 22');
  });
});

describe('a resilient group', () => {
  const TIMERS = { buckets: 32, idleTimerUs: 100_000_000, unbalancedTimerUs: 0 };

  test('moves no flow but those of the member that leaves', () => {
    const { nexthops, gateway, group, route, spread } = setup();
    gateway(1, 0, '10.0.0.2');
    gateway(2, 1, '10.1.0.2');
    gateway(3, 2, '10.2.0.2');
    group(
      10,
      [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
      TIMERS,
    );
    route('9.0.0.0/8', 10);
    const before = spread();
    for (const address of ['10.0.0.2', '10.1.0.2', '10.2.0.2']) expect(share(before, address)).toBeCloseTo(1 / 3, 1);
    nexthops.delete(2);
    const after = spread();
    before.forEach((way, i) => {
      if (way !== '10.1.0.2') expect(after[i]).toBe(way);
      else expect(after[i]).not.toBe(way);
    });
    expect(share(after, '10.0.0.2')).toBeCloseTo(0.5, 1);
  });

  test('gives buckets to a new member only once they are idle', () => {
    const { world, nexthops, gateway, group, route, spread } = setup();
    gateway(1, 0, '10.0.0.2');
    gateway(2, 1, '10.1.0.2');
    gateway(3, 2, '10.2.0.2');
    const two = [1, 2].map((id) => [id, 1] as [number, number]);
    group(10, two, TIMERS);
    route('9.0.0.0/8', 10);
    world.advanceMs(1000);
    const before = spread();
    const all = [1, 2, 3].map((id) => ({ id, weight: 1 }));
    const wish = { id: 10, protocol: 0, flags: 0, blackhole: false, fdb: false, oif: 0, gateway: 0 };
    nexthops.add(
      { ...wish, family: AF_INET, gateway6: null, encapsulation: null, group: all, resilient: TIMERS },
      NLM_F_CREATE | NLM_F_REPLACE,
    );
    world.advanceMs(50_000);
    expect(spread()).toEqual(before);
    world.advanceMs(101_000);
    expect(share(spread(), '10.2.0.2')).toBeCloseTo(1 / 3, 1);
  });
});
