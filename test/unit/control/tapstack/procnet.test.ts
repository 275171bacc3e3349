import { ENOENT } from '../../../../src/base/errno.js';
import { TapstackFamily } from '../../../../src/client/tapstack-family.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { Command } from '../../../../src/netlink/genl/tapstack.js';

let instance: TapstackInstance;
beforeEach(async () => {
  instance = await createInstance();
  const { status, stderr } = await instance.sh(`
    ip link add d0 address 02:00:00:00:00:01 type veth peer name r0; ip addr add 10.5.0.1/24 dev d0; ip link set d0 up; ip link set r0 up
    ip route add 10.7.0.0/16 via 10.5.0.9 metric 5 advmss 1300; ip route add default via 10.5.0.9
    ip route add 10.9.0.1/32 dev d0 window 5000; ip route add blackhole 10.8.0.0/16; ip route add unreachable 10.6.0.0/16
    ip neigh add 10.5.0.9 lladdr 02:00:00:00:00:09 dev d0; ip neigh add 10.5.0.8 dev d0 lladdr 02:00:00:00:00:08 nud reachable
    ip neigh add proxy 10.5.0.7 dev d0`);
  expect([status, stderr]).toEqual([0, '']);
});
afterEach(() => instance.close());

async function procNet(path: string): Promise<string> {
  const family = await TapstackFamily.open(instance.transport());
  try {
    const { text } = await family.get(Command.PROCNET_GET, { path });
    const pieces: string[] = [];
    for await (const { data } of family.dump(Command.PROCNET_GET, { path })) pieces.push(new TextDecoder().decode(data));
    // A dump gives the same, in pieces.
    expect(pieces.join('')).toBe(text);
    return text ?? '';
  } finally {
    family.close();
  }
}

// Linux 6.18 printed these, but for the order of the neighbours.

test('/proc/net/route has the table main', async () => {
  const lines = (await procNet('route')).split('\n');
  expect(lines.map((line) => line.length)).toEqual([127, 127, 127, 127, 127, 127, 127, 0]);
  expect(lines.map((line) => line.trimEnd())).toEqual([
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'd0\t00000000\t0900050A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'd0\t0000050A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    '*\t0000060A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'd0\t0000070A\t0900050A\t0003\t0\t0\t5\t0000FFFF\t1340\t0\t0',
    '*\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'd0\t0100090A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t5000\t0',
    '',
  ]);
});

test('/proc/net/arp has neighbours and proxied addresses', async () => {
  const [head, ...lines] = (await procNet('arp')).trimEnd().split('\n');
  expect(head).toBe('IP address       HW type     Flags       HW address            Mask     Device');
  expect(lines.sort()).toEqual([
    '10.5.0.7         0x1         0xc         00:00:00:00:00:00     *        d0',
    '10.5.0.8         0x1         0x2         02:00:00:00:00:08     *        d0',
    '10.5.0.9         0x1         0x6         02:00:00:00:00:09     *        d0',
  ]);
});

test('/proc/net/dev counts what went through each device', async () => {
  await instance.sh('ping -c 2 -q 127.0.0.1');
  const lines = (await procNet('dev')).split('\n');
  expect(lines[0]).toBe('Inter-|   Receive                                                |  Transmit');
  expect(lines[2]).toBe(
    '    lo:     336       4    0    0    0     0          0         0      336       4    0    0    0     0       0          0',
  );
  expect(lines.slice(3).map((line) => line.split(':')[0])).toEqual(['    r0', '    d0', '']);
});

test('/proc/net/snmp and netstat have a line of names and one of values for each protocol', async () => {
  await instance.sh('ping -c 2 -q 127.0.0.1');
  const snmp = (await procNet('snmp')).split('\n');
  expect(snmp[1]).toBe('Ip: 2 64 4 0 0 0 0 0 4 4 0 0 0 0 0 0 0 0 0');
  expect(snmp[3]).toBe('Icmp: 4 0 0 0 0 0 0 0 2 2 0 0 0 0 4 0 0 0 0 0 0 0 0 2 2 0 0 0 0');
  expect(snmp.slice(4, 6)).toEqual(['IcmpMsg: InType0 InType8 OutType0 OutType8', 'IcmpMsg: 2 2 2 2']);
  expect(snmp[7]).toBe('Tcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0');
  const netstat = (await procNet('netstat')).trimEnd().split('\n');
  expect(netstat.map((line) => line.split(' ').length)).toEqual([126, 126, 19, 19, 57, 57]);
});

test('/proc/net/stat/arp_cache counts neighbours in columns as wide as Linux has them', async () => {
  const [head, line] = (await procNet('stat/arp_cache')).split('\n');
  expect(head?.split(/ +/)).toHaveLength(13);
  expect(line).toMatch(
    /^[0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} 0{8} {3}[0-9a-f]{8} [0-9a-f]{8} 0{8} {3}0{8} {9}0{8} {9}[0-9a-f]{8} {9}0{8} {7}0{8} {12}0{8}$/,
  );
  const { shared } = instance.namespace().neighbourTables[0]!;
  expect(Number.parseInt(line!.slice(0, 8), 16)).toBe(shared.entries);
});

test('a dump without a path names the files; one that is not there is ENOENT', async () => {
  const family = await TapstackFamily.open(instance.transport());
  const paths: (string | undefined)[] = [];
  for await (const { path } of family.dump(Command.PROCNET_GET)) paths.push(path);
  expect(paths).toEqual([
    'anycast6',
    'arp',
    'connector',
    'dev',
    'dev_mcast',
    'fib_trie',
    'fib_triestat',
    'if_inet6',
    'igmp',
    'igmp6',
    'ip6_flowlabel',
    'ip6_mr_cache',
    'ip6_mr_vif',
    'ip_mr_cache',
    'ip_mr_vif',
    'ipv6_route',
    'mcfilter',
    'mcfilter6',
    'netlink',
    'netstat',
    'packet',
    'protocols',
    'psched',
    'ptype',
    'nf_conntrack',
    'stat/nf_conntrack',
    'route',
    'rt6_stats',
    'rt_acct',
    'rt_cache',
    'stat/rt_cache',
    'snmp',
    'snmp6',
    'softnet_stat',
    'sockstat',
    'sockstat6',
    'unix',
    'wireless',
    'xfrm_stat',
    'tcp',
    'tcp6',
    'udp',
    'udp6',
    'udplite',
    'udplite6',
    'raw',
    'raw6',
    'icmp',
    'icmp6',
    'stat/arp_cache',
    'stat/ndisc_cache',
    'dev_snmp6/lo',
    'dev_snmp6/r0',
    'dev_snmp6/d0',
  ]);
  await expect(family.get(Command.PROCNET_GET, { path: 'nothing' })).rejects.toMatchObject({ errno: ENOENT });
  family.close();
});
