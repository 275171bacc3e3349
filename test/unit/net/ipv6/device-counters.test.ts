import { TapstackFamily } from '../../../../src/client/tapstack-family.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { Command } from '../../../../src/netlink/genl/tapstack.js';
import { IP6_MIB_MAX, Icmp6Mib, Ip6Mib } from '../../../../src/net/ipv6/snmp.js';

let instance: TapstackInstance;
afterEach(() => instance.close());

const HEADER = 40;
/** An echo request of 56 bytes. */
const PING = HEADER + 8 + 56;

/** h (fd01::2) - e0 r (fd01::1, fd02::1) e1 - g (fd02::2), all neighbours known, so that nothing but what a test sends is counted. `domain`: r's, before it has addresses. */
async function world(domain = ''): Promise<void> {
  instance = await createInstance({ debugPool: true });
  const quiet = (host: string) => `ip netns add ${host}; ip -n ${host} link set lo up
    ip netns exec ${host} sysctl -qw net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0`;
  const knows = (host: string, device: string, neighbour: string, mac: number) =>
    `ip -n ${host} neigh replace ${neighbour} lladdr 02:00:00:00:00:0${mac} dev ${device} nud permanent`;
  const { stderr } = await instance.sh(`
    ${quiet('h')}
    ${quiet('r')}
    ${quiet('g')}
    ip link add e0 netns h address 02:00:00:00:00:01 type veth peer name e0 address 02:00:00:00:00:02 netns r
    ip link add e1 netns r address 02:00:00:00:00:03 type veth peer name e1 address 02:00:00:00:00:04 netns g
    ${domain}
    ip -n h link set e0 up; ip -n r link set e0 up; ip -n r link set e1 up; ip -n g link set e1 up
    ip -n h addr add fd01::2/64 dev e0 nodad; ip -n r addr add fd01::1/64 dev e0 nodad
    ip -n r addr add fd02::1/64 dev e1 nodad; ip -n g addr add fd02::2/64 dev e1 nodad
    ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
    ip -n h -6 route add default via fd01::1; ip -n g -6 route add default via fd02::1
    ${knows('h', 'e0', 'fd01::1', 2)}
    ${knows('r', 'e0', 'fd01::2', 1)}
    ${knows('r', 'e0', 'fe80::ff:fe00:1', 1)}
    ${knows('r', 'e1', 'fd02::2', 4)}
    ${knows('g', 'e1', 'fd02::1', 3)}`);
  expect(stderr).toBe('');
  await instance.clock.advance(60_000);
}

const owners = () =>
  ['h', 'r', 'g'].flatMap((host) =>
    [...instance.namespace(host).devices()].map(({ name, ipv6 }) => ({ name: `${host} ${name}`, ipv6: ipv6! })),
  );

type Counts = Record<string, Record<string, number>>;

function snapshot(): Counts {
  const all: Counts = {};
  for (const { name, ipv6 } of owners()) {
    const counts: Record<string, number> = {};
    for (let what = Ip6Mib.InReceives; what < IP6_MIB_MAX; what++) counts[Ip6Mib[what]] = ipv6.stats[what]!;
    for (let what = Icmp6Mib.InMsgs; what <= Icmp6Mib.OutRateLimitHost; what++)
      counts[`Icmp${Icmp6Mib[what]}`] = ipv6.icmpStats?.counts[what] ?? 0;
    all[name] = counts;
  }
  return all;
}

/** What counts where when h pings: only what moved; octets and ECN, which go with their packets, only where `octets` is true. */
async function moved(ping: string, octets = false): Promise<Counts> {
  const before = snapshot();
  await instance.sh(`ip netns exec h ping -q -c1 -W1 ${ping}`);
  const after = snapshot();
  const all: Counts = {};
  for (const [device, counts] of Object.entries(after))
    for (const [name, count] of Object.entries(counts)) {
      const by = count - before[device]![name]!;
      if (by === 0 || (!octets && /Octets|ECT/.test(name))) continue;
      all[device] ??= {};
      all[device][name] = by;
    }
  return all;
}

const inOut = { InReceives: 1, InDelivers: 1, OutRequests: 1, IcmpInMsgs: 1, IcmpOutMsgs: 1 };

// All as Linux 6.1 counts in /proc/net/dev_snmp6.

test('a packet counts where it comes in, where it goes on and where it ends', async () => {
  await world();
  const octets = { InOctets: PING, InNoECTPkts: 1, OutOctets: PING };
  expect(await moved('fd02::2', true)).toEqual({
    'h e0': { ...inOut, ...octets },
    'r e0': { InReceives: 1, OutForwDatagrams: 1, ...octets },
    'r e1': { InReceives: 1, OutForwDatagrams: 1, ...octets },
    'g e1': { ...inOut, ...octets },
  });
});

test('what a router refuses counts where it came in, what it says where that leaves', async () => {
  await world();
  const told = { InReceives: 1, InDelivers: 1, OutRequests: 1, IcmpInMsgs: 1, IcmpOutMsgs: 1 };
  const says = { InReceives: 1, OutRequests: 1, IcmpOutMsgs: 1 };
  expect(await moved('-t1 fd02::2')).toEqual({ 'h e0': told, 'r e0': { ...says, InHdrErrors: 1 } });
  expect(await moved('fd09::1')).toEqual({ 'h e0': told, 'r e0': { ...says, InNoRoutes: 1 } });
  await instance.sh('ip -n r link set e1 mtu 1300');
  expect(await moved('-M do -s 1400 fd02::2')).toEqual({
    'h e0': told,
    'r e0': { ...says, InTooBigErrors: 1 },
    'r e1': { FragFails: 1 },
  });
});

test('fragments count where they are cut and where they are put together', async () => {
  await world();
  expect(await moved('-s 3000 fd02::2')).toEqual({
    'h e0': { ...inOut, InReceives: 3, FragOKs: 1, FragCreates: 3, ReasmReqds: 3, ReasmOKs: 1 },
    'r e0': { InReceives: 3, OutForwDatagrams: 3 },
    'r e1': { InReceives: 3, OutForwDatagrams: 3 },
    'g e1': { ...inOut, InReceives: 3, FragOKs: 1, FragCreates: 3, ReasmReqds: 3, ReasmOKs: 1 },
  });
});

test('what is for an address counts as delivered by the device that has it', async () => {
  await world();
  expect(await moved('fd02::1')).toEqual({
    'h e0': inOut,
    'r e0': { InReceives: 1, IcmpInMsgs: 1, OutRequests: 1, IcmpOutMsgs: 1 },
    'r e1': { InDelivers: 1 },
  });
  // By the loopback, and yet e0's.
  expect(await moved('fd01::2')).toEqual({
    'h lo': { InReceives: 2 },
    'h e0': { InDelivers: 2, OutRequests: 2, IcmpInMsgs: 2, IcmpOutMsgs: 2 },
  });
});

test('in a VRF the member counts', async () => {
  await world(
    'ip -n r link add red type vrf table 10; ip -n r link set red up; ip -n r link set e0 master red; ip -n r link set e1 master red',
  );
  expect(await moved('fd02::2')).toMatchObject({
    'r e0': { InReceives: 1, OutForwDatagrams: 1 },
    'r e1': { InReceives: 1, OutForwDatagrams: 1 },
  });
  const says = { InReceives: 1, OutRequests: 1, IcmpOutMsgs: 1 };
  expect((await moved('-t1 fd02::2'))['r e0']).toEqual({ ...says, InHdrErrors: 1 });
  expect((await moved('fd09::1'))['r e0']).toEqual({ ...says, InNoRoutes: 1 });
  expect(await moved('fd02::1')).toMatchObject({ 'r e0': says, 'r e1': { InDelivers: 1, IcmpInMsgs: 1 } });
  const own = await moved('fd01::1');
  expect(own['r e0']).toEqual(inOut);
  expect(own['r red']).toBeUndefined();
  // But for what is for a group.
  const group = await moved('ff02::1%e0');
  expect([group['r e0'], group['r red']]).toEqual([inOut, { InMcastPkts: 1 }]);
});

test('/proc/net/dev_snmp6 and IFLA_INET6_STATS show them', async () => {
  await world();
  await moved('fd02::2');
  const family = await TapstackFamily.open(instance.transport(instance.namespace('r').id));
  const { text } = await family.get(Command.PROCNET_GET, { path: 'dev_snmp6/e1' });
  family.close();
  const { stats, icmpStats } = instance.namespace('r').deviceByName('e1')!.ipv6!;
  expect(stats[Ip6Mib.OutForwDatagrams]).toBe(1);
  const lines = text!.split('\n').map((line) => line.split(/\s+/));
  expect(lines.find(([name]) => name === 'Ip6OutForwDatagrams')).toEqual(['Ip6OutForwDatagrams', '1']);
  expect(lines.find(([name]) => name === 'Icmp6OutMsgs')).toEqual(['Icmp6OutMsgs', String(icmpStats!.counts[Icmp6Mib.OutMsgs])]);
  expect(lines.find(([name]) => name === 'Icmp6OutMLDv2Reports')).toEqual(['Icmp6OutMLDv2Reports', String(icmpStats!.outType[143])]);
  expect(lines.filter(([name]) => name!.startsWith('Icmp6OutType')).map(([name]) => name)).toContain('Icmp6OutType143');
});
