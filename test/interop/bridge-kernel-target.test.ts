import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// Our `bridge` and the real one side by side, each on the host's kernel in a namespace of its own: every line must print the same.

const root = join(__dirname, '..', '..');
const real = '/usr/sbin/bridge';
const mayMakeNamespaces = process.geteuid?.() === 0 && existsSync(real) && spawnSync('unshare', ['-n', 'true']).status === 0;
const inCi = process.env['CI'] === 'true';
const maybe = mayMakeNamespaces || inCi ? test : test.skip;
if (!mayMakeNamespaces) console.warn(`bridge beside the real one is left out: it needs root, unshare and ${real}`);

/** Made by the real ip in both namespaces. */
const setup = `
ip link add br0 address 02:00:00:00:00:01 type bridge
ip link add p1 address 02:00:00:00:01:01 type veth peer name e1 address 02:00:00:00:02:01
ip link add p2 address 02:00:00:00:01:02 type veth peer name e2 address 02:00:00:00:02:02
ip link set p1 master br0 up
ip link set p2 master br0 up
ip link set e1 up
ip link set e2 up
ip link set br0 up`;

const script = `
link
-d link
-j -p -d link show dev p1
-o -d link
link set dev p1 cost 10 priority 9 hairpin on
link set dev p1 backup_port p2
-d link show dev p1
link set dev p1 learning maybe
link set dev p1 hwmode bogus
link set dev p1 state nosuch
link set dev nosuch cost 1
link set
vlan
vlan add dev p1 vid 10-12
vlan add dev p1 vid 20 pvid untagged
vlan add dev br0 vid 10-11 self
vlan add dev p1 vid 5-9 pvid
vlan add dev p1 vid 0
vlan add dev p1 vid 20-10
vlan add dev p1 vid 5000
vlan show
-j vlan show
-compressvlans vlan show dev p1
vlan set dev p1 vid 10-11 state blocking
vlan set dev p1 vid 99 state blocking
vlan set dev p1 vid 10 state nosuch
vlan set dev p1 vid 20 mcast_router 2
vlan set dev p1
-s vlan show dev p1
-j -s vlan show dev p1
vlan show vid 11
vlan global set dev br0 vid 10 mcast_querier 1 mcast_igmp_version 3
vlan global set dev br0 vid 99 mcast_querier 1
vlan global set dev br0 vid 10 mcast_snooping zz
vlan tunnelshow
vlan del dev p1 vid 12
fdb add 02:00:00:00:09:01 dev p1 master static
fdb add 02:00:00:00:09:01 dev p1 master static
fdb add 02:00:00:00:09:02 dev p1 master sticky static
fdb add 02:00:00:00:09:03 dev p1 master vlan 77
fdb add zz dev p1 master
fdb add 02:00:00:00:09:04 dev nosuch
fdb add dev p1
fdb get 02:00:00:00:09:01 br br0
fdb get 02:00:00:00:09:99 br br0
fdb get 02:00:00:00:09:01
fdb show br br0 brport p1 state static
-j fdb show br br0 state static
fdb del 02:00:00:00:09:01 dev p1 master
fdb flush
mdb add dev br0 port p1 grp 239.1.1.1 permanent vid 10
mdb add dev br0 port p1 grp 239.1.1.1 permanent vid 10
mdb add dev br0 port p1 grp 239.1.1.2 src 10.0.0.9 permanent vid 10
mdb add dev br0 port p2 grp ff05::9 permanent vid 1
mdb add dev br0 port p1 grp 01:00:00:01:01:01 permanent vid 10
mdb add dev br0 port p1 grp 10.0.0.1
mdb add dev br0 port p1 grp 224.0.0.1
mdb add dev br0 port p1 grp zz
mdb add dev br0 port nosuch grp 239.1.1.1
mdb add dev br0
mdb show
-d mdb show
-d -s mdb show
-j -p -d mdb show
mdb show dev br0 vid 10
mdb show dev nosuch
link set dev p2 mcast_router 2
-d -s mdb show
-j -d mdb show
mdb del dev br0 port p1 grp 239.1.1.1 vid 10
mdb del dev br0 port p1 grp 239.1.1.1 vid 10
mdb bogus
monitor bogus
monitor help
bogus
`
  .trim()
  .split('\n');

/** Runs all lines in one fresh namespace. */
function run(bridge: string, target: string): { line: string; stdout: string; stderr: string; status: number | null }[] {
  const driver = `
    const { spawnSync } = require('node:child_process');
    const [bridge, setup, lines] = JSON.parse(process.argv[1]);
    const made = spawnSync('sh', ['-ec', setup], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
    const results = lines.map((line) => {
      const { stdout, stderr, status } = spawnSync(bridge, line.split(' '), { encoding: 'utf8' });
      return { line, stdout, stderr, status };
    });
    console.log(JSON.stringify(results));`;
  const sysctl = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1';
  const argument = JSON.stringify([bridge, `${sysctl}\n${setup}`, script]);
  const { stdout, stderr } = spawnSync('unshare', ['-n', process.execPath, '-e', driver, argument], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C', TAPSTACK_TARGET: target },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

maybe(
  'on the same kernel our bridge prints what the real one prints, line by line',
  () => {
    expect(run(join(root, 'bin/bridge'), 'kernel')).toEqual(run(real, ''));
  },
  240_000,
);
