import { ENOENT, ESHUTDOWN } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import { NetlinkClient } from '../../../../src/client/netlink-client.js';
import { NETLINK_NETFILTER, NLM_F_CREATE, NLM_F_EXCL } from '../../../../src/netlink/constants.js';
import { type CtTuple, expectMessage, IPCTNL_MSG_EXP_NEW } from '../../../../src/netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV4 } from '../../../../src/netlink/nfnl/nfnetlink.js';
import { parseIpv4 } from '../../../../src/wire/ipv4-address.js';
import { RoutedLab } from '../../../support/routed-lab.js';
import { ipv4, udp } from '../packets.js';
import { router, send } from './router.js';

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
  expect(await lab.run('ip netns exec r conntrack -L expect')).toMatch(
    /^300 proto=6 src=10.0.2.2 dst=10.0.1.2 sport=0 dport=1025 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.1.2 master-dst=10.0.2.2 sport=\d+ dport=21 class=0 helper=ftp\n$/,
  );
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

test('connections go by the sysctls again when their policy is taken away, and its place is free', async () => {
  const policy = (seconds: number) => `table ip f {
    ct timeout slow { protocol udp; policy = { unreplied : ${seconds}, replied : 900 }; }
    chain pre { type filter hook prerouting priority filter; udp dport 53 ct timeout set "slow"; }
  }`;
  const { timeoutPolicies } = lab.instance.namespace('r').conntrack;
  await lab.rules(policy(500));
  const socket = lab.instance.namespace('a').udp.createSocket(0, true);
  const to = { family: 2, words: Uint32Array.of(0, 0, 0xffff, 0x0a00_0202), port: 53, scopeId: 0, flowInfo: 0, bytes: null };
  const say = async () => {
    socket.send(new Uint8Array(1), 0, 1, 0, { ...to, hardwareType: 0, packetType: 0 });
    await lab.instance.clock.advance(10);
    return /^udp +17 (\d+) /.exec(await lab.run('ip netns exec r conntrack -L'))?.[1];
  };
  expect(await say()).toBe('499');
  for (let i = 0; i < 5; i++) await lab.rules(policy(600 + i));
  expect(timeoutPolicies.size).toBe(1);
  expect(await say()).toBe('29');
  await lab.rules('');
  expect(timeoutPolicies.size).toBe(0);
  socket.close();
});

/** A router with the helper of TFTP, that lets in what is announced alone. */
const TFTP = `table ip f {
  ct helper tftp { type "tftp" protocol udp; }
  chain pre { type filter hook prerouting priority filter; udp dport 69 ct helper set "tftp"; }
  chain fw { type filter hook forward priority filter; policy drop
    ct state established,related accept
    udp dport 69 accept
  }
  chain post { type nat hook postrouting priority srcnat; MASQUERADE }
}`;

const RRQ = new TextEncoder().encode('\0\x01file\0octet\0');
const DATA = Uint8Array.of(0, 3, 0, 1, 7);
const datagram = (from: string, sport: number, to: string, dport: number, data: Uint8Array) =>
  ipv4({ from, to, protocol: 17 }, udp(from, sport, to, dport, data));

test.each([
  ['', '10.0.1.2'],
  ['oifname "rb" masquerade;', '10.0.2.1'],
])('who is asked for a file by TFTP answers from another port, once (%s)', async (masquerade, outer) => {
  const instance = await router();
  await instance.files.write('/tftp.nft', new TextEncoder().encode(TFTP.replace('MASQUERADE', masquerade)));
  expect((await instance.sh('nft -f /tftp.nft')).stderr).toBe('');
  const come = (packets: readonly Uint8Array[]) => packets.filter((packet) => packet.slice(16, 20).join('.') === '10.0.1.2');
  expect(come(send(instance, 'rb', datagram('10.0.2.2', 2222, outer, 5000, DATA)))).toEqual([]);
  const watches = [instance.start('conntrack -E expect'), instance.start('conntrack -E expect -e DESTROY -o xml')];
  await instance.sh('conntrack -C');
  const [asked] = send(instance, 'ra', datagram('10.0.1.2', 5000, '10.0.2.2', 69, RRQ));
  expect(asked!.slice(12, 16).join('.')).toBe(outer);
  expect((await instance.sh('conntrack -L expect')).stdout).toContain(`src=10.0.2.2 dst=${outer} sport=0 dport=5000`);
  const [answer] = send(instance, 'rb', datagram('10.0.2.2', 3333, outer, 5000, DATA));
  expect([answer!.slice(16, 20).join('.'), answer![22]! * 256 + answer![23]!]).toEqual(['10.0.1.2', 5000]);
  // The acknowledgment goes to where the data came from, from the same address.
  const [acknowledged] = send(instance, 'ra', datagram('10.0.1.2', 5000, '10.0.2.2', 3333, Uint8Array.of(0, 4, 0, 1)));
  expect(acknowledged!.slice(12, 16).join('.')).toBe(outer);
  expect(come(send(instance, 'rb', datagram('10.0.2.2', 4444, outer, 5000, DATA)))).toEqual([]);
  for (const watch of watches) watch.kill('SIGINT');
  const [lines, document] = await Promise.all(watches.map(({ done }) => done));
  expect(lines!.stdout).toMatch(
    /^ {4}\[NEW\] 300 proto=17 src=10.0.2.2 dst=\S+ sport=0 dport=5000 mask-.*\n\[DESTROY\] \d+ proto=17 src=10.0.2.2 .* helper=tftp\n$/,
  );
  expect(lines!.stderr).toBe('conntrack v1.4.7 (conntrack-tools): 2 expectation events have been shown.\n');
  expect(document!.stdout).toMatch(
    /<expect>\n<flow type="destroy"><layer3 protonum="2" protoname="ipv4"><expected><src>10.0.2.2<.*<\/flow>\n<\/expect>\n$/,
  );
  instance.close();
});
