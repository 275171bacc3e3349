import { ENOENT, ESHUTDOWN } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import { NetlinkClient } from '../../../../src/client/netlink-client.js';
import { NETLINK_NETFILTER, NLM_F_CREATE, NLM_F_EXCL } from '../../../../src/netlink/constants.js';
import { type CtTuple, expectMessage, IPCTNL_MSG_EXP_NEW } from '../../../../src/netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV4 } from '../../../../src/netlink/nfnl/nfnetlink.js';
import { parseIpv4 } from '../../../../src/wire/ipv4-address.js';
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

/** IPCTNL_MSG_EXP_NEW of a connection from b to port 1025 of a, by a program: 0, or what it is refused by. */
async function expects(master: CtTuple, flags = NLM_F_CREATE | NLM_F_EXCL): Promise<number> {
  const { instance } = lab;
  const client = await NetlinkClient.open(instance.transport(instance.namespace('r').id), { protocol: NETLINK_NETFILTER, strict: false });
  const attributes = { master, tuple: tcpTuple('10.0.2.2', '10.0.1.2', 0, 1025), mask: tcpTuple('255.255.255.255', '0.0.0.0', 0, 0) };
  try {
    await client.request(expectMessage, { type: IPCTNL_MSG_EXP_NEW, flags, header: { family: NFPROTO_IPV4 }, attributes });
    return 0;
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return error.errno;
  } finally {
    client.close();
  }
}

const tcpTuple = (from: string, to: string, srcPort: number, dstPort: number): CtTuple => ({
  ip: { v4Src: parseIpv4(from)!, v4Dst: parseIpv4(to)! },
  proto: { num: 6, srcPort, dstPort },
});

test('a program announces a connection as a helper does, of who has a helper alone', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(`table ip f { ${HELPED} }`);
  const control = await lab.server('b', 21, () => '200 ok\r\n');
  const data = await lab.server('a', 1025, () => 'data');
  const client = (await lab.connect('a', '10.0.2.2', 21))!;
  const port = Number(/sport=(\d+)/.exec(await lab.run('ip netns exec r conntrack -L -p tcp --dport 21'))?.[1]);
  expect(await expects(tcpTuple('10.0.1.2', '10.0.2.2', 9, 21))).toBe(ENOENT);
  await lab.run('ip netns exec r conntrack -I -p udp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 60');
  expect(await expects({ ...tcpTuple('1.1.1.1', '2.2.2.2', 1, 2), proto: { num: 17, srcPort: 1, dstPort: 2 } })).toBe(ESHUTDOWN);
  expect(await expects(tcpTuple('10.0.1.2', '10.0.2.2', port, 21), 0)).toBe(ENOENT);
  expect(await expects(tcpTuple('10.0.1.2', '10.0.2.2', port, 21))).toBe(0);
  const announced = await lab.connect('b', '10.0.1.2', 1025);
  expect(await announced?.say('x')).toBe('data');
  expect(await lab.packets('data')).toBeGreaterThan(0);
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
