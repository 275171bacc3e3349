// How long `ip link show` takes: the real one, `node -e 0`, and ours against a daemon that is up, in one run.
// Prints medians and ratios, and the modules that ours loads.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'bin', name);
const rounds = Number(process.argv[2] ?? 25);
const dir = mkdtempSync(join(tmpdir(), 'tapstack-bench-'));
const env = { ...process.env, TAPSTACK_DIR: dir };

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { env, encoding: 'utf8', ...options });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${result.status}: ${result.stderr}`);
  return result;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const realIp = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'].find((path) => existsSync(path));
const rows = [
  ['node -e 0', process.execPath, ['-e', '0']],
  ['ip link show (ours, by Node)', bin('ip'), ['link', 'show']],
  ...(realIp === undefined ? [] : [['ip link show (iproute2)', realIp, ['link', 'show']]]),
];

try {
  run(bin('tapstack'), ['up']);
  const times = rows.map(() => []);
  for (let round = -2; round < rounds; round++) {
    rows.forEach(([, command, args], row) => {
      const start = process.hrtime.bigint();
      run(command, args);
      if (round >= 0) times[row].push(Number(process.hrtime.bigint() - start) / 1e6);
    });
  }
  const base = median(times[0]);
  console.log(`median of ${rounds} rounds`);
  rows.forEach(([name], row) => {
    const value = median(times[row]);
    console.log(`${name.padEnd(32)} ${value.toFixed(1).padStart(7)} ms   ${(value / base).toFixed(2)} x node -e 0`);
  });
  const trace = run(bin('ip'), ['link', 'show'], { env: { ...env, NODE_DEBUG: 'esm' } }).stderr;
  const bundles = [...new Set([...trace.matchAll(/file:\/\/\S*?\/(dist\/[^\s'"]+\.js)/g)].map((match) => match[1]))];
  const contents = JSON.parse(readFileSync(join(root, 'dist', 'contents.json'), 'utf8'));
  const sources = bundles.flatMap((bundle) => contents[bundle] ?? []).sort();
  console.log(`${bundles.length} bundles with ${sources.length} sources loaded by "ip link show":`);
  for (const source of sources) console.log(`  ${source}`);
} finally {
  spawnSync(bin('tapstack'), ['down'], { env });
  rmSync(dir, { recursive: true, force: true });
}
