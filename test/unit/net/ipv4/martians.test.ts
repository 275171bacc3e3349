import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { ipv4, pattern } from '../packets.js';

let instance: TapstackInstance;

/** v1 with 10.1.0.2/24 logs martians and looks for the way back (rp_filter). */
beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add v0 type veth peer name v1 address 02:00:00:00:00:01; ip link set v0 up; ip link set v1 up; ip addr add 10.1.0.2/24 dev v1
    sysctl -qw net.ipv4.conf.v1.log_martians=1 net.ipv4.conf.v1.rp_filter=1 net.ipv4.ip_forward=1`);
  expect(stderr).toBe('');
  await instance.clock.advance(20_000);
});

afterEach(() => instance.close());

/** The log's lines, without times, that a packet from `from` to `to` which comes in by v1 brings. */
function logged(from: string, to: string): string[] {
  const { stack } = instance;
  const before = stack.log.lines().length;
  const device = stack.initial.deviceByName('v1')!;
  const packet = ipv4({ from, to, protocol: 17 }, pattern(8));
  const frame = Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7, 8, 0, ...packet]);
  const skb = stack.pool.allocate(frame.length)!;
  const at = skb.put(frame.length);
  skb.bytes.set(frame, at);
  skb.macHeader = at;
  skb.pull(14);
  skb.device = device;
  skb.protocol = 0x0800;
  stack.enqueue(skb);
  while (stack.poll());
  return stack.log
    .lines()
    .slice(before)
    .map((line) => line.replace(/^\[ *\d+\.\d{6}\] /, ''));
}

const header = 'll header: 00000000: 02 00 00 00 00 01 02 00 00 00 00 07 08 00';

// As Linux 6.1 logs them.
test.each(['127.0.0.1', '224.0.0.1', '172.16.9.9', '10.1.0.2', '0.0.0.0', '255.255.255.255'])('a packet from %s', (from) => {
  expect(logged(from, '10.1.0.2')).toEqual([`IPv4: martian source 10.1.0.2 from ${from}, on dev v1`, header]);
});

test.each(['127.0.0.5', '0.0.0.0'])('a packet to %s', (to) => {
  expect(logged('10.1.0.1', to)).toEqual([`IPv4: martian destination ${to} from 10.1.0.1, dev v1`]);
});

test('an honest packet, and any where log_martians is off, is not worth a line', async () => {
  expect(logged('10.1.0.1', '10.1.0.2')).toEqual([]);
  await instance.sh('sysctl -qw net.ipv4.conf.v1.log_martians=0');
  expect(logged('127.0.0.1', '10.1.0.2')).toEqual([]);
  await instance.sh('sysctl -qw net.ipv4.conf.all.log_martians=1');
  expect(logged('127.0.0.1', '10.1.0.2')).toHaveLength(2);
});

test('message_burst of them are written in message_cost seconds, and the rest is counted', async () => {
  await instance.sh('sysctl -qw net.core.message_burst=3 net.core.message_cost=2');
  expect(Array.from({ length: 7 }, () => logged('127.0.0.1', '10.1.0.2').length)).toEqual([2, 2, 2, 0, 0, 0, 0]);
  await instance.clock.advance(2000);
  expect(logged('127.0.0.1', '10.1.0.2')[0]).toBe('net_ratelimit: 4 callbacks suppressed');
});
