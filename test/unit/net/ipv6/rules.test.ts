import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

const ECHO_REQUEST = 128;

/** A router "r" with a client behind it and two ways out, a and b, to the same host address 2001:db8:9::9. */
async function twoWays(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr, status } = await instance.sh(`
    ip netns add r; ip netns add c; ip netns add a; ip netns add b
    ip link add c0 netns c type veth peer name rc netns r
    ip link add a0 netns a type veth peer name ra netns r
    ip link add b0 netns b type veth peer name rb netns r
    ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
    ip -n c link set c0 up; ip -n r link set rc up; ip -n r link set ra up; ip -n r link set rb up
    ip -n a link set a0 up; ip -n b link set b0 up
    ip -n c addr add 2001:db8::2/64 dev c0 nodad; ip -n c addr add 2001:db8::3/64 dev c0 nodad
    ip -n r addr add 2001:db8::1/64 dev rc nodad; ip -n c route add default via 2001:db8::1
    ip -n r addr add 2001:db8:a::1/64 dev ra nodad; ip -n r addr add 2001:db8:b::1/64 dev rb nodad
    ip -n a addr add 2001:db8:a::2/64 dev a0 nodad; ip -n a route add default via 2001:db8:a::1
    ip -n b addr add 2001:db8:b::2/64 dev b0 nodad; ip -n b route add default via 2001:db8:b::1
    ip -n a addr add 2001:db8:9::9/128 dev a0 nodad; ip -n b addr add 2001:db8:9::9/128 dev b0 nodad
    ip -n r route add default via 2001:db8:a::2; ip -n r route add default via 2001:db8:b::2 table 100`);
  expect([stderr, status]).toEqual(['', 0]);
  return instance;
}

/** How many echo requests of a ping a and b have received. */
async function ways(instance: TapstackInstance, ping: string, namespace = 'c'): Promise<{ a: number; b: number; status: number }> {
  const echoes = (where: string) => instance.namespace(where).ipv6.icmpStats.inType[ECHO_REQUEST]!;
  const before = [echoes('a'), echoes('b')];
  const { status, stderr } = await instance.sh(`ip netns exec ${namespace} ${ping}`);
  expect(stderr).toBe('');
  return { a: echoes('a') - before[0]!, b: echoes('b') - before[1]!, status };
}

const PING = 'ping -q -c 3 -i 0.01 2001:db8:9::9';

describe('policy routing of IPv6', () => {
  test('sends packets by the table that their source address chooses', async () => {
    const instance = await twoWays();
    expect(await ways(instance, PING)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r -6 rule add from 2001:db8::3 table 100');
    expect(await ways(instance, `${PING} -I 2001:db8::3`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -I 2001:db8::2`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r -6 rule del from 2001:db8::3');
    expect(await ways(instance, `${PING} -I 2001:db8::3`)).toEqual({ a: 3, b: 0, status: 0 });
    instance.close();
  });

  test('sends packets by mark, by the device they came in by, by DSCP and by protocol', async () => {
    const instance = await twoWays();
    await instance.sh('ip -n r -6 rule add fwmark 0x10/0xf0 table 100');
    expect(await ways(instance, `${PING} -m 21`, 'r')).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -m 37`, 'r')).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r -6 rule del fwmark 0x10/0xf0; ip -n r -6 rule add iif rc table 100');
    expect(await ways(instance, PING)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, PING, 'r')).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r -6 rule del iif rc; ip -n r -6 rule add tos 0x48 to 2001:db8:9::/48 table 100');
    expect(await ways(instance, `${PING} -Q 0x48`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, PING)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh('ip -n r -6 rule del tos 0x48; ip -n r -6 rule add ipproto ipv6-icmp iif rc table 100');
    expect(await ways(instance, PING)).toEqual({ a: 0, b: 3, status: 0 });
    await instance.sh('ip -n r -6 rule del ipproto ipv6-icmp; ip -n r -6 rule add ipproto udp iif rc table 100');
    expect(await ways(instance, PING)).toEqual({ a: 3, b: 0, status: 0 });
    instance.close();
  });

  test('goto, nop, not and suppress_prefixlength do what they say', async () => {
    const instance = await twoWays();
    await instance.sh(
      'ip -n r -6 rule add pref 10 from 2001:db8::3 goto 30; ip -n r -6 rule add pref 15 nop; ip -n r -6 rule add pref 20 iif rc table 100',
    );
    expect(await ways(instance, `${PING} -I 2001:db8::3`)).toEqual({ a: 0, b: 3, status: 0 });
    await instance.sh('ip -n r -6 rule add pref 30 table main');
    expect(await ways(instance, `${PING} -I 2001:db8::3`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh(
      'ip -n r -6 rule del pref 20; ip -n r -6 rule add pref 4 to 2001:db8::/64; ip -n r -6 rule add pref 5 not from 2001:db8::2 table 100',
    );
    expect(await ways(instance, `${PING} -I 2001:db8::3`)).toEqual({ a: 0, b: 3, status: 0 });
    expect(await ways(instance, `${PING} -I 2001:db8::2`)).toEqual({ a: 3, b: 0, status: 0 });
    await instance.sh(
      'ip -n r -6 rule del pref 5; ip -n r -6 rule add pref 1 table main suppress_prefixlength 0; ip -n r -6 rule add pref 2 table 100',
    );
    expect(await ways(instance, PING)).toEqual({ a: 0, b: 3, status: 0 });
    instance.close();
  });

  test('prohibit and unreachable are told to the sender, a blackhole says nothing', async () => {
    const instance = await twoWays();
    const ping = 'ip netns exec c ping -c 1 -W 1 -I 2001:db8::3 2001:db8:9::9';
    await instance.sh('ip -n r -6 rule add pref 1 from 2001:db8::3 prohibit');
    const prohibited = await instance.sh(ping);
    expect(prohibited.stdout).toContain('Administratively prohibited');
    await instance.sh('ip -n r -6 rule del pref 1; ip -n r -6 rule add pref 2 from 2001:db8::3 unreachable');
    const unreachable = await instance.sh(ping);
    expect(unreachable.stdout).toContain('No route');
    await instance.sh('ip -n r -6 rule del pref 2; ip -n r -6 rule add pref 3 from 2001:db8::3 blackhole');
    const silent = await instance.sh(ping);
    expect([silent.status, silent.stdout]).toEqual([1, expect.not.stringContaining('From')]);
    instance.close();
  });

  test('rules for sources decide where main has no route at all', async () => {
    const instance = await twoWays();
    await instance.sh('ip -n r -6 route del default; ip -n r -6 rule add from 2001:db8:b::1 table 100');
    expect(await ways(instance, `${PING} -I 2001:db8:b::1`, 'r')).toEqual({ a: 0, b: 3, status: 0 });
    // The other sources have no way.
    expect((await instance.sh('ip netns exec r ping -c 1 -I 2001:db8:a::1 2001:db8:9::9')).status).not.toBe(0);
    instance.close();
  });
});
