import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Our `ip` and the real one side by side, each on the host's kernel in a namespace of its own: every line must print the same.

const root = join(__dirname, '..', '..');
const real = '/usr/sbin/ip';
const mayMakeNamespaces = process.geteuid?.() === 0 && existsSync(real) && spawnSync('unshare', ['-n', 'true']).status === 0;
const inCi = process.env.CI === 'true';
const maybe = mayMakeNamespaces || inCi ? test : test.skip;
if (!mayMakeNamespaces) console.warn(`ip beside the real one is left out: it needs root, unshare and ${real}`);

const folder = join(__dirname, 'kernel-lines');
const lists = readdirSync(folder).map((name) => ({
  name: name.replace('.txt', ''),
  lines: readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean),
}));

// What time moves between the two runs.
const moving = /\b(valid_lft|preferred_lft|expires|\w*_timer) +[\d.]+(?:sec)?|"(?:valid_life_time|preferred_life_time|expires)": ?\d+/g;
const settled = (text: string, line: string) => {
  const still = text.replace(moving, '$1 T');
  return line.includes('neigh') ? still.split('\n').sort().join('\n') : still;
};

/** Runs all lines in one fresh namespace. */
function run(ip: string, target: string, script: readonly string[]) {
  const driver = `
    const { spawnSync } = require('node:child_process');
    const [ip, lines] = JSON.parse(process.argv[1]);
    const words = (line) => [...line.matchAll(/"([^"]*)"|(\\S+)/g)].map((m) => m[1] ?? m[2]);
    // Linux notices some time later that a device has a carrier: what follows must not depend on how quick the command was.
    const settled = () => JSON.parse(spawnSync('ip', ['-j', 'link'], { encoding: 'utf8' }).stdout)
      .every(({ flags, operstate }) => !flags.includes('LOWER_UP') || operstate === 'UP' || operstate === 'UNKNOWN');
    const results = lines.map((line) => {
      const { stdout, stderr, status } = spawnSync(ip, words(line), { encoding: 'utf8' });
      for (let tries = 0; / up/.test(line) && tries < 500 && !settled(); tries++);
      return { line, stdout, stderr, status };
    });
    console.log(JSON.stringify(results));`;
  // Linux keeps what a look-up asked for (`notify`) with the route that the CPU has cached, and shows it to the next: all on one CPU.
  const words = ['-c', '0', 'unshare', '-n', process.execPath, '-e', driver, JSON.stringify([ip, script])];
  const { stdout, stderr } = spawnSync('taskset', words, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C', TAPSTACK_TARGET: target },
  });
  if (stdout === '') throw new Error(stderr);
  const results = JSON.parse(stdout) as { line: string; stdout: string; stderr: string; status: number | null }[];
  return results.map(({ line, stdout, stderr, status }) => ({
    line,
    stdout: settled(stdout, line),
    stderr: settled(stderr, line),
    status,
  }));
}

maybe.each(lists)(
  'on the same kernel our ip prints what the real one prints, line by line: $name',
  ({ lines }) => {
    expect(run(join(root, 'bin/ip'), 'kernel', lines)).toEqual(run(real, '', lines));
  },
  400_000,
);

/** Two monitors of one namespace while things happen in it and in two others; one of these has an id. */
const monitors = `
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
real=$1 ours=$2; $real link set lo up
$real netns add blue; $real netns add red; $real netns set blue 5
timeout 60 $real monitor all-nsid >"$3/real" & r=$!; TAPSTACK_TARGET=kernel timeout 60 $ours monitor all-nsid >"$3/ours" & o=$!
# Moves this namespace's loopback through groups from $1 on until both monitors have told of one.
both_tell() {
  group=$1; until grep -q "group $group " "$3/real" && grep -q "group $group " "$3/ours" || [ $group = $(($1 + 100)) ]; do
    group=$((group + 1)); $2 link set lo group $group; sleep 0.1
  done
}
both_tell 1000 $real "$3"; echo "group $group" >"$3/begin"
$real link add v0 type veth peer name v1 netns blue
$real -n blue addr add 10.0.0.1/24 dev v1
$real -n blue link set v1 up
$real link set v0 up
$real -n red link set lo up
both_tell 2000 $real "$3"
kill $r $o; wait
$real netns del blue; $real netns del red`;

maybe(
  'ip monitor all-nsid tells the namespace of each event as the real one does',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-monitor-'));
    try {
      spawnSync('unshare', ['-n', '-m', 'sh', '-c', monitors, 'sh', real, join(root, 'bin/ip'), folder]);
      const text = (name: string) => readFileSync(join(folder, name), 'utf8');
      const between = (name: string) => text(name).split(text('begin').trim())[1]?.split('group 2001')[0];
      const ours = between('ours');
      expect(ours).toBe(between('real'));
      expect(ours).toContain('[nsid current]2: v0@if2: ');
      expect(ours).toContain('[nsid 5]2: v1@if2: ');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  30_000,
);
