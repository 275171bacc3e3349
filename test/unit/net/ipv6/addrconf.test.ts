import { createInstance } from '../../../../src/library/index.js';
import { formatIpv6, parseIpv6 } from '../../../../src/wire/ipv6-address.js';
import { addressFromBytes, addressToBytes, type In6 } from '../../../../src/wire/ipv6.js';
import { stablePrivacy } from '../../../../src/net/ipv6/addrconf/generate.js';
import { AddressLabels } from '../../../../src/net/ipv6/addrlabel.js';
import { sha1Block } from '../../../../src/base/sha1.js';

const address = (text: string): In6 => addressFromBytes(parseIpv6(text)!);
const text = (words: In6) => formatIpv6(addressToBytes(words));

async function host(...lines: string[]) {
  const instance = await createInstance({ debugPool: true });
  for (const line of lines) expect(await instance.sh(line)).toMatchObject({ status: 0, stderr: '' });
  return instance;
}

const cable = ['ip netns add n', 'ip link add v0 address 02:00:00:00:00:0a type veth peer name v1 netns n address 02:00:00:00:00:0b'];

test('an address is tentative until nobody has answered for it, and then has its route', async () => {
  const instance = await host(...cable, 'ip link set v0 up', 'ip -n n link set v1 up', 'ip addr add 2001:db8::1/64 dev v0');
  expect((await instance.sh('ip -6 addr show v0 tentative')).stdout).toContain('2001:db8::1/64 scope global tentative');
  expect((await instance.sh('ip -6 route show table local dev v0')).stdout).not.toContain('2001:db8::1');
  await instance.clock.advance(2500);
  expect((await instance.sh('ip -6 addr show v0 tentative')).stdout).toBe('');
  expect((await instance.sh('ip -6 route show table local dev v0')).stdout).toContain('local 2001:db8::1 proto kernel metric 0');
  instance.close();
});

test('an address that another host has fails', async () => {
  const instance = await host(...cable, 'ip link set v0 up', 'ip -n n link set v1 up', 'ip addr add 2001:db8::1/64 dev v0');
  await instance.clock.advance(3000);
  await instance.sh('ip -n n addr add 2001:db8::1/64 dev v1');
  await instance.clock.advance(3000);
  expect((await instance.sh('ip -n n -6 addr show v1')).stdout).toContain('2001:db8::1/64 scope global dadfailed tentative');
  instance.close();
});

test('an address becomes deprecated, then goes with its prefix route', async () => {
  const instance = await host(
    'ip link add d0 type dummy',
    'ip link set d0 up',
    'ip addr add 2001:db8::1/64 dev d0 valid_lft 20 preferred_lft 10',
  );
  expect((await instance.sh('ip -6 addr show d0 scope global')).stdout).toContain(
    'scope global dynamic \n       valid_lft 20sec preferred_lft 10sec',
  );
  await instance.clock.advance(11_000);
  expect((await instance.sh('ip -6 addr show d0 deprecated')).stdout).toContain('2001:db8::1/64');
  await instance.clock.advance(10_000);
  expect((await instance.sh('ip -6 addr show d0 scope global')).stdout).toBe('');
  await instance.clock.advance(60_000);
  expect((await instance.sh('ip -6 route show 2001:db8::/64')).stdout).toBe('');
  instance.close();
});

test('disable_ipv6 takes the addresses away, and gives the link-local one back', async () => {
  const instance = await host('ip link add d0 address 02:00:00:00:00:01 type dummy', 'ip link set d0 up');
  await instance.sh('sysctl -w net.ipv6.conf.all.disable_ipv6=1');
  expect((await instance.sh('ip -6 addr')).stdout).toBe('');
  expect((await instance.sh('ip -6 route show table all')).stdout).toBe('');
  expect((await instance.sh('ip addr add 2001:db8::1/64 dev d0')).stderr).toBe('RTNETLINK answers: Permission denied\n');
  await instance.sh('sysctl -w net.ipv6.conf.all.disable_ipv6=0');
  expect((await instance.sh('ip -6 addr show d0')).stdout).toContain('fe80::ff:fe00:1/64 scope link');
  expect((await instance.sh('ip -6 addr show lo')).stdout).toContain('::1/128 scope host');
  instance.close();
});

test('a stable private address follows from secret, prefix and device, as Linux makes it', () => {
  const words = sha1Block(Uint8Array.from([0x80, ...new Array<number>(63).fill(0)]));
  // SHA-1 of nothing.
  expect([...words].map((word) => word.toString(16))).toEqual(['da39a3ee', '5e6b4b0d', '3255bfef', '95601890', 'afd80709']);
  const device = { address: Uint8Array.of(2, 0, 0, 0, 0, 1), permanentAddress: null };
  const one = address('2001:db8::');
  const same = address('2001:db8::');
  const other = address('2001:db8:1::');
  for (const into of [one, same, other]) expect(stablePrivacy(device, address('::1'), into, 0, 3)).toBe(true);
  expect(text(one)).toBe(text(same));
  expect(text(one).slice(-9)).not.toBe(text(other).slice(-9));
});

test.each([
  [1, ''],
  [10, ' tentative'],
])("a stable private address that is somebody else's: after idgen_delay, %i s, the next one is tried", async (delay, state) => {
  const instance = await host(
    `sysctl -qw net.ipv6.idgen_delay=${delay}`,
    'ip netns add n; ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 netns n; ip -n n link set v1 up',
    'sysctl -qw net.ipv6.conf.v0.stable_secret=fd00::1; ip link set v0 up',
  );
  await instance.clock.advance(3000);
  const shown = async () =>
    [...(await instance.sh('ip -6 addr show dev v0')).stdout.matchAll(/inet6 (\S+)\/64 scope link(.*) stable-privacy/g)].map(
      ([, address, flags]) => [address!, flags!] as const,
    );
  const [[first] = ['']] = await shown();
  await instance.sh(`ip link set v0 down; ip -n n addr add ${first}/64 dev v1 nodad; ip link set v0 up`);
  // A second until the question, one until nobody answers.
  await instance.clock.advance(5000);
  const next = (await shown()).find(([address]) => address !== first)!;
  expect(next[1]).toBe(state);
  await instance.clock.advance(9000);
  expect((await shown()).find(([address]) => address === next[0])![1]).toBe('');
  instance.close();
});

test('labels are found by the longest prefix', () => {
  const labels = new AddressLabels();
  expect(['::1', '2001:db8::1', '2002::1', '::ffff:10.0.0.1', 'fd00::1'].map((one) => labels.label(address(one), 0))).toEqual([
    0, 1, 2, 4, 5,
  ]);
  labels.add(address('2001:db8::'), 32, 0, 99, false);
  expect(labels.label(address('2001:db8::1'), 0)).toBe(99);
  expect(() => labels.add(address('2001:db8::'), 32, 0, 98, false)).toThrow();
  labels.delete(address('2001:db8::'), 32, 0);
  expect(labels.label(address('2001:db8::1'), 0)).toBe(1);
});
