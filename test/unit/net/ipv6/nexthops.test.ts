import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

const ECHO_REQUEST = 128;

/** A host "h" with two ways, routers a and b, to the same address 2001:db8:9::9. */
async function twoRouters(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr, status } = await instance.sh(`
    ip netns add h; ip netns add a; ip netns add b
    ip link add ha netns h type veth peer name a0 netns a
    ip link add hb netns h type veth peer name b0 netns b
    ip -n h link set ha up; ip -n h link set hb up; ip -n a link set a0 up; ip -n b link set b0 up
    ip -n h addr add 2001:db8:a::1/64 dev ha nodad; ip -n h addr add 2001:db8:b::1/64 dev hb nodad
    ip -n a addr add 2001:db8:a::2/64 dev a0 nodad; ip -n a route add default via 2001:db8:a::1
    ip -n b addr add 2001:db8:b::2/64 dev b0 nodad; ip -n b route add default via 2001:db8:b::1
    ip -n a addr add 2001:db8:9::9/128 dev a0 nodad; ip -n b addr add 2001:db8:9::9/128 dev b0 nodad
    ip -n h nexthop add id 1 via 2001:db8:a::2 dev ha; ip -n h nexthop add id 2 via 2001:db8:b::2 dev hb`);
  expect([stderr, status]).toEqual(['', 0]);
  // Link-local addresses are usable, and so neighbours can be asked for.
  await instance.clock.advance(3000);
  return instance;
}

/** How many echo requests of three a and b have received. */
async function ways(instance: TapstackInstance): Promise<{ a: number; b: number; status: number }> {
  const echoes = (where: string) => instance.namespace(where).ipv6.icmpStats.inType[ECHO_REQUEST]!;
  const before = [echoes('a'), echoes('b')];
  const { status } = await instance.sh('ip netns exec h ping -q -c 3 -i 0.01 -W 1 -I 2001:db8:a::1 2001:db8:9::9');
  return { a: echoes('a') - before[0]!, b: echoes('b') - before[1]!, status };
}

test('packets go by the nexthop object that the route names, and by the one that replaces it', async () => {
  const instance = await twoRouters();
  await instance.sh('ip -n h route add 2001:db8:9::/48 nhid 1');
  expect(await ways(instance)).toEqual({ a: 3, b: 0, status: 0 });
  await instance.sh('ip -n h nexthop replace id 1 via 2001:db8:b::2 dev hb');
  expect((await ways(instance)).b).toBe(3);
  // The route goes with its object.
  await instance.sh('ip -n h nexthop del id 1');
  expect((await instance.sh('ip -n h -6 route show 2001:db8:9::/48')).stdout).toBe('');
  expect((await ways(instance)).status).not.toBe(0);
  instance.close();
});

test('a group shares flows out among its members, and what is left carries all', async () => {
  const instance = await twoRouters();
  await instance.sh('ip -n h nexthop add id 3 group 1/2; ip -n h route add 2001:db8:9::/48 nhid 3');
  const used = new Set<string>();
  for (let i = 1; i < 60; i++)
    used.add(/dev (\w+)/.exec((await instance.sh(`ip -n h route get 2001:db8:9::${i.toString(16)} from 2001:db8:a::1`)).stdout)![1]!);
  expect([...used].sort()).toEqual(['ha', 'hb']);
  await instance.sh('ip -n h nexthop del id 1');
  expect((await instance.sh('ip -n h -6 route show 2001:db8:9::/48')).stdout).toBe(
    '2001:db8:9::/48 nhid 3 metric 1024 pref medium\n\tnexthop via 2001:db8:b::2 dev hb weight 1 \n',
  );
  expect((await ways(instance)).b).toBe(3);
  instance.close();
});

test('IPv6 routes want IPv6 nexthops, also after a replacement; a blackhole swallows', async () => {
  const instance = await twoRouters();
  await instance.sh('ip -n h addr add 10.0.0.1/24 dev ha; ip -n h nexthop add id 4 via 10.0.0.2 dev ha');
  const refused = 'Error: IPv6 routes can not use an IPv4 nexthop.\n';
  expect((await instance.sh('ip -n h route add 2001:db8:9::/48 nhid 4')).stderr).toBe(refused);
  await instance.sh('ip -n h route add 2001:db8:9::/48 nhid 1');
  expect((await instance.sh('ip -n h nexthop replace id 1 via 10.0.0.3 dev ha')).stderr).toBe(refused);
  expect(await ways(instance)).toEqual({ a: 3, b: 0, status: 0 });
  await instance.sh('ip -n h -6 nexthop add id 5 blackhole; ip -n h route replace 2001:db8:9::/48 nhid 5');
  expect((await instance.sh('ip -n h route get 2001:db8:9::9')).stderr).toBe('RTNETLINK answers: Invalid argument\n');
  expect((await ways(instance)).a).toBe(0);
  instance.close();
});
