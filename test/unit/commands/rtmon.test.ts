import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

let instance: TapstackInstance;

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

/** What `rtmon` with these words writes while `script` runs, as `ip monitor file` shows it: without times. */
async function recorded(words: string, script: string): Promise<string[]> {
  const recorder = instance.start(`rtmon ${words} file /tmp/events`);
  await instance.clock.advance(10);
  expect((await instance.sh(script)).stderr).toBe('');
  await instance.clock.advance(10);
  recorder.kill('SIGINT');
  await recorder.done;
  const { stdout, stderr } = await instance.sh('ip monitor file /tmp/events');
  expect(stderr).toBe('');
  return stdout
    .replace(/^Timestamp: .* us$/gm, 'Timestamp')
    .split('\n')
    .slice(0, -1);
}

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy; ip link set d0 addrgenmode none; ip link set d0 up');
});

afterEach(() => instance.close());

const devices = [
  'Timestamp',
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default ',
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
  expect.stringMatching(/^2: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500/),
  expect.stringMatching(/^ {4}link\/ether /),
];

test('the devices are written first, then each event behind its time', async () => {
  expect(await recorded('', 'ip addr add 10.0.0.1/24 dev d0; ip route add 10.1.0.0/16 via 10.0.0.2')).toEqual([
    ...devices,
    'Timestamp',
    '2: d0    inet 10.0.0.1/24 scope global d0',
    '       valid_lft forever preferred_lft forever',
    'Timestamp',
    'local 10.0.0.1 dev d0 table local proto kernel scope host src 10.0.0.1 ',
    'Timestamp',
    '10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1 ',
    'Timestamp',
    'broadcast 10.0.0.255 dev d0 table local proto kernel scope link src 10.0.0.1 ',
    'Timestamp',
    '10.1.0.0/16 via 10.0.0.2 dev d0 ',
  ]);
});

test('objects and a family choose what is written', async () => {
  const script = 'ip addr add 10.0.0.1/24 dev d0; ip addr add fd00::1/64 dev d0 nodad; ip link set d0 mtu 1400';
  expect(await recorded('-6 addr', script)).toEqual([
    ...devices,
    'Timestamp',
    '2: d0    inet6 fd00::1/64 scope global nodad ',
    '       valid_lft forever preferred_lft forever',
  ]);
});

test.each([
  ['', 'Not enough information: argument "file" is required\n255'],
  ['foo', 'Argument "foo" is unknown, try "rtmon help".\n255'],
  ['-h', 'Argument "-h" is unknown, try "rtmon help".\n255'],
  ['-family foo', 'Protocol ID "foo" is unknown, try "rtmon help".\n255'],
])('rtmon %s is refused', async (words, text) => {
  expect(await run(`rtmon ${words}`)).toBe(text);
  expect(await run('rtmon help')).toMatch(/^Usage: rtmon /);
  expect(await run('rtmon link file')).toMatch(/^Usage: rtmon /);
});

test.each([
  ['an empty file holds nothing', [], '0'],
  ['a header cut short', [0x10, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0], 'rtnl-from_file: truncated message\n1'],
  ['a message cut short', [0x20, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 'rtnl-from_file: truncated message\n1'],
  ['a message without room for its header', [8, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], '!!!malformed message: len=8 @16\n1'],
  ['a length below zero', [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], '!!!malformed message: len=-1 @16\n1'],
  [
    'a kind that nobody knows',
    [0x10, 0, 0, 0, 0x63, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    'Unknown message: type=0x00000063(99) flags=0x00000000(0) len=0x00000010(16)\n0',
  ],
  ['an address without a header', [0x10, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'BUG: wrong nlmsg len -8\n0'],
  ['a namespace id without one', [0x10, 0, 0, 0, 0x58, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'BUG: wrong nlmsg len -4 in print_nsid\n0'],
  ['a device without one', [0x10, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], '0'],
])('ip monitor file: %s', async (_, bytes, text) => {
  await instance.files.write('/tmp/events', Uint8Array.from(bytes));
  expect(await run('ip monitor file /tmp/events')).toBe(text);
});

test('a file that is not there, and a directory, are refused', async () => {
  expect(await run('ip monitor file /nosuch')).toBe('Cannot fopen: No such file or directory\n255');
  expect(await run('ip monitor file /')).toBe('rtnl_from_file: fread: Is a directory\n1');
  expect(await run('rtmon file /')).toBe('Cannot fopen: Is a directory\n255');
});
