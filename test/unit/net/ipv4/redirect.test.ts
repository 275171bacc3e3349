import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** The line for each of the hosts, which % stands for. */
const each = (line: string) => ['r', 'h', 'g'].map((host) => line.replaceAll('%', host)).join('\n');

/**
 * Host h (10.0.0.2), router r (10.0.0.1), and a better router g (10.0.0.3) for 10.3.0.0/24 on one link. `domain`: what h's end of the
 * link is set to before it has addresses.
 */
async function world(domain = ''): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add r; ip netns add h; ip netns add g
    ip link add br0 type bridge mcast_snooping 0; ip link set br0 up
    ${each('ip link add p% type veth peer name e0 netns %; ip link set p% master br0 up')}
    ${domain}
    ${each('ip -n % link set e0 up')}
    ip -n g link set lo up
    ip -n r addr add 10.0.0.1/24 dev e0; ip -n h addr add 10.0.0.2/24 dev e0; ip -n g addr add 10.0.0.3/24 dev e0
    ip netns exec r sysctl -qw net.ipv4.ip_forward=1; ip netns exec g sysctl -qw net.ipv4.ip_forward=1
    ip -n g addr add 10.3.0.1/32 dev lo; ip -n r route add 10.3.0.0/24 via 10.0.0.3`);
  expect(stderr).toBe('');
  return instance;
}

test('ip route get says of a way that it was redirected, and how long that holds', async () => {
  const instance = await world();
  await instance.sh('ip -n h route add 10.3.0.0/24 via 10.0.0.1; ip netns exec h ping -q -c2 -i 0.3 10.3.0.1');
  const shown = await instance.sh('ip -n h route get 10.3.0.1');
  expect(shown.stdout).toMatch(/^10\.3\.0\.1 via 10\.0\.0\.3 dev e0 src 10\.0\.0\.2 uid 0 \n {4}cache <redirected> expires 299sec \n$/);
  expect((await instance.sh('ip -n h route get 10.3.0.9')).stdout).toContain('via 10.0.0.1 ');
  instance.close();
});

test('in a VRF a redirect changes the way in the table of the VRF', async () => {
  const instance = await world('ip -n h link add red type vrf table 10; ip -n h link set red up; ip -n h link set e0 master red');
  await instance.sh('ip -n h route add vrf red 10.3.0.0/24 via 10.0.0.1; ip netns exec h ping -q -c2 -i 0.3 -I red 10.3.0.1');
  expect((await instance.sh('ip -n h route get vrf red 10.3.0.1')).stdout).toContain('via 10.0.0.3 dev e0 ');
  instance.close();
});
