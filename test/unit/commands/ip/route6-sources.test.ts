import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { sh } from '../../drivers/tunnel-world.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `ip link add d0 type dummy; ip link add d1 type dummy; ip link set d0 up; ip link set d1 up
     ip address add 2001:db8:1::1/64 dev d0 nodad; ip address add 2001:db8:2::1/64 dev d1 nodad`,
  );
});

afterEach(() => instance.close());

test('a source address that goes is preferred no longer by routes of its own device', async () => {
  await sh(
    instance,
    `ip address add 2001:db8:1::9/64 dev d0 nodad; ip route add 2001:db8:a::/64 dev d0 src 2001:db8:1::9
     ip route add 2001:db8:b::/64 dev d1 src 2001:db8:1::9; ip address del 2001:db8:1::9/64 dev d0`,
  );
  expect(await sh(instance, 'ip -6 route show 2001:db8:a::/64')).toBe('2001:db8:a::/64 dev d0 metric 1024 pref medium\n');
  expect(await sh(instance, 'ip -6 route show 2001:db8:b::/64')).toBe('2001:db8:b::/64 dev d1 src 2001:db8:1::9 metric 1024 pref medium\n');
});

test('a route without a table belongs to main, and goes with its preferred source', async () => {
  await sh(
    instance,
    `ip address add 192.0.2.1/24 dev d0; ip address add 192.0.2.9/24 dev d0
     ip route add table 0 198.51.100.0/24 via 192.0.2.2 src 192.0.2.9; ip address del 192.0.2.9/24 dev d0`,
  );
  expect(await sh(instance, 'ip route show 198.51.100.0/24')).toBe('');
});

test('a gateway is no address of the host in the same VRF, but may be one of another', async () => {
  await sh(
    instance,
    `ip link add red type vrf table 1111; ip link set red up; ip link set d1 master red
     ip address add 2001:db8:2::1/64 dev d1 nodad`,
  );
  const refused = await instance.sh('ip route add vrf red 2001:db8:c::/64 via 2001:db8:2::1 dev d1');
  expect(refused.stderr).toBe('Error: Gateway can not be a local address.\n');
  await sh(instance, 'ip route add vrf red 2001:db8:d::/64 via 2001:db8:1::1 dev d1 onlink');
});

test('the other end of an address can be changed, and its route follows', async () => {
  await sh(
    instance,
    `ip address add 2001:db8:3::1 peer 2001:db8:3::2 dev d0 metric 260 nodad
     ip address change 2001:db8:3::1 peer 2001:db8:3::3 dev d0 metric 261`,
  );
  const routes = await sh(instance, 'ip -6 route show dev d0');
  expect(routes).toContain('2001:db8:3::3 proto kernel metric 261 pref medium');
  expect(routes).not.toContain('2001:db8:3::2');
});

test('onlink of a route of several ways counts for each of them', async () => {
  await sh(instance, 'ip -6 route add 2001:db8:e::/64 onlink nexthop via 2001:db8:77::1 dev d0 nexthop via 2001:db8:78::1 dev d1');
  expect(await sh(instance, 'ip -6 route show 2001:db8:e::/64')).toContain('nexthop via 2001:db8:77::1 dev d0 weight 1 onlink');
});

test('a resilient group takes other timers, keeps its buckets, and refuses another number of them', async () => {
  await sh(
    instance,
    `ip address add 192.0.2.1/24 dev d0; ip nexthop add id 1 via 192.0.2.2 dev d0
     ip nexthop add id 9 group 1 type resilient buckets 8 idle_timer 10 unbalanced_timer 20
     ip nexthop replace id 9 group 1 type resilient idle_timer 30`,
  );
  const shown = 'id 9 group 1 type resilient buckets 8 idle_timer 30 unbalanced_timer 20 unbalanced_time 0 \n';
  expect(await sh(instance, 'ip nexthop show group')).toBe(shown);
  expect(await instance.sh('ip nexthop replace id 9 group 1 type resilient buckets 16')).toMatchObject({
    stderr: 'Error: Can not change number of buckets of a resilient nexthop group.\n',
    status: 2,
  });
  expect(await instance.sh('ip nexthop bucket show id 1')).toMatchObject({
    stderr: 'Error: Not a nexthop group.\nDump terminated\n',
    status: 2,
  });
});
