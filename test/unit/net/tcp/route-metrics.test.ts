import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import type { InetSocket } from '../../../../src/net/core/inet-socket.js';
import { SocketAddress } from '../../../../src/net/core/socket.js';
import { EPERM } from '../../../../src/base/errno.js';
import { ip6 } from '../ipv6/world.js';
import { ip4 } from '../kit.js';
import { socketOf } from '../multicast/lab.js';

const SOL_TCP = 6;
const TCP_CONGESTION = 13;
const PORT = 80;

/** Here 10.0.0.1 and fd00::1 on e0; behind it, in `far`, 10.0.0.2 and fd00::2. `words` are said of our way to there. */
async function world(words: string, farWords = ''): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add far
    ip link add e0 type veth peer name e1 netns far
    ip link set e0 up; ip -n far link set e1 up
    ip addr add 10.0.0.1/24 dev e0; ip addr add fd00::1/64 dev e0 nodad
    ip -n far addr add 10.0.0.2/24 dev e1; ip -n far addr add fd00::2/64 dev e1 nodad
    ip route add 10.0.0.2 dev e0 ${words}; ip -6 route add fd00::2 dev e0 ${words}
    ip -n far route add 10.0.0.1 dev e1 ${farWords}; ip -n far -6 route add fd00::1 dev e1 ${farWords}`);
  expect(stderr).toBe('');
  await instance.clock.advance(3000);
  return instance;
}

function address(text: string, port: number): SocketAddress {
  const made = new SocketAddress();
  made.family = text.includes(':') ? 10 : 2;
  made.words.set(made.family === 10 ? ip6(text) : [0, 0, 0xffff, ip4(text)]);
  made.port = port;
  return made;
}

interface Segment {
  readonly outgoing: boolean;
  readonly atUs: number;
  readonly flags: number;
  readonly window: number;
  readonly mss: number;
  readonly payload: number;
}

/** The TCP segments that pass e0. */
function segments(instance: TapstackInstance): () => Segment[] {
  const { frames } = instance.capture(instance.device('e0'));
  return () =>
    frames.flatMap(({ bytes, outgoing, atUs }) => {
      const six = bytes[12] === 0x86;
      if (bytes[six ? 20 : 23] !== 6) return [];
      const at = six ? 54 : 34;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const end = six ? 54 + view.getUint16(18) : 14 + view.getUint16(16);
      const header = (bytes[at + 12]! >> 4) * 4;
      const mss = (bytes[at + 13]! & 2) !== 0 ? view.getUint16(at + 22) : 0;
      return [{ outgoing, atUs, flags: bytes[at + 13]!, window: view.getUint16(at + 14), mss, payload: end - at - header }];
    });
}

const families = [
  ['IPv4', '10.0.0.2', 20],
  ['IPv6', 'fd00::2', 40],
] as const;

/** A listener there, a connection from here, and what was accepted. */
async function connect(instance: TapstackInstance, to: string): Promise<{ client: InetSocket; server: InetSocket }> {
  const family = to.includes(':') ? 10 : 2;
  const listener = socketOf(instance, family, 1, 0, 'far');
  expect(listener.bind(address(to, PORT))).toBe(0);
  expect(listener.listen(5)).toBe(0);
  const client = socketOf(instance, family, 1);
  client.connect(address(to, PORT));
  await instance.clock.advance(50);
  const server = listener.accept();
  if (typeof server === 'number') throw new Error(`nobody came: ${server}`);
  return { client, server: server as InetSocket };
}

const congestionOf = (socket: InetSocket): string => {
  const name = socket.getOption(SOL_TCP, TCP_CONGESTION);
  return typeof name === 'number' ? `${name}` : Buffer.from(name).toString().replace(/\0.*/s, '');
};

describe.each(families)('a route of %s says to TCP', (_family, to, header) => {
  test('advmss: what both ends ask for', async () => {
    const instance = await world('advmss 1000', 'advmss 900');
    const seen = segments(instance);
    await connect(instance, to);
    expect(
      seen()
        .filter(({ flags }) => (flags & 2) !== 0)
        .map(({ mss }) => mss),
    ).toEqual([1000, 900]);
    instance.close();
  });

  test('window: the most that is offered, until the buffer has grown', async () => {
    const instance = await world('window 20000', 'window 10000');
    const seen = segments(instance);
    await connect(instance, to);
    const mss = 1500 - header - 20;
    expect(seen()[0]!.window).toBe(20_000 - (20_000 % mss));
    expect(seen()[1]!.window).toBe(10_000 - (10_000 % (mss - 12)));
    instance.close();
  });

  test('initrwnd and initcwnd: the first window that is offered, and the first that is sent', async () => {
    const instance = await world('initrwnd 3 initcwnd 4', 'initrwnd 20');
    const seen = segments(instance);
    const { client } = await connect(instance, to);
    const mss = 1500 - header - 20;
    expect(seen()[0]!.window).toBe(3 * mss);
    expect(seen()[1]!.window).toBe(20 * (mss - 12));
    // struct tcp_info: tcpi_snd_cwnd
    const info = client.getOption(SOL_TCP, 11) as Uint8Array;
    expect(new DataView(info.buffer, info.byteOffset).getUint32(80, true)).toBe(4);
    instance.close();
  });

  test('congctl: on both sides, and with lock the program has no choice', async () => {
    const instance = await world('congctl lock reno', 'congctl reno');
    const { client, server } = await connect(instance, to);
    expect([congestionOf(client), congestionOf(server)]).toEqual(['reno', 'reno']);
    const cubic = new TextEncoder().encode('cubic');
    expect(client.setOption(SOL_TCP, TCP_CONGESTION, cubic)).toBe(-EPERM);
    expect(server.setOption(SOL_TCP, TCP_CONGESTION, cubic)).toBe(0);
    instance.close();
  });

  test('rto_min: how soon what was lost is sent again', async () => {
    const timeUntilAgain = async (words: string): Promise<number> => {
      const instance = await world(words);
      const { client } = await connect(instance, to);
      const seen = segments(instance);
      await instance.sh('ip netns exec far sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip -n far addr flush dev e1');
      client.send(new Uint8Array(100), 0, 100, 0, null);
      await instance.clock.advance(3000);
      const times = seen()
        .filter(({ outgoing, payload }) => outgoing && payload === 100)
        .map(({ atUs }) => atUs);
      instance.close();
      return (times[1]! - times[0]!) / 1000;
    };
    expect(await timeUntilAgain('rto_min 1s')).toBeGreaterThanOrEqual(1000);
    expect(await timeUntilAgain('rto_min 20ms')).toBeLessThan(100);
    expect(await timeUntilAgain('')).toBeGreaterThanOrEqual(200);
  });

  test('quickack: nothing waits for its ACK', async () => {
    const longestWait = async (words: string): Promise<number> => {
      const instance = await world('', words);
      const { client, server } = await connect(instance, to);
      // A conversation: the server would let ACKs wait for its answers.
      const into = new Uint8Array(1000);
      for (let i = 0; i < 3; i++) {
        client.send(into, 0, 10, 0, null);
        await instance.clock.advance(5);
        server.receive(into, 0, 1000, 0, null);
        server.send(into, 0, 10, 0, null);
        await instance.clock.advance(5);
        client.receive(into, 0, 1000, 0, null);
      }
      const seen = segments(instance);
      client.send(into, 0, 10, 0, null);
      await instance.clock.advance(1000);
      const [data] = seen().filter(({ outgoing, payload }) => outgoing && payload > 0);
      const ack = seen().find(({ outgoing, atUs }) => !outgoing && atUs >= data!.atUs);
      instance.close();
      return (ack!.atUs - data!.atUs) / 1000;
    };
    expect(await longestWait('')).toBeGreaterThanOrEqual(40);
    expect(await longestWait('quickack 1')).toBeLessThan(5);
  });

  test('features ecn: it is asked for', async () => {
    const instance = await world('features ecn');
    const seen = segments(instance);
    await connect(instance, to);
    expect(seen()[0]!.flags).toBe(0xc2);
    expect(seen()[1]!.flags).toBe(0x52);
    instance.close();
  });
});

test.each(['10.0.0.2', 'fd00::2'])('features ecn: %s agrees to it with tcp_ecn off, by the way back', async (to) => {
  for (const [words, flags] of [
    ['', 0x12],
    ['features ecn', 0x52],
  ] as const) {
    const instance = await world('', words);
    await instance.sh('sysctl -qw net.ipv4.tcp_ecn=1; ip netns exec far sysctl -qw net.ipv4.tcp_ecn=0');
    const seen = segments(instance);
    await connect(instance, to);
    expect(seen()[1]!.flags).toBe(flags);
    instance.close();
  }
});

test('an MSS is not asked for that is less than min_adv_mss', async () => {
  const instance = await world('mtu 600');
  const seen = segments(instance);
  await connect(instance, '10.0.0.2');
  expect(seen()[0]!.mss).toBe(560);
  await instance.sh('sysctl -qw net.ipv4.route.min_adv_mss=1000');
  const socket = socketOf(instance, 2, 1);
  socket.connect(address('10.0.0.2', PORT));
  expect(seen().filter(({ flags }) => flags === 2)[1]!.mss).toBe(1000);
  instance.close();
});

test('a congestion control that nobody knows is refused', async () => {
  const instance = await world('');
  for (const command of ['ip route add 10.9.0.0/24 dev e0 congctl nosuch', 'ip -6 route add fd09::/64 dev e0 congctl nosuch'])
    expect((await instance.sh(command)).stderr).toBe('Error: Unknown tcp congestion algorithm.\n');
  instance.close();
});
