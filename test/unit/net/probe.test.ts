import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { SocketAddress } from '../../../src/net/core/socket.js';
import { checksum } from '../../../src/wire/checksum.js';
import { parseIpv4 } from '../../../src/wire/ipv4-address.js';
import { parseIpv6 } from '../../../src/wire/ipv6-address.js';
import { socketOf } from './multicast/lab.js';
import { ip6 } from './ipv6/world.js';

const SOCK_RAW = 3;

let instance: TapstackInstance;

/** Here v0, in "n" v1 with 10.1.0.2 and 2001:db8::2, who answers probes. */
beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add v0 type veth peer name v1; ip netns add n; ip link set v1 netns n
    ip link set v0 up; ip -n n link set v1 up; ip -n n link set lo up
    ip addr add 10.1.0.1/24 dev v0; ip -n n addr add 10.1.0.2/24 dev v1
    ip addr add 2001:db8::1/64 dev v0 nodad; ip -n n addr add 2001:db8::2/64 dev v1 nodad
    ip netns exec n sysctl -qw net.ipv4.icmp_echo_enable_probe=1`);
  expect(stderr).toBe('');
  await instance.clock.advance(3000);
});

afterEach(() => instance.close());

const bytes = (...parts: (number | string | Uint8Array)[]): number[] =>
  parts.flatMap((part) => (typeof part === 'number' ? [part] : [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)]));
const object = (type: number, body: number[]): number[] => [0, 4 + body.length, 3, type, ...body];
const byName = (name: string) => object(1, bytes(name));
const byIndex = (index: number) => object(2, [0, 0, 0, index]);
const byAddress = (afi: number, address: Uint8Array) => object(3, [0, afi, address.length, 0, ...address]);
const v4 = (text: string) => {
  const address = parseIpv4(text)!;
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
};

/** The answer's type, code and state, in hexadecimal, to a request with this object behind its extension header; '' where there is none. */
async function ask(object: number[], { family = 2, last = 1 } = {}): Promise<string> {
  const [socket, type] = family === 2 ? [socketOf(instance, 2, SOCK_RAW, 1), 42] : [socketOf(instance, 10, SOCK_RAW, 58), 160];
  const message = Uint8Array.from([type, 0, 0, 0, 0, 7, 3, last, ...(object.length > 0 ? [0x20, 0, 0, 0] : []), ...object]);
  const view = new DataView(message.buffer);
  if (family === 2) view.setUint16(2, checksum(view, 0, message.length, 0));
  const to = new SocketAddress();
  to.family = family;
  to.words.set(family === 2 ? [0, 0, 0xffff, parseIpv4('10.1.0.2')!] : ip6('2001:db8::2'));
  expect(socket.send(message, 0, message.length, 0, to)).toBe(message.length);
  await instance.clock.advance(2000);
  const into = new Uint8Array(200);
  let found = '';
  for (let got = socket.receive(into, 0, 200, 0, null); got > 0; got = socket.receive(into, 0, 200, 0, null)) {
    const at = family === 2 ? 20 : 0;
    if (into[at] !== type + 1) continue;
    found = [into[at]!, into[at + 1]!, into[at + 7]!].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(into.subarray(at + 8, got)).toEqual(message.subarray(8));
  }
  socket.close();
  return found;
}

// As Linux 6.1 answers: 2b (43) extended echo reply; code 0 found, 1 malformed, 2 no such interface; state 4 active, 2 IPv4, 1 IPv6.
test.each([
  ['a name', byName('v1\0\0'), '2b 00 07'],
  ['a name without padding', byName('v1'), '2b 00 07'],
  ['a name that nobody has', byName('nope'), '2b 02 00'],
  ['a name that is too long', byName('a'.repeat(20)), '2b 01 00'],
  ['an index', byIndex(1), '2b 00 07'],
  ['an index that nobody has', byIndex(99), '2b 02 00'],
  ['its IPv4 address', byAddress(1, v4('10.1.0.2')), '2b 00 07'],
  ["another's IPv4 address", byAddress(1, v4('10.1.0.1')), '2b 02 00'],
  ['its IPv6 address', byAddress(2, parseIpv6('2001:db8::2')!), '2b 00 07'],
  ['an IPv6 address of four bytes', byAddress(2, v4('1.2.3.4')), '2b 01 00'],
  ['an address of no known family', byAddress(9, v4('1.2.3.4')), '2b 01 00'],
  ['nothing known', object(4, bytes('abcd')), '2b 01 00'],
  ['two things, of which the first counts', [...byName('v1\0\0'), ...byName('nope')], '2b 00 07'],
  ['nothing', [], '2b 01 00'],
])('a probe by %s', async (_, asked, answer) => {
  expect(await ask(asked)).toBe(answer);
});

test('an address is that of the device which a local route to it names, in IPv4 alone', async () => {
  await instance.sh(`ip -n n route add local 10.9.0.0/24 dev v1; ip -n n -6 route add local 2001:db8:9::/64 dev v1; ip -n n route add 10.8.0.0/24 dev v1
    ip -n n link add d0 type dummy; ip -n n link set d0 up; ip -n n addr flush dev d0; ip -n n route add local 10.7.0.1 dev d0`);
  expect(await ask(byAddress(1, v4('10.9.0.7')))).toBe('2b 00 07');
  expect(await ask(byAddress(1, v4('127.0.0.9')))).toBe('2b 00 07');
  expect(await ask(byAddress(1, v4('10.7.0.1')))).toBe('2b 00 04');
  expect(await ask(byAddress(1, v4('10.8.0.7')))).toBe('2b 02 00');
  expect(await ask(byAddress(1, v4('10.1.0.255')))).toBe('2b 02 00');
  expect(await ask(byAddress(2, parseIpv6('2001:db8:9::7')!))).toBe('2b 02 00');
});

test("an IPv6 address is nobody's while it may be a duplicate", async () => {
  await instance.sh('ip netns exec n sysctl -qw net.ipv6.conf.v1.dad_transmits=9; ip -n n addr add 2001:db8::3/64 dev v1');
  expect(await ask(byAddress(2, parseIpv6('2001:db8::3')!))).toBe('2b 02 00');
  await instance.clock.advance(20_000);
  expect(await ask(byAddress(2, parseIpv6('2001:db8::3')!))).toBe('2b 00 07');
});

test('a probe over IPv6', async () => {
  expect(await ask(byName('v1'), { family: 10 })).toBe('a1 00 07');
  expect(await ask(byName('nope'), { family: 10 })).toBe('a1 02 00');
});

test('an interface that is down, and one without addresses', async () => {
  await instance.sh('ip -n n link set lo down; ip -n n link add d0 type dummy; ip -n n link set d0 up; ip -n n addr flush dev d0');
  expect(await ask(byName('lo'))).toBe('2b 00 02');
  expect(await ask(byName('d0'))).toBe('2b 00 04');
});

test('neighbours of the host are not asked, and without icmp_echo_enable_probe nobody is', async () => {
  expect(await ask(byName('v1'), { last: 0 })).toBe('');
  await instance.sh('ip netns exec n sysctl -qw net.ipv4.icmp_echo_enable_probe=0');
  expect(await ask(byName('v1'))).toBe('');
  expect(await ask(byName('v1'), { family: 10 })).toBe('');
});
