import { SeededRandom } from '../../../../../src/base/random.js';
import { AF_INET } from '../../../../../src/netlink/constants.js';
import { IP_VS_SVC_F_SCHED1 } from '../../../../../src/netlink/genl/ip-vs.js';
import { Destination } from '../../../../../src/net/netfilter/ipvs/destination.js';
import { IpvsPacket } from '../../../../../src/net/netfilter/ipvs/packet.js';
import { schedulers } from '../../../../../src/net/netfilter/ipvs/schedulers/registry.js';
import { Service } from '../../../../../src/net/netfilter/ipvs/service.js';
import { IpvsSettings } from '../../../../../src/net/netfilter/ipvs/settings.js';
import { ip4 } from '../../kit.js';

const words = (address: string) => Uint32Array.of(ip4(address), 0, 0, 0);

/** A service with servers of these weights, added in this order: 10.0.1.12, 10.0.1.13, ... */
function balanced(name: string, weights: readonly number[], flags = 0) {
  let now = 0;
  const random = new SeededRandom(7);
  const service = new Service(
    { family: AF_INET, protocol: 6, address: words('10.9.0.1'), port: 80, fwmark: 0 },
    { settings: new IpvsSettings(), random, nowMs: () => now },
  );
  const scheduler = schedulers.find((known) => known.name === name)!;
  service.change({ scheduler: name, flags, timeout: 0, netmask: 0xffff_ffff, engine: '' }, scheduler);
  const servers = weights.map((weight, i) => {
    const options = {
      family: AF_INET,
      address: words(`10.0.1.${12 + i}`),
      port: 80,
      forward: 0,
      weight,
      upper: 0,
      lower: 0,
      tunnelType: 0,
      tunnelPort: 0,
      tunnelFlags: 0,
    };
    const server = new Destination(i + 1, options, service);
    server.weight = weight;
    service.add(server);
    return server;
  });
  const packet = new IpvsPacket();
  const choose = (client = '10.9.0.2', destination = '10.9.0.1') => {
    packet.source.set(words(client));
    packet.destination.set(words(destination));
    return service.running!.choose(packet);
  };
  const often = (times: number, then?: (server: Destination) => void) => {
    const counts = servers.map(() => 0);
    for (let i = 0; i < times; i++) {
      const server = choose(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`)!;
      counts[servers.indexOf(server)]!++;
      then?.(server);
    }
    return counts;
  };
  return { service, servers, choose, often, later: (ms: number) => (now += ms) };
}

/** The last number of the address of who was chosen. */
const chosen = (server: Destination | null) => (server === null ? null : server.address[0]! & 255);

test('rr gives each its turn, whatever the weights, and passes over who takes nothing', () => {
  const { servers, often, choose } = balanced('rr', [1, 5, 1]);
  expect(often(900)).toEqual([300, 300, 300]);
  servers[1]!.weight = 0;
  servers[2]!.overloaded = true;
  expect([chosen(choose()), chosen(choose())]).toEqual([12, 12]);
});

test('rr goes on behind a server that leaves', () => {
  const { service, servers, choose } = balanced('rr', [1, 1, 1, 1]);
  expect([chosen(choose()), chosen(choose())]).toEqual([15, 14]);
  service.remove(servers[2]!);
  expect([chosen(choose()), chosen(choose()), chosen(choose())]).toEqual([13, 12, 15]);
});

test('wrr gives turns by weight, exactly, those of a round mixed', () => {
  const { often, choose } = balanced('wrr', [1, 2, 3]);
  expect(often(600)).toEqual([100, 200, 300]);
  expect(Array.from({ length: 6 }, () => chosen(choose()))).toEqual([14, 13, 12, 14, 14, 13]);
  expect(balanced('wrr', [30, 20, 0]).often(500)).toEqual([300, 200, 0]);
  expect(balanced('wrr', [0, 0]).choose()).toBeNull();
});

test('lc looks at connections alone, wlc at weights too, sed at what a connection would have to wait', () => {
  const open = (server: Destination) => server.activeConns++;
  expect(balanced('lc', [1, 9]).often(100, open)).toEqual([50, 50]);
  expect(balanced('wlc', [1, 3]).often(400, open)).toEqual([100, 300]);
  expect(balanced('sed', [1, 3]).often(400, open)).toEqual([100, 300]);
});

test('nq takes the first that is idle before any other', () => {
  const { servers, choose } = balanced('nq', [1, 100]);
  servers[1]!.activeConns = 1;
  expect(chosen(choose())).toBe(12);
  servers[0]!.activeConns = 1;
  expect(chosen(choose())).toBe(13);
});

test('fo takes the heaviest that is there; ovf too, until it has more connections than weight', () => {
  const { servers, choose } = balanced('fo', [1, 3, 2]);
  expect(chosen(choose())).toBe(13);
  servers[1]!.overloaded = true;
  expect(chosen(choose())).toBe(14);
  const overflow = balanced('ovf', [2, 3]);
  expect(overflow.often(7, (server) => server.activeConns++)).toEqual([3, 4]);
  expect(overflow.choose()).toBeNull();
});

test('sh keeps a client with its server, by weight; with sh-fallback it goes to another while that takes nothing', () => {
  const { servers, choose, often } = balanced('sh', [1, 1, 2]);
  const first = chosen(choose('10.9.0.77'));
  for (let i = 0; i < 10; i++) expect(chosen(choose('10.9.0.77'))).toBe(first);
  const counts = often(65_536);
  expect(counts[2]! / counts[0]!).toBeCloseTo(2, 0);
  const own = servers[first! - 12]!;
  own.weight = 0;
  expect(choose('10.9.0.77')).toBeNull();
  const other = balanced('sh', [1, 1, 2], IP_VS_SVC_F_SCHED1);
  other.servers[first! - 12]!.overloaded = true;
  expect(chosen(other.choose('10.9.0.77'))).not.toBe(first);
});

test('dh looks at the destination', () => {
  const { choose } = balanced('dh', [1, 1, 1]);
  const to = (last: number) => chosen(choose('10.9.0.2', `10.9.1.${last}`));
  expect(new Set(Array.from({ length: 64 }, (_, i) => to(i))).size).toBe(3);
  expect(to(7)).toBe(to(7));
});

test("mh chooses as Linux's does", () => {
  const { choose } = balanced('mh', [1, 2, 3, 4, 5]);
  const real = [15, 13, 13, 14, 16, 13, 15, 16, 14, 14];
  expect(real.map((_, i) => chosen(choose(`10.9.0.${20 + i}`)))).toEqual(real);
});

test('mh spreads within five percent of the weights, and few clients move when a server leaves', () => {
  const { service, servers, choose, often } = balanced('mh', [1, 1, 1, 1, 1]);
  const total = 50_000;
  for (const count of often(total)) expect(Math.abs(count / (total / 5) - 1)).toBeLessThan(0.05);
  const client = (i: number) => `10.7.${i >> 8}.${i & 255}`;
  const before = Array.from({ length: 20_000 }, (_, i) => choose(client(i)));
  service.remove(servers[2]!);
  const moved = before.filter((server, i) => server !== servers[2] && choose(client(i)) !== server).length;
  // Of those that had another server (four fifths) fewer than one in twenty.
  expect(moved / 16_000).toBeLessThan(0.05);
});

test('lblc keeps what goes to one address with one server, until that is overloaded', () => {
  const { servers, choose } = balanced('lblc', [1, 4]);
  const first = choose('10.9.0.2', '10.1.1.1')!;
  first.activeConns = first.weight;
  expect(choose('10.9.0.3', '10.1.1.1')).toBe(first);
  const other = servers.find((server) => server !== first)!;
  first.activeConns = 100;
  expect(choose('10.9.0.3', '10.1.1.1')).toBe(other);
});

test('lblcr adds a server where one is overloaded, and takes the less loaded of them', () => {
  const { servers, choose } = balanced('lblcr', [2, 4]);
  const first = choose('10.9.0.2', '10.1.1.1')!;
  first.activeConns = 100;
  const other = servers.find((server) => server !== first)!;
  expect(choose('10.9.0.2', '10.1.1.1')).toBe(other);
  first.activeConns = 0;
  other.activeConns = 1;
  expect(choose('10.9.0.2', '10.1.1.1')).toBe(first);
});

test('twos takes the less loaded of two chosen by chance', () => {
  const counts = balanced('twos', [1, 1, 2]).often(4000, (server) => server.activeConns++);
  expect(counts[2]! / 4000).toBeCloseTo(0.5, 1);
  expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThan(100);
});
