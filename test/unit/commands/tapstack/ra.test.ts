import { advertisementOf, advertiseRouter, type RouterOptions } from '../../../../src/commands/tapstack/ra.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { build } from '../../../../src/wire/router-advertisement.js';

const defaults: RouterOptions = {
  interval: 600,
  preference: 'medium',
  hopLimit: 64,
  valid: 86_400,
  preferred: 14_400,
  route: [],
  autoconf: true,
};

/** A router, and a host behind its device lan, which is up already. */
async function world(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add host
    ip link add lan type veth peer name eth0 netns host
    ip addr add 2001:db8:1::1/64 dev lan nodad; sysctl -qw net.ipv6.conf.all.forwarding=1
    ip link set lan up; ip -n host link set eth0 up`);
  expect(stderr).toBe('');
  return instance;
}

/** The verb at work: what it printed, how it is ended, and when it has. */
function daemon(instance: TapstackInstance, prefixes: readonly string[], options: Partial<RouterOptions> = {}) {
  const ended = new AbortController();
  const out = { text: '' };
  const write = (text: string | Uint8Array) => {
    out.text += String(text);
  };
  const handlers = new Map<string, () => void>();
  const done = advertiseRouter(
    {
      stdout: { isTerminal: false, columns: 80, write },
      signal: ended.signal,
      onSignal: (name, handler) => {
        handlers.set(name, handler);
        return () => handlers.delete(name);
      },
      sleepUs: (us, signal) => instance.time.sleepUs(us, signal),
    },
    { variables: {}, transport: () => Promise.resolve(instance.transport()) },
    'lan',
    prefixes,
    { ...defaults, ...options },
  );
  return { done, ended, out, handlers };
}

const hostShows = async (instance: TapstackInstance, command: string) => (await instance.sh(`ip -n host ${command}`)).stdout;

describe('tapstack ra', () => {
  test('waits for its link-local address, and the host has an address and a default route', async () => {
    const instance = await world();
    const { done, ended, out } = daemon(instance, ['2001:db8:1::/64']);
    expect(out.text).toBe('');
    await instance.clock.advance(5000);
    expect(out.text).toBe('advertising on lan\n');
    expect(await hostShows(instance, '-6 addr show dev eth0')).toMatch(/inet6 2001:db8:1:[0-9a-f:]+\/64 scope global dynamic mngtmpaddr/);
    expect(await hostShows(instance, '-6 route show default')).toMatch(
      /^default via fe80::[0-9a-f:]+ dev eth0 proto ra metric 1024 expires 179\dsec hoplimit 64 pref medium\n$/,
    );
    expect((await instance.sh('ip netns exec host ping -c 1 2001:db8:1::1')).status).toBe(0);
    ended.abort('SIGTERM');
    await done;
    instance.close();
  });

  test('says at its end that it is a router no more, by a signal too', async () => {
    const instance = await world();
    const { done, handlers } = daemon(instance, ['2001:db8:1::/64']);
    await instance.clock.advance(5000);
    handlers.get('SIGINT')!();
    await done;
    await instance.clock.advance(10);
    expect(await hostShows(instance, '-6 route show default')).toBe('');
    expect(await hostShows(instance, '-6 addr show dev eth0')).toContain('2001:db8:1:');
    expect(handlers.size).toBe(0);
    instance.close();
  });

  test('tells what the options say: preference, MTU, hop limit, routes, lifetimes', async () => {
    const instance = await world();
    const { done, ended } = daemon(instance, ['2001:db8:1::/64', '2001:db8:2:1::5/64'], {
      interval: 60,
      lifetime: 30,
      preference: 'high',
      mtu: 1400,
      hopLimit: 33,
      valid: 0xffff_ffff,
      preferred: 0xffff_ffff,
    });
    await instance.clock.advance(5000);
    expect(await hostShows(instance, '-6 route show default')).toMatch(/expires 2\dsec mtu 1400 hoplimit 33 pref high\n$/);
    expect(await hostShows(instance, '-6 addr show dev eth0')).toMatch(
      /2001:db8:2:1:[0-9a-f:]+\/64 .*\n +valid_lft forever preferred_lft forever/,
    );
    ended.abort();
    await done;
    instance.close();
  });

  test('keeps routes alive by its interval, and a host that came late is answered at once', async () => {
    const instance = await world();
    const { done, ended } = daemon(instance, ['2001:db8:1::/64'], { interval: 600 });
    await instance.clock.advance(100_000);
    await instance.sh('ip -n host link set eth0 down; ip -n host link set eth0 up');
    await instance.clock.advance(6000);
    expect(await hostShows(instance, '-6 route show default')).toMatch(/expires 179\dsec/);
    await instance.clock.advance(3_600_000);
    expect(await hostShows(instance, '-6 route show default')).toMatch(/expires 1[2-7]\d\dsec/);
    ended.abort();
    await done;
    instance.close();
  });

  test('sends three early, then one an interval', async () => {
    const instance = await world();
    await instance.clock.advance(3000);
    await instance.sh('ip -n host link set eth0 addrgenmode none; ip netns exec host sysctl -qw net.ipv6.conf.eth0.accept_ra=0');
    const { done, ended } = daemon(instance, []);
    const sent = () => instance.device('lan').statistics.txPackets;
    await instance.clock.advance(1000);
    const times: number[] = [];
    for (let second = 1; second <= 1300; second++) {
      const before = sent();
      await instance.clock.advance(1000);
      if (sent() > before) times.push(second);
    }
    expect(times).toEqual([15, 31, 631, 1231]);
    ended.abort();
    await done;
    instance.close();
  });

  test('refuses what makes no sense in one line', async () => {
    const instance = await world();
    await expect(daemon(instance, ['10.0.0.0/8']).done).rejects.toThrow('"10.0.0.0/8" is not an IPv6 prefix');
    await expect(daemon(instance, [], { preference: 'best' }).done).rejects.toThrow('"best" is not low, medium or high');
    await expect(daemon(instance, [], { preferred: 100_000 }).done).rejects.toThrow('preferred for longer');
    await instance.sh('ip link del lan');
    await expect(daemon(instance, []).done).rejects.toThrow('cannot find device "lan"');
    instance.close();
  });

  test('gives up after ten seconds without a link-local address', async () => {
    const instance = await world();
    await instance.sh('sysctl -qw net.ipv6.conf.lan.disable_ipv6=1');
    const outcome = expect(daemon(instance, []).done).rejects.toThrow('"lan" has no link-local address');
    await instance.clock.advance(12_000);
    await outcome;
    instance.close();
  });
});

test('the message is byte for byte that of RFC 4861 4.2, 4.6 and RFC 4191 2.3', () => {
  const said = advertisementOf(
    ['2001:db8:1::/64'],
    { ...defaults, lifetime: 1800, mtu: 1480, preference: 'low', other: true, route: ['2001:db8:f::/48', '::/0'] },
    Uint8Array.of(2, 0, 0, 0, 0, 1),
  );
  expect(Buffer.from(build(said)).toString('hex')).toBe(
    [
      '86000000',
      '40580708',
      '0000000000000000',
      '0101020000000001',
      '05010000000005c8',
      '030440c0000151800000384000000000',
      '20010db8000100000000000000000000',
      '1802301800000708',
      '20010db8000f0000',
      '1801001800000708',
    ].join(''),
  );
});
