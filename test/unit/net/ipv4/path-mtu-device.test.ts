import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { settled, sh, underlay } from '../../drivers/tunnel-world.js';

let instance: TapstackInstance;

afterEach(() => settled(instance));

/** A router between two hosts, by IPv4 and IPv6, whose right side is narrower. */
async function narrow(): Promise<void> {
  instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `ip netns add a; ip netns add r; ip netns add b
     ip -n a link add a0 type veth peer name r0 netns r; ip -n b link add b0 type veth peer name r1 netns r
     ip -n a link set a0 mtu 2000; ip -n r link set r0 mtu 2000; ip -n r link set r1 mtu 1400; ip -n b link set b0 mtu 1400
     ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
     ip -n a address add 10.0.1.1/24 dev a0; ip -n a address add 2001:db8:1::1/64 dev a0 nodad; ip -n a link set a0 up
     ip -n r address add 10.0.1.2/24 dev r0; ip -n r address add 2001:db8:1::2/64 dev r0 nodad; ip -n r link set r0 up
     ip -n r address add 10.0.2.2/24 dev r1; ip -n r address add 2001:db8:2::2/64 dev r1 nodad; ip -n r link set r1 up
     ip -n b address add 10.0.2.1/24 dev b0; ip -n b address add 2001:db8:2::1/64 dev b0 nodad; ip -n b link set b0 up
     ip -n a route add default via 10.0.1.2; ip -n a route add default via 2001:db8:1::2
     ip -n b route add default via 10.0.2.2; ip -n b route add default via 2001:db8:2::2`,
  );
  await instance.sh('ip netns exec a ping -q -M want -s 1800 -c 1 -W 2 10.0.2.1; ip netns exec a ping -q -s 1800 -c 1 -W 2 2001:db8:2::1');
}

const learned = async (address: string) => {
  const [, mtu] = /mtu (\d+)/.exec(await sh(instance, `ip -n a route get ${address}`)) ?? [];
  return Number(mtu);
};

test.each([
  ['IPv4', '10.0.2.1'],
  ['IPv6', '2001:db8:2::1'],
])(
  'a learned path MTU of %s follows the MTU of the first hop down, and up again where that was the narrowest',
  async (_family, address) => {
    await narrow();
    expect(await learned(address)).toBe(1400);
    await sh(instance, 'ip -n a link set a0 mtu 1300');
    expect(await learned(address)).toBe(1300);
    await sh(instance, 'ip -n a link set a0 mtu 1700');
    expect(await learned(address)).toBe(1700);
    await sh(instance, 'ip -n a link set a0 mtu 1900');
    expect(await learned(address)).toBe(1900);
  },
);

test('what a vxlan device leaves room for is the path MTU of what it carries, IPv6 too', async () => {
  instance = await underlay();
  await sh(
    instance,
    `ip -n left link add vx0 type vxlan id 7 dstport 4789 remote 198.51.100.1; ip -n right link add vx0 type vxlan id 7 dstport 4789 remote 192.0.2.1
     ip netns exec left sysctl -qw net.ipv6.conf.vx0.disable_ipv6=0; ip netns exec right sysctl -qw net.ipv6.conf.vx0.disable_ipv6=0
     ip -n left address add 2001:db8:9::1/64 dev vx0 nodad; ip -n right address add 2001:db8:9::2/64 dev vx0 nodad
     ip -n left link set vx0 mtu 3000; ip -n left link set vx0 up; ip -n right link set vx0 mtu 3000; ip -n right link set vx0 up`,
  );
  await instance.sh('ip netns exec left ping -q -s 2500 -c 1 -W 2 2001:db8:9::2');
  expect(await sh(instance, 'ip -n left route get 2001:db8:9::2')).toContain('mtu 1450');
});

test('addresses of 0.0.0.0/8 are as others', async () => {
  instance = await underlay();
  await sh(
    instance,
    `ip -n left address add 0.1.2.17/24 dev eth0; ip -n router address add 0.1.2.23/24 dev to-left
     ip netns exec left ping -q -c 1 -W 2 0.1.2.23`,
  );
});
