import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { parseIpv6 } from '../../../src/wire/ipv6-address.js';
import { ipv4 } from '../net/packets.js';

// What has a limit answers at it as Linux 6.1 does, and holds no more than that.

async function world(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add far
    ip link add v0 type veth peer name v1 netns far
    ip link set v0 up; ip -n far link set v1 up
    ip addr add 10.0.0.1/16 dev v0; ip addr add fd00::1/64 dev v0 nodad`);
  expect(stderr).toBe('');
  await instance.clock.advance(3000);
  return instance;
}

describe.each([
  ['ipv4', (n: number) => `10.0.1.${n}`],
  ['ipv6', (n: number) => `fd00::1:${n}`],
])('neighbours of %s', (family, address) => {
  const add = (instance: TapstackInstance, n: number, state = 'stale') =>
    instance.sh(`ip neigh add ${address(n)} lladdr 02:00:00:00:00:01 dev v0 nud ${state}`);

  test('are at most gc_thresh3: the next is refused, unless old ones can go; permanent ones do not count', async () => {
    const instance = await world();
    const path = `net.${family}.neigh.default`;
    await instance.sh(`sysctl -qw ${path}.gc_thresh1=2 ${path}.gc_thresh2=4 ${path}.gc_thresh3=8`);
    const statuses: number[] = [];
    for (let n = 1; n <= 12; n++) {
      const { status, stderr } = await add(instance, n);
      statuses.push(status);
      if (status !== 0) expect(stderr).toBe('RTNETLINK answers: No buffer space available\n');
    }
    expect(statuses.filter((status) => status === 0)).toHaveLength(8);
    expect(statuses.slice(0, 8)).toEqual(new Array(8).fill(0));
    expect((await add(instance, 20, 'permanent')).status).toBe(0);
    // Who is asked for has no place either: the packet is lost, the stack lives.
    expect((await instance.sh(`ping -c 1 -W 1 ${address(30)}`)).stdout).toContain('1 packets transmitted, 0 received, 100% packet loss');
    // What has not changed for five seconds makes room.
    await instance.clock.advance(6000);
    expect((await add(instance, 40)).status).toBe(0);
    expect((await instance.sh('ip neigh show')).stdout.split('\n').length).toBeLessThan(10);
    instance.close();
  });
});

test('routes of IPv6 have no limit: max_size is of what was learned', async () => {
  const instance = await world();
  await instance.sh('sysctl -qw net.ipv6.route.max_size=10');
  await instance.files.write(
    '/tmp/routes',
    new TextEncoder().encode(Array.from({ length: 50 }, (_, n) => `route add fd01:${n}::/64 dev v0\n`).join('')),
  );
  expect(await instance.sh('ip -6 -batch /tmp/routes')).toMatchObject({ status: 0, stderr: '' });
  expect((await instance.sh('ip -6 route show')).stdout.match(/^fd01:/gm)).toHaveLength(50);
  instance.close();
});

test('a batch of 20,000 lines holds nothing once it is done, and names the line that fails', async () => {
  const instance = await world();
  const lines = (verb: string) =>
    Array.from({ length: 20_000 }, (_, n) => `route ${verb} 20.${n >> 8}.${n & 255}.0/24 via 10.0.0.2\n`).join('');
  const write = (text: string) => instance.files.write('/tmp/routes', new TextEncoder().encode(text));
  await write(lines('add'));
  expect(await instance.sh('ip -batch /tmp/routes')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  await write(`${lines('del')}route del 20.0.0.0/24\n`);
  const { status, stderr } = await instance.sh('ip -batch /tmp/routes');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'RTNETLINK answers: No such process\nCommand failed /tmp/routes:20001\n',
  });
  expect((await instance.sh('ip route show')).stdout).toBe('10.0.0.0/16 dev v0 proto kernel scope link src 10.0.0.1 \n');
  instance.close();
}, 60_000);

describe('fragments whose rest does not come', () => {
  const frame = (type: number, packet: Uint8Array) =>
    Uint8Array.of(...new Array<number>(6).fill(0xff), 2, 0, 0, 0, 0, 9, type >> 8, type & 255, ...packet);
  const data = new Uint8Array(1000);
  const first4 = (id: number) => frame(0x800, ipv4({ from: '10.0.0.9', to: '10.0.0.1', protocol: 17, id, fragment: 0x2000 }, data));
  const first6 = (id: number) => {
    const packet = new Uint8Array(48 + data.length);
    const view = new DataView(packet.buffer);
    view.setUint32(0, 0x6000_0000);
    view.setUint16(4, 8 + data.length);
    packet[6] = 44;
    packet[7] = 64;
    packet.set(parseIpv6('fd00::9')!, 8);
    packet.set(parseIpv6('fd00::1')!, 24);
    packet[40] = 17;
    packet[43] = 1;
    view.setUint32(44, id);
    return frame(0x86dd, packet);
  };

  test.each([
    ['ipv4', 'ipfrag', first4],
    ['ipv6', 'ip6frag', first6],
  ] as const)('take no more than high_thresh of %s, and nothing where that is 0', async (family, name, first) => {
    const instance = await world();
    const own = instance.device('v0').address;
    const put = (from: number, count: number) => {
      for (let id = from; id < from + count; id++) {
        const bytes = first(id);
        bytes.set(own);
        instance.inject(instance.device('v0'), bytes);
        while (instance.stack.poll());
      }
    };
    await instance.sh(`sysctl -qw net.${family}.${name}_low_thresh=100000; sysctl -qw net.${family}.${name}_high_thresh=200000`);
    const idle = instance.stack.pool.inUse;
    put(1, 2000);
    const { reassembly } = instance.stack.initial[family];
    expect(reassembly.memory).toBeLessThanOrEqual(200_000 + 4000);
    expect(reassembly.queues).toBeGreaterThan(10);
    expect(instance.stack.pool.inUse - idle).toBeLessThan(250);
    // A minute, and what asking for the sender takes: it is told (RFC 8200 4.5).
    await instance.clock.advance(70_000);
    expect([reassembly.memory, reassembly.queues, instance.stack.pool.inUse]).toEqual([0, 0, idle]);
    await instance.sh(`sysctl -qw net.${family}.${name}_low_thresh=0; sysctl -qw net.${family}.${name}_high_thresh=0`);
    put(5000, 100);
    expect(reassembly.queues).toBeLessThanOrEqual(1);
    instance.close();
  });
});
