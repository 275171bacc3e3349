import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInstance } from '../../src/library/index.js';

const tapstack = join(__dirname, '..', '..', 'bin', 'tapstack');

/** A router between two hosts: what a network script does, line by line. */
const scenario = [
  // Whether an address of IPv6 is still tentative is a matter of milliseconds.
  'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
  'ip netns add left',
  'ip netns add right',
  'ip netns exec left sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
  'ip netns exec right sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
  'ip netns',
  'ip link add r0 address 02:00:00:00:00:01 type veth peer name l0 address 02:00:00:00:00:02 netns left',
  'ip link add r1 address 02:00:00:00:00:03 type veth peer name l1 address 02:00:00:00:00:04 netns right',
  'ip addr add 10.0.1.1/24 dev r0',
  'ip addr add 10.0.2.1/24 dev r1',
  'ip link set r0 up',
  'ip link set r1 up',
  'ip -n left addr add 10.0.1.2/24 dev l0',
  'ip -n left link set l0 up',
  'ip -n left route add default via 10.0.1.1',
  'ip -n right addr add 10.0.2.2/24 dev l1',
  'ip -n right link set l1 up',
  'ip -n right route add default via 10.0.2.1',
  'ip netns exec left ping -c 1 -W 1 10.0.2.2',
  'sysctl -w net.ipv4.ip_forward=1',
  'ip netns exec left ping -c 2 -i 0.2 10.0.2.2',
  'ip link',
  'ip -j -p addr show r0',
  'ip route',
  'ip route get 10.0.2.2 from 10.0.1.2 iif r0',
  'ip -n left route show table local',
  'ip -n left neigh',
  'ip addr add 10.0.1.1/24 dev r0',
  'ip route add 10.9.0.0/16 via 10.77.0.1',
  'ip link set nosuch up',
  'ip netns del left',
  'ip link show r0',
  'ip -br addr',
];

const steady = (text: string) =>
  text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/g, 'time Tms')
    .replace(/= [\d./]+ ms/g, '= T ms');

test('a scenario prints the same in this process under virtual time and through a daemon', async () => {
  const instance = await createInstance({ debugPool: true });
  const inProcess: string[] = [];
  for (const line of scenario) {
    const { stdout, stderr, status } = await instance.sh(line);
    inProcess.push(`$ ${line}`, steady(stdout + stderr), `[${status}]`);
  }
  instance.close();

  const script = `${scenario.map((line) => `echo '$ ${line}'; ${line} 2>&1; echo "[$?]"`).join('\n')}\n`;
  const run = spawnSync(tapstack, ['run', '--', 'sh', '-c', script], { encoding: 'utf8', timeout: 60_000 });
  expect(run.stderr).toBe('');
  expect(steady(run.stdout).split('\n').filter(Boolean)).toEqual(inProcess.join('\n').split('\n').filter(Boolean));
}, 90_000);
