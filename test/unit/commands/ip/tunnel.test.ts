import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

const outcome = async (instance: TapstackInstance, script: string) => {
  const { stdout, stderr, status } = await instance.sh(script);
  return [stdout, stderr, status];
};

test('ip tunnel speaks of the devices that ip link makes, and the other way round', async () => {
  const instance = await createInstance();
  expect(await outcome(instance, 'ip tunnel show')).toEqual(['', '', 0]);
  await instance.sh(
    'ip tunnel add t1 mode gre remote 192.0.2.2 local 192.0.2.1 ikey 5 okey 6 ttl 9; ip link add t2 type ipip remote 192.0.2.3',
  );
  expect(await outcome(instance, 'ip tunnel')).toEqual([
    [
      'gre0: gre/ip remote any local any ttl inherit nopmtudisc',
      't1: gre/ip remote 192.0.2.2 local 192.0.2.1 ttl 9 ikey 5 okey 6',
      'tunl0: any/ip remote any local any ttl inherit nopmtudisc',
      't2: any/ip remote 192.0.2.3 local any ttl inherit',
      '',
    ].join('\n'),
    '',
    0,
  ]);
  expect(await outcome(instance, 'ip tunnel change t1 mode gre remote 192.0.2.4; ip tunnel show t1')).toEqual([
    't1: gre/ip remote 192.0.2.4 local 192.0.2.1 ttl 9 ikey 5 okey 6\n',
    '',
    0,
  ]);
  expect(await outcome(instance, 'ip tunnel del t1; ip tunnel show t1')).toEqual(['', '', 0]);
  instance.close();
});

test.each([
  ['add x1 mode nosuch', 'Unknown tunnel mode "nosuch"\n', 255],
  ['add x1 remote 192.0.2.2', 'cannot determine tunnel mode (ipip, gre, vti or sit)\n', 1],
  ['add x1 mode ipip remote 192.0.2.2 key 5', 'Keys are not allowed with ipip and sit tunnels\n', 1],
  ['add x1 mode gre remote 239.1.1.1', 'A broadcast tunnel requires a source address\n', 1],
  ['add x1 mode gre remote 192.0.2.2 ttl 5 nopmtudisc', 'ttl != 0 and nopmtudisc are incompatible\n', 1],
  ['add x1 mode gre', 'add tunnel "gre0" failed: File exists\n', 1],
  ['change nosuch mode ipip', 'get tunnel "nosuch" failed: No such device\n', 1],
  ['del gre0', 'delete tunnel "gre0" failed: Operation not permitted\n', 1],
  ['del lo', 'delete tunnel "lo" failed: Operation not supported\n', 1],
  ['prl', 'Must specify device\n', 255],
])('ip tunnel %s', async (words, stderr, status) => {
  const instance = await createInstance();
  await instance.sh('ip link add t1 type gre remote 192.0.2.1');
  expect(await outcome(instance, `ip tunnel ${words}`)).toEqual(['', stderr, status]);
  instance.close();
});

// As iproute2 6.1 says on a kernel without ip6_tunnel, ip6_gre and ip6_vti.
test.each([
  ['', '', 0],
  ['show', '', 0],
  ['show dev lo', '', 0],
  ['show foo', 'get tunnel "foo" failed: No such device\n', 1],
  ['show lo', 'get tunnel "lo" failed: Operation not supported\n', 1],
  ['show dev foo', 'Cannot find device "foo"\n', 1],
  ['show remote 10.0.0.1', 'Error: inet6 address is expected rather than "10.0.0.1".\n', 1],
  ['add t1 mode ip6ip6 remote fd00::2 local fd00::1', 'add tunnel "ip6tnl0" failed: No such device\n', 1],
  ['add t1 mode ip6gre key 5 iseq', 'add tunnel "ip6gre0" failed: No such device\n', 1],
  ['add', 'Tunnel interface name not specified\nadd tunnel "ip6tnl0" failed: No such device\n', 1],
  ['add t1 mode foo', 'Unknown tunnel mode "foo"\n', 255],
  ['add t1 ttl 300', 'Error: argument "300" is wrong: invalid TTL\n', 255],
  ['add t1 tclass zz', 'Error: argument "zz" is wrong: invalid TClass\n', 255],
  ['add t1 flowlabel 0x100000', 'Error: argument "0x100000" is wrong: invalid Flowlabel\n', 255],
  ['add t1 dscp foo', 'Error: argument "foo" is wrong: not inherit\n', 255],
  ['add t1 key foo', 'invalid value for "key": "foo"; it should be an unsigned integer\n', 255],
  ['add t1 t2', 'Error: either "name" is duplicate, or "t2" is a garbage.\n', 255],
  ['change t1 ttl 5', 'get tunnel "t1" failed: No such device\n', 1],
  ['del t1', 'delete tunnel "t1" failed: No such device\n', 1],
  ['del', 'delete tunnel "ip6tnl0" failed: No such device\n', 1],
  ['prl', 'Command "prl" is unknown, try "ip -f inet6 tunnel help".\n', 255],
])('ip -6 tunnel %s', async (words, stderr, status) => {
  const instance = await createInstance();
  expect(await outcome(instance, `ip -6 tunnel ${words}`)).toEqual(['', stderr, status]);
  instance.close();
});

test('ip tunnel knows IPv4 and IPv6', async () => {
  const instance = await createInstance();
  expect(await outcome(instance, 'ip -f link tunnel show')).toEqual(['', 'Unsupported protocol family: 17\n', 255]);
  instance.close();
});
