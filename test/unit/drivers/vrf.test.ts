import type { TapstackInstance } from '../../../src/library/index.js';
import { Flow } from '../../../src/net/core/flow.js';
import { hex, settled, sh } from './tunnel-world.js';
import { tenants } from './vrf-world.js';

const heard = 'ping -c1 -W1 -n';
const lost = async (instance: TapstackInstance, script: string) => {
  const { stdout, stderr, status } = await instance.sh(script);
  return status === 0 ? 'answered' : stderr || (/100% packet loss/.test(stdout) ? 'lost' : stdout);
};
const counters = async (instance: TapstackInstance, device: string) => {
  const lines = (await sh(instance, `ip -s link show ${device}`)).split('\n');
  return [lines[3]!, lines[5]!].map((line) => line.trim().split(/\s+/).slice(0, 2).map(Number));
};

test('each VRF speaks to its own tenant, though both have the same addresses', async () => {
  const instance = await tenants();
  for (const [vrf, member, other] of [
    ['red', 'a0', 'b0'],
    ['blue', 'b0', 'a0'],
  ] as const) {
    const capture = instance.capture(instance.device(other));
    await sh(instance, `${heard} -I ${vrf} 10.0.0.2`).catch(() => undefined);
    expect(await lost(instance, `${heard} -I ${member} 10.0.0.2`)).toBe('answered');
    capture.stop();
    expect(capture.frames).toEqual([]);
  }
  expect(await lost(instance, `${heard} 10.0.0.2`)).toContain('Network is unreachable');
  await settled(instance);
});

test('the first VRF brings the rule that asks the tables of VRFs; once deleted it does not come again', async () => {
  const instance = await tenants();
  expect(await sh(instance, 'ip rule')).toContain('1000:\tfrom all lookup [l3mdev-table]\n');
  expect(await sh(instance, 'ip rule del pref 1000; ip link add green type vrf table 30; ip rule')).not.toContain('l3mdev');
  expect(await sh(instance, 'ip -n tenant-a rule')).not.toContain('l3mdev');
  await settled(instance);
});

test('enslaving moves the routes of the addresses into the table, releasing moves them back', async () => {
  const instance = await tenants();
  const inTable = '10.0.0.0/24 dev a0 proto kernel scope link src 10.0.0.1 \n';
  expect(await sh(instance, 'ip route show vrf red')).toBe(inTable);
  expect(await sh(instance, 'ip route show table 10')).toBe(
    `${inTable}local 10.0.0.1 dev a0 proto kernel scope host src 10.0.0.1 \nbroadcast 10.0.0.255 dev a0 proto kernel scope link src 10.0.0.1 \n`,
  );
  expect(await sh(instance, 'ip route show table local dev a0')).toBe('');
  await sh(instance, 'ip link set a0 nomaster');
  expect(await sh(instance, 'ip route show table 10')).toBe('');
  expect(await sh(instance, 'ip route')).toBe(inTable);
  await sh(instance, 'ip link set a0 master red; ip link del red');
  expect(await sh(instance, 'ip route; ip -d link show a0')).not.toContain('vrf');
  expect(await sh(instance, 'ip route')).toBe(inTable);
  await settled(instance);
});

test('addresses of the VRF and of its members are reached from within it, and from its tenant', async () => {
  const instance = await tenants();
  await sh(instance, 'ip address add 172.16.0.1/32 dev red');
  for (const address of ['172.16.0.1', '10.0.0.1']) {
    expect(await lost(instance, `${heard} -I red ${address}`)).toBe('answered');
    expect(await lost(instance, `ip netns exec tenant-a ${heard} ${address}`)).toBe('answered');
  }
  expect(await lost(instance, `ip netns exec tenant-b ${heard} 172.16.0.1`)).not.toBe('answered');
  expect(await lost(instance, `${heard} -I blue 172.16.0.1`)).toContain('unreachable');
  await settled(instance);
});

test('what comes in by a member is counted by the VRF, what leaves by a member is not, what it sends itself is in both ways', async () => {
  const instance = await tenants();
  await sh(instance, `ip netns exec tenant-a ${heard} 10.0.0.1`);
  expect(await counters(instance, 'red')).toEqual([
    [84, 1],
    [0, 0],
  ]);
  await instance.sh(`${heard} -I red 10.0.0.1`);
  // Request and reply, each with a link header.
  expect(await counters(instance, 'red')).toEqual([
    [84 + 2 * 98, 3],
    [2 * 98, 2],
  ]);
  await settled(instance);
});

test('a capture at the VRF sees the packets of its members both ways', async () => {
  const instance = await tenants();
  const capture = instance.capture(instance.device('red'));
  await instance.sh(`${heard} -I red 10.0.0.2`);
  capture.stop();
  expect(capture.frames.map(({ outgoing, bytes }) => [outgoing, bytes.length])).toEqual([
    [true, 98],
    [false, 98],
  ]);
  await settled(instance);
});

test('a route leads from one VRF into another', async () => {
  const instance = await tenants();
  await sh(
    instance,
    `sysctl -qw net.ipv4.ip_forward=1
     ip -n tenant-a address add 192.168.1.1/32 dev lo; ip -n tenant-b address add 192.168.2.1/32 dev lo
     ip route add 192.168.1.1 via 10.0.0.2 vrf red; ip route add 192.168.2.1 via 10.0.0.2 vrf blue`,
  );
  const ask = `ip netns exec tenant-a ${heard} -I 192.168.1.1 192.168.2.1`;
  expect(await lost(instance, ask)).not.toBe('answered');
  await sh(instance, 'ip route add 192.168.2.1 dev blue vrf red; ip route add 192.168.1.1 dev red vrf blue');
  expect(await lost(instance, ask)).toBe('answered');
  // And out of the main table, into a VRF.
  await sh(instance, 'ip route add 192.168.2.1 dev blue; ip address add 172.31.0.1/32 dev lo; ip route add 172.31.0.1 dev lo vrf blue');
  expect(await sh(instance, 'ip route get 192.168.2.1')).toContain('192.168.2.1 dev blue src');
  await settled(instance);
});

test('where the table has no route the main table is asked, unless the table says that there is none', async () => {
  const instance = await tenants();
  expect(await lost(instance, 'ip route get 8.8.8.8 vrf red')).toBe('RTNETLINK answers: Network is unreachable\n');
  await sh(instance, 'ip route add 8.8.8.0/24 dev b0 via 10.0.0.2 onlink');
  expect(await sh(instance, 'ip route get 8.8.8.8 vrf red')).toContain('dev b0');
  await sh(instance, 'ip route add vrf red unreachable default metric 4278198272');
  expect(await lost(instance, 'ip route get 8.8.8.8 vrf red')).toBe('RTNETLINK answers: No route to host\n');
  await settled(instance);
});

test('errors about packets of a VRF come back within it', async () => {
  const instance = await tenants();
  await sh(instance, 'sysctl -qw net.ipv4.ip_forward=1; ip route add vrf red unreachable default');
  const { stdout } = await instance.sh(`ip netns exec tenant-a ${heard} 203.0.113.1`);
  expect(stdout).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable');
  await settled(instance);
});

test.each([
  ['ip link add x type vrf', 'Error: VRF table id is missing.\n'],
  ['ip link add x type vrf table 0', 'Error: Invalid VRF table id.\n'],
  ['ip link add x address 01:00:00:00:00:01 type vrf table 5', 'Error: Invalid hardware address.\n'],
  ['ip link add x mtu 1000 type vrf table 5', 'Error: mtu less than device minimum.\n'],
  ['ip link set red master blue', 'Error: Can not enslave an L3 master device to a VRF.\n'],
  ['ip link set lo master red', 'Error: Can not enslave loopback device to a VRF.\n'],
  ['ip link set red type vrf table 30', 'RTNETLINK answers: Operation not supported\n'],
  ['ip link set a0 type vrf_slave table 5', 'RTNETLINK answers: Operation not supported\n'],
  ['ip link set red netns tenant-a', 'RTNETLINK answers: Invalid argument\n'],
  ['ip link set a0 vrf b0', 'Error: argument "b0" is wrong: Not a valid VRF name\n\n'],
  ['ip route show vrf a0', 'Error: argument "a0" is wrong: Invalid VRF\n\n'],
  ['ip vrf show a0', 'Invalid VRF\n'],
  ['ip vrf exec', 'No VRF name specified\n'],
  ['ip vrf exec red', 'No command specified\n'],
  ['ip vrf exec a0 ip vrf', 'Invalid VRF name\n'],
])('%s', async (command, complaint) => {
  const instance = await tenants();
  const { stdout, stderr, status } = await instance.sh(command);
  expect([stdout, stderr]).toEqual(['', complaint]);
  expect(status).not.toBe(0);
  instance.close();
});

test('in strict mode a table is one VRF alone', async () => {
  const instance = await tenants();
  await sh(instance, 'sysctl -qw net.vrf.strict_mode=1');
  expect((await instance.sh('ip link add grey type vrf table 10')).stderr).toBe('Error: Table is used by another VRF.\n');
  expect(await sh(instance, 'ip vrf')).not.toContain('grey');
  await sh(instance, 'sysctl -qw net.vrf.strict_mode=0; ip link add grey type vrf table 10');
  expect((await instance.sh('sysctl -w net.vrf.strict_mode=1')).stderr).toBe(
    'sysctl: setting key "net.vrf.strict_mode": Device or resource busy\n',
  );
  await settled(instance);
});

test('ip vrf exec binds the sockets of a command to the VRF, and tells who is in it', async () => {
  const instance = await tenants();
  expect(await lost(instance, `ip vrf exec red ${heard} 10.0.0.2`)).toBe('answered');
  expect(await sh(instance, 'ip vrf exec red ip vrf identify')).toBe('red\n');
  expect(await sh(instance, 'ip vrf exec red ip vrf exec default ip vrf identify')).toBe('');
  await settled(instance);
});

test('IPv6: each VRF speaks to its own tenant, by its own addresses', async () => {
  const instance = await tenants();
  await instance.clock.advance(3000);
  expect(await sh(instance, 'ip -6 rule')).toContain('1000:\tfrom all lookup [l3mdev-table]\n');
  await sh(instance, 'ip address add fd0f::1/128 dev red nodad');
  for (const vrf of ['red', 'blue']) {
    const capture = instance.capture(instance.device(vrf === 'red' ? 'b0' : 'a0'));
    expect(await lost(instance, `${heard} -6 -I ${vrf} fd00::2`)).toBe('answered');
    expect(await lost(instance, `${heard} -6 -I ${vrf} fd00::1`)).toBe('answered');
    capture.stop();
    expect(capture.frames).toEqual([]);
  }
  expect(await lost(instance, `${heard} -6 -I red fd0f::1`)).toBe('answered');
  expect(await lost(instance, `ip netns exec tenant-a ${heard} fd0f::1`)).toBe('answered');
  expect(await lost(instance, `ip netns exec tenant-a ${heard} fd00::1`)).toBe('answered');
  expect(await lost(instance, `ip netns exec tenant-b ${heard} fd0f::1`)).not.toBe('answered');
  expect(await lost(instance, `${heard} fd00::2`)).toContain('unreachable');
  await settled(instance);
});

test('IPv6: the table has link-local, group and local routes of the members; a VRF itself has no link', async () => {
  const instance = await tenants();
  await instance.clock.advance(3000);
  expect(await sh(instance, 'ip -6 route show table 10')).toBe(
    [
      'local fd00::1 dev a0 proto kernel metric 0 pref medium',
      'fd00::/64 dev a0 proto kernel metric 256 pref medium',
      'local fe80::ff:fe00:a0 dev a0 proto kernel metric 0 pref medium',
      'fe80::/64 dev a0 proto kernel metric 256 pref medium',
      'multicast ff00::/8 dev a0 proto kernel metric 256 pref medium',
      '',
    ].join('\n'),
  );
  expect(await sh(instance, 'ip -6 address show red')).toBe('');
  for (const address of ['ff02::1', 'fe80::1'])
    expect(await lost(instance, `ip -6 route get ${address} oif red`)).toBe('RTNETLINK answers: Network is unreachable\n');
  expect(await sh(instance, 'ip -6 route get fe80::1 oif a0')).toContain(
    'fe80::1 from :: dev a0 table 10 proto kernel src fe80::ff:fe00:a0',
  );
  expect(await lost(instance, `${heard} -6 -I a0 fe80::ff:fe00:a1%a0`)).toBe('answered');
  // Leaving it, the addresses that the user gave are gone, as if the device had been down.
  await sh(instance, 'ip link set a0 nomaster');
  await instance.clock.advance(3000);
  expect(await sh(instance, 'ip -6 address show a0')).not.toContain('fd00::1');
  expect(await sh(instance, 'ip -6 route show table 10')).toBe('');
  // A VRF's own addresses are told of with the VRF, not with the loopback.
  await sh(instance, 'ip address add 2001:db8:99::1/128 dev red');
  expect(await sh(instance, 'ip -6 route get 2001:db8:99::1 vrf red')).toContain('dev red');
  await settled(instance);
});

test('a VRF is the loopback of its domain: it takes 127.0.0.1 and ::1, which a member does not', async () => {
  const instance = await tenants();
  const { stderr } = await instance.sh('ip address add 127.0.0.1/8 dev red; ip address add ::1 dev red nodad');
  expect(stderr).toBe('');
  // The table local is asked after that of the VRF, or ::1 would be the loopback's.
  await sh(instance, 'ip -6 rule add pref 32765 table local; ip -6 rule del pref 0');
  expect(await lost(instance, `ip vrf exec red ${heard} ::1`)).toBe('answered');
  expect((await instance.sh('ip address add ::1 dev a0 nodad')).stderr).toBe('RTNETLINK answers: Cannot assign requested address\n');
  instance.close();
});

test('what leaves a VRF by a route into another comes from an address of its own, so that answers find back', async () => {
  const instance = await tenants();
  await sh(
    instance,
    `ip address del 10.0.0.1/24 dev b0; ip address add 10.6.0.1/24 dev b0; ip address add fd06::1/64 dev b0 nodad
     ip route add 10.6.0.0/24 dev blue vrf red; ip -6 route add fd06::/64 dev blue vrf red`,
  );
  expect(await sh(instance, 'ip route get 10.6.0.9 vrf red')).toContain('10.6.0.9 dev blue table 10 src 10.0.0.1 ');
  const flow = new Flow();
  flow.oif = instance.device('red').ifindex;
  flow.destination6.set([0xfd06_0000, 0, 0, 9]);
  expect(instance.device('red').namespace.ipv6.routes.output(flow)).toMatchObject({ error: 0, device: instance.device('blue') });
  expect([...flow.source6]).toEqual([0xfd00_0000, 0, 0, 1]);
  instance.close();
});

test('a tunnel bound to a member of a VRF has its outer packets go by any member of that', async () => {
  const instance = await tenants();
  await sh(
    instance,
    `ip link add ul0 type dummy; ip link set ul0 master red; ip link set ul0 up; ip addr add 192.0.2.1/32 dev ul0
     ip link add g0 type gre local 192.0.2.1 remote 10.0.0.2 dev ul0; ip link set g0 up; ip addr add 172.16.0.1/30 dev g0`,
  );
  const capture = instance.capture(instance.device('a0'));
  await instance.sh('ping -c 1 -W 1 172.16.0.2');
  capture.stop();
  expect(
    capture.frames
      .map(({ bytes }) => hex(bytes))
      .some((frame) => frame.slice(46, 48) === '2f' && frame.slice(52, 68) === 'c00002010a000002'),
  ).toBe(true);
  await settled(instance);
});
