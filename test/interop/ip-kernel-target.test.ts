import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Our `ip` and the real one side by side, each on the host's kernel in a namespace of its own: every line must print the same.

const root = join(__dirname, '..', '..');
const real = '/usr/sbin/ip';
const mayMakeNamespaces = process.geteuid?.() === 0 && existsSync(real) && spawnSync('unshare', ['-n', 'true']).status === 0;
const inCi = process.env.CI === 'true';
const maybe = mayMakeNamespaces || inCi ? test : test.skip;
if (!mayMakeNamespaces) console.warn(`ip beside the real one is left out: it needs root, unshare and ${real}`);

const script = `
link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
link show
-d link show v0
-j -p -d link show v0
-br link
-o link
-s -s link show v0
-j -s -s link
link set v0 mtu 67
link set v0 mtu abc
link set v0 bogus
link set nosuch up
link set v0 alias "a b" group 5
link set v0 up
link set v1 up
link property add dev v0 altname other
link show other
-c=always -br link
addr add 10.0.0.1/24 brd + dev v0
addr add 10.0.0.1/24 dev v0
addr add 10.0.0.300/24 dev v0
addr add 192.168.3.1/24 brd - dev v0 label v0:web
addr add 172.16.0.1 peer 172.16.0.2 dev v0
addr add 10.9.0.1/24 dev v0 valid_lft 1000 preferred_lft 5000
-4 addr
-j -p -4 addr show v0
-br -4 addr
-o -4 addr
-4 addr show to 10.0.0.0/8
addr show label v0:web
addr show bogus
neigh add 10.0.0.2 lladdr 02:00:00:00:00:22 dev v0
neigh add 10.0.0.3 lladdr zz dev v0
neigh add 10.0.0.4 dev v0 nud nosuch
-4 neigh
-j -4 neigh
neigh get 10.0.0.2 dev v0
neigh get 10.0.0.99 dev v0
route add 10.5.0.0/16 via 10.0.0.2 mtu lock 1400 rtt 100ms realms 1/2 initcwnd 10
route add 10.6.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3
route add blackhole 10.7.0.0/16
route add 10.8.0.0/33 dev v0
route
-d route
-j -p route
-j route show table local
route show 10.5.0.0/16
route show table 300
route show table nosuch
route get 10.5.1.1
-j route get 10.5.1.1
route get 10.7.0.1
-s route flush root 10.5.0.0/16
route flush
rule nonsense
-s addr flush dev v0 label v0:web
addr del 172.16.0.1 dev v0
foo
-x
link help
`
  .trim()
  .split('\n')
  // Objects that are not there yet are no part of this.
  .filter((line) => !line.startsWith('rule'));

/** Runs all lines in one fresh namespace. */
function run(ip: string, target: string): { line: string; stdout: string; stderr: string; status: number | null }[] {
  const driver = `
    const { spawnSync } = require('node:child_process');
    const [ip, lines] = JSON.parse(process.argv[1]);
    const words = (line) => [...line.matchAll(/"([^"]*)"|(\\S+)/g)].map((m) => m[1] ?? m[2]);
    const results = lines.map((line) => {
      const { stdout, stderr, status } = spawnSync(ip, words(line), { encoding: 'utf8' });
      return { line, stdout, stderr, status };
    });
    console.log(JSON.stringify(results));`;
  const { stdout, stderr } = spawnSync('unshare', ['-n', process.execPath, '-e', driver, JSON.stringify([ip, script])], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C', TAPSTACK_TARGET: target },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

maybe(
  'on the same kernel our ip prints what the real one prints, line by line',
  () => {
    expect(run(join(root, 'bin/ip'), 'kernel')).toEqual(run(real, ''));
  },
  120_000,
);

/** Two monitors of one namespace while things happen in it and in two others; one of these has an id. */
const monitors = `
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
real=$1 ours=$2
$real netns add blue; $real netns add red; $real netns set blue 5
timeout 3 $real monitor all-nsid >"$3/real" & TAPSTACK_TARGET=kernel timeout 3 $ours monitor all-nsid >"$3/ours" &
sleep 1
$real link add v0 type veth peer name v1 netns blue
$real -n blue addr add 10.0.0.1/24 dev v1
$real -n blue link set v1 up
$real link set v0 up
$real -n red link set lo up
wait
$real netns del blue; $real netns del red`;

maybe(
  'ip monitor all-nsid tells the namespace of each event as the real one does',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-monitor-'));
    try {
      spawnSync('unshare', ['-n', '-m', 'sh', '-c', monitors, 'sh', real, join(root, 'bin/ip'), folder]);
      const ours = readFileSync(join(folder, 'ours'), 'utf8');
      expect(ours).toBe(readFileSync(join(folder, 'real'), 'utf8'));
      expect(ours).toContain('[nsid current]2: v0@if2: ');
      expect(ours).toContain('[nsid 5]2: v1@if2: ');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  30_000,
);
