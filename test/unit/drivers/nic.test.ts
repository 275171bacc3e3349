import { NetError } from '../../../src/base/net-error.js';
import { NicDevice, plugNic } from '../../../src/drivers/nic.js';
import { Steering } from '../../../src/drivers/nic/steering.js';
import { Toeplitz } from '../../../src/drivers/nic/toeplitz.js';
import type { FramePort, FrameReceiver } from '../../../src/net/core/frame-port.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { createInstance } from '../../../src/library/index.js';

/** A wire that takes as many frames as it is told to. */
class NarrowPort implements FramePort {
  readonly offloads = 0;
  receiver: FrameReceiver | null = null;
  room = 0;
  sent = 0;
  moderation: readonly unknown[] = [];
  constructor(readonly free: (skb: PacketBuffer) => void) {}
  send(skb: PacketBuffer): boolean {
    if (this.room === 0) return false;
    this.room--;
    this.sent++;
    this.free(skb);
    return true;
  }
  setModeration(...moderation: readonly unknown[]): void {
    this.moderation = moderation;
  }
  close(): void {
    this.receiver = null;
  }
}

async function lab() {
  const instance = await createInstance({ debugPool: true });
  const { stack } = instance;
  const port = new NarrowPort((skb) => stack.consume(skb));
  const nic = plugNic(stack, 'eth0', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), port);
  return { instance, port, nic };
}

describe('a NIC', () => {
  test('takes every line of a tuning guide', async () => {
    const { instance, port } = await lab();
    const lines = [
      'ethtool -G eth0 rx 4096 tx 4096',
      'ethtool -C eth0 rx-usecs 100 tx-usecs 100',
      'ethtool -K eth0 gro on gso on tso on',
      'ethtool -L eth0 combined 4',
      'ethtool -X eth0 equal 2',
      'ethtool -s eth0 speed 1000 duplex full',
    ];
    for (const line of lines) expect({ line, status: (await instance.sh(line)).status }).toEqual({ line, status: 0 });
    expect(port.moderation).toEqual([256, 100, false]);
    expect((await instance.sh('ethtool -x eth0')).stdout).toContain('with 4 RX ring(s):\n    0:      0     1     0     1');
    instance.close();
  });

  test('keeps frames in its ring while the wire is full, and drops what does not fit', async () => {
    const { instance, port, nic } = await lab();
    await instance.sh('ethtool -G eth0 tx 16; sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1');
    await instance.sh('ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0');
    await instance.sh('ping -c 20 -i 0.00001 -W 0.001 10.0.0.2');
    expect([port.sent, nic.statistics.txPackets]).toEqual([0, 0]);
    expect(nic.statistics.txDropped).toBe(4);
    port.room = 100;
    await instance.clock.advance(1);
    expect([port.sent, nic.statistics.txPackets]).toEqual([16, 16]);
    instance.close();
  });

  test('says of so many frames at a time, or after so long, that they are sent, and keeps their places until then', async () => {
    const { instance, port, nic } = await lab();
    port.room = 1000;
    await instance.sh('ethtool -G eth0 tx 16; sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1');
    await instance.sh('ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0');
    const ping = (count: number) => instance.sh(`ping -c ${count} -i 0.00001 -W 0.001 10.0.0.2`);
    await ping(8);
    expect([port.sent, nic.completion.count]).toEqual([8, 8]);
    await instance.sh('ethtool -C eth0 tx-frames 4 tx-usecs 1000000');
    await ping(8);
    expect([port.sent, nic.completion.count]).toEqual([16, 10]);
    // More than the ring has places for waits until the first are done with.
    await instance.sh('ethtool -C eth0 tx-frames 0 tx-usecs 1000000');
    await ping(20);
    expect([port.sent, nic.completion.count, nic.statistics.txDropped]).toEqual([32, 10, 0]);
    await instance.clock.advance(1000);
    expect([port.sent, nic.completion.count]).toEqual([36, 11]);
    expect((await instance.sh('ethtool -S eth0')).stdout).toContain('     tx_completions: 11\n');
    instance.close();
  });

  test('adds its queues up to what ip shows', async () => {
    const { instance, nic, port } = await lab();
    port.room = 1000;
    await instance.sh('ethtool -L eth0 combined 4; ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0; ping -c 3 -W 0.1 10.0.0.2');
    const values = Object.fromEntries(
      (await instance.sh('ethtool -S eth0')).stdout.split('\n').map((line) => line.trim().split(': ') as [string, string]),
    );
    const queues = [0, 1, 2, 3].map((queue) => Number(values[`tx_queue_${queue}_packets`]));
    expect(queues.reduce((total, one) => total + one, 0)).toBe(nic.statistics.txPackets);
    expect(Number(values['tx_packets'])).toBe(nic.statistics.txPackets);
    instance.close();
  });

  test('does not take fewer channels than its indirection table uses', async () => {
    const { instance } = await lab();
    await instance.sh('ethtool -L eth0 combined 4; ethtool -X eth0 equal 4');
    expect(await instance.sh('ethtool -L eth0 combined 2')).toMatchObject({
      stderr:
        'netlink error: requested channel counts are too low for existing indirection table settings\nnetlink error: Invalid argument\n',
      status: 1,
    });
    instance.close();
  });

  test('gives its rules numbers, shows them, and forgets them', async () => {
    const { instance } = await lab();
    await instance.sh('ethtool -L eth0 combined 4');
    expect((await instance.sh('ethtool -N eth0 flow-type tcp4 dst-port 80 action 2')).stdout).toBe('Added rule with ID 1023\n');
    expect((await instance.sh('ethtool -n eth0')).stdout).toContain('\tDest port: 80 mask: 0x0\n\tAction: Direct to queue 2\n');
    expect((await instance.sh('ethtool -N eth0 flow-type tcp4 dst-port 80 action 9')).status).toBe(1);
    expect((await instance.sh('ethtool -N eth0 delete 1023')).status).toBe(0);
    expect((await instance.sh('ethtool -n eth0')).stdout).toContain('Total 0 rules');
    instance.close();
  });
});

describe('receive-side scaling', () => {
  // The verification suite of Microsoft's RSS specification: addresses and ports, and their hash.
  test('hashes as its specification has it', () => {
    const key = '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa';
    const hash = new Toeplitz(Buffer.from(key, 'hex'));
    const input = Buffer.from([66, 9, 149, 187, 161, 142, 100, 80, 2794 >> 8, 2794 & 0xff, 1766 >> 8, 1766 & 0xff]);
    expect(hash.add(0, input, 0, 12, 0) >>> 0).toBe(0x51ccc178);
    expect(hash.add(0, input, 0, 8, 0) >>> 0).toBe(0x323e8fc2);
  });

  test('knows Toeplitz alone', () => {
    const steering = new Steering(() => 7);
    expect(() => steering.setRss({ ...steering.rss, hashFunction: 2 })).toThrow(NetError);
  });
});

test('a NIC is a device of its driver', async () => {
  const { instance, nic } = await lab();
  expect(nic).toBeInstanceOf(NicDevice);
  expect((await instance.sh('ethtool -i eth0')).stdout).toContain('driver: tapstack-nic\n');
  instance.close();
});
