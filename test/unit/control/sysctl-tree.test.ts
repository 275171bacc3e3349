import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptFields, keptSysctls } from '../../../src/control/sysctl/kept.js';
import { createInstance } from '../../../src/library/index.js';
import type { Ipv4Config } from '../../../src/net/ipv4/config.js';
import type { Ipv4Device } from '../../../src/net/ipv4/device.js';
import { ipv4Routes } from '../../../src/net/ipv4/routes.js';

const root = join(__dirname, '..', '..', '..');

/** What Linux 6.1 printed for the command of the transcript that begins so, name to value. */
function recorded(command: string): Map<string, string> {
  for (const line of readFileSync(join(root, 'test/golden/sysctl-all.jsonl'), 'utf8').split('\n').filter(Boolean)) {
    const { cmd, stdout } = JSON.parse(line) as { cmd: string; stdout: string };
    if (cmd.startsWith(command)) return valuesOf(stdout);
  }
  throw new Error(`not in the transcript: ${command}`);
}

const valuesOf = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('net.'))
      .map((line) => [line.slice(0, line.indexOf(' =')), line.slice(line.indexOf('=') + 1).trim()]),
  );

/** Of the congestion controls one comes as a module there; the others depend on the machine's memory. */
const DIFFER = new Set(
  'tcp_allowed_congestion_control tcp_available_congestion_control tcp_congestion_control tcp_max_orphans tcp_max_syn_backlog tcp_max_tw_buckets'
    .split(' ')
    .map((name) => `net.ipv4.${name}`),
);
/** Came with modules that the transcript had loaded by then. */
const MODULES = /^net\.(mpls|netfilter\.nf_(conntrack|flowtable|hooks)|ipv4\.vs|bridge|nf_conntrack)|\.(sit0|tunl0)\./;

test.each([
  ['sysctl -a 2>/dev/null', 'sysctl -a'],
  ['ip netns add n; ip netns exec n', 'ip netns exec n sysctl -a'],
])('every net.* file of Linux 6.1 is there with its default, and no other: %s', async (command, ours) => {
  const instance = await createInstance();
  await instance.sh('ip netns add n');
  const real = recorded(command);
  const values = valuesOf((await instance.sh(ours)).stdout);
  for (const name of real.keys()) if (MODULES.test(name)) real.delete(name);
  expect([...values.keys()]).toEqual([...real.keys()]);
  for (const name of DIFFER) real.delete(name);
  expect([...real].filter(([name, value]) => values.get(name) !== value)).toEqual([]);
  instance.close();
});

test('tapstack-sysctl(7) names each file that is kept and does nothing, and what will act on it', () => {
  const page = readFileSync(join(root, 'man', 'tapstack-sysctl.7'), 'utf8')
    .replace(/\\-/g, '-')
    .replace(/\\&/g, '');
  const named = new Set([...page.matchAll(/^net\.\S+$/gm)].map(([name]) => name));
  const kept = new Set<string>();
  for (const { acts, files } of keptSysctls) {
    expect(page.replace(/\n/g, ' ')).toContain(acts);
    for (const [path] of files) kept.add(`net.${path.replace(/\//g, '.')}`);
  }
  for (const { files } of keptFields) for (const path of files) kept.add(`net.${path.replace(/\//g, '.')}`);
  expect([...named].sort()).toEqual([...kept].sort());
});

test('what is kept has the limits of Linux', async () => {
  const instance = await createInstance();
  const write = async (setting: string) => (await instance.sh(`sysctl -w '${setting}'`)).stderr.replace(/^.*: /, '').trim();
  expect(await write('net.ipv4.tcp_ecn=3')).toBe('Invalid argument');
  expect(await write('net.ipv4.tcp_ecn=1')).toBe('');
  expect(await write('net.core.flow_limit_table_len=3')).toBe('Invalid argument');
  expect(await write('net.core.rps_sock_flow_entries=100')).toBe('');
  expect((await instance.sh('sysctl -n net.core.rps_sock_flow_entries')).stdout).toBe('128\n');
  expect(await write('net.ipv6.ioam6_id_wide=72057594037927936')).toBe('Invalid argument');
  expect(await write('net.ipv4.tcp_mem=1 2')).toBe('');
  expect((await instance.sh('sysctl -n net.ipv4.tcp_mem')).stdout).toBe('1\t2\t19122\n');
  expect(await write('net.netfilter.nf_log.2=nf_log_ipv4')).toBe('No such file or directory');
  instance.close();
});

test('times are kept in whole jiffies: milliseconds rounded up, ticks down', async () => {
  const instance = await createInstance();
  const after = async (setting: string, name: string) => {
    await instance.sh(`sysctl -q -w ${setting}`);
    return (await instance.sh(`sysctl -n ${name}`)).stdout.trim();
  };
  const neigh = 'net.ipv4.neigh.default';
  expect(await after(`${neigh}.base_reachable_time_ms=7001`, `${neigh}.base_reachable_time_ms`)).toBe('7004');
  expect((await instance.sh(`sysctl -n ${neigh}.base_reachable_time`)).stdout).toBe('7\n');
  expect(await after(`${neigh}.locktime=7`, `${neigh}.locktime`)).toBe('6');
  expect(await after('net.ipv4.icmp_ratelimit=5', 'net.ipv4.icmp_ratelimit')).toBe('8');
  instance.close();
});

test('a new namespace begins with what devconf_inherit_init_net says', async () => {
  const instance = await createInstance();
  await instance.sh('sysctl -q -w net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.default.arp_ignore=3 net.ipv6.conf.default.hop_limit=33');
  const inherited = async (mode: number, before = '') => {
    await instance.sh(`sysctl -q -w net.core.devconf_inherit_init_net=${mode}`);
    await instance.sh(`${before} ip netns add m${mode}`.trim());
    const keys = 'net.ipv4.conf.all.arp_announce net.ipv4.conf.lo.arp_ignore net.ipv6.conf.lo.hop_limit';
    return (await instance.sh(`ip netns exec m${mode} sysctl -n ${keys}`)).stdout.trim().split('\n');
  };
  // IPv4 takes what the first namespace has, IPv6 what is built in.
  expect(await inherited(0)).toEqual(['2', '3', '64']);
  expect(await inherited(1)).toEqual(['2', '3', '33']);
  expect(await inherited(2)).toEqual(['0', '0', '64']);
  // From the namespace of who makes it, which m2 is here.
  await instance.sh('ip netns exec m2 sysctl -q -w net.ipv6.conf.default.hop_limit=44');
  expect(await inherited(3, 'ip netns exec m2')).toEqual(['0', '0', '44']);
  instance.close();
});

test('defaults and limits of neighbours are one for all namespaces; devices follow in the first alone', async () => {
  const instance = await createInstance();
  await instance.sh('ip netns add old');
  await instance.sh('sysctl -q -w net.ipv4.neigh.default.ucast_solicit=7');
  const ucast = async (where: string) => (await instance.sh(`${where} sysctl -n net.ipv4.neigh.lo.ucast_solicit`.trim())).stdout;
  await instance.sh('ip netns add new');
  expect([await ucast(''), await ucast('ip netns exec old'), await ucast('ip netns exec new')]).toEqual(['7\n', '3\n', '7\n']);

  await instance.sh('sysctl -q -w net.ipv4.neigh.default.gc_thresh2=1 net.ipv4.neigh.default.gc_thresh3=2');
  const add = (namespace: string, host: number) =>
    instance.sh(`ip -n ${namespace} neigh add 10.0.0.${host} dev d0 lladdr 02:00:00:00:00:01 nud reachable`);
  for (const namespace of ['old', 'new'])
    await instance.sh(`ip -n ${namespace} link add d0 type dummy; ip -n ${namespace} link set d0 arp on up`);
  expect((await add('old', 1)).status).toBe(0);
  expect((await add('old', 2)).status).toBe(0);
  expect((await add('new', 3)).stderr).toBe('RTNETLINK answers: No buffer space available\n');
  // Older ones give way after five seconds.
  await instance.clock.advance(6000);
  expect((await add('new', 3)).status).toBe(0);
  expect((await instance.sh('ip -n old neigh')).stdout.split('\n')).toHaveLength(2);
  instance.close();
});

test('all and the device are joined as the IN_DEV_ macros of Linux join them', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add d0 type dummy');
  const { all, config } = instance.device('d0').ipv4!;
  const device = instance.device('d0').ipv4!;
  const joined: readonly [keyof Ipv4Config, (device: Ipv4Device) => boolean | number, 'or' | 'and' | 'max' | 'own'][] = [
    ['rpFilter', (d) => d.reversePathFilter(), 'max'],
    ['arpIgnore', (d) => d.arpIgnore(), 'max'],
    ['arpAnnounce', (d) => d.arpAnnounce(), 'max'],
    ['arpAccept', (d) => d.arpAccept(), 'max'],
    ['arpNotify', (d) => d.arpNotify(), 'or'],
    ['acceptLocal', (d) => d.acceptsLocal(), 'or'],
    ['routeLocalnet', (d) => d.routesLocalnet(), 'or'],
    ['sendRedirects', (d) => d.sendsRedirects(), 'or'],
    ['secureRedirects', (d) => d.secureRedirects(), 'or'],
    ['sharedMedia', (d) => d.sharedMedia(), 'or'],
    ['acceptRedirects', (d) => d.acceptsRedirects(), 'or'],
    ['ignoreRoutesWithLinkdown', (d) => d.ignoresLinkDown(), 'or'],
    ['srcValidMark', (d) => d.validatesMark(), 'or'],
    ['promoteSecondaries', (d) => d.promotesSecondaries(), 'or'],
    ['proxyArp', (d) => d.proxiesArp(), 'or'],
    ['arpFilter', (d) => d.filtersArp(), 'or'],
    ['dropGratuitousArp', (d) => d.dropsGratuitousArp(), 'or'],
    ['dropUnicastInL2Multicast', (d) => d.dropsUnicastInMulticast(), 'or'],
    ['acceptSourceRoute', (d) => d.acceptsSourceRoute(), 'and'],
    ['bcForwarding', (d) => d.forwardsBroadcast(), 'and'],
    ['arpEvictNocarrier', (d) => d.evictsWithoutCarrier(), 'and'],
    ['forwarding', (d) => d.forwards(), 'own'],
  ];
  for (const [key, ask, rule] of joined)
    for (const [one, other] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [2, 1],
    ] as const) {
      Object.assign(all, { [key]: one });
      Object.assign(config, { [key]: other });
      const expected = { or: one + other > 0, and: one > 0 && other > 0, max: Math.max(one, other), own: other > 0 }[rule];
      expect([key, one, other, ask(device)]).toEqual([key, one, other, expected]);
      Object.assign(all, { forwarding: 0 });
      Object.assign(config, { forwarding: 0 });
    }
  // Of a router both must want redirects.
  Object.assign(config, { forwarding: 1, acceptRedirects: 0 });
  all.acceptRedirects = 1;
  expect(device.acceptsRedirects()).toBe(false);
  instance.close();
});

test('default_qdisc is what a device with a queue gets when it comes up', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add v0 txqueuelen 100 type veth peer name v1; ip link set v0 up');
  expect((await instance.sh('sysctl -w net.core.default_qdisc=nosuch')).status).toBe(1);
  await instance.sh('sysctl -q -w net.core.default_qdisc=pfifo_fast; ip tuntap add t0 mode tap; ip link set t0 up');
  expect((await instance.sh('ip link show t0')).stdout).toContain('qdisc pfifo_fast');
  instance.close();
});

test('fallback tunnels come as fb_tunnels_only_for_init_net says', async () => {
  const instance = await createInstance();
  await instance.sh('sysctl -q -w net.core.fb_tunnels_only_for_init_net=1');
  await instance.sh('ip netns add n; ip link add tu0 type ipip local 10.0.0.1 remote 10.0.0.2');
  expect((await instance.sh('ip link show tunl0')).status).toBe(0);
  expect((await instance.sh('ip -n n link show tunl0')).status).toBe(1);
  instance.close();
});

test('fwmark_reflect: the answer to an echo carries the mark of the question', async () => {
  const instance = await createInstance();
  const marks: number[] = [];
  instance.device('lo').taps.push((skb, _device, outgoing) => {
    if (outgoing) marks.push(skb.mark);
  });
  await instance.sh('ping -c 1 -m 5 127.0.0.1');
  expect(marks).toEqual([5, 0]);
  marks.length = 0;
  await instance.sh('sysctl -q -w net.ipv4.fwmark_reflect=1 net.ipv6.fwmark_reflect=1; ping -c 1 -m 5 127.0.0.1');
  expect(marks).toEqual([5, 5]);
  marks.length = 0;
  await instance.sh('ping -c 1 -m 6 ::1');
  expect(marks).toEqual([6, 6]);
  instance.close();
});

test('nexthop_compat_mode: a route by an object is shown with its ways, or by its number alone', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add d0 type dummy; ip link set d0 up; ip addr add 10.0.0.1/24 dev d0');
  await instance.sh('ip nexthop add id 1 via 10.0.0.2 dev d0; ip route add 10.9.0.0/16 nhid 1');
  expect((await instance.sh('ip route show 10.9.0.0/16')).stdout).toBe('10.9.0.0/16 nhid 1 via 10.0.0.2 dev d0 \n');
  await instance.sh('sysctl -q -w net.ipv4.nexthop_compat_mode=0');
  expect((await instance.sh('ip route show 10.9.0.0/16')).stdout).toBe('10.9.0.0/16 nhid 1 \n');
  instance.close();
});

test('inet_peer_threshold: a rate limit that is forgotten begins anew', async () => {
  const instance = await createInstance();
  const { peers } = ipv4Routes(instance.namespace()).ipv4;
  const exhausted = () => {
    for (let i = 0; i < 10; i++) peers.allow(1, 1_000_000, 1000);
    return !peers.allow(1, 1_000_000, 1000);
  };
  expect(exhausted()).toBe(true);
  peers.get(2);
  expect(peers.allow(1, 1_000_000, 1000)).toBe(false);
  await instance.sh('sysctl -q -w net.ipv4.inet_peer_threshold=1');
  peers.get(3);
  expect(peers.allow(1, 1_000_000, 1000)).toBe(true);
  instance.close();
});

test('ip ntable change acts on the questions of ARP, and a managed neighbour is asked for again and again', async () => {
  const instance = await createInstance();
  await instance.sh('ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up');
  await instance.sh('ip ntable change name arp_cache dev v0 mcast_probes 1 retrans 200');
  let questions = 0;
  instance.device('v0').taps.push((skb, _device, outgoing) => {
    if (outgoing && skb.view.getUint16(skb.data + 12) === 0x0806) questions++;
  });
  await instance.sh('ip neigh add 10.0.0.2 dev v0 use');
  await instance.clock.advance(300);
  expect((await instance.sh('ip neigh show 10.0.0.2')).stdout).toBe('10.0.0.2 dev v0 FAILED \n');
  expect(questions).toBe(1);

  await instance.sh('ip neigh add 10.0.0.3 dev v0 managed');
  expect((await instance.sh('ip neigh show 10.0.0.3')).stdout).toBe('10.0.0.3 dev v0 managed INCOMPLETE \n');
  await instance.clock.advance(16_000);
  expect(questions).toBe(1 + 4);
  expect((await instance.sh('ip neigh add 10.0.0.4 dev v0 managed nud permanent lladdr 02:00:00:00:00:01')).stderr).toContain(
    'Invalid NTF_* flag for permanent entry',
  );
  instance.close();
});
