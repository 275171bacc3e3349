import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh(`
    ip link add d0 type dummy; ip link set d0 up; ip addr add 10.5.0.1/24 dev d0
    ip nexthop add id 5 via 10.5.0.2 dev d0; ip nexthop add id 6 via 10.5.0.3 dev d0 proto static; ip nexthop add id 10 group 5/6
    ip route add 10.77.0.0/16 nhid 10; ip route add 10.78.0.0/16 nhid 5 metric 7`);
});

afterEach(() => instance.close());

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

test('with -details a route shows the nexthop object that it uses', async () => {
  expect(await run('ip -d route show 10.77.0.0/16')).toBe(
    [
      'unicast 10.77.0.0/16 nhid 10 proto boot scope global ',
      '\tnh_info id 10 group 5/6 scope global proto unspec ',
      '\tnexthop via 10.5.0.2 dev d0 weight 1 ',
      '\tnexthop via 10.5.0.3 dev d0 weight 1 ',
      '0',
    ].join('\n'),
  );
  expect(await run('ip -d -j route show 10.78.0.0/16')).toContain(
    '"nh_info":{"id":5,"gateway":"10.5.0.2","dev":"d0","scope":"link","protocol":"unspec","flags":[]}}]',
  );
  expect(await run('ip route show 10.78.0.0/16')).toBe('10.78.0.0/16 nhid 5 via 10.5.0.2 dev d0 metric 7 \n0');
});

test('nexthops are chosen by the number of a protocol, not by its name', async () => {
  expect(await run('ip nexthop list proto 4')).toBe('id 6 via 10.5.0.3 dev d0 scope link proto static \n0');
  expect(await run('ip nexthop flush proto static')).toBe('Error: argument "static" is wrong: invalid protocol value\n255');
  expect(await run('ip nexthop flush proto 4')).toBe('Flushed 1 nexthops\n0');
});
