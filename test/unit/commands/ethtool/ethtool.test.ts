import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

describe('ethtool', () => {
  let lab: TapstackInstance;

  beforeEach(async () => {
    lab = await createInstance({ clock: 'virtual' });
    await lab.sh('ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up');
  });
  afterEach(() => lab.close());

  test('a pair says that it is a twisted pair of 10 Gbit/s', async () => {
    const { stdout, status } = await lab.sh('ethtool v0');
    expect(stdout).toContain('\tSpeed: 10000Mb/s\n\tDuplex: Full\n');
    expect(stdout).toContain('\tLink detected: yes\n');
    expect(status).toBe(0);
  });

  test('a dummy has nothing to say of its link', async () => {
    await lab.sh('ip link add d0 type dummy');
    expect(await lab.sh('ethtool d0')).toMatchObject({ stdout: 'No data available\n', stderr: '', status: 75 });
  });

  test('a device that is not there is said so, once for each part of its settings', async () => {
    const { stderr, status } = await lab.sh('ethtool nosuch');
    expect(stderr).toBe('netlink error: no device matches name (offset 24)\nnetlink error: No such device\n'.repeat(5));
    expect(status).toBe(75);
  });

  test('without checksums a pair cannot cut segments, and with them again it can', async () => {
    expect((await lab.sh('ethtool -K v0 tx off')).stdout).toBe(`Actual changes:
tx-checksum-ip-generic: off
tx-tcp-segmentation: off [not requested]
tx-tcp-ecn-segmentation: off [not requested]
tx-tcp-mangleid-segmentation: off [not requested]
tx-tcp6-segmentation: off [not requested]
tx-checksum-sctp: off
`);
    expect(await lab.sh('ethtool -K v0 tso on')).toMatchObject({ stderr: 'Could not change any device features\n', status: 1 });
    await lab.sh('ethtool -K v0 tx on');
    expect((await lab.sh('ethtool -k v0')).stdout).toContain('\ntcp-segmentation-offload: on\n');
  });

  test('a change that comes about as asked is not spoken of', async () => {
    expect(await lab.sh('ethtool -K v0 gro on gso off')).toMatchObject({ stdout: '', stderr: '', status: 0 });
  });

  test('a VLAN loses what the device below it loses', async () => {
    await lab.sh('ip link add link v0 name v0.5 type vlan id 5; ethtool -k v0.5; ethtool -K v0 tso off');
    expect((await lab.sh('ethtool -k v0.5')).stdout).toContain('\n\ttx-tcp-segmentation: off [requested on]\n');
  });

  test('more channels than there are is an error at the attribute that asks for them', async () => {
    expect(await lab.sh('ethtool -L v0 rx 9')).toMatchObject({
      stderr: 'netlink error: requested channel count exceeds maximum (offset 32)\nnetlink error: Invalid argument\n',
      status: 1,
    });
  });

  test('the speed of a tap is what was said it is', async () => {
    await lab.sh('ip tuntap add t0 mode tap; ethtool -s t0 speed 100 duplex half msglvl drv on');
    const { stdout } = await lab.sh('ethtool t0');
    expect(stdout).toContain('\tSpeed: 100Mb/s\n\tDuplex: Half\n');
    expect(stdout).toContain('        Current message level: 0x00000001 (1)\n                               drv\n');
  });

  test.each([
    ['ethtool', 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n', 1],
    ['ethtool --json -g v0', 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n', 1],
    ['ethtool -g v0', 'netlink error: Operation not supported\n', 1],
    ['ethtool -G v0 rx 100', 'netlink error: Operation not supported\n', 81],
    ['ethtool -A v0 rx on', 'netlink error: Operation not supported\n', 76],
    ['ethtool -L v0 rx x', "ethtool (-L): invalid value 'x' for parameter 'rx'\n", 1],
    ['ethtool -L v0 bogus 1', "ethtool (-L): unknown parameter 'bogus'\n", 1],
    ['ethtool -K v0 nosuch on', 'netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported\n', 92],
    ['ethtool -K v0 tx maybe', "ethtool (-K): flag 'maybe' for parameter '(null)' is not followed by 'on' or 'off'\n", 1],
    ['ethtool -i lo', 'Cannot get driver information: Operation not supported\n', 71],
    ['ethtool -i nosuch', 'Cannot get driver information: No such device\n', 71],
    ['ethtool -t v0', 'Cannot test: Operation not supported\n', 74],
    ['ethtool -x v0', 'Cannot get RX ring count: Operation not supported\n', 1],
    ['ethtool -k v0 extra', "ethtool: unexpected parameter 'extra'\n", 1],
    ['ethtool -s v0 xcvr internal', "ethtool (-s): deprecated parameter 'xcvr' not supported by kernel\n", 1],
  ])('%s is refused as Linux refuses it', async (line, stderr, status) => {
    expect(await lab.sh(line)).toMatchObject({ stdout: '', stderr, status });
  });

  test('the monitor tells of a change of features, and once', async () => {
    const monitor = lab.start('ethtool --monitor -k');
    await lab.clock.advance(10);
    await lab.sh('ethtool -K v0 tso off; ethtool -K v0 tso off; ethtool -L v0 rx 1');
    await lab.clock.advance(10);
    monitor.kill('SIGINT');
    const { stdout } = await monitor.done;
    expect(stdout).toMatch(/^listening\.\.\.\n\nFeatures for v0:\n/);
    expect(stdout.match(/Features for/g)).toHaveLength(1);
  });
});
