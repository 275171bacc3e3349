import { RoutedLab } from '../../../support/routed-lab.js';

let lab: RoutedLab;
beforeEach(async () => {
  lab = await RoutedLab.make();
});
afterEach(() => lab.close());

const HELPED = `
  ct helper ftp { type "ftp" protocol tcp; }
  chain pre { type filter hook prerouting priority filter; tcp dport 21 ct helper set "ftp"; }
  chain fw { type filter hook forward priority filter; policy drop
    ct state established accept
    ct helper "ftp" counter accept comment "data"
    tcp dport 21 accept
  }
`;

test('a connection that an FTP client announces is let in, and no other', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(`table ip f { ${HELPED} }`);
  const control = await lab.server('b', 21, () => '200 ok\r\n');
  const data = await lab.server('a', 1025, () => 'data');
  const client = (await lab.connect('a', '10.0.2.2', 21))!;
  expect(await client.say('PORT 10,0,1,2,4,1\r\n')).toBe('200 ok\r\n');
  expect(await lab.run('ip netns exec r conntrack -L expect')).toContain('src=10.0.2.2 dst=10.0.1.2 sport=0 dport=1025');
  const announced = await lab.connect('b', '10.0.1.2', 1025);
  expect(await announced?.say('x')).toBe('data');
  expect(await lab.packets('data')).toBeGreaterThan(0);
  expect(await lab.run('ip netns exec r conntrack -L expect')).toBe('');
  for (const one of [client, announced, control, data]) one?.close();
});

test('behind masquerading the address that an FTP client announces is the outer one, and the connection outlives the longer line', async () => {
  await lab.rules(`table ip f { ${HELPED} chain post { type nat hook postrouting priority srcnat; oifname "rb" masquerade; }
}`);
  const control = await lab.server('b', 21, () => '200 ok\r\n');
  const data = await lab.server('a', 1025, () => 'data');
  const client = (await lab.connect('a', '10.0.2.2', 21))!;
  expect(await client.say('EPRT |1|10.0.1.2|1025|\r\n')).toBe('200 ok\r\n');
  expect(control.heard).toEqual(['from 10.0.2.1', 'EPRT |1|10.0.2.1|1025|\r\n']);
  const announced = await lab.connect('b', '10.0.2.1', 1025);
  expect(await announced?.say('x')).toBe('data');
  expect(data.heard[0]).toBe('from 10.0.2.2');
  await client.say('PORT 10,0,1,2,39,16\r\n');
  expect(await client.say('NOOP\r\n')).toBe('200 ok\r\n');
  for (const one of [client, announced, control, data]) one?.close();
});

test('a server behind a redirected address tells in passive mode where it is from outside', async () => {
  await lab.rules(`table ip f { ${HELPED} chain nat { type nat hook prerouting priority dstnat; ip daddr 10.0.1.1 dnat to 10.0.2.2; }
}`);
  await lab.run('ip -n b route add default via 10.0.2.1');
  const control = await lab.server('b', 21, () => '227 Entering Passive Mode (10,0,2,2,4,1).\r\n');
  const client = (await lab.connect('a', '10.0.1.1', 21))!;
  expect(await client.say('PASV\r\n')).toBe('227 Entering Passive Mode (10,0,1,1,4,1).\r\n');
  for (const one of [client, control]) one.close();
});

test('a policy of timeouts holds for the connections that rules give to it', async () => {
  await lab.rules(`table ip f {
    ct timeout quick { protocol tcp; policy = { established : 77 }; }
    chain pre { type filter hook prerouting priority filter; tcp dport 21 ct timeout set "quick"; }
  }`);
  await lab.run('ip -n b route add default via 10.0.2.1');
  const server = await lab.server('b', 21, () => 'ok');
  const client = (await lab.connect('a', '10.0.2.2', 21))!;
  await client.say('hello');
  expect(await lab.run('ip netns exec r conntrack -L')).toMatch(/^tcp +6 77 ESTABLISHED /);
  for (const one of [client, server]) one.close();
});
