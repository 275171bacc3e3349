import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRoot, isAlive, Lab, until, walled } from './daemon-support.js';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const host = (...words: readonly string[]) => execFileSync(words[0]!, words.slice(1), { encoding: 'utf8' });

/** All of the host that the script below would change. */
const hostState = () => ({
  forward: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  links: host('/usr/sbin/ip', '-o', 'link').replace(/\\.*/g, ''),
  tables: existsSync('/etc/iproute2/rt_tables') ? readFileSync('/etc/iproute2/rt_tables', 'utf8') : '',
  etc: readdirSync('/etc').sort(),
});

const CHANGES =
  'echo 1 >/proc/sys/net/ipv4/ip_forward; /usr/sbin/ip link add x type veth; echo "100 t" >>/etc/iproute2/rt_tables; tail -n1 /etc/iproute2/rt_tables';

asRoot('run changes nothing on the host, as root; the program sees its own etc', async () => {
  const before = hostState();
  const result = await lab.tapstack('run', '--', 'sh', '-c', `${CHANGES}; cat /proc/sys/net/ipv4/ip_forward; ip -br link | wc -l`);
  expect(hostState()).toEqual(before);
  expect(result).toMatchObject({ status: 0, stderr: '', stdout: '100 t\n1\n3\n' });
});

asRoot.each([
  ['', '65534\n100 t\n'],
  ['--root', '0\n100 t\n'],
])('run %s changes nothing on the host, as an ordinary user', async (option, stdout) => {
  const before = hostState();
  const words = option === '' ? [] : [option];
  const result = await lab.asNobody('run', ...words, '--', 'sh', '-c', `id -u; ${CHANGES}`);
  expect(hostState()).toEqual(before);
  expect(result).toMatchObject({ status: 0, stdout });
  if (option === '--root') expect(result.stderr).toBe('');
  expect(readdirSync(lab.dir)).toEqual([]);
});

test("standard streams, folder, variables and status are the program's", async () => {
  const script = 'cat; pwd; echo "$MARK" >&2; exit 9';
  lab.variables['MARK'] = 'kept';
  const result = await lab.start(['tapstack', 'run', '--', 'sh', '-c', script], 'from stdin\n').done;
  expect(result).toMatchObject({ status: 9, stdout: `from stdin\n${realpathSync(lab.folder)}\n`, stderr: 'kept\n' });
});

test('what cannot be started ends as a shell ends', async () => {
  expect(await lab.tapstack('run', 'no-such-program')).toMatchObject({ status: 127, stderr: 'tapstack: no-such-program: not found\n' });
  expect(await lab.tapstack('run', '/etc/passwd')).toMatchObject({ status: 126, stderr: 'tapstack: /etc/passwd: Permission denied\n' });
  expect(readdirSync(lab.folder)).toEqual([]);
});

test('a signal reaches the program, and its answer is the status', async () => {
  const { child, done } = lab.start([
    'tapstack',
    'run',
    '--',
    'sh',
    '-c',
    'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
  ]);
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  child.kill('SIGTERM');
  expect(await done).toMatchObject({ status: 3, stdout: 'ready\ngot\n' });
});

test('a program that a signal ends gives 128 and its number', async () => {
  expect((await lab.tapstack('run', '--', 'sh', '-c', 'kill -KILL $$')).status).toBe(137);
});

const LEAVE = 'sleep 300 & echo $!; setsid sleep 300 & echo $!; env -i setsid sleep 300 & echo $!';

test('what the program leaves running ends with it, and no file stays', async () => {
  const result = await lab.tapstack('run', '--', 'sh', '-c', `(${LEAVE}) >pids`);
  expect(result.status).toBe(0);
  const pids = readFileSync(join(lab.folder, 'pids'), 'utf8').trim().split('\n').map(Number);
  expect(pids.length).toBe(3);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(readdirSync(lab.dir)).toEqual([]);
});

test('a killed launcher takes the instance and its programs along', async () => {
  const { child, done } = lab.start(['tapstack', 'run', '--', 'sh', '-c', `(${LEAVE}; echo $$) >pids; echo ready; sleep 300`]);
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  const [{ pid: daemon } = { pid: 0 }] = await lab.list();
  child.kill('SIGKILL');
  await done;
  const pids = readFileSync(join(lab.folder, 'pids'), 'utf8').trim().split('\n').map(Number);
  await until(() => ![...pids, daemon!].some(isAlive));
  expect(readdirSync(lab.dir)).toEqual([]);
});

test('a killed daemon: commands inside say so in one line and do not hang; the program goes on, and nothing is left', async () => {
  const script = 'kill -9 $(cat $TAPSTACK_DIR/$TAPSTACK_INSTANCE/lock); sleep 0.1; tapstack status; echo $?';
  const result = await lab.tapstack('run', '--no-capture', '--', 'sh', '-c', script);
  expect(result).toMatchObject({ status: 0, stdout: '1\n' });
  expect(result.stderr).toMatch(/^tapstack: instance "run-[^"]*" is dead: [^\n]*\n$/);
  expect(readdirSync(lab.dir)).toEqual([]);
});

test('a killed daemon: what a captured program asks of the stack fails at once; the program goes on, and nothing is left', async () => {
  const script = `
import os, signal, socket, sys
folder = os.environ['TAPSTACK_DIR'] + '/' + os.environ['TAPSTACK_INSTANCE']
daemon = int(open(folder + '/lock').read())
connected, other = socket.socket(), socket.socket()
connected.bind(('127.0.0.1', 0)); connected.listen(); other.connect(connected.getsockname()); accepted = connected.accept()[0]
os.kill(daemon, signal.SIGKILL)
# Short lines on standard output would fail as well: it might be a file of /proc/sys.
sys.stderr.write(repr(accepted.recv(1)) + '\\n')
try: socket.socket()
except OSError as error: sys.stderr.write(error.strerror + '\\n')`;
  const result = await lab.tapstack('run', '--', 'sh', '-c', 'ip link set lo up; exec python3 -c "$0"', script);
  expect(result).toMatchObject({ status: 0, stderr: "b''\nFunction not implemented\n" });
  expect(readdirSync(lab.dir)).toEqual([]);
});

test('two runs side by side have different instances, and a run inside a run its own', async () => {
  const script = 'tapstack nic add "$0"; tapstack nic list --json | grep \'"name"\'; tapstack run -- tapstack nic list --json';
  const [a, b] = await Promise.all(['eth0', 'eth1'].map((nic) => lab.tapstack('run', '--', 'sh', '-c', script, nic)));
  expect(a).toMatchObject({ status: 0, stderr: '', stdout: '    "name": "eth0",\n[]\n' });
  expect(b).toMatchObject({ status: 0, stderr: '', stdout: '    "name": "eth1",\n[]\n' });
});

test('inside a run no other instance starts by itself, and TAPSTACK_TARGET=kernel starts none at all', async () => {
  await lab.tapstack('run', '--', 'tapstack', 'status');
  expect(await lab.list()).toEqual([]);
  lab.variables['TAPSTACK_TARGET'] = 'kernel';
  expect(await lab.tapstack('run', '--', 'readlink', '/proc/self/ns/net')).toMatchObject({
    status: 0,
    stdout: host('readlink', '/proc/self/ns/net'),
  });
  expect(await lab.tapstack('list')).toMatchObject({
    status: 1,
    stderr: 'tapstack: list needs a stack, and TAPSTACK_TARGET is "kernel"\n',
  });
});

test('NICs of a run have a sink for a wire, and MAC addresses in a row', async () => {
  const result = await lab.tapstack(
    'run',
    '--nic',
    'eth0',
    '--nic',
    'eth1,mac=52:54:00:00:00:07',
    '--',
    'tapstack',
    'nic',
    'list',
    '--json',
  );
  const nics = JSON.parse(result.stdout) as { name: string; mac: string; tap: string | null }[];
  expect(nics.map(({ name, mac, tap }) => [name, mac, tap])).toEqual([
    ['eth0', '52:54:00:12:34:56', null],
    ['eth1', '52:54:00:00:00:07', null],
  ]);
});

walled('the own etc of a named instance stays until down', async () => {
  await lab.tapstack('up', '--name', 'a');
  const exec = (script: string) => lab.tapstack('exec', '--name', 'a', '--', 'sh', '-c', script);
  expect(await exec('echo "100 t" >>/etc/iproute2/rt_tables')).toMatchObject({ status: 0, stderr: '' });
  expect((await exec('tail -n1 /etc/iproute2/rt_tables')).stdout).toBe('100 t\n');
  await lab.tapstack('down', '--name', 'a');
  await lab.tapstack('up', '--name', 'a');
  expect((await exec('tail -n1 /etc/iproute2/rt_tables')).stdout).not.toBe('100 t\n');
});

asRoot('a runtime folder of somebody else is refused', async () => {
  await lab.tapstack('up', '--name', 'a');
  const result = await lab.asNobody('status', '--name', 'a');
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(/^tapstack: runtime folder .* belongs to uid 0, not to 65534: [^\n]*\n$/);
});

asRoot('a TAP is made in the namespace named, taken names are refused, and it goes with the instance', async () => {
  const namespace = `hTS${process.pid}`;
  host('/usr/sbin/ip', 'netns', 'add', namespace);
  try {
    const nic = `eth0,tap=tsd0,netns=/run/netns/${namespace}`;
    expect(await lab.tapstack('up', '--name', 'a', '--nic', nic)).toMatchObject({ status: 0, stderr: '' });
    expect(host('/usr/sbin/ip', '-n', namespace, '-o', 'link')).toContain('tsd0:');
    expect((await lab.tapstack('exec', '--name', 'a', '--', 'ip', 'link', 'set', 'eth0', 'up')).status).toBe(0);
    host('/usr/sbin/ip', '-n', namespace, 'link', 'set', 'tsd0', 'up');
    host('/usr/sbin/ip', '-n', namespace, 'addr', 'add', '10.99.0.1/24', 'dev', 'tsd0');
    expect(() => host('/usr/sbin/ip', 'netns', 'exec', namespace, '/usr/bin/ping', '-c1', '-W1', '10.99.0.77')).toThrow();
    const [{ rxPackets, rxBytes } = { rxPackets: 0, rxBytes: 0 }] = JSON.parse(
      (await lab.tapstack('nic', 'list', '--name', 'a', '--json')).stdout,
    ) as { rxPackets: number; rxBytes: number }[];
    expect(rxPackets).toBeGreaterThan(0);
    expect(rxBytes).toBeGreaterThanOrEqual(42 * rxPackets);
    const taken = await lab.tapstack('run', '--nic', nic, '--', 'true');
    expect(taken).toMatchObject({ status: 1, stdout: '' });
    expect(taken.stderr).toMatch(/^tapstack: TAP "tsd0": the name is taken: another program has this TAP open[^\n]*\n$/);
    const notTap = await lab.tapstack('nic', 'add', `eth1,tap=lo,netns=/run/netns/${namespace}`, '--name', 'a');
    expect(notTap.stderr).toMatch(/^tapstack: TAP "lo": the name is taken by a device that is no TAP/);
    await lab.tapstack('down', '--name', 'a');
    expect(host('/usr/sbin/ip', '-n', namespace, '-o', 'link')).not.toContain('tsd0:');
  } finally {
    host('/usr/sbin/ip', 'netns', 'del', namespace);
  }
});

asRoot('a TAP that cannot be opened: which of the causes it is, and what to do', async () => {
  const missing = await lab.tapstack('run', '--nic', 'eth0,tap=t0,netns=/run/netns/none', '--', 'true');
  expect(missing).toMatchObject({
    status: 1,
    stderr: 'tapstack: TAP "t0": there is no network namespace /run/netns/none: ip netns add makes one\n',
  });
  const file = join(lab.folder, 'file');
  writeFileSync(file, '');
  expect((await lab.tapstack('run', '--nic', `eth0,tap=t0,netns=${file}`, '--', 'true')).stderr).toContain('is no network namespace');
  const other = new Lab();
  const denied = await other.asNobody('run', '--nic', 'eth0,tap=t0', '--', 'true');
  await other.close();
  expect(denied).toMatchObject({ status: 1, stdout: '' });
  expect(denied.stderr).toMatch(/^tapstack: TAP "t0": no permission[^\n]*: run as root[^\n]*\n$/);
});
