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
