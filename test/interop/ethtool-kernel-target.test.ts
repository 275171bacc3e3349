import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Our `ethtool` and the real one look at devices of the host's kernel, each in a namespace of its own with the same devices in it: every
// line must print the same, to the same stream, and end with the same status.

const root = join(__dirname, '..', '..');
const lines = readFileSync(join(__dirname, 'kernel-lines', 'ethtool.txt'), 'utf8')
  .trim()
  .split('\n');

const SETUP = [
  'ip link set lo up',
  'ip link add v0 type veth peer name v1',
  'ip link set v0 up',
  'ip link set v1 up',
  'ip link add br0 type bridge',
  'ip tuntap add t0 mode tap',
].join(' && ');
/** Between what the lines print. */
const MARK = '=====';

function able(): boolean {
  if (process.geteuid?.() !== 0) return false;
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  return ['unshare', 'ip', 'ethtool'].every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
}

const maybe = able() || process.env['CI'] === 'true' ? test : test.skip;
if (!able()) console.warn('ethtool beside the real one is left out: it needs root, /dev/net/tun, unshare, ip and ethtool');

interface Printed {
  readonly line: string;
  readonly text: string;
}

/** All lines in one namespace, in their order; what each printed to stdout, to stderr, and its status. */
function run(variables: Readonly<Record<string, string>>): Printed[] {
  const script = [
    SETUP,
    ...lines.map(
      (line) => `out=$( { err=$( { ${line}; } 2>&1 >&3); echo "status $?"; echo "stderr $err"; } 3>&1 ); printf '%s\\n${MARK}\\n' "$out"`,
    ),
  ];
  const { stdout, stderr, status } = spawnSync('unshare', ['-n', 'bash', '-c', script.join('\n')], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...variables },
    timeout: 280_000,
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
  const texts = stdout.split(`\n${MARK}\n`);
  return lines.map((line, i) => ({ line, text: texts[i] ?? '' }));
}

maybe(
  `${lines.length} lines print the same as the real ethtool's`,
  () => {
    // Ours alone comes first: the devices are made by the real ip both times.
    const first = mkdtempSync(join(tmpdir(), 'tapstack-ethtool-'));
    try {
      symlinkSync(join(root, 'bin', 'ethtool'), join(first, 'ethtool'));
      const ours = run({ TAPSTACK_TARGET: 'kernel', PATH: `${first}:${process.env['PATH'] ?? ''}` });
      expect(ours).toEqual(run({}));
    } finally {
      rmSync(first, { recursive: true, force: true });
    }
  },
  300_000,
);
