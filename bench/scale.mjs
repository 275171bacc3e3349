// What an item costs as there are more of them: seconds and microseconds an item to add, show, look up and delete, at a tenth, a
// quarter, half and all of the size, ours beside the real `ip` on this machine's kernel (where it has the kind), in one run.
// Also how much the daemon grows, in bytes an item.
//   node bench/scale.mjs [routes|routes6|links|addresses|neighbours|namespaces|dummies]... [--size N] [--parts 10,4,2,1] [--ours]
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'tapstack-scale-'));
const realIp = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'].find((path) => existsSync(path));
const TICK_MS = 10;
/** The native client, where it is built: the command then runs in the daemon's warm worker. */
const nativeIp = join(root, 'native', 'bin', 'ip');
const ourIp = existsSync(nativeIp) ? nativeIp : join(root, 'bin', 'ip');

const v4 = (number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
const hex = (number) => number.toString(16);
const pair = ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up', 'addr add 10.0.0.1/24 dev v0'];

/** `setup` and the batches are lines for `ip -batch`; `show` and `lookup` are commands; `kernel`: this machine's kernel has it. */
const KINDS = {
  routes: {
    size: 1_000_000,
    setup: () => pair,
    add: (i) => [`route add ${v4(0x0b000000 + i * 256)}/24 via 10.0.0.2 dev v0`],
    show: 'route show',
    lookup: (i) => `route get ${v4(0x0b000001 + i * 256)}`,
    remove: (i) => [`route del ${v4(0x0b000000 + i * 256)}/24`],
    flush: 'route flush proto boot',
    kernel: true,
  },
  routes6: {
    size: 100_000,
    setup: () => [...pair, 'addr add 2001:db8::1/64 dev v0 nodad'],
    add: (i) => [`route add 2001:db8:${hex(1 + (i >>> 16))}:${hex(i & 0xffff)}::/64 via 2001:db8::2 dev v0`],
    show: '-6 route show',
    lookup: (i) => `route get 2001:db8:${hex(1 + (i >>> 16))}:${hex(i & 0xffff)}::1`,
    remove: (i) => [`route del 2001:db8:${hex(1 + (i >>> 16))}:${hex(i & 0xffff)}::/64`],
    kernel: true,
  },
  links: {
    size: 10_000,
    setup: () => [],
    add: (i) => (i % 2 === 0 ? [`link add v${i} type veth peer name v${i + 1}`] : [`link set v${i - 1} up`, `link set v${i} up`]),
    show: 'link show',
    lookup: (i) => `link show v${i}`,
    remove: (i) => (i % 2 === 0 ? [`link del v${i}`] : []),
    kernel: true,
  },
  dummies: {
    size: 10_000,
    setup: () => [],
    add: (i) => [`link add d${i} type dummy`, `link set d${i} up`],
    show: 'link show',
    lookup: (i) => `link show d${i}`,
    remove: (i) => [`link del d${i}`],
    kernel: false,
  },
  addresses: {
    size: 100_000,
    setup: () => pair,
    add: (i) => [`addr add ${v4(0x0b000001 + i * 256)}/24 dev v0`],
    show: 'addr show',
    lookup: (i) => `addr show to ${v4(0x0b000001 + i * 256)}`,
    remove: (i) => [`addr del ${v4(0x0b000001 + i * 256)}/24 dev v0`],
    flush: 'addr flush dev v0',
    kernel: true,
  },
  neighbours: {
    size: 100_000,
    setup: () => [...pair, 'addr add 11.0.0.1/8 dev v0'],
    add: (i) => [`neigh add ${v4(0x0b000002 + i)} lladdr 02:00:00:00:00:01 dev v0`],
    show: 'neigh show',
    lookup: (i) => `neigh get ${v4(0x0b000002 + i)} dev v0`,
    remove: (i) => [`neigh del ${v4(0x0b000002 + i)} dev v0`],
    kernel: true,
  },
  namespaces: {
    size: 1_000,
    setup: () => [],
    add: (i) => [`netns add tapstack-scale-${i}`],
    show: 'netns list',
    lookup: (i) => `-n tapstack-scale-${i} link show lo`,
    remove: (i) => [`netns del tapstack-scale-${i}`],
    kernel: true,
  },
};

/** Runs a command and gives its seconds: by the clock, and of processor time. */
function run(command, args, { env = process.env, input } = {}) {
  const out = openSync(join(folder, 'out'), 'w');
  const { stderr, status } = spawnSync('bash', ['-c', 'TIMEFORMAT="@%R %U %S"; time "$0" "$@"', command, ...args], {
    env,
    stdio: [input === undefined ? 'ignore' : openSync(input, 'r'), out, 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  closeSync(out);
  const [, real, user, system] = /@([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}: ${stderr.slice(0, 500)}`);
  return { real: Number(real), cpu: Number(user) + Number(system) };
}

class Ours {
  name = 'tapstack';
  env = { ...process.env, TAPSTACK_DIR: join(folder, 'run') };
  constructor() {
    const { status, stderr } = spawnSync(join(root, 'bin', 'tapstack'), ['up'], { env: this.env, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    this.pid = this.#pid();
  }
  #pid() {
    const lines = spawnSync('pgrep', ['-f', `tapstackd.*${folder}`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
    return Number(lines[0]);
  }
  ip(args, options) {
    const before = cpuOf(this.pid);
    const worker = this.#workerCpu();
    const spent = run(ourIp, args, { env: this.env, ...options });
    return { ...spent, cpu: spent.cpu + Math.max(0, this.#workerCpu() - worker), daemon: cpuOf(this.pid) - before };
  }
  /** Of the command workers: what the daemon has started. */
  #workerCpu() {
    return childrenOf(this.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);
  }
  bytes() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) * 1024;
  }
  close() {
    spawnSync(join(root, 'bin', 'tapstack'), ['down'], { env: this.env });
  }
}

/** Seconds that a process has computed; 0: there is none. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * TICK_MS) / 1000;
  } catch {
    return 0;
  }
}

const childrenOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );

class Kernel {
  name = 'kernel';
  namespace = `tapstack-scale-${process.pid}`;
  constructor(kind) {
    this.own = kind !== 'namespaces';
    if (this.own) run(realIp, ['netns', 'add', this.namespace]);
  }
  ip(args, options) {
    return { ...run(realIp, [...(this.own ? ['-n', this.namespace] : []), ...args], options), daemon: 0 };
  }
  bytes() {
    return 0;
  }
  close() {
    if (this.own) run(realIp, ['netns', 'del', this.namespace]);
  }
}

const words = (text) => text.split(' ');
const LOOKUPS = 5;

function measure(kind, target, size) {
  const { setup, add, show, lookup, remove } = KINDS[kind];
  const file = (name, lines) => {
    const path = join(folder, name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  };
  const lines = (each) => Array.from({ length: size }, (_, i) => each(i)).flat();
  if (setup().length > 0) target.ip(['-batch', file('setup', setup())]);
  const before = target.bytes();
  const added = target.ip(['-batch', file('add', lines(add))]);
  const bytes = target.bytes() - before;
  const shown = target.ip(words(show));
  const looked = Array.from({ length: LOOKUPS }, (_, i) => target.ip(words(lookup(Math.floor(((i + 0.5) * size) / LOOKUPS)))));
  looked.sort((a, b) => a.real - b.real);
  const removed = target.ip(['-batch', file('remove', lines(remove))]);
  return { added, bytes, shown, looked: looked[LOOKUPS >> 1], removed };
}

const cell = ({ real, cpu, daemon }, size) =>
  `${((real / size) * 1e6).toFixed(1).padStart(8)} us (client ${((cpu / size) * 1e6).toFixed(1)}, daemon ${((daemon / size) * 1e6).toFixed(1)})`;
const ratio = (ours, theirs) => `${(ours.real / theirs.real).toFixed(2)} x`;

const options = { parts: [10, 4, 2, 1], size: null, ours: false };
const kinds = [];
for (let at = 2; at < process.argv.length; at++) {
  const word = process.argv[at];
  if (word === '--size') options.size = Number(process.argv[++at]);
  else if (word === '--parts') options.parts = process.argv[++at].split(',').map(Number);
  else if (word === '--ours') options.ours = true;
  else kinds.push(word);
}

try {
  for (const kind of kinds.length > 0 ? kinds : Object.keys(KINDS)) {
    const full = options.size ?? KINDS[kind].size;
    for (const part of options.parts) {
      const size = Math.floor(full / part);
      const found = [];
      for (const Target of KINDS[kind].kernel && !options.ours && realIp !== undefined ? [Kernel, Ours] : [Ours]) {
        const target = new Target(kind);
        try {
          found.push([target.name, measure(kind, target, size)]);
        } finally {
          target.close();
        }
      }
      for (const [name, { added, shown, looked, removed, bytes }] of found) {
        console.log(
          `${kind} ${size} ${name}: add ${cell(added, size)}; show ${cell(shown, size)}; one ${(looked.real * 1000).toFixed(0)} ms; delete ${cell(removed, size)}${
            name === 'kernel' ? '' : `; ${(bytes / size).toFixed(0)} bytes each`
          }`,
        );
      }
      if (found.length === 2) {
        const [[, theirs], [, ours]] = found;
        console.log(
          `  ours to the kernel's: add ${ratio(ours.added, theirs.added)}, show ${ratio(ours.shown, theirs.shown)}, delete ${ratio(ours.removed, theirs.removed)}`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
