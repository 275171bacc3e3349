// How long `ip link show` takes: the real one, `node -e 0`, and ours against a daemon that is up, by the native client and by Node;
// then a script of a thousand `ip` commands, and a batch of the same thousand lines. All in one run: medians and
// ratios.
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
const native = join(root, 'native', 'bin', 'ip');
const rows = [
  ['node -e 0', process.execPath, ['-e', '0']],
  ...(existsSync(native) ? [['ip link show (ours, native client)', native, ['link', 'show']]] : []),
  ['ip link show (ours, by Node)', bin('ip'), ['link', 'show']],
  ...(realIp === undefined ? [] : [['ip link show (iproute2)', realIp, ['link', 'show']]]),
];

/** A script of so many commands, and a batch of the same lines. */
function scripts(count = 1000, passes = 3) {
  const lines = Array.from({ length: count }, (_, i) => ['link show lo', 'addr show dev lo', 'route show', 'neigh show'][i % 4]);
  const script = (ip) => lines.map((line) => `${ip} ${line} >/dev/null`).join('\n');
  const seconds = { real: [], ours: [], batch: [] };
  for (let pass = 0; pass < passes; pass++)
    for (const [name, command, args, input] of [
      ['real', 'sh', [], script(realIp)],
      ['ours', 'sh', [], script(native)],
      ['batch', native, ['-batch', '-'], lines.join('\n')],
    ]) {
      const start = process.hrtime.bigint();
      run(command, args, { input });
      seconds[name].push(Number(process.hrtime.bigint() - start) / 1e9);
    }
  const real = median(seconds.real);
  console.log(`${count} commands in a script: iproute2 ${real.toFixed(2)} s`);
  for (const name of ['ours', 'batch'])
    console.log(
      `  ${name === 'ours' ? 'ours, native client' : 'ours, ip -batch'}: ${median(seconds[name]).toFixed(2)} s   ${(median(seconds[name]) / real).toFixed(2)} x`,
    );
}

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
  const medians = new Map(rows.map(([name], row) => [name, median(times[row])]));
  console.log(`median of ${rounds} rounds`);
  for (const [name, value] of medians)
    console.log(`${name.padEnd(36)} ${value.toFixed(2).padStart(8)} ms   ${(value / medians.get('node -e 0')).toFixed(2)} x node -e 0`);
  const real = medians.get('ip link show (iproute2)');
  const ours = medians.get('ip link show (ours, native client)');
  if (real && ours) console.log(`native client: ${(ours / real).toFixed(2)} x iproute2 (wanted: 1.5 at most)`);
  if (real && ours) scripts();
  const contents = JSON.parse(readFileSync(join(root, 'dist', 'contents.json'), 'utf8'));
  console.log(`the bundle of ip has ${contents['dist/commands/ip/main.cjs'].length} sources`);
} finally {
  spawnSync(bin('tapstack'), ['down'], { env });
  rmSync(dir, { recursive: true, force: true });
}
