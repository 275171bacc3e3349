import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeAll(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh(`
    ip link add d0 type dummy; ip link set d0 up; ip addr add 10.0.0.1/24 dev d0; ip addr add 2001:db8::1/64 dev d0 nodad
    ip route add 10.9.2.0/24 via 10.0.0.2`);
});

afterAll(() => instance.close());

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

test('who asks for a way with "notify" leaves the wish with the way', async () => {
  const plain = '10.9.2.1 via 10.0.0.2 dev d0 src 10.0.0.1 uid 0 \n    cache \n0';
  const told = '10.9.2.1 via 10.0.0.2 dev d0 src 10.0.0.1 notify uid 0 \n    cache <notify> \n0';
  expect(await run('ip route get 10.9.2.1 tos 0x10')).toBe(plain);
  expect(await run('ip route get 10.9.2.1 notify')).toBe(told);
  expect(await run('ip route get 10.9.2.1')).toBe(told);
});

test('nexthop_compat_mode 0: a route of a nexthop object shows its number alone, for IPv6 too', async () => {
  await instance.sh('ip -6 nexthop add id 5 via 2001:db8::2 dev d0; ip -6 route add 2001:db8:70::/64 nhid 5');
  const shown = (rest: string) => `2001:db8:70::/64 nhid 5 ${rest}metric 1024 pref medium\n0`;
  expect(await run('ip -6 route show 2001:db8:70::/64')).toBe(shown('via 2001:db8::2 dev d0 '));
  await instance.sh('sysctl -qw net.ipv4.nexthop_compat_mode=0');
  expect(await run('ip -6 route show 2001:db8:70::/64')).toBe(shown(''));
  expect(await run('ip -6 route get fibmatch 2001:db8:70::1')).toBe(shown(''));
  expect(await run('ip -6 route get 2001:db8:70::1')).toContain('via 2001:db8::2 dev d0');
});

test('a flush of all nexthops begins with the groups, so that none is missing', async () => {
  await instance.sh('ip nexthop add id 1 via 10.0.0.2 dev d0; ip nexthop add id 3 group 1; ip nexthop add id 4 group 1/5');
  expect(await run('ip nexthop show fdb')).toContain('id 1 via');
  expect(await run('ip nexthop flush')).toMatch(/^Flushed \d nexthops\n0$/);
  expect(await run('ip nexthop')).toBe('0');
  expect(await run('ip nexthop flush id 77')).toBe('RTNETLINK answers: No such file or directory\n1');
});

test('rules that translate lead to the table main, and say masquerade', async () => {
  expect(await run('ip rule add pref 112 nat 1.2.3.4; ip rule add type nat pref 113; ip rule show')).toContain(
    '112:\tfrom all lookup main masquerade\n113:\tfrom all masquerade\n',
  );
});
