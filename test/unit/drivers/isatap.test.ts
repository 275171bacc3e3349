import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, settled, sh, underlay } from './tunnel-world.js';

const IPV6_ON = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0';

/** left and right are hosts of one ISATAP link over the routed IPv4 network. */
async function site(): Promise<TapstackInstance> {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip netns exec right ${IPV6_ON}
     ip -n left tunnel add is0 mode isatap local 192.0.2.1 ttl 64; ip -n right tunnel add is0 mode isatap local 198.51.100.1 ttl 64
     ip -n left link set is0 up; ip -n right link set is0 up`,
  );
  return instance;
}

const pings = async (instance: TapstackInstance, address: string) =>
  (await instance.sh(`ip netns exec left ping -6 -c 1 -W 1 ${address}`)).status === 0;

test('hosts of an ISATAP link have identifiers of their IPv4 addresses, and reach each other by them (RFC 5214 6, 7.4)', async () => {
  const instance = await site();
  expect(await sh(instance, 'ip -n left -br -6 addr show is0')).toMatch(/is0@NONE +UNKNOWN +fe80::5efe:c000:201\/64 \n/);
  // 192.0.2.1 is everybody's, 198.51.100.1 is unique: the universal bit says so.
  const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -6 -c 1 fe80::200:5efe:198.51.100.1%is0');
  expect(frames.map(hex).some((frame) => frame.slice(46, 48) === '29' && frame.slice(52, 68) === 'c0000201c6336401')).toBe(true);
  await settled(instance);
});

test('a packet whose IPv6 address is not of its IPv4 sender comes from a router of the list, or from nobody (RFC 5214 7.3)', async () => {
  const instance = await site();
  await sh(
    instance,
    `ip -n left addr add 2001:db8::5efe:c000:201/64 dev is0; ip -n right addr add 2001:db8:1::1/128 dev is0
     ip -n left route add 2001:db8:1::/48 via fe80::200:5efe:c633:6401 dev is0; ip -n right route add 2001:db8::/64 dev is0`,
  );
  expect(await pings(instance, '2001:db8:1::1')).toBe(false);
  expect(instance.device('is0', 'left').statistics.rxErrors).toBe(0);
  // The request came in: 2001:db8::5efe:192.0.2.1 is of the sender, but on no link of the receiver's.
  expect(instance.device('is0', 'right').statistics.rxErrors).toBe(1);
  await sh(instance, 'ip -n right addr add 2001:db8::200:5efe:c633:6401/64 dev is0');
  expect(await pings(instance, '2001:db8:1::1')).toBe(false);
  expect(instance.device('is0', 'left').statistics.rxErrors).toBe(1);
  await sh(instance, 'ip -n left tunnel prl dev is0 prl-nodefault 198.51.100.1');
  expect(await pings(instance, '2001:db8:1::1')).toBe(true);
  await settled(instance);
});

test('a destination that names no IPv4 address, and a group, has no way', async () => {
  const instance = await site();
  await sh(instance, 'ip -n left route add 2001:db8:2::/48 dev is0');
  expect(await pings(instance, '2001:db8:2::1')).toBe(false);
  expect(await pings(instance, 'ff02::1%is0')).toBe(false);
  expect(instance.device('is0', 'left').statistics.txErrors).toBeGreaterThanOrEqual(2);
  await settled(instance);
});

test('ip tunnel prl says what the ioctls of the list refuse', async () => {
  const instance = await site();
  const said = async (words: string) => (await instance.sh(`ip -n left tunnel prl dev ${words}`)).stderr;
  expect(await said('is0 prl-default 192.0.2.9')).toBe('');
  expect(await said('is0 prl-nodefault 192.0.2.10')).toBe('');
  expect(await said('is0 prl-default 192.0.2.9')).toBe('is0: ioctl 89f5 failed: File exists\n');
  expect(await said('is0 prl-delete 192.0.2.11')).toBe('is0: ioctl 89f6 failed: No such device or address\n');
  expect(await said('sit0 prl-default 192.0.2.9')).toBe('sit0: ioctl 89f5 failed: Invalid argument\n');
  expect(await said('eth0 prl-default 192.0.2.9')).toBe('eth0: ioctl 89f5 failed: Operation not supported\n');
  expect(await said('is0')).toBe('is0: ioctl 0 failed: Inappropriate ioctl for device\n');
  expect(await sh(instance, 'ip -n left tunnel show is0')).toContain(' local 192.0.2.1 pr 192.0.2.10 pdr 192.0.2.9 ttl 64 ');
  expect(await said('is0 prl-delete 0.0.0.0')).toBe('');
  expect(await sh(instance, 'ip -n left tunnel show is0')).toContain(' local 192.0.2.1 ttl 64 ');
  await settled(instance);
});

test('without a prefix of 6rd, the next hop ::a.b.c.d says where a packet goes, and its sender hears where none does', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip netns exec right ${IPV6_ON}
     ip -n left tunnel add s mode sit local 192.0.2.1; ip -n right tunnel add s mode sit local 198.51.100.1
     ip -n left link set s up; ip -n right link set s up
     ip -n left addr add 2001:db8:a::1/64 dev lo; ip -n right addr add 2001:db8:b::1/64 dev lo
     ip -n left route add 2001:db8:b::/48 via ::198.51.100.1 dev s; ip -n right route add 2001:db8:a::/48 via ::192.0.2.1 dev s
     ip -n left route add 2001:db8:c::/48 dev s`,
  );
  expect(await sh(instance, 'ip -n left -6 -br addr show s')).toContain('::192.0.2.1/96');
  expect(await pings(instance, '-I 2001:db8:a::1 2001:db8:b::1')).toBe(true);
  const { stdout } = await instance.sh('ip netns exec left ping -6 -c 1 -W 1 2001:db8:c::1');
  expect(stdout).toContain('Destination unreachable: Address unreachable');
  await settled(instance);
});

test('a 6rd packet whose addresses name another IPv4 peer than it came from is dropped', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip netns exec right ${IPV6_ON}
     ip -n left tunnel add rd mode sit local 192.0.2.1; ip -n right tunnel add rd mode sit local 198.51.100.1
     ip -n left link set rd up; ip -n right link set rd up
     ip -n left addr add 2002:c000:202::1/16 dev rd nodad; ip -n right addr add 2002:c633:6401::1/16 dev rd nodad`,
  );
  expect(await pings(instance, '2002:c633:6401::1')).toBe(false);
  expect(instance.device('rd', 'right').statistics.rxErrors).toBe(1);
  await settled(instance);
});

test('a packet that is too long for the way of a sit tunnel is answered with the MTU that is left', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip netns exec right ${IPV6_ON}
     ip -n left tunnel add s mode sit local 192.0.2.1 remote 198.51.100.1; ip -n right tunnel add s mode sit local 198.51.100.1 remote 192.0.2.1
     ip -n left link set s up; ip -n right link set s up
     ip -n left addr add 2001:db8::1/64 dev s nodad; ip -n right addr add 2001:db8::2/64 dev s nodad
     ip -n left route add 198.51.100.1 via 192.0.2.254 mtu 1400`,
  );
  await instance.sh('ip netns exec left ping -6 -c 1 -W 1 -s 1400 -M do 2001:db8::2');
  expect(await sh(instance, 'ip -n left -6 route get 2001:db8::2')).toContain(' mtu 1380 ');
  await settled(instance);
});

test('ipip, gre and point-to-point sit devices have link-local addresses, as Linux makes them', async () => {
  const instance = await createInstance({});
  await sh(
    instance,
    `ip link add d0 type dummy; ip addr add 192.0.2.1/24 dev d0; ip link set d0 up
     ip link add g1 type gre local 192.0.2.1 remote 192.0.2.2; ip link add g2 type gre key 6; ip link add i1 type ipip local 192.0.2.1 remote 192.0.2.2
     ip link add s1 type sit local 192.0.2.1 remote 192.0.2.2; ip link add s2 type sit local 192.0.2.1
     ip link set g1 up; ip link set g2 up; ip link set i1 up; ip link set s1 up; ip link set s2 up`,
  );
  const addresses = async (name: string) => (await sh(instance, `ip -6 -br addr show ${name}`)).trim().split(/\s+/).slice(2);
  expect(await addresses('g1')).toEqual(['fe80::5efe:c000:201/64']);
  expect(await addresses('g2')).toEqual(['fe80::c000:201/64', 'fe80::7f00:1/64']);
  expect(await addresses('i1')).toEqual(['fe80::5efe:c000:201/64']);
  expect(await addresses('s1')).toEqual(['fe80::c000:201/64']);
  expect(await addresses('s2')).toEqual(['::192.0.2.1/96']);
  instance.close();
});
