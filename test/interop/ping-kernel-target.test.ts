import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// Our ping and the real one side by side on the host's kernel, in a namespace that has lo and a way to a router without routes.

const ours = join(__dirname, '..', '..', 'bin', 'ping');
const real = ['/usr/bin/ping', '/bin/ping'].find((path) => existsSync(path));
const mayMakeNamespaces = process.geteuid?.() === 0 && existsSync('/usr/sbin/ip') && spawnSync('unshare', ['-n', 'true']).status === 0;
const maybe = mayMakeNamespaces || process.env['CI'] ? test : test.skip;
if (!mayMakeNamespaces) process.stderr.write('Left out: ping on the host kernel, it wants root, unshare and iproute2.\n');

const setup = `
ip=/usr/sbin/ip
$ip link set lo up
unshare -n sleep 60 >/dev/null 2>&1 & router=$!
trap 'kill $router' EXIT
until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
$ip link add v0 type veth peer name v1 netns $router
nsenter -t $router -n sh -c '/usr/sbin/ip addr add 10.0.0.2/24 dev v1; /usr/sbin/ip link set v1 up; echo 1 >/proc/sys/net/ipv4/ip_forward'
$ip addr add 10.0.0.1/24 dev v0; $ip link set v0 up
$ip route add 10.9.0.0/16 via 10.0.0.2
$ip route add unreachable 10.8.0.0/16
`;

function run(command: string): { text: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync('unshare', ['-n', 'sh', '-c', `${setup} exec 2>&1; ${command}`], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, LC_ALL: 'C', TAPSTACK_TARGET: 'kernel' },
  });
  return { text: stdout + stderr, status };
}

/** Without what no two runs have alike. */
const steady = (text: string) =>
  text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/g, 'time Tms')
    .replace(/= [\d./]+ ms.*/g, '= T ms')
    .replace(/^\S*ping: /gm, 'ping: ');

maybe(
  "with TAPSTACK_TARGET=kernel ping goes by the host's kernel, in the namespace it is called in",
  () => {
    const { text, status } = run(`${ours} -c 2 -i 0.2 127.0.0.1`);
    expect(text).toMatch(/^64 bytes from 127\.0\.0\.1: icmp_seq=1 ttl=64 time=[\d.]+ ms$/m);
    expect(text).toContain('2 packets transmitted, 2 received, 0% packet loss');
    expect(status).toBe(0);
  },
  30_000,
);

(real === undefined && !process.env['CI'] ? test.skip : maybe)(
  'it tells of replies and errors what the real one tells',
  () => {
    const lines = [
      '-c 2 -i 0.2 -s 1000 10.0.0.2',
      '-c 1 -W 1 10.9.0.1',
      '-c 1 10.8.0.1',
      '-c 1 -M do -s 3000 10.0.0.2',
      '-c 1 -R 127.0.0.1',
      '-c 1 -I v0 10.0.0.2',
    ];
    const all = (ping: string) => steady(run(lines.map((line) => `${ping} ${line}; echo "[$?]"`).join('\n')).text);
    const text = all(ours);
    expect(text).toBe(all(real!));
    expect(text).toContain('From 10.0.0.2 icmp_seq=1 Destination Net Unreachable');
  },
  60_000,
);

maybe(
  'a user whom net.ipv4.ping_group_range allows it pings without a raw socket',
  () => {
    const user = 'setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all';
    const { text, status } = run(`echo "0 100000" >/proc/sys/net/ipv4/ping_group_range; ${user} ${ours} -c 1 127.0.0.1`);
    expect(text).toContain('64 bytes from 127.0.0.1: icmp_seq=1 ttl=64');
    expect(status).toBe(0);
  },
  30_000,
);
