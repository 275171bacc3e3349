import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy');
});

afterEach(() => instance.close());

const stderrOf = async (line: string) => {
  const { stderr, status } = await instance.sh(line);
  return `${stderr}${status}`;
};

test('the groups that were chosen are shown in one order, each once', async () => {
  const { stdout } = await instance.sh('ip stats show dev d0 group offload subgroup cpu_hit group link group link');
  expect(stdout.split('\n').filter((line) => line.includes('group'))).toEqual([
    '2: d0: group link',
    '2: d0: group offload subgroup cpu_hit',
  ]);
});

test('statistics of layer 3 are asked for, and told of, once', async () => {
  await instance.sh('ip stats set dev d0 l3_stats on; ip stats set dev d0 l3_stats on');
  expect((await instance.sh('ip stats show dev d0 group offload subgroup hw_stats_info')).stdout).toBe(
    '2: d0: group offload subgroup hw_stats_info\n    l3_stats on used off\n',
  );
  expect((await instance.sh('ip stats show dev d0 group offload subgroup l3_stats')).stdout).toBe(
    [
      '2: d0: group offload subgroup l3_stats on used off',
      '    RX: bytes packets errors dropped   mcast',
      '            0       0      0       0       0 ',
      '    TX: bytes packets errors dropped',
      '            0       0      0       0 ',
      '',
    ].join('\n'),
  );
});

test('a word that narrows nothing is refused, with the status of EINVAL', async () => {
  expect(await stderrOf('ip stats show group bogus')).toBe('Error: no group named bogus found inside top-level\n22');
  expect(await stderrOf('ip stats show group link subgroup x')).toBe('Error: subgroup x requested inside leaf group link\n22');
  expect(await stderrOf('ip stats show suite x')).toBe('Error: suite x requested without selecting a group first\n22');
  expect(await stderrOf('ip stats set dev d0')).toBe('Not enough information: stat type to toggle is required.\n255');
  expect(await stderrOf('ip stats sh')).toBe('Command "sh" is unknown, try "ip stats help".\n1');
});

test('objects whose module is not there answer as on a kernel without it', async () => {
  const missing = 'RTNETLINK answers: No such file or directory\nError talking to the kernel\n1';
  expect(await stderrOf('ip fou show')).toBe(missing);
  expect(await stderrOf('ip l2tp add tunnel')).toBe(missing);
  expect(await stderrOf('ip mptcp endpoint show')).toBe(missing);
  expect(await stderrOf('ip sr tunsrc')).toBe('Command line is not complete. Try option "help"\n255');
  expect(await stderrOf('ip ioam bogus')).toBe('Error: argument "bogus" is wrong: Unknown\n255');
  expect(await stderrOf('ip xfrm state')).toBe('Cannot open netlink socket: Protocol not supported\n1');
  expect(await stderrOf('ip macsec help')).toMatch(/^Usage: ip macsec add DEV tx sa/);
});

test('virtual functions and programs are understood, and refused where there are none', async () => {
  expect(await stderrOf('ip link set d0 vf 0 mac 02:00:00:00:00:09')).toBe('RTNETLINK answers: Operation not supported\n2');
  expect(await stderrOf('ip link set d0 vf 0 max_tx_rate 10 min_tx_rate 20')).toBe('Invalid min_tx_rate 20 - must be <= max_tx_rate 10\n1');
  expect(await stderrOf('ip link set d0 vf 0 bogus')).toBe('Command line is not complete. Try option "help"\n255');
  expect(await stderrOf('ip link set d0 xdp off')).toBe('0');
});
