import { EINVAL, ENODEV, EPERM } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { ethtoolIoctlFrom } from '../../../src/control/ethtool-ioctl/registry.js';
import { Ioctl, LinkSettingsStruct, Stats, Strings, TimestampInfo, Value } from '../../../src/netlink/genl/ethtool/ioctl.js';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

describe('SIOCETHTOOL', () => {
  let lab: TapstackInstance;

  beforeEach(async () => {
    lab = await createInstance({ clock: 'virtual' });
    await lab.sh('ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up');
  });
  afterEach(() => lab.close());

  /** Asks with a struct whose words are given, in memory that goes on behind it. */
  const ask = (words: readonly number[], device = 'v0', admin = true) => {
    const memory = new Uint8Array(4096);
    const view = new DataView(memory.buffer);
    for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true);
    return ethtoolIoctlFrom(lab.namespace(), device, (size) => memory.slice(0, size), admin);
  };
  const errnoOf = (run: () => unknown): number => {
    try {
      run();
    } catch (error) {
      if (error instanceof NetError) return error.errno;
      throw error;
    }
    return 0;
  };

  test('a device says whether it has a link', async () => {
    expect(ask([Ioctl.GLINK]).u32(Value.value)).toBe(1);
    await lab.sh('ip link set v1 down');
    expect(ask([Ioctl.GLINK]).u32(Value.value)).toBe(0);
  });

  test('link settings are told to who asks with the right number of words, which the first answer says', () => {
    const first = ask([Ioctl.GLINKSETTINGS]);
    const words = -first.view.getInt8(LinkSettingsStruct.words);
    expect(first.bytes).toHaveLength(LinkSettingsStruct.size);
    const second = ask([Ioctl.GLINKSETTINGS, 0, 0, words << 24]);
    expect(second.u32(LinkSettingsStruct.speed)).toBe(10_000);
    expect(second.bytes).toHaveLength(LinkSettingsStruct.modes + words * 12);
  });

  test('names and values of statistics are written behind what the caller gave, as many as there are', () => {
    const names = ask([Ioctl.GSTRINGS, 1]);
    const values = ask([Ioctl.GSTATS]);
    expect(names.u32(Strings.count)).toBe(values.u32(Stats.count));
    expect(new TextDecoder().decode(names.bytes.subarray(Strings.data, Strings.data + 12))).toBe('peer_ifindex');
    expect(values.u64(Stats.data)).toBe(lab.namespace().deviceByName('v1')!.ifindex);
  });

  test('a feature is switched by its old request, and by a set of all', () => {
    ask([Ioctl.SGRO, 1]);
    expect(ask([Ioctl.GGRO]).u32(Value.value)).toBe(1);
    ask([Ioctl.SGRO, 0]);
    expect(ask([Ioctl.GGRO]).u32(Value.value)).toBe(0);
    const gro = 1 << 14;
    expect(ask([Ioctl.SFEATURES, 2, gro, gro, 0, 0]).outcome).toBe(0);
    expect(ask([Ioctl.GGRO]).u32(Value.value)).toBe(1);
    expect(errnoOf(() => ask([Ioctl.SFEATURES, 3]))).toBe(EINVAL);
  });

  test('stamps are those of software, without a clock', () => {
    const info = ask([Ioctl.GET_TS_INFO]);
    expect(info.u32(TimestampInfo.stamps)).toBe(0x1a);
    expect(info.u32(TimestampInfo.clock)).toBe(0xffff_ffff);
  });

  test('what is set so is told to who watches, even where it was so before, as Linux tells it', async () => {
    await lab.sh('ip tuntap add t0 mode tap');
    const monitor = lab.start('ethtool --monitor');
    await lab.clock.advance(10);
    ask([Ioctl.SCHANNELS, 0, 0, 0, 0, 1, 1, 0, 0]);
    ask([Ioctl.SCOALESCE, 0, 5], 't0');
    ask([Ioctl.SSET, 0, 0, 100], 't0');
    await lab.clock.advance(10);
    monitor.kill('SIGINT');
    const { stdout } = await monitor.done;
    const told = stdout.split('\n').filter((line) => / for /.test(line));
    expect(told).toEqual(['Channel parameters for v0:', 'Coalesce parameters for t0:', 'Settings for t0:', 'Settings for t0:']);
    expect(stdout).toContain('\tSpeed: 100Mb/s\n');
  });

  test('who holds no capability reads, and changes nothing', () => {
    expect(errnoOf(() => ask([Ioctl.GLINK], 'v0', false))).toBe(0);
    expect(errnoOf(() => ask([Ioctl.SGRO, 0], 'v0', false))).toBe(EPERM);
    expect(errnoOf(() => ask([0x7777], 'v0', false))).toBe(EPERM);
    expect(errnoOf(() => ask([Ioctl.GLINK], 'nosuch'))).toBe(ENODEV);
  });
});
