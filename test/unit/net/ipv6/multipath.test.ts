import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** Client c, router r with two ways to the server s. */
async function world(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add c; ip netns add r; ip netns add s
    ip link add c0 netns c type veth peer name rc netns r
    ip link add r1 netns r type veth peer name s1 netns s; ip link add r2 netns r type veth peer name s2 netns s
    ip -n r link set rc up; ip -n r link set r1 up; ip -n r link set r2 up; ip -n c link set c0 up
    ip -n s link set s1 up; ip -n s link set s2 up; ip -n s link set lo up
    ip -n c addr add fd00::2/64 dev c0 nodad; ip -n c -6 route add default via fd00::1
    ip -n r addr add fd00::1/64 dev rc nodad; ip -n r addr add fd01::1/64 dev r1 nodad; ip -n r addr add fd02::1/64 dev r2 nodad
    ip -n s addr add fd01::2/64 dev s1 nodad; ip -n s addr add fd02::2/64 dev s2 nodad; ip -n s addr add fd99::9/128 dev lo
    ip -n s -6 route add default via fd01::1
    ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1`);
  expect(stderr).toBe('');
  await instance.clock.advance(5000);
  return instance;
}

/** Packets that left by r1 and r2 while 200 connections were refused. */
async function spread(instance: TapstackInstance): Promise<[number, number]> {
  const sent = () => ['r1', 'r2'].map((name) => instance.device(name, 'r').statistics.txPackets) as [number, number];
  const before = sent();
  for (let i = 0; i < 200; i++) {
    const socket = instance.netIn('c').connect(80, 'fd99::9');
    socket.on('error', () => undefined);
    await instance.clock.advance(2);
    socket.destroy();
  }
  await instance.clock.advance(1000);
  const after = sent();
  return [after[0] - before[0], after[1] - before[1]];
}

const policy = (instance: TapstackInstance, value: number) =>
  instance.sh(`ip netns exec r sysctl -qw net.ipv6.fib_multipath_hash_policy=${value}`);

test('a router spreads flows of one pair of hosts by their labels, by their ports with policy 1, by the fields with policy 3, by the weights of the ways', async () => {
  const instance = await world();
  await instance.sh('ip -n r -6 route add fd99::9 nexthop via fd01::2 weight 1 nexthop via fd02::2 weight 3');
  await spread(instance);
  // Policy 0 looks at the addresses and the flow label, which is another one for each connection: rt6_multipath_hash().
  expect(Math.min(...(await spread(instance)))).toBeGreaterThan(30);
  await instance.sh('ip netns exec c sysctl -qw net.ipv6.auto_flowlabels=0');
  expect(Math.min(...(await spread(instance)))).toBeLessThan(8);
  for (const value of [1, 3]) {
    await policy(instance, value);
    await instance.sh('ip netns exec r sysctl -qw net.ipv6.fib_multipath_hash_fields=16');
    const [light, heavy] = await spread(instance);
    expect(light / (light + heavy)).toBeGreaterThan(0.15);
    expect(light / (light + heavy)).toBeLessThan(0.35);
  }
  await instance.sh('ip netns exec r sysctl -qw net.ipv6.fib_multipath_hash_fields=32');
  expect(Math.min(...(await spread(instance)))).toBeLessThan(8);
  instance.close();
});

test('a resilient group keeps the flows of the members that stay', async () => {
  const instance = await world();
  await instance.sh(`
    ip -n r nexthop add id 1 via fd01::2 dev r1; ip -n r nexthop add id 2 via fd02::2 dev r2
    ip -n r nexthop add id 10 group 1/2 type resilient buckets 32
    ip -n r -6 route add fd99::9 nhid 10`);
  await policy(instance, 1);
  const [left, right] = await spread(instance);
  expect(Math.min(left, right)).toBeGreaterThan(50);
  expect((await instance.sh('ip -n r nexthop bucket show id 10')).stdout.split('\n').length).toBe(33);
  await instance.sh('ip -n r nexthop del id 2');
  expect((await spread(instance))[1]).toBeLessThan(8);
  instance.close();
});
