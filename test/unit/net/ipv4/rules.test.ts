import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** A router "r" with a client behind it and two ways out, a and b, to the same host address 9.9.9.9. */
async function twoWays(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr, status } = await instance.sh(`
    ip netns add r; ip netns add c; ip netns add a; ip netns add b
    ip link add c0 netns c type veth peer name rc netns r
    ip link add a0 netns a type veth peer name ra netns r
    ip link add b0 netns b type veth peer name rb netns r
    ip -n c addr add 10.0.0.2/24 dev c0; ip -n c addr add 10.0.0.3/24 dev c0; ip -n c link set c0 up; ip -n c route add default via 10.0.0.1
    ip -n r addr add 10.0.0.1/24 dev rc; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb
    ip -n r link set rc up; ip -n r link set ra up; ip -n r link set rb up
    ip -n a addr add 10.1.0.2/24 dev a0; ip -n a link set a0 up; ip -n a route add default via 10.1.0.1
    ip -n b addr add 10.2.0.2/24 dev b0; ip -n b link set b0 up; ip -n b route add default via 10.2.0.1
    ip -n a addr add 9.9.9.9/32 dev a0; ip -n b addr add 9.9.9.9/32 dev b0
    ip netns exec r sysctl -qw net.ipv4.ip_forward=1
    ip -n r route add default via 10.1.0.2; ip -n r route add default via 10.2.0.2 table 100`);
  expect([stderr, status]).toEqual(['', 0]);
  // Reports of groups end, so that only pings are counted.
  await instance.clock.advance(10_000);
  return instance;
}

async function received(instance: TapstackInstance, namespace: string, device: string): Promise<number> {
  const { stdout } = await instance.sh(`ip -n ${namespace} -j -s link show ${device}`);
  return (JSON.parse(stdout) as { stats64: { rx: { packets: number } } }[])[0]!.stats64.rx.packets;
}

/** Which way `count` pings went: packets that a and b have received. */
async function ways(instance: TapstackInstance, ping: string, namespace = 'c'): Promise<{ a: number; b: number; status: number }> {
  // Neighbours are known, so that only pings are counted.
  await instance.sh(`ip netns exec ${namespace} ${ping}`);
  const before = [await received(instance, 'a', 'a0'), await received(instance, 'b', 'b0')];
  const { status } = await instance.sh(`ip netns exec ${namespace} ${ping}`);
  return { a: (await received(instance, 'a', 'a0')) - before[0]!, b: (await received(instance, 'b', 'b0')) - before[1]!, status };
}

const PING = 'ping -q -c 3 -i 0.01 9.9.9.9';

describe('policy routing', () => {
  test('sends packets by the table that their source address chooses', async () => {
    const instance = await twoWays();
    expect(await ways(instance, PING)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r rule add from 10.0.0.3 table 100');
    expect(await ways(instance, `${PING} -I 10.0.0.3`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -I 10.0.0.2`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r rule del from 10.0.0.3');
    expect(await ways(instance, `${PING} -I 10.0.0.3`)).toEqual({ a: 3, b: 0, status: 0 });
    instance.close();
  });

  test('sends packets by their mark, by the device they came in by, and by their type of service', async () => {
    const instance = await twoWays();
    await instance.sh('ip -n r rule add fwmark 0x10/0xf0 table 100');
    expect(await ways(instance, `${PING} -m 21`, 'r')).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -m 37`, 'r')).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r rule del fwmark 0x10/0xf0; ip -n r rule add iif rc table 100');
    expect(await ways(instance, PING)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, PING, 'r')).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r rule del iif rc; ip -n r rule add tos 0x10 to 9.9.9.9 table 100');
    expect(await ways(instance, `${PING} -Q 0x10`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, PING)).toEqual({ a: 3, b: 0, status: 0 });
    instance.close();
  });

  test('goto, nop, not and suppress_prefixlength do what they say', async () => {
    const instance = await twoWays();
    await instance.sh(
      'ip -n r rule add pref 10 from 10.0.0.3 goto 30; ip -n r rule add pref 15 nop; ip -n r rule add pref 20 iif rc table 100',
    );
    // The target is not there yet: the goto is passed over.
    expect(await ways(instance, `${PING} -I 10.0.0.3`)).toEqual({ a: 0, b: 3, status: 0 });
    await instance.sh('ip -n r rule add pref 30 table main');
    expect(await ways(instance, `${PING} -I 10.0.0.3`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh(
      'ip -n r rule del pref 20; ip -n r rule add pref 4 to 10.0.0.0/24; ip -n r rule add pref 5 not from 10.0.0.2 table 100',
    );
    expect(await ways(instance, `${PING} -I 10.0.0.3`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -I 10.0.0.2`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh(
      'ip -n r rule del pref 5; ip -n r rule add pref 1 table main suppress_prefixlength 0; ip -n r rule add pref 2 table 100',
    );
    expect(await ways(instance, PING)).toEqual({ a: 0, b: 3, status: 0 });
    instance.close();
  });

  test('prohibit, blackhole and unreachable answer as Linux does', async () => {
    const instance = await twoWays();
    await instance.sh('ip -n r rule add pref 1 from 10.0.0.3 prohibit');
    const { stdout, status } = await instance.sh('ip netns exec c ping -c 1 -W 1 -I 10.0.0.3 9.9.9.9');
    expect([stdout.includes('Packet filtered'), status]).toEqual([true, 1]);
    await instance.sh('ip -n r rule add pref 0 from 10.0.0.3 unreachable');
    expect((await instance.sh('ip -n r route get 9.9.9.9 from 10.0.0.3 iif rc')).stderr).toBe(
      'RTNETLINK answers: Network is unreachable\n',
    );
    instance.close();
  });
});
