import { createInstance } from '../../../../src/library/index.js';
import { routed } from '../../net/ipv6/world.js';
import { ping } from './ping-world.js';

test('ping of IPv6 addresses: the loopback, a neighbour on its link, nobody', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  const made = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left link set lo up; ip -n right link set lo up; ip -n left link set l0 up
    ip -n right link set dev r0 address 02:00:00:00:00:02; ip -n right link set r0 up`);
  expect(made.stderr).toBe('');
  const own = await instance.sh('ip netns exec left ping -c 2 ::1');
  expect(own.stdout).toContain('PING ::1(::1) 56 data bytes\n64 bytes from ::1: icmp_seq=1 ttl=64 time=');
  expect(own.status).toBe(0);
  // Duplicate address detection takes up to two seconds.
  await instance.clock.advance(3000);
  const neighbour = await instance.sh('ip netns exec left ping -c 1 fe80::ff:fe00:2%l0');
  expect(neighbour.stderr).toBe('');
  expect(neighbour.stdout).toContain('64 bytes from fe80::ff:fe00:2%l0: icmp_seq=1 ttl=64');
  expect(neighbour.status).toBe(0);
  const nobody = await instance.sh('ip netns exec left ping -c 1 2001:db8::1');
  expect([nobody.stderr, nobody.status]).toEqual(['ping: connect: Network is unreachable\n', 2]);
  await instance.close();
});

test('an ordinary user pings IPv6 where ping_group_range lets him', async () => {
  const { world, left } = routed();
  const as = (line: string) => ping(world, left, line, { uid: 1000 });
  expect(await as('-c1 2001:db8:1::1')).toMatchObject({ status: 2, stderr: 'ping: socket: Permission denied\n' });
  left.ipv4.settings.pingGroupFirst = 0;
  left.ipv4.settings.pingGroupLast = 2000;
  const { status, stdout, stderr } = await as('-c1 2001:db8:1::1');
  expect(stdout).toContain('64 bytes from 2001:db8:1::1: icmp_seq=1 ttl=63 time=');
  expect([status, stderr]).toEqual([0, '']);
  expect((await as('-c1 -t 1 2001:db8:1::1')).stdout).toContain('From 2001:db8::fe icmp_seq=1 Time exceeded: Hop limit\n');
});
