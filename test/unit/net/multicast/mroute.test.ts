import { NetlinkClient } from '../../../../src/client/netlink-client.js';
import { parseMulticastRoute, runMulticastRouter } from '../../../../src/commands/tapstack/mroute.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { ReceiveInfo } from '../../../../src/net/core/socket.js';
import { RTNL_FAMILY_IPMR } from '../../../../src/netlink/constants.js';
import { RTM_DELROUTE, RTM_NEWROUTE, RTN_MULTICAST, RTPROT_STATIC } from '../../../../src/netlink/rtnl/constants.js';
import { mrouteMessage } from '../../../../src/netlink/rtnl/mroute.js';
import { parseIpv6 } from '../../../../src/wire/ipv6-address.js';
import { be32, bytes, socketOf, u32 } from './lab.js';

const INIT = 200;
const ADD_VIF = 202;
const ADD_MFC = 204;
const DEL_MFC = 205;
const TABLE = 209;
const ADD_PROXY = 210;
const u16 = (value: number) => Uint8Array.of(value & 0xff, value >>> 8);
const vif = (index: number, flags: number, threshold: number, ifindex: number) =>
  bytes(u16(index), [flags, threshold], u32(0), u32(ifindex), u32(0));
const mfc = (origin: string, group: string, parent: number, ttls: readonly number[]) =>
  bytes(be32(origin), be32(group), u16(parent), [...ttls, ...new Array(32 - ttls.length).fill(0)], new Array(18).fill(0));
const sockaddr6 = (text: string) => bytes([10, 0, 0, 0, 0, 0, 0, 0], parseIpv6(text)!, [0, 0, 0, 0]);
const mfc6 = (origin: string, group: string, parent: number, set: number) =>
  bytes(sockaddr6(origin), sockaddr6(group), u16(parent), [0, 0], u32(set), new Array(28).fill(0));

/** A source behind d0 of the initial namespace, the router; two receivers behind e0 and f0. */
async function router(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add s; ip netns add a; ip netns add b
    ip link add d0 type veth peer name d1 netns s
    ip link add e0 type veth peer name e1 netns a
    ip link add f0 type veth peer name f1 netns b
    ip addr add 10.0.0.1/24 dev d0; ip addr add 10.1.0.1/24 dev e0; ip addr add 10.2.0.1/24 dev f0
    ip link set d0 up; ip link set e0 up; ip link set f0 up
    ip -n s link set d1 up; ip -n s addr add 10.0.0.2/24 dev d1; ip -n s route add default via 10.0.0.1
    ip -n s addr add fd00::2/64 dev d1 nodad; ip -6 addr add fd00::1/64 dev d0 nodad
    ip -n a link set e1 up; ip -n a addr add 10.1.0.2/24 dev e1; ip -n a route add default via 10.1.0.1
    ip -n b link set f1 up; ip -n b addr add 10.2.0.2/24 dev f1; ip -n b route add default via 10.2.0.1
    ip netns exec a sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0; ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
    sysctl -qw net.ipv4.ip_forward=1; sysctl -qw net.ipv6.conf.all.forwarding=1`);
  expect(stderr).toBe('');
  await instance.clock.advance(10_000);
  return instance;
}

const index = (instance: TapstackInstance, name: string) => instance.device(name).ifindex;

function daemon(instance: TapstackInstance) {
  const socket = socketOf(instance, 2, 3, 2);
  expect(socket.setOption(0, INIT, u32(1))).toBe(0);
  for (const [i, name] of ['d0', 'e0', 'f0'].entries()) expect(socket.setOption(0, ADD_VIF, vif(i, 8, 1, index(instance, name)))).toBe(0);
  return socket;
}

const into = new Uint8Array(2048);
function upcalls(socket: ReturnType<typeof daemon>): string[] {
  const found: string[] = [];
  for (;;) {
    const info = new ReceiveInfo();
    const length = socket.receive(into, 0, into.length, 0, info);
    if (length < 0) return found;
    found.push(Buffer.from(into.subarray(0, length)).toString('hex'));
  }
}

describe('the multicast router of IPv4', () => {
  test('forwards to the interfaces of the entry, above their thresholds, and only there', async () => {
    const instance = await router();
    const socket = daemon(instance);
    expect(socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '239.1.1.1', 0, [0, 1, 5]))).toBe(0);
    await instance.sh('ip -n a addr add 239.1.1.1/32 dev e1 autojoin; ip -n b addr add 239.1.1.1/32 dev f1 autojoin');
    const low = await instance.sh('ip netns exec s ping -c 2 -i 0.1 -t 4 -W 1 239.1.1.1');
    expect([...low.stdout.matchAll(/bytes from (\S+):/g)].map(([, from]) => from)).toEqual(['10.1.0.2', '10.1.0.2']);
    const high = await instance.sh('ip netns exec s ping -c 2 -i 0.5 -t 9 -W 1 239.1.1.1');
    const answers = [...high.stdout.matchAll(/bytes from (\S+): icmp_seq=1/g)].map(([, from]) => from);
    expect(answers.sort()).toEqual(['10.1.0.2', '10.2.0.2']);
    const { stdout } = await instance.sh('ip -s mroute show');
    expect(stdout).toMatch(
      /^\(10\.0\.0\.2,239\.1\.1\.1\) {13}Iif: d0 {9}Oifs: e0 f0\(ttl 5\) {2}State: resolved\n {2}4 packets, 336 bytes, Age \d+\.\d\d\n$/,
    );
    instance.close();
  });

  test('asks the daemon about what it does not know, and sends on what waited', async () => {
    const instance = await router();
    const socket = daemon(instance);
    await instance.sh('ip -n a addr add 239.1.1.9/32 dev e1 autojoin');
    await instance.clock.advance(3000);
    upcalls(socket);
    await instance.sh('ip netns exec s ping -c 5 -i 0.01 -t 4 -W 0.1 239.1.1.9');
    const asked = upcalls(socket);
    expect(asked).toHaveLength(1);
    // struct igmpmsg: IGMPMSG_NOCACHE from VIF 0.
    expect(asked[0]).toMatch(/^4500001c.{8}010000000a000002ef0101090100000000000000$/);
    expect((await instance.sh('ip mroute; ip -j mroute')).stdout).toBe(
      '(10.0.0.2,239.1.1.9)             Iif: unresolved  State: unresolved\n[{"src":"10.0.0.2","dst":"239.1.1.9","iif":"unresolved","state":"unresolved"}]\n',
    );
    const before = instance.device('e0').statistics.txPackets;
    expect(socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '239.1.1.9', 0, [0, 1]))).toBe(0);
    // Four may wait.
    expect(instance.device('e0').statistics.txPackets - before).toBe(4);
    instance.close();
  });

  test('forgets after ten seconds what nobody resolved', async () => {
    const instance = await router();
    const socket = daemon(instance);
    await instance.sh('ip netns exec s ping -c 1 -t 4 -W 0.1 239.1.1.9');
    expect(upcalls(socket).filter((text) => text.includes('ef010109'))).toHaveLength(1);
    await instance.clock.advance(11_000);
    expect((await instance.sh('ip mroute')).stdout).toBe('');
    expect(instance.stack.pool.inUse).toBe(0);
    instance.close();
  });

  test('counts and reports what comes by the wrong interface, at most every three seconds', async () => {
    const instance = await router();
    const socket = daemon(instance);
    socket.setOption(0, ADD_MFC, mfc('10.1.0.2', '239.1.1.1', 0, [0, 1, 1]));
    expect(socket.setOption(0, 207, u32(1))).toBe(0);
    upcalls(socket);
    await instance.sh('ip netns exec a ping -c 3 -i 0.1 -t 4 -W 0.1 239.1.1.1');
    const asserts = upcalls(socket).filter((text) => text.endsWith('0200000000000000'));
    expect(asserts).toHaveLength(1);
    expect(asserts[0]).toMatch(/^4500001c.{8}020001000a010002ef010101/);
    expect((await instance.sh('ip -s mroute')).stdout).toContain('3 packets, 252 bytes, 3 arrived on wrong iif., Age');
    instance.close();
  });

  test('gives the whole packet to the daemon by the register interface', async () => {
    const instance = await router();
    const socket = daemon(instance);
    expect(socket.setOption(0, ADD_VIF, vif(3, 4, 1, 0))).toBe(0);
    expect(socket.setOption(0, ADD_VIF, vif(4, 4, 1, 0))).toBe(-98);
    socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '239.1.1.2', 0, [0, 0, 0, 1]));
    upcalls(socket);
    await instance.sh('ip netns exec s ping -c 1 -t 3 -W 0.1 239.1.1.2');
    const whole = upcalls(socket);
    expect(whole).toHaveLength(1);
    // Linux 6.1 gave 45000068 0000 4000 03 00 03 00 ..., the packet as it came behind it.
    expect(whole[0]).toMatch(/^45000068.{8}030003000a000002ef01010245000054.{8}0301.{4}0a000002ef01010208/);
    expect((await instance.sh('ip link show pimreg')).stdout).toMatch(/pimreg@NONE: <NOARP,UP,LOWER_UP> mtu 1472 .*\n {4}link\/pimreg \n/);
    instance.close();
  });

  test('has entries for any source and any group, and the daemon takes all with it', async () => {
    const instance = await router();
    const socket = daemon(instance);
    expect(socket.setOption(0, ADD_PROXY, mfc('0.0.0.0', '239.2.0.1', 1, [1, 1, 0]))).toBe(0);
    expect(socket.setOption(0, ADD_PROXY, mfc('0.0.0.0', '0.0.0.0', 1, [1, 1, 0]))).toBe(0);
    expect(socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '10.9.9.9', 1, [1]))).toBe(-22);
    expect(socket.setOption(0, DEL_MFC, mfc('10.0.0.2', '239.9.9.9', 1, [1]))).toBe(-2);
    await instance.sh('ip netns exec s ping -c 2 -i 0.1 -t 4 -W 0.1 239.9.9.9');
    expect((await instance.sh('ip mroute')).stdout).toBe(
      '(0.0.0.0,239.2.0.1)              Iif: e0         Oifs: d0 e0  State: resolved\n(0.0.0.0,0.0.0.0)                Iif: e0         Oifs: d0 e0  State: resolved\n',
    );
    expect((await instance.sh('sysctl -n net.ipv4.conf.all.mc_forwarding net.ipv4.conf.d0.mc_forwarding')).stdout).toBe('1\n1\n');
    const run = instance.start('ip monitor mroute netconf');
    await instance.clock.advance(10);
    socket.close();
    await instance.clock.advance(10);
    run.kill('SIGINT');
    const gone = (entry: string) => `Deleted ${entry.padEnd(32)} Iif: unresolved  State: resolved Table: default\n`;
    const off = ['all', 'd0', 'e0', 'f0'].map((name) => `inet ${name} mc_forwarding off \n`).join('');
    expect((await run.done).stdout).toBe(off + gone('(0.0.0.0,239.2.0.1)') + gone('(0.0.0.0,0.0.0.0)'));
    expect((await instance.sh('ip mroute')).stdout).toBe('');
    expect((await instance.sh('sysctl -n net.ipv4.conf.all.mc_forwarding net.ipv4.conf.d0.mc_forwarding')).stdout).toBe('0\n0\n');
    instance.close();
  });

  test('has several tables, and rules that choose', async () => {
    const instance = await router();
    const socket = socketOf(instance, 2, 3, 2);
    expect(socket.setOption(0, TABLE, u32(100))).toBe(0);
    expect(socket.setOption(0, INIT, u32(1))).toBe(0);
    for (const [i, name] of ['d0', 'e0'].entries()) expect(socket.setOption(0, ADD_VIF, vif(i, 8, 1, index(instance, name)))).toBe(0);
    socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '239.1.1.1', 0, [0, 1]));
    await instance.sh('ip -n a addr add 239.1.1.1/32 dev e1 autojoin');
    const ping = 'ip netns exec s ping -q -c 1 -t 4 -W 0.5 239.1.1.1';
    expect((await instance.sh(ping)).status).toBe(1);
    const { stdout, stderr } = await instance.sh(
      'ip mrule add iif d0 table 100 pref 50; ip mrule; ip -6 mrule; ip -j mrule show table 100',
    );
    expect([stdout, stderr]).toEqual([
      '50:\tfrom all iif d0 lookup 100\n32767:\tfrom all lookup default\n32767:\tfrom all lookup main\n[{"priority":50,"src":"all","iif":"d0","table":"100"}]\n',
      '',
    ]);
    expect((await instance.sh(ping)).status).toBe(0);
    expect((await instance.sh('ip mroute show table all')).stdout).toBe(
      '(10.0.0.2,239.1.1.1)             Iif: d0         Oifs: e0  State: resolved Table: 100\n',
    );
    expect(await instance.sh('ip mroute show table 7')).toMatchObject({
      status: 1,
      stderr: 'Error: ipv4: MR table does not exist.\nDump terminated\n',
    });
    expect(await instance.sh('ip mrule add from 10.0.0.0/24 table 100')).toMatchObject({
      status: 1,
      stderr: 'Error: ??? prefix is expected rather than "10.0.0.0/24".\n',
    });
    instance.close();
  });

  test('takes routes by netlink, too, once there are interfaces', async () => {
    const instance = await router();
    daemon(instance);
    const client = await NetlinkClient.open(instance.transport());
    const header = { family: RTNL_FAMILY_IPMR, dstLen: 32, srcLen: 32, protocol: RTPROT_STATIC, type: RTN_MULTICAST };
    const leg = (hops: number) => ({ flags: 0, hops, ifindex: 0, attributes: {} });
    const attributes = {
      src: be32('10.0.0.2'),
      dst: be32('239.1.1.1'),
      iif: index(instance, 'd0'),
      multipath: [leg(0), leg(1), leg(7)],
    };
    await client.request(mrouteMessage, { type: RTM_NEWROUTE, header, attributes });
    expect((await instance.sh('ip mroute')).stdout).toBe(
      '(10.0.0.2,239.1.1.1)             Iif: d0         Oifs: e0 f0(ttl 7)  State: resolved\n',
    );
    expect((await instance.sh('ip route show table all type multicast')).stdout).toContain(
      'multicast 239.1.1.1/32 from 10.0.0.2/32 table default proto static iif d0 \n\tnexthop dev e0 weight 2 \n\tnexthop dev f0 weight 8 \n',
    );
    const wrong = client.request(mrouteMessage, { type: RTM_NEWROUTE, header: { ...header, dstLen: 24 }, attributes });
    await expect(wrong).rejects.toMatchObject({ errno: 22 });
    await client.request(mrouteMessage, { type: RTM_DELROUTE, header, attributes });
    await expect(client.request(mrouteMessage, { type: RTM_DELROUTE, header, attributes })).rejects.toMatchObject({ errno: 2 });
    client.close();
    instance.close();
  });

  test('routes what tapstack mroute is given, as long as that runs', async () => {
    const instance = await router();
    await instance.sh('ip -n a addr add 239.1.1.1/32 dev e1 autojoin');
    const ended = new AbortController();
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    const env = { variables: {}, transport: () => Promise.resolve(instance.transport()) };
    const route = (...routes: string[]) =>
      runMulticastRouter(
        { stdout: { isTerminal: false, columns: 80, write }, signal: ended.signal },
        env,
        routes.map(parseMulticastRoute),
        undefined,
      );
    const done = route('10.0.0.2 239.1.1.1 d0 e0 f0/9', 'any 239.2.2.2 e0 d0');
    for (let i = 0; i < 100 && text === ''; i++) await instance.clock.advance(1);
    expect(text).toBe('routing 2 groups\n');
    expect((await instance.sh('ip mroute')).stdout).toBe(
      '(10.0.0.2,239.1.1.1)             Iif: d0         Oifs: e0 f0(ttl 9)  State: resolved\n(0.0.0.0,239.2.2.2)              Iif: e0         Oifs: d0  State: resolved\n',
    );
    expect((await instance.sh('ip netns exec s ping -q -c 1 -t 4 -W 1 239.1.1.1')).status).toBe(0);
    await instance.sh('ip netns exec s ping -q -c 1 -t 4 -W 0.1 239.7.7.7');
    expect(text).toContain('no route: 10.0.0.2 239.7.7.7 d0\n');
    ended.abort('SIGTERM');
    await done;
    expect((await instance.sh('ip mroute')).stdout).toBe('');
    await expect(route('10.0.0.2 239.1.1.1 d0 nosuch')).rejects.toThrow('cannot find device "nosuch"');
    expect(() => parseMulticastRoute('10.0.0.2 239.1.1.1')).toThrow('is not SOURCE GROUP IIF OIF');
    expect(() => parseMulticastRoute('10.0.0.2 239.1.1.1 d0 e0/0')).toThrow('a TTL is 1 to 254');
    instance.close();
  });

  test('loses no packet buffer and keeps interfaces apart from devices that go', async () => {
    const instance = await router();
    const socket = daemon(instance);
    socket.setOption(0, ADD_MFC, mfc('10.0.0.2', '239.1.1.1', 0, [0, 1, 1]));
    await instance.sh('ip netns exec s ping -q -c 3 -i 0.01 -t 4 -W 0.1 239.1.1.1; ip link del f0');
    expect((await instance.sh('ip mroute')).stdout).toContain('Oifs: e0  State');
    await instance.sh('ip netns exec s ping -q -c 3 -i 0.01 -t 4 -W 0.1 239.1.1.1');
    upcalls(socket);
    await instance.clock.advance(20_000);
    upcalls(socket);
    expect(instance.stack.pool.inUse).toBe(0);
    instance.close();
  });
});

describe('the multicast router of IPv6', () => {
  test('forwards by the set of interfaces, asks about others, and shows what it has', async () => {
    const instance = await router();
    const socket = socketOf(instance, 10, 3, 58);
    expect(socket.setOption(41, INIT, u32(1))).toBe(0);
    const mif = (i: number, flags: number, ifindex: number) => bytes(u16(i), [flags, 1], u16(ifindex), [0, 0], u32(0));
    for (const [i, name] of ['d0', 'e0', 'f0'].entries()) expect(socket.setOption(41, ADD_VIF, mif(i, 0, index(instance, name)))).toBe(0);
    expect(socket.setOption(41, ADD_MFC, mfc6('fd00::2', 'ff15::1', 0, 0b010))).toBe(0);
    await instance.sh('ip -n a addr add ff15::1/128 dev e1 autojoin; ip -n b addr add ff15::1/128 dev f1 autojoin');
    await instance.sh(
      'ip -n a addr add fd01::2/64 dev e1 nodad; ip -n a route add default dev e1; ip -6 addr add fd01::1/64 dev e0 nodad; ip -n a -6 route add default via fd01::1; ip -n s -6 route add default via fd00::1',
    );
    const { stdout } = await instance.sh('ip netns exec s ping -c 2 -i 0.1 -t 4 -W 1 -I fd00::2 ff15::1');
    expect([...stdout.matchAll(/bytes from (\S+): icmp_seq/g)].map(([, from]) => from)).toEqual(['fd01::2', 'fd01::2']);
    await instance.sh('ip netns exec s ping -q -c 1 -t 4 -W 0.1 -I fd00::2 ff15::9');
    const asked = upcalls(socket).filter((text) => text.startsWith('0001'));
    expect(asked).toEqual([`0001000000000000fd000000000000000000000000000002ff150000000000000000000000000009${'00'.repeat(40)}`]);
    expect((await instance.sh('ip -6 mroute')).stdout).toBe(
      '(fd00::2,ff15::1)                Iif: d0         Oifs: e0  State: resolved\n(fd00::2,ff15::9)                Iif: unresolved  State: unresolved\n',
    );
    expect((await instance.sh('ip -6 mroute show table all')).stdout).not.toContain('Table');
    expect((await instance.sh('sysctl -n net.ipv6.conf.all.mc_forwarding net.ipv6.conf.e0.mc_forwarding')).stdout).toBe('1\n1\n');
    socket.close();
    expect((await instance.sh('ip -6 mroute')).stdout).toBe('');
    await instance.clock.advance(20_000);
    expect(instance.stack.pool.inUse).toBe(0);
    instance.close();
  });
});
