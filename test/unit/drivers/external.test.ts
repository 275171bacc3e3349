import type { TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, settled, sh, underlay } from './tunnel-world.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await underlay();
});

afterEach(() => settled(instance));

/** A bridge whose VLANs 10 and 20 are the VNIs 1010 and 1020 at one external vxlan device, and a host in each. */
const site = (name: string, local: number, remote: string) => `
  ip -n ${name} link add br0 type bridge vlan_filtering 1; ip -n ${name} link set br0 up
  ip -n ${name} link add vx0 type vxlan external dstport 4789; ip -n ${name} link set vx0 master br0; ip -n ${name} link set vx0 up
  bridge -n ${name} link set dev vx0 vlan_tunnel on
${[10, 20]
  .map(
    (n) => `    bridge -n ${name} vlan add vid ${n} dev vx0
    bridge -n ${name} vlan add vid ${n} tunnel_info id ${1000 + n} dev vx0
    bridge -n ${name} fdb append 00:00:00:00:00:00 dev vx0 dst ${remote} src_vni ${1000 + n}
    ip netns add ${name}${n}; ip netns exec ${name}${n} sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n ${name} link add h${n} type veth peer name eth0 netns ${name}${n}
    ip -n ${name} link set h${n} master br0 up; bridge -n ${name} vlan add vid ${n} pvid untagged dev h${n}
    ip -n ${name}${n} address add 10.0.${n}.${local}/24 dev eth0; ip -n ${name}${n} link set eth0 up`,
  )
  .join('\n')}`;

const sites = `${site('left', 1, '198.51.100.1')}
${site('right', 2, '192.0.2.1')}`;

/** VNIs of VXLAN frames, from the first byte of the frame. */
const vnis = (frames: readonly Uint8Array[]) => [
  ...new Set(frames.filter((frame) => frame[23] === 17).map((frame) => Number.parseInt(hex(frame.subarray(46, 49)), 16))),
];

describe('an external vxlan device of a bridge', () => {
  test('carries each VLAN in the VNI that it is mapped to, and hosts of a VLAN reach each other', async () => {
    await sh(instance, sites);
    const ten = await framesOf(instance, 'eth0', 'left', 'ip netns exec left10 ping -c 1 10.0.10.2');
    expect(vnis(ten)).toEqual([1010]);
    const twenty = await framesOf(instance, 'eth0', 'left', 'ip netns exec left20 ping -c 1 10.0.20.2');
    expect(vnis(twenty)).toEqual([1020]);
  });

  test('does not let what comes in one VNI into the VLAN of another', async () => {
    await sh(instance, sites);
    await sh(instance, 'ip -n left20 address add 10.0.10.1/24 dev eth0');
    const lost = await instance.sh('ip netns exec left20 ping -c 1 -W 1 10.0.10.2');
    expect(lost.stdout).toContain(' 0 received');
  });

  test('drops frames that nobody has given metadata to', async () => {
    await sh(
      instance,
      `ip -n left link add vx0 type vxlan external dstport 4789; ip -n left link set vx0 up
       ip -n left address add 10.9.0.1/24 dev vx0`,
    );
    const lost = await instance.sh('ip netns exec left ping -c 1 -W 1 10.9.0.2');
    expect(lost.stdout).toContain(' 0 received');
  });

  test('has entries by VNI, of which one address may have several', async () => {
    await sh(
      instance,
      `ip -n left link add vx0 type vxlan external dstport 4789
       bridge -n left fdb add 00:11:22:33:44:55 dev vx0 dst 10.0.0.2 src_vni 1000 vni 1000
       bridge -n left fdb add 00:11:22:33:44:55 dev vx0 dst 10.0.0.3 src_vni 2000`,
    );
    expect((await sh(instance, 'bridge -n left fdb show dev vx0')).trimEnd().split('\n').sort()).toEqual([
      '00:11:22:33:44:55 dst 10.0.0.2 vni 1000 src_vni 1000 self permanent',
      '00:11:22:33:44:55 dst 10.0.0.3 src_vni 2000 self permanent',
    ]);
    await sh(instance, 'bridge -n left fdb del 00:11:22:33:44:55 dev vx0 src_vni 2000');
    expect(await sh(instance, 'bridge -n left fdb show dev vx0')).toBe(
      '00:11:22:33:44:55 dst 10.0.0.2 vni 1000 src_vni 1000 self permanent\n',
    );
  });

  test('is shown as iproute2 shows it: external, and not learning unless it was asked to', async () => {
    await sh(
      instance,
      'ip -n left link add vx0 type vxlan external dstport 4789; ip -n left link add vx1 type vxlan external learning dstport 4790',
    );
    expect(await sh(instance, 'ip -n left -d link show vx0')).toContain('vxlan external id 0 srcport 0 0 dstport 4789 nolearning ttl auto');
    expect(await sh(instance, 'ip -n left -d link show vx1')).toContain('vxlan external id 0 srcport 0 0 dstport 4790 ttl auto');
    const twin = await instance.sh('ip -n left link add vx2 type vxlan external dstport 4789');
    expect(twin.stderr).toBe('Error: A VXLAN device with the specified VNI already exists.\n');
  });
});

/** Hosts of an overlay whose routes say what is outside: 10.9.0.`n` on left, 10.8.0.`n` on right. */
const overlay = (encap: (id: number, to: 'left' | 'right') => string) => `
  ip -n left link add vx0 type vxlan external dstport 4789; ip -n left link set vx0 up
  ip -n right link add vx0 type vxlan external dstport 4789; ip -n right link set vx0 up
  ip -n left address add 10.9.0.1/32 dev vx0; ip -n right address add 10.8.0.1/32 dev vx0; ip -n right address add 10.8.0.2/32 dev vx0
  ip -n left route add 10.8.0.1 ${encap(42, 'right')} dev vx0
  ip -n left route add 10.8.0.2 ${encap(43, 'right')} dev vx0
  ip -n right route add 10.9.0.1 ${encap(42, 'left')} dev vx0`;

const ADDRESS = { left: '192.0.2.1', right: '198.51.100.1' };

describe('a route with encap', () => {
  test('gives an external vxlan the VNI and the remote of its packets, and of the questions for its neighbour', async () => {
    await sh(
      instance,
      overlay((id, to) => `encap ip id ${id} dst ${ADDRESS[to]}`),
    );
    const first = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 2 10.8.0.1');
    expect(vnis(first)).toEqual([42]);
    const second = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 2 10.8.0.2');
    expect(vnis(second)).toEqual([43]);
  });

  test('says the TTL, the TOS and the source outside', async () => {
    await sh(
      instance,
      overlay((id, to) => `encap ip id ${id} dst ${ADDRESS[to]} ttl 7 tos 0x28`),
    );
    const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 10.8.0.1');
    const outer = frames.filter((frame) => frame[23] === 17);
    expect(outer.length).toBeGreaterThan(0);
    for (const frame of outer) expect([frame[15], frame[22], hex(frame.subarray(26, 30))]).toEqual([0x28, 7, 'c0000201']);
  });

  test('of a nexthop object follows when that is replaced, of a multipath route each way has its own', async () => {
    await sh(
      instance,
      overlay((id, to) => `encap ip id ${id} dst ${ADDRESS[to]}`),
    );
    await sh(
      instance,
      `ip -n left nexthop add id 1 encap ip id 50 dst 198.51.100.1 dev vx0
       ip -n left route replace 10.8.0.1 nhid 1`,
    );
    expect(vnis(await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 10.8.0.1'))).toEqual([50]);
    await sh(instance, 'ip -n left nexthop replace id 1 encap ip id 51 dst 198.51.100.1 dev vx0');
    expect(vnis(await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 10.8.0.1'))).toEqual([51]);
    await sh(
      instance,
      `ip -n left route replace 10.8.0.1 nexthop encap ip id 60 dst 198.51.100.1 dev vx0 nexthop encap ip id 61 dst 198.51.100.1 dev vx0`,
    );
    const [vni] = vnis(await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 10.8.0.1'));
    expect([60, 61]).toContain(vni);
  });

  test('of IPv6 leads IPv6 by IPv4 outside', async () => {
    await sh(
      instance,
      `${overlay((id, to) => `encap ip id ${id} dst ${ADDRESS[to]}`)}
       ip netns exec left sysctl -qw net.ipv6.conf.vx0.disable_ipv6=0; ip netns exec right sysctl -qw net.ipv6.conf.vx0.disable_ipv6=0
       ip -n left link set vx0 address 02:00:00:00:00:09; ip -n right link set vx0 address 02:00:00:00:00:08
       ip -n left address add 2001:db8::9/128 dev vx0 nodad; ip -n right address add 2001:db8::8/128 dev vx0 nodad
       ip -n left neigh add 2001:db8::8 lladdr 02:00:00:00:00:08 dev vx0; ip -n right neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev vx0
       ip -n left -6 route add 2001:db8::8 encap ip id 70 dst 198.51.100.1 dev vx0
       ip -n right -6 route add 2001:db8::9 encap ip id 70 dst 192.0.2.1 dev vx0`,
    );
    expect(vnis(await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 2001:db8::8'))).toEqual([70]);
  });
});

describe('an external tunnel', () => {
  const tunnel = (kind: string, more: string) => `
    ip -n left link add t0 type ${kind} external; ip -n left link set t0 up; ip -n left address add 10.9.0.1/32 dev t0
    ip -n right link add t0 type ${kind} external; ip -n right link set t0 up; ip -n right address add 10.8.0.1/32 dev t0
    ip -n left route add 10.8.0.1 encap ip id 77 dst 198.51.100.1 ${more} dev t0
    ip -n right route add 10.9.0.1 encap ip id 77 dst 192.0.2.1 ${more} dev t0`;
  const ping = 'ip netns exec left ping -c 2 10.8.0.1';

  test('gre carries packets to where their route says, with key and sequence numbers if it says so', async () => {
    await sh(instance, tunnel('gre', 'key seq ttl 9'));
    const frames = await framesOf(instance, 'eth0', 'left', ping);
    const outer = frames.filter((frame) => frame[23] === 47);
    expect(outer.map((frame) => hex(frame.subarray(34, 46)))).toEqual(['300008000000004d00000000', '300008000000004d00000001']);
    expect(outer.map((frame) => frame[22])).toEqual([9, 9]);
  });

  test('gretap does the same for frames, those of ARP among them', async () => {
    await sh(instance, tunnel('gretap', 'key'));
    const frames = await framesOf(instance, 'eth0', 'left', ping);
    expect(new Set(frames.filter((frame) => frame[23] === 47).map((frame) => hex(frame.subarray(34, 42))))).toEqual(
      new Set(['200065580000004d']),
    );
  });

  test('ipip carries IPv4', async () => {
    await sh(instance, tunnel('ipip', 'tos 4'));
    const frames = await framesOf(instance, 'eth0', 'left', ping);
    expect(frames.filter((frame) => frame[23] === 4).map((frame) => frame[15])).toEqual([4, 4]);
  });

  test('is one in a namespace, and what has a remote of its own comes first', async () => {
    await sh(instance, tunnel('gre', 'key'));
    const second = await instance.sh('ip -n left link add t1 type gre external');
    expect(second.stderr).toBe('RTNETLINK answers: File exists\n');
    await sh(instance, `ip -n left link add own type gre local 192.0.2.1 remote 198.51.100.1 key 77; ip -n left link set own up`);
    await instance.sh('ip netns exec left ping -c 1 -W 1 10.8.0.1');
    const { stdout } = await instance.sh('ip -n left -s -j link show own');
    expect((JSON.parse(stdout) as { stats64: { rx: { packets: number } } }[])[0]?.stats64.rx.packets).toBe(1);
  });

  test('drops packets whose route says nothing', async () => {
    await sh(instance, tunnel('gre', ''));
    await sh(instance, 'ip -n left route replace 10.8.0.1 dev t0');
    expect((await instance.sh('ip netns exec left ping -c 1 -W 1 10.8.0.1')).stdout).toContain(' 0 received');
    const { stdout } = await instance.sh('ip -n left -s -j link show t0');
    expect((JSON.parse(stdout) as { stats64: { tx: { dropped: number } } }[])[0]?.stats64.tx.dropped).toBe(1);
  });
});
