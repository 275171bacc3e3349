import { EACCES, ENOENT } from '../../../../src/base/errno.js';
import { ClientError, ProgramError } from '../../../../src/client/client-error.js';
import type { CommandIo } from '../../../../src/client/command.js';
import type { InstancePort } from '../../../../src/client/instance-port.js';
import { command } from '../../../../src/commands/tapstack/index.js';

const nic = { name: 'eth0', mac: '52:54:00:12:34:56', tap: 't0', netns: null, rxPackets: 1, rxBytes: 2, txPackets: 3, txBytes: 4 };

/** Runs `tapstack WORDS` over a port that records its calls. */
async function run(words: readonly string[], overrides: Partial<InstancePort> = {}, { terminal = false, noColor = '' } = {}) {
  const calls: unknown[] = [];
  const record = (name: string, result: unknown) => (argument: unknown, second: unknown) => {
    calls.push(second === undefined ? [name, argument] : [name, argument, second]);
    return Promise.resolve(result);
  };
  const port = {
    run: record('run', 5),
    shell: record('shell', 0),
    up: record('up', { name: 'default', started: true }),
    down: record('down', undefined),
    list: record('list', [{ name: 'a', state: 'running', pid: 7 }]),
    nicList: record('nicList', [nic]),
    nicAdd: record('nicAdd', nic),
    nicDelete: record('nicDelete', undefined),
    exec: record('exec', 3),
    packetdrill: record('packetdrill', 1),
    ...overrides,
  } as InstancePort;
  const texts = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    isTerminal: terminal,
    columns: 80,
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const io = { stdout: output('stdout'), stderr: output('stderr') } as Partial<CommandIo> as CommandIo;
  const transport = () => Promise.reject(new Error('tapstack opens no netlink socket'));
  const status = await command(words, io, { variables: { NO_COLOR: noColor }, transport, instances: port });
  return { calls, ...texts, status };
}

test('run hands on the program with all its words, and ends with its status', async () => {
  const result = await run(['run', '--nic', 'eth0', '--nic', 'eth1,tap=t', '--root', '--', 'ip', '-n', 'a', 'link', '--help']);
  expect(result.calls).toEqual([
    ['run', { argv: ['ip', '-n', 'a', 'link', '--help'], nics: [{ name: 'eth0' }, { name: 'eth1', tap: 't' }], root: true, capture: true }],
  ]);
  expect(result.status).toBe(5);
});

test('exec names an instance and a namespace', async () => {
  const result = await run(['exec', '--name', 'lab', '-n', 'ns1', 'ip', '-n', 'x']);
  expect(result.calls).toEqual([['exec', { argv: ['ip', '-n', 'x'], name: 'lab', namespace: 'ns1', capture: true }]]);
  expect(result.status).toBe(3);
});

test('an error of the port is one line and status 1', async () => {
  const result = await run(['status'], { status: () => Promise.reject(new ClientError(ENOENT, 'instance "x" is not running')) });
  expect(result).toMatchObject({ stderr: 'tapstack: instance "x" is not running\n', stdout: '', status: 1 });
});

test('a program that is not there ends with 127, one that cannot be run with 126', async () => {
  const failing = (errno: number) => ({ run: () => Promise.reject(new ProgramError('foo', errno)) });
  expect(await run(['run', 'foo'], failing(ENOENT))).toMatchObject({ status: 127, stderr: 'tapstack: foo: not found\n' });
  expect(await run(['run', 'foo'], failing(EACCES))).toMatchObject({ status: 126, stderr: 'tapstack: foo: Permission denied\n' });
});

test('unknown words and options are refused on standard error', async () => {
  for (const words of [['frob'], ['list', '--frob'], ['run'], ['run', '--nic', 'eth0,x=1', 'true']]) {
    const result = await run(words);
    expect(result).toMatchObject({ status: 1, stdout: '', calls: [] });
    expect(result.stderr).toMatch(/^error: /);
  }
});

test('tables are plain in a pipe, coloured on a terminal unless NO_COLOR is set, and JSON where asked for', async () => {
  const colour = '\u001b[';
  const plain = await run(['list']);
  expect(plain.stdout).toMatch(/│ a +│ running │ 7 +│/);
  expect(plain.stdout).not.toContain(colour);
  expect((await run(['list'], {}, { terminal: true })).stdout).toContain(colour);
  expect((await run(['list'], {}, { terminal: true, noColor: '1' })).stdout).not.toContain(colour);
  expect(JSON.parse((await run(['list', '--json'], {}, { terminal: true })).stdout)).toEqual([{ name: 'a', state: 'running', pid: 7 }]);
});

test('nic list shows where each wire leads', async () => {
  const result = await run(['nic', 'list', '--name', 'lab']);
  expect(result.calls).toEqual([['nicList', 'lab']]);
  expect(result.stdout).toMatch(/│ eth0 │ 52:54:00:12:34:56 │ tap t0 │/);
});

test('nic add and del reach the instance meant', async () => {
  expect((await run(['nic', 'add', 'eth3,tap=t3', '--name', 'lab'])).calls).toEqual([['nicAdd', { name: 'eth3', tap: 't3' }, 'lab']]);
  expect((await run(['nic', 'del', 'eth3'])).calls).toEqual([['nicDelete', 'eth3']]);
});

test('packetdrill hands its options and scripts to the runner, and ends with its status', async () => {
  const result = await run(['packetdrill', '--ip_version=ipv6', '-v', '-D', 'A=1', '--define', 'B=2', 'one.pkt', 'two.pkt']);
  expect(result.calls).toEqual([
    ['packetdrill', ['--define=A=1', '--define=B=2', '--ip_version=ipv6', '--verbose', '--', 'one.pkt', 'two.pkt']],
  ]);
  expect(result.status).toBe(1);
});

test('doctor tells what is allowed, and fails where programs cannot be captured', async () => {
  const finding = (state: 'ok' | 'no') => ({ what: 'programs', state, text: 'as it is' });
  const fine = await run(['doctor'], { doctor: () => Promise.resolve([finding('ok')]) });
  expect(fine).toMatchObject({ stdout: 'ok      programs: as it is\n', status: 0 });
  const broken = await run(['doctor', '--json'], { doctor: () => Promise.resolve([finding('no')]) });
  expect(JSON.parse(broken.stdout)).toEqual([finding('no')]);
  expect(broken.status).toBe(1);
});

test('status --unsupported counts what programs did not get', async () => {
  const unsupported = () => Promise.resolve([{ what: 'setsockopt SOL_TCP TCP_ULP', count: 3 }]);
  expect(await run(['status', '--unsupported'], { unsupported })).toMatchObject({ stdout: '3 setsockopt SOL_TCP TCP_ULP\n', status: 0 });
});
