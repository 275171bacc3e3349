import { MessageWriter } from '../../../src/netlink/writer.js';
import { AF_BRIDGE } from '../../../src/netlink/constants.js';
import { RTM_DELTUNNEL, RTM_NEWTUNNEL } from '../../../src/netlink/rtnl/constants.js';
import { tunnelMessage, type VniEntry } from '../../../src/netlink/rtnl/tunnel.js';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add vx0 type vxlan dstport 4789 external');
});

afterEach(() => instance.close());

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

/** What `bridge monitor` shows of a message about vx0. */
async function shown(words: string, type: number, entries: VniEntry[]): Promise<string> {
  const writer = new MessageWriter();
  tunnelMessage.build(writer, type, 0, 0, 0, { family: AF_BRIDGE, ifindex: 2 }, { entries });
  await instance.files.write('/tmp/events', writer.take());
  return run(`bridge ${words} file /tmp/events`);
}

test('a device with a VNI filter tells of its VNIs, ranges and remotes', async () => {
  const entries = [{ start: 10 }, { start: 20, end: 22 }, { start: 40, group: 0x0a000009 }];
  expect(await shown('monitor', RTM_NEWTUNNEL, entries)).toBe(
    [
      'vx0                10            ',
      '                   20-22             ',
      '                   40             10.0.0.9',
      '',
      '0',
    ].join('\n'),
  );
  expect(await shown('monitor all', RTM_DELTUNNEL, [{ start: 5 }])).toBe('[TUNNEL]Deleted vx0                5             \n\n0');
});

test('counters stand below their VNI', async () => {
  const stats = { rxBytes: 1, rxPkts: 2, rxDrops: 3, rxErrors: 4, txBytes: 5, txPkts: 6, txDrops: 7, txErrors: 8 };
  const group6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  expect(await shown('-s monitor', RTM_NEWTUNNEL, [{ start: 52, group6, stats }])).toBe(
    [
      'vx0                52             fd00::1',
      '                   RX: bytes 1 pkts 2 drops 3 errors 4 ',
      '                   TX: bytes 5 pkts 6 drops 7 errors 8 ',
      '',
      '0',
    ].join('\n'),
  );
});

test('a device that does not filter has no VNIs', async () => {
  expect(await run('bridge vni show')).toBe('dev               vni              group/remote   \n0');
  expect(await run('bridge vni add vni 10 dev vx0')).toBe('RTNETLINK answers: Operation not supported\n255');
});

test.each([
  ['foo', 'Command "foo" is unknown, try "bridge vni help".\n255'],
  ['del vni 5 dev vx0', 'Command "del" is unknown, try "bridge vni help".\n255'],
  ['add', 'Device and VNI ID are required arguments.\n255'],
  ['add vni', 'Command line is not complete. Try option "help"\n255'],
  ['add vni 5 dev nosuch', 'Cannot find vxlan device "nosuch"\n255'],
  ['add vni 5 vni 6 dev vx0', 'Error: argument "6" is wrong: duplicate vni\n255'],
  ['add vni 5 group 10.0.0.7 dev vx0', 'Error: argument "10.0.0.7" is wrong: invalid group address\n255'],
  ['add vni 5 group 239.1.1.1 remote 10.0.0.7 dev vx0', 'Error: argument "remote" is wrong: duplicate group\n255'],
  ['show dev nosuch', 'Cannot find device "nosuch"\n1'],
  ['show dev vx0 dev vx0', 'Error: duplicate "dev": "vx0" is the second value.\n255'],
])('bridge vni %s is refused', async (words, text) => {
  expect(await run(`bridge vni ${words}`)).toBe(text);
});
