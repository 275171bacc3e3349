import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, settled, sh } from './tunnel-world.js';

let instance: TapstackInstance;

/** Two hosts on one wire, 2001:db8::1 and ::2, and a VXLAN network over it. */
async function world(words: string): Promise<void> {
  await sh(
    instance,
    `ip netns add left; ip netns add right
     ip -n left link add eth0 address 02:00:00:00:00:01 type veth peer name eth0 address 02:00:00:00:00:02 netns right
     ip -n left link set eth0 up; ip -n right link set eth0 up
     ip -n left address add 2001:db8::1/64 dev eth0 nodad; ip -n right address add 2001:db8::2/64 dev eth0 nodad
     ip -n left link add vx0 address 02:00:00:00:01:01 type vxlan id 7 remote 2001:db8::2 local 2001:db8::1 dstport 4789 ${words}
     ip -n right link add vx0 address 02:00:00:00:01:02 type vxlan id 7 remote 2001:db8::1 local 2001:db8::2 dstport 4789 ${words}
     ip -n left address add 10.0.0.1/24 dev vx0; ip -n right address add 10.0.0.2/24 dev vx0
     ip -n left link set vx0 up; ip -n right link set vx0 up`,
  );
}

beforeEach(async () => {
  instance = await createInstance({ clock: 'virtual', debugPool: true });
});

afterEach(() => settled(instance));

const ping = 'ip netns exec left ping -c 2 -i 0.2 10.0.0.2';

describe('vxlan over IPv6', () => {
  test('carries pings, and its MTU leaves room for the longer header', async () => {
    await world('dev eth0');
    expect(await sh(instance, ping)).toContain('2 received');
    expect(await sh(instance, 'ip -n left link show vx0')).toContain('mtu 1430');
  });

  test('learns where an address is from an IPv6 source', async () => {
    await world('');
    await sh(instance, ping);
    expect(await sh(instance, 'bridge -n left fdb show dev vx0')).toContain('02:00:00:00:01:02 dst 2001:db8::2 self');
  });

  test('without checksums where both sides say so, and not at all where one does not', async () => {
    await world('udp6zerocsumtx udp6zerocsumrx flowlabel 0x12345');
    const frames = await framesOf(instance, 'eth0', 'left', ping);
    const outer = frames.map(hex).filter((frame) => frame.slice(24, 28) === '86dd' && frame.slice(40, 42) === '11');
    expect(outer.length).toBeGreaterThan(0);
    for (const frame of outer) {
      expect(frame.slice(28, 36)).toBe('60012345');
      expect(frame.slice(120, 124)).toBe('0000');
    }
    expect(await sh(instance, ping)).toContain('2 received');
    await sh(instance, 'ip -n right link del vx0');
    await sh(
      instance,
      `ip -n right link add vx0 address 02:00:00:00:01:02 type vxlan id 7 remote 2001:db8::1 dstport 4789
       ip -n right address add 10.0.0.2/24 dev vx0; ip -n right link set vx0 up`,
    );
    expect((await instance.sh(`${ping} -W 1`)).stdout).toContain('0 received');
  });

  test('an address of the other family is refused for an entry, and for the device', async () => {
    await world('');
    const refused = await instance.sh('bridge -n left fdb add 02:00:00:00:00:09 dev vx0 dst 192.0.2.1');
    expect(refused.stderr).toBe('RTNETLINK answers: Address family not supported by protocol\n');
    const changed = await instance.sh('ip -n left link set vx0 type vxlan remote 192.0.2.1');
    expect(changed.stderr).toBe('Error: New group address family does not match old group.\n');
  });
});

describe('a vxlan device that knows its neighbours', () => {
  /** A host behind a bridge, of which the vxlan device is a port. */
  const bridged = `ip netns add host
    ip -n left link add h0 type veth peer name h0 netns host; ip -n left link add br0 type bridge
    ip -n left link set vx0 master br0; ip -n left link set h0 master br0; ip -n left link set h0 up; ip -n left link set br0 up
    ip -n host address add 10.0.0.3/24 dev h0; ip -n host link set h0 up`;

  test('proxy answers ARP itself, and nothing of it leaves', async () => {
    await world('proxy');
    await sh(instance, `${bridged}; ip -n left neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev vx0`);
    const capture = instance.capture(instance.device('eth0', 'left'));
    await instance.sh('ip netns exec host ping -c 1 -W 1 10.0.0.77; ip netns exec host ping -c 1 -W 1 10.0.0.88');
    capture.stop();
    expect(capture.frames.map(({ bytes }) => hex(bytes)).filter((frame) => frame.includes('0806000108000604'))).toEqual([]);
    expect(await sh(instance, 'ip -n host neigh show 10.0.0.77')).toContain('lladdr 02:00:00:00:00:77');
    expect(await sh(instance, 'ip -n host neigh show 10.0.0.88')).toMatch(/INCOMPLETE|FAILED/);
  });

  test('proxy answers neighbour discovery itself, and nothing of it leaves', async () => {
    await world('proxy');
    await sh(
      instance,
      `${bridged}; ip netns exec host sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
       ip -n host address add fd00::3/64 dev h0 nodad; ip -n left neigh add fd00::77 lladdr 02:00:00:00:00:77 dev vx0`,
    );
    const capture = instance.capture(instance.device('eth0', 'left'));
    await instance.sh('ip netns exec host ping -c 1 -W 1 fd00::77; ip netns exec host ping -c 1 -W 1 fd00::88');
    capture.stop();
    // Of the frames inside, no solicitation: the next header 58, hop limit 255 and type 135.
    expect(capture.frames.map(({ bytes }) => hex(bytes)).filter((frame) => /86dd6.{11}3aff.{64}8700/.test(frame.slice(120)))).toEqual([]);
    expect(await sh(instance, 'ip -n host neigh show fd00::77')).toContain('lladdr 02:00:00:00:00:77');
    expect(await sh(instance, 'ip -n host neigh show fd00::88')).toMatch(/INCOMPLETE|FAILED/);
  });

  test('rsc does the same for what is of IPv6', async () => {
    await world('rsc nolearning');
    await sh(
      instance,
      `${bridged}; ip netns exec host sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
       ip -n host address add fd00::3/64 dev h0 nodad
       ip -n left neigh add fd09::2 lladdr 02:00:00:00:01:02 dev vx0
       bridge -n left fdb add 02:00:00:00:00:aa dev vx0 dst 2001:db8::dead router self
       bridge -n left fdb add 02:00:00:00:01:02 dev vx0 dst 2001:db8::2 self
       ip -n host neigh add fd00::fe lladdr 02:00:00:00:00:aa dev h0; ip -n host route add fd09::/16 via fd00::fe`,
    );
    const capture = instance.capture(instance.device('vx0', 'right'));
    await instance.sh('ip netns exec host ping -c 1 -W 1 fd09::2');
    capture.stop();
    expect(capture.frames.map(({ bytes }) => hex(bytes).slice(0, 24))).toContain('0200000001020200000000aa');
  });

  test('what goes to a router but is for a neighbour goes there straight, with rsc', async () => {
    await world('rsc nolearning');
    await sh(
      instance,
      `${bridged}
       ip -n left neigh add 10.9.0.2 lladdr 02:00:00:00:01:02 dev vx0
       bridge -n left fdb add 02:00:00:00:00:aa dev vx0 dst 2001:db8::dead router self
       bridge -n left fdb add 02:00:00:00:01:02 dev vx0 dst 2001:db8::2 self
       ip -n host neigh add 10.0.0.254 lladdr 02:00:00:00:00:aa dev h0; ip -n host route add 10.9.0.0/16 via 10.0.0.254`,
    );
    const capture = instance.capture(instance.device('vx0', 'right'));
    await instance.sh('ip netns exec host ping -c 1 -W 1 10.9.0.2');
    capture.stop();
    expect(capture.frames.map(({ bytes }) => hex(bytes).slice(0, 24))).toContain('0200000001020200000000aa');
  });

  test('tells of addresses that it does not know: of frames with l2miss, of neighbours with l3miss', async () => {
    await world('proxy l3miss');
    await sh(instance, bridged);
    const missed: string[] = [];
    const { forwarding } = instance.device('vx0', 'left');
    if (forwarding !== null) forwarding.onMiss = (address, destination) => missed.push(hex(address ?? destination ?? new Uint8Array()));
    await instance.sh('ip netns exec host ping -c 1 -W 1 10.0.0.88');
    expect(missed[0]).toBe('0a000058');
    await sh(
      instance,
      `ip -n left link del vx0; ip -n left link add vx0 type vxlan id 8 dstport 4789 l2miss
       ip -n left address add 10.0.0.1/24 dev vx0; ip -n left link set vx0 up; ip -n left neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev vx0`,
    );
    missed.length = 0;
    const again = instance.device('vx0', 'left').forwarding;
    if (again !== null) again.onMiss = (address, destination) => missed.push(hex(address ?? destination ?? new Uint8Array()));
    await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.9');
    expect(missed).toEqual(['020000000009']);
  });
});

test('with gbp the mark of a packet goes to the other side', async () => {
  await world('gbp');
  const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -m 4660 -c 1 10.0.0.2');
  expect(frames.map(hex).some((frame) => frame.slice(124, 140) === '8800123400000700')).toBe(true);
  expect(await sh(instance, 'ip -n left -d link show vx0')).toContain(' gbp ');
});

test('a tunnel that has moved away goes with the namespace of its outer packets', async () => {
  await sh(
    instance,
    `ip netns add below; ip netns add above
     ip -n below link add vx0 type vxlan id 5 remote 192.0.2.9 dstport 4789
     ip -n below link add t0 type ipip remote 192.0.2.9 local 192.0.2.8
     ip -n below link add g0 type gretap remote 192.0.2.9 local 192.0.2.8
     ip -n below link set vx0 netns above; ip -n below link set t0 netns above; ip -n below link set g0 netns above`,
  );
  expect(await sh(instance, 'ip -n above -br link')).toMatch(/vx0.*t0.*g0/s);
  await sh(instance, 'ip netns del below');
  expect(await sh(instance, 'ip -n above -br link')).not.toMatch(/vx0|\bt0|\bg0/);
});
