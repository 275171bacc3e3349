import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/**
 * Host h (fd01::2), router r (fd01::1), and a better router g (fd01::3) for fd03::/64 on one link; f (fd02::2) beyond r, where r's
 * end of the link takes 1400 bytes only.
 */
async function world(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add r; ip netns add h; ip netns add g; ip netns add f
    ip link add br0 type bridge mcast_snooping 0; ip link set br0 up
    ip link add pr type veth peer name e0 netns r address 02:00:00:00:00:01
    ip link add ph type veth peer name e0 netns h address 02:00:00:00:00:02
    ip link add pg type veth peer name e0 netns g address 02:00:00:00:00:03
    ip link set pr master br0 up; ip link set ph master br0 up; ip link set pg master br0 up
    ip -n r link set e0 up; ip -n h link set e0 up; ip -n g link set e0 up; ip -n g link set lo up
    ip link add v0 netns r mtu 1400 type veth peer name v1 netns f mtu 1500
    ip -n r link set v0 up; ip -n f link set v1 up
    ip -n r addr add fd01::1/64 dev e0 nodad; ip -n h addr add fd01::2/64 dev e0 nodad; ip -n g addr add fd01::3/64 dev e0 nodad
    ip -n r addr add fd02::1/64 dev v0 nodad; ip -n f addr add fd02::2/64 dev v1 nodad; ip -n f -6 route add default via fd02::1
    ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1; ip netns exec g sysctl -qw net.ipv6.conf.all.forwarding=1
    ip -n h -6 route add fd02::/64 via fd01::1
    ip -n g addr add fd03::1/128 dev lo; ip -n r -6 route add fd03::/64 via fe80::ff:fe00:3 dev e0
    ip -n h -6 route add fd03::/64 via fe80::ff:fe00:1 dev e0`);
  expect(stderr).toBe('');
  await instance.clock.advance(5000);
  return instance;
}

const way = async (instance: TapstackInstance, to: string): Promise<string> =>
  (await instance.sh(`ip -n h -6 route get ${to}`)).stdout.replace(/ from .*?(?= (via|dev))/, '').trim();

const ping = (instance: TapstackInstance, words: string) => instance.sh(`ip netns exec h ping -q ${words}`);
const redirects = (instance: TapstackInstance) => instance.namespace('r').ipv6.icmpStats.outType[137]!;

describe('what a host has learned of a destination', () => {
  test('a path MTU holds for it alone, for mtu_expires', async () => {
    const instance = await world();
    await instance.sh('ip netns exec h sysctl -qw net.ipv6.route.mtu_expires=30');
    await ping(instance, '-c 2 -i 0.2 -M do -s 1440 fd02::2');
    expect(await way(instance, 'fd02::2')).toMatch(
      /^fd02::2 via fd01::1 dev e0 src fd01::2 metric 1024 expires 29sec mtu 1400 pref medium$/,
    );
    expect(await way(instance, 'fd02::9')).toBe('fd02::9 via fd01::1 dev e0 src fd01::2 metric 1024 pref medium');
    await instance.clock.advance(30_000);
    expect(await way(instance, 'fd02::2')).toBe('fd02::2 via fd01::1 dev e0 src fd01::2 metric 1024 pref medium');
    instance.close();
  });

  test('ip -6 route show cache lists what was learned, and flush forgets it', async () => {
    const instance = await world();
    await ping(instance, '-c 2 -i 0.2 -M do -s 1440 fd02::2');
    await instance.clock.advance(1500);
    const run = async (words: string) => (await instance.sh(`ip -n h ${words}`)).stdout;
    expect(await run('-6 route show cache')).toMatch(/^fd02::2 via fd01::1 dev e0 metric 1024 expires 59\dsec mtu 1400 pref medium\n$/);
    expect(await run('-6 -s route show cache')).toMatch(/ expires 59\dsec users 1 age 1sec mtu 1400 pref medium\n$/);
    expect(await run('-6 route show fd02::/64')).toBe('fd02::/64 via fd01::1 dev e0 metric 1024 pref medium\n');
    expect(await run('-6 route show cache fd02::/64')).toBe('');
    const flushed = '\n*** Round 1, deleting 1 entries ***\n*** Flush is complete after 1 round ***\n';
    expect(await run('-6 -s route flush cache')).toBe(flushed);
    expect(await run('-6 -s route flush cache')).toBe('Nothing to flush.\n');
    expect(await run('-6 route show cache')).toBe('');
    expect(await way(instance, 'fd02::2')).toBe('fd02::2 via fd01::1 dev e0 src fd01::2 metric 1024 pref medium');
    // The next packet that is too large is told so again.
    await ping(instance, '-c 1 -M do -s 1440 fd02::2');
    expect(await way(instance, 'fd02::2')).toContain('mtu 1400');
    instance.close();
  });

  test('a route that takes the place of the old one knows nothing of it', async () => {
    const instance = await world();
    await ping(instance, '-c 1 -M do -s 1440 fd02::2');
    await instance.sh('ip -n h -6 route replace fd02::/64 via fd01::1 mtu 1450');
    expect(await way(instance, 'fd02::2')).toContain('mtu 1450');
    // What the user says is no upper bound for what routers say.
    await ping(instance, '-c 1 -M do -s 1402 fd02::2');
    expect(await way(instance, 'fd02::2')).toContain('mtu 1400');
    instance.close();
  });

  test('a better router is believed where the way goes by who tells, and is forgotten at the next collection after half a minute', async () => {
    const instance = await world();
    await ping(instance, '-c 2 -i 0.3 fd03::1');
    expect(redirects(instance)).toBe(1);
    expect(await way(instance, 'fd03::1')).toBe('fd03::1 via fe80::ff:fe00:3 dev e0 src fd01::2 metric 1024 pref medium');
    expect(await way(instance, 'fd03::2')).toContain('via fe80::ff:fe00:1 ');
    await instance.clock.advance(20_000);
    expect(await way(instance, 'fd03::1')).toContain('via fe80::ff:fe00:3 ');
    await instance.clock.advance(50_000);
    expect(await way(instance, 'fd03::1')).toContain('via fe80::ff:fe00:1 ');
    instance.close();
  });

  test('a redirect from who is not the gateway, or where accept_redirects is off, changes nothing', async () => {
    const instance = await world();
    // The gateway is fd01::1, and who tells is fe80::ff:fe00:1.
    await instance.sh('ip -n h -6 route replace fd03::/64 via fd01::1');
    await ping(instance, '-c 2 -i 0.3 fd03::1');
    expect(redirects(instance)).toBe(2);
    expect(await way(instance, 'fd03::1')).toContain('via fd01::1 ');
    await instance.sh(
      'ip -n h -6 route replace fd03::/64 via fe80::ff:fe00:1 dev e0; ip netns exec h sysctl -qw net.ipv6.conf.e0.accept_redirects=0',
    );
    await ping(instance, '-c 2 -i 0.3 fd03::1');
    expect(await way(instance, 'fd03::1')).toContain('via fe80::ff:fe00:1 ');
    instance.close();
  });

  test('a router tells a sender at most once a second, six times at once', async () => {
    const instance = await world();
    await instance.sh('ip netns exec h sysctl -qw net.ipv6.conf.e0.accept_redirects=0');
    await ping(instance, '-c 20 -i 0.1 fd03::1');
    // Linux 6.1 told seven times in those two seconds, and ten times in the five that follow.
    expect(redirects(instance)).toBe(7);
    await instance.clock.advance(60_000);
    await ping(instance, '-c 20 -i 0.25 fd03::1');
    expect(redirects(instance)).toBe(7 + 10);
    instance.close();
  });

  test('nothing is told of a router that the host could not name: its address is not of the link', async () => {
    const instance = await world();
    await instance.sh('ip -n r -6 route replace fd03::/64 via fd01::3');
    expect((await ping(instance, '-c 2 -i 0.3 fd03::1')).status).toBe(0);
    expect(redirects(instance)).toBe(0);
    instance.close();
  });
});

describe('a route that expires', () => {
  test('counts for nothing from then on, and goes with the next collection', async () => {
    const instance = await world();
    await instance.sh('ip -n h -6 route add fd32::/64 dev e0 expires 2; ip -n h -6 route add fd33::/64 dev e0 expires 0');
    expect((await instance.sh('ip -n h -6 route get fd32::1')).status).toBe(0);
    await instance.clock.advance(3000);
    expect((await instance.sh('ip -n h -6 route get fd32::1')).stderr).toBe('RTNETLINK answers: Network is unreachable\n');
    expect((await instance.sh('ip -n h -6 route get fd33::1')).status).toBe(2);
    expect((await instance.sh('ip -n h -6 route show')).stdout).toContain('fd32::/64 dev e0 metric 1024 expires -1sec pref medium');
    await instance.clock.advance(30_000);
    expect((await instance.sh('ip -n h -6 route show')).stdout).not.toMatch(/fd3[23]/);
    instance.close();
  });
});
