import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** The line for each of the hosts, which % stands for. */
const each = (line: string) => ['h', 'r1', 'r2'].map((host) => line.replaceAll('%', host)).join('\n');

/**
 * Host h (fd01::3), routers r1 and r2 on its link (fd01::1, fd01::2) and on one of their own (fd02::1, fd02::2). h goes by r1, r1 by r2;
 * r2 answers h directly. `domain`: what r2 does before it has addresses.
 */
async function world(domain = ''): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add br0 type bridge mcast_snooping 0; ip link set br0 up
    ${each('ip netns add %; ip netns exec % sysctl -qw net.ipv6.icmp.ratelimit=0')}
    ${each('ip link add p% type veth peer name e0 netns %; ip link set p% master br0 up')}
    ip link add e1 netns r1 type veth peer name e1 netns r2
    ${domain}
    ${each('ip -n % link set e0 up')}
    ip -n r1 link set e1 up; ip -n r2 link set e1 up
    ip -n h addr add fd01::3/64 dev e0 nodad; ip -n r1 addr add fd01::1/64 dev e0 nodad; ip -n r2 addr add fd01::2/64 dev e0 nodad
    ip -n r1 addr add fd02::1/64 dev e1 nodad; ip -n r2 addr add fd02::2/64 dev e1 nodad
    ip netns exec r1 sysctl -qw net.ipv6.conf.all.forwarding=1; ip netns exec r2 sysctl -qw net.ipv6.conf.all.forwarding=1
    ip -n h -6 route add default via fd01::1; ip -n r1 -6 route add default via fd02::2`);
  expect(stderr).toBe('');
  await instance.clock.advance(3000);
  return instance;
}

const answer = async (instance: TapstackInstance) => (await instance.sh('ip netns exec h ping -c1 -W1 fd03::1')).stdout;

test('an error comes from the link that the packet came in by, not from the one that it leaves by', async () => {
  const instance = await world();
  expect(await answer(instance)).toContain('From fd02::2 icmp_seq=1 Destination unreachable: No route');
  // A source that the route names is one.
  await instance.sh('ip -n r2 -6 route add fd01::3 dev e0 src fd01::2');
  expect(await answer(instance)).toContain('From fd01::2 icmp_seq=1 Destination unreachable: No route');
  instance.close();
});

test('in a VRF it is that of the member', async () => {
  const instance = await world(`
    ip -n r2 link add red type vrf table 10; ip -n r2 link set red up; ip -n r2 addr add fd0f::1/64 dev red
    ip -n r2 link set e0 master red; ip -n r2 link set e1 master red`);
  expect(await answer(instance)).toContain('From fd02::2 icmp_seq=1 Destination unreachable: No route');
  instance.close();
});
