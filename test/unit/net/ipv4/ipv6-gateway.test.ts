import type { TapstackInstance } from '../../../../src/library/index.js';
import { createInstance } from '../../../../src/library/index.js';
import { sh } from '../../drivers/tunnel-world.js';

let lab: TapstackInstance;

/** h1 - r1 - r2 - h2: between the routers there is no IPv4 (RFC 5549). */
beforeEach(async () => {
  lab = await createInstance({ clock: 'virtual' });
  await sh(
    lab,
    `ip netns add h1; ip netns add r1; ip netns add r2; ip netns add h2
         ip link add e0 netns h1 type veth peer name e0 netns r1
         ip link add e1 netns r1 type veth peer name e1 netns r2
         ip link add e0 netns h2 type veth peer name e0 netns r2
         ip -n h1 link set e0 up; ip -n h2 link set e0 up
         ip -n r1 link set e0 up; ip -n r2 link set e0 up; ip -n r1 link set e1 up; ip -n r2 link set e1 up
         ip -n h1 addr add 10.1.0.2/24 dev e0; ip -n h1 route add default via 10.1.0.1
         ip -n h2 addr add 10.2.0.2/24 dev e0; ip -n h2 route add default via 10.2.0.1
         ip -n r1 addr add 10.1.0.1/24 dev e0; ip -n r2 addr add 10.2.0.1/24 dev e0
         ip -n r1 addr add fe80::a/64 dev e1 nodad; ip -n r2 addr add fe80::b/64 dev e1 nodad
         ip netns exec r1 sysctl -qw net.ipv4.ip_forward=1; ip netns exec r2 sysctl -qw net.ipv4.ip_forward=1`,
  );
});

afterEach(() => lab.close());

const routes = `ip -n r1 route add 10.2.0.0/24 via inet6 fe80::b dev e1
                ip -n r2 route add 10.1.0.0/24 via inet6 fe80::a dev e1`;

describe('an IPv4 route by an IPv6 gateway', () => {
  test('carries packets to the neighbour that neighbour discovery finds', async () => {
    await sh(lab, routes);
    expect((await lab.sh('ip netns exec h1 ping -c 3 10.2.0.2')).stdout).toContain(' 3 received');
    expect((await lab.sh('ip -n r1 -4 neigh show dev e1')).stdout).toBe('');
    expect((await lab.sh('ip -n r1 -6 neigh show dev e1')).stdout).toContain('fe80::b lladdr');
  });

  test('of a nexthop object does the same, and so does a way of several', async () => {
    await sh(
      lab,
      `ip -n r1 nexthop add id 7 via fe80::b dev e1; ip -n r1 route add 10.2.0.0/24 nhid 7
       ip -n r2 route add 10.1.0.0/24 nexthop via inet6 fe80::a dev e1 nexthop via inet6 fe80::a dev e1 onlink`,
    );
    expect((await lab.sh('ip netns exec h1 ping -c 3 10.2.0.2')).stdout).toContain(' 3 received');
    await sh(lab, 'ip -n r1 nexthop replace id 7 via fe80::dead dev e1');
    expect((await lab.sh('ip netns exec h1 ping -c 1 -W 1 10.2.0.2')).stdout).toContain(' 0 received');
  });

  test('tells the sender by ICMP of IPv4 when nobody has the gateway', async () => {
    await sh(lab, 'ip -n r1 route add 10.2.0.0/24 via inet6 fe80::dead dev e1');
    const { stdout } = await lab.sh('ip netns exec h1 ping -c 2 -W 5 10.2.0.2');
    expect(stdout).toContain('From 10.1.0.1 icmp_seq=1 Destination Host Unreachable');
  });

  test('is used by packets with fragments and IPv6 of the same neighbour all the while', async () => {
    await sh(lab, routes);
    const mixed =
      'ip netns exec r1 ping -c 2 fe80::b%e1; ip netns exec h1 ping -c 2 -s 4000 10.2.0.2; ip netns exec r1 ping -c 2 fe80::b%e1';
    expect((await lab.sh(mixed)).stdout.match(/ 2 received/g)).toHaveLength(3);
  });
});
