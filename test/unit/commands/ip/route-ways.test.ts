import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { sh } from '../../drivers/tunnel-world.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
});

afterEach(() => instance.close());

test('a packet that would go out where it comes in is said to be redirected, by its ports and marks too', async () => {
  await sh(
    instance,
    `sysctl -qw net.ipv4.ip_forward=1; ip link add d0 type dummy; ip address add 192.0.2.1/24 dev d0; ip link set d0 up
     ip link add d1 type dummy; ip address add 198.51.100.1/24 dev d1; ip link set d1 up
     ip route add default via 198.51.100.2 table 100; ip rule add ipproto tcp dport 80 table 100`,
  );
  const way = (words: string) => sh(instance, `ip route get 192.0.2.2 from 192.0.2.3 iif d0 ${words}`);
  expect(await way('')).toBe('192.0.2.2 from 192.0.2.3 dev d0 \n    cache <redirect> iif d0 \n');
  expect(await way('ipproto tcp dport 80')).toBe('192.0.2.2 from 192.0.2.3 via 198.51.100.2 dev d1 table 100 \n    cache iif d0 \n');
  await sh(instance, 'sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.d0.send_redirects=0');
  expect(await way('')).toBe('192.0.2.2 from 192.0.2.3 dev d0 \n    cache iif d0 \n');
});

test('a route of several ways stays when one of their devices goes down, and goes when one is deleted', async () => {
  await sh(
    instance,
    `ip link add d0 type dummy; ip address add 192.0.2.1/24 dev d0; ip link set d0 up
     ip link add d1 type dummy; ip address add 198.51.100.1/24 dev d1; ip link set d1 up
     ip route add 203.0.113.0/24 nexthop via 192.0.2.2 nexthop via 198.51.100.2; ip link set d0 down`,
  );
  expect(await sh(instance, 'ip route show 203.0.113.0/24')).toContain('via 192.0.2.2 dev d0 weight 1 dead linkdown');
  await sh(instance, 'ip link del d0');
  expect(await sh(instance, 'ip route show 203.0.113.0/24')).toBe('');
});

test('the VRF "default" is the table main', async () => {
  await sh(
    instance,
    `ip link add d0 type dummy; ip address add 192.0.2.1/24 dev d0; ip link set d0 up
     ip route add vrf default 203.0.113.0/24 via 192.0.2.2`,
  );
  expect(await sh(instance, 'ip route show vrf default 203.0.113.0/24')).toBe('203.0.113.0/24 via 192.0.2.2 dev d0 \n');
  expect((await instance.sh('ip route add vrf nosuch 203.0.113.0/24 via 192.0.2.2')).stderr).toBe(
    'Error: argument "nosuch" is wrong: Invalid VRF\n\n',
  );
});

test('a router without an address of IPv4 speaks as 192.0.0.8', async () => {
  await sh(
    instance,
    `ip netns add h; ip netns add r; ip -n h link add v0 type veth peer name v0 netns r; ip -n h link set v0 up; ip -n r link set v0 up
     ip -n h address add 172.16.0.1/32 dev v0; ip -n h address add 2001:db8::1/64 dev v0 nodad
     ip -n r address add 2001:db8::2/64 dev v0 nodad; ip netns exec r sysctl -qw net.ipv4.ip_forward=1
     ip -n h route add 172.16.1.0/24 via inet6 2001:db8::2; ip -n r route add 172.16.0.0/24 via inet6 2001:db8::1`,
  );
  const { stdout } = await instance.sh('ip netns exec h ping -c 1 -W 5 172.16.1.1');
  expect(stdout).toContain('From 192.0.0.8 icmp_seq=1 Destination Net Unreachable');
});
