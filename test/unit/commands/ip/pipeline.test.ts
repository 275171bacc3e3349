import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

async function batch(lines: readonly string[], options = ''): Promise<{ stdout: string; stderr: string; status: number }> {
  await instance.files.write('/batch', new TextEncoder().encode(`${lines.join('\n')}\n`));
  return instance.sh(`ip ${options} -batch /batch`);
}

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy; ip link set d0 up');
});

afterEach(() => instance.close());

test('a batch ends at the first line that the stack refuses, and nothing behind it was done', async () => {
  const ran = await batch([
    'route add 10.1.0.0/16 dev d0',
    'route add 10.1.0.0/16 dev d0',
    'route add 10.2.0.0/16 dev d0',
    'route add nonsense dev d0',
  ]);
  expect(ran).toEqual({ stdout: '', stderr: 'RTNETLINK answers: File exists\nCommand failed /batch:2\n', status: 1 });
  expect((await instance.sh('ip route')).stdout).toBe('10.1.0.0/16 dev d0 scope link \n');
});

test('with -force every line runs, and each failure is told with its line, in order', async () => {
  const ran = await batch(
    [
      'route add 10.1.0.0/16 dev d0',
      'route add 10.1.0.0/16 dev d0',
      'link set nosuch up',
      'route add 10.2.0.0/16 dev d0',
      'neigh del 10.1.0.1 dev d0',
    ],
    '-force',
  );
  expect(ran.stderr.split('\n')).toEqual([
    'RTNETLINK answers: File exists',
    'Command failed /batch:2',
    'Cannot find device "nosuch"',
    'Command failed /batch:3',
    'RTNETLINK answers: No such file or directory',
    'Command failed /batch:5',
    '',
  ]);
  expect(ran.status).toBe(1);
  expect((await instance.sh('ip route')).stdout.split('\n')).toHaveLength(3);
});

test('a line that shows sees what the lines before it did, and is not run behind one that failed', async () => {
  const shown = await batch(['addr add 10.0.0.1/24 dev d0', 'addr show d0', 'route add 10.9.0.0/16 dev d0', 'route']);
  expect(shown.status).toBe(0);
  expect(shown.stdout).toContain('inet 10.0.0.1/24 scope global d0');
  expect(shown.stdout).toContain('10.9.0.0/16 dev d0 scope link');
  expect(await batch(['route add 10.9.0.0/16 dev d0', 'route'])).toEqual({
    stdout: '',
    stderr: 'RTNETLINK answers: File exists\nCommand failed /batch:1\n',
    status: 1,
  });
});

test('devices made, renamed and removed on the way are found by their names', async () => {
  const ran = await batch([
    'link add d1 type dummy',
    'link set d1 name d2',
    'addr add 10.2.0.1/24 dev d2',
    'link del d2',
    'netns add inner',
    'link add d2 type dummy',
    'route add 10.3.0.0/16 dev d0',
    'addr add 10.2.0.1/24 dev d2',
  ]);
  expect(ran).toEqual({ stdout: '', stderr: '', status: 0 });
  expect((await instance.sh('ip netns')).stdout).toBe('inner\n');
});

test('a question about what is not there is no failure of the batch: the line that asked it goes on', async () => {
  const ran = await batch(['link add d1 address 02:00:00:00:00:d1 type dummy', 'link set d1 up', 'addr add 10.7.0.1/24 dev d1']);
  expect(ran).toEqual({ stdout: '', stderr: '', status: 0 });
  expect((await instance.sh('ip -br link show d1')).stdout).toContain('02:00:00:00:00:d1');
});

test('ten thousand lines, more than are ever under way at once', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `route add 10.${index >> 8}.${index & 255}.0/24 dev d0`);
  expect(await batch(lines)).toEqual({ stdout: '', stderr: '', status: 0 });
  expect((await instance.sh('ip route')).stdout.split('\n')).toHaveLength(10_001);
});
