import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh(`
    ip link add d0 type dummy; ip link set d0 up; ip addr add 10.0.0.1/24 dev d0; ip addr add 2001:db8::1/64 dev d0 nodad
    ip nexthop add id 1 via 10.0.0.2 dev d0; ip nexthop add id 2 via 10.0.0.3 dev d0; ip nexthop add id 10 group 1/2
    ip route add 10.1.0.0/16 nhid 1; ip route add 10.2.0.0/16 nhid 10; ip route add 10.3.0.0/16 nhid 1
    ip nexthop add id 6 via 2001:db8::2 dev d0; ip -6 route add 2001:db8:1::/48 nhid 6; ip -6 route add 2001:db8:2::/48 nhid 6`);
});

afterEach(() => instance.close());

/** What `ip monitor` shows of a line. */
async function heard(line: string): Promise<string[]> {
  const run = instance.start('ip monitor label nexthop route');
  await instance.clock.advance(10);
  const { stderr } = await instance.sh(line);
  expect(stderr).toBe('');
  await instance.clock.advance(10);
  run.kill('SIGINT');
  return (await run.done).stdout.split('\n').slice(0, -1);
}

test('a nexthop that is replaced is told first, then its routes, the last first, then those of its groups', async () => {
  expect(await heard('ip nexthop replace id 1 via 10.0.0.9 dev d0')).toEqual([
    '[NEXTHOP]id 1 via 10.0.0.9 dev d0 scope link ',
    '[ROUTE]10.3.0.0/16 nhid 1 via 10.0.0.9 dev d0 ',
    '[ROUTE]10.1.0.0/16 nhid 1 via 10.0.0.9 dev d0 ',
    '[ROUTE]10.2.0.0/16 nhid 10 ',
    '\tnexthop via 10.0.0.9 dev d0 weight 1 ',
    '\tnexthop via 10.0.0.3 dev d0 weight 1 ',
  ]);
});

test('so are one of IPv6 and a group', async () => {
  expect(await heard('ip nexthop replace id 6 via 2001:db8::9 dev d0')).toEqual([
    '[NEXTHOP]id 6 via 2001:db8::9 dev d0 scope link ',
    '[ROUTE]2001:db8:2::/48 nhid 6 via 2001:db8::9 dev d0 metric 1024 pref medium',
    '[ROUTE]2001:db8:1::/48 nhid 6 via 2001:db8::9 dev d0 metric 1024 pref medium',
  ]);
  expect(await heard('ip nexthop replace id 10 group 1')).toEqual([
    '[NEXTHOP]id 10 group 1 ',
    '[ROUTE]10.2.0.0/16 nhid 10 via 10.0.0.2 dev d0 ',
  ]);
});

test('without nexthop_compat_mode routes are not told of', async () => {
  await instance.sh('sysctl -qw net.ipv4.nexthop_compat_mode=0');
  expect(await heard('ip nexthop replace id 1 via 10.0.0.9 dev d0')).toEqual(['[NEXTHOP]id 1 via 10.0.0.9 dev d0 scope link ']);
});
