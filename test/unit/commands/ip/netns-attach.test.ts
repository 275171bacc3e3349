import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const environ = (text: string) => new TextEncoder().encode(text);
  await instance.files.write('/proc/17/environ', environ('PATH=/bin\0'));
  const { stdout } = await instance.sh('ip netns add n1; ip netns exec n1 ip netns identify');
  expect(stdout).toBe('n1\n');
  await instance.files.write('/proc/18/environ', environ('PATH=/bin\0TAPSTACK_NETNS=1\0'));
});

afterEach(() => instance.close());

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

test("a process's namespace gets one more name, and lives until the last of them is deleted", async () => {
  await instance.sh('ip -n n1 link add d0 type dummy');
  expect(await run('ip netns attach n2 18')).toBe('0');
  expect(await run('ip netns')).toBe('n2\nn1\n0');
  expect(await run('ip netns identify 18')).toBe('n1\n0');
  expect(await run('ip netns del n1; ip -n n2 -br link show d0')).toMatch(/^d0 +DOWN .*0$/s);
  expect(await run('ip netns identify 18')).toBe('n2\n0');
  expect(await run('ip netns del n2; ip netns')).toBe('0');
});

test('the namespace of a process that was told of none is the initial one', async () => {
  await instance.sh('ip link add d9 type dummy; ip netns attach host 17');
  expect(await run('ip -n host -br link show d9')).toMatch(/^d9 /);
  expect(await run('ip netns del host; ip -br link show d9')).toMatch(/^d9 /);
});

test.each([
  ['', 'No netns name and PID specified\n1'],
  ['x', 'No netns name and PID specified\n1'],
  ['x foo', 'Invalid PID: foo\n1'],
  ['x 0', 'Invalid PID: 0\n1'],
  ['x 999999', 'Bind /proc/999999/ns/net -> /run/netns/x failed: No such file or directory\n1'],
  ['n1 17', 'Cannot create namespace file "/run/netns/n1": File exists\n1'],
  ['a/b 17', 'Invalid netns name "a/b"\n255'],
])('ip netns attach %s is refused', async (words, text) => {
  expect(await run(`ip netns attach ${words}`)).toBe(text);
  expect(await run('ip netns')).toBe('n1\n0');
});
