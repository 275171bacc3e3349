import type { TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, settled, sh, underlay } from './tunnel-world.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await underlay();
});

afterEach(() => settled(instance));

/** A bridge whose VLANs 10 and 20 are the VNIs 1010 and 1020 of a device that filters, and a host in each. */
const site = (name: string, address: string, host: number) => `
  ip -n ${name} link add br0 type bridge vlan_filtering 1; ip -n ${name} link set br0 up
  ip -n ${name} link add vx0 type vxlan external vnifilter dstport 4789 local ${address} dev eth0
  ip -n ${name} link set vx0 master br0; ip -n ${name} link set vx0 up
  bridge -n ${name} link set dev vx0 vlan_tunnel on
${[10, 20]
  .map(
    (n) => `    bridge -n ${name} vlan add vid ${n} dev vx0; bridge -n ${name} vlan add vid ${n} tunnel_info id ${1000 + n} dev vx0
    ip netns add ${name}${n}; ip netns exec ${name}${n} sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n ${name} link add h${n} type veth peer name eth0 netns ${name}${n}
    ip -n ${name} link set h${n} master br0 up; bridge -n ${name} vlan add vid ${n} pvid untagged dev h${n}
    ip -n ${name}${n} address add 10.0.${n}.${host}/24 dev eth0; ip -n ${name}${n} link set eth0 up`,
  )
  .join('\n')}`;

const sites = `${site('left', '192.0.2.1', 1)}
${site('right', '198.51.100.1', 2)}`;

const vnis = (frames: readonly Uint8Array[]) => [
  ...new Set(frames.filter((frame) => frame[23] === 17).map((frame) => Number.parseInt(hex(frame.subarray(46, 49)), 16))),
];

describe('a vxlan device that filters by VNI', () => {
  test('sends what nobody knows to the remote of the VNI, takes the VNIs it was told of, and counts them apart', async () => {
    await sh(instance, sites);
    await sh(
      instance,
      `bridge -n left vni add dev vx0 vni 1010 remote 198.51.100.1; bridge -n left vni add dev vx0 vni 1020 remote 198.51.100.1
       bridge -n right vni add dev vx0 vni 1010 remote 192.0.2.1`,
    );
    expect(vnis(await framesOf(instance, 'eth0', 'left', 'ip netns exec left10 ping -c 1 10.0.10.2'))).toEqual([1010]);
    // The other side does not take this one: nothing of it comes in.
    const lost = await instance.sh('ip netns exec left20 ping -c 1 -W 1 10.0.20.2');
    expect(lost.stdout).toContain(' 0 received');
    const [vni] = JSON.parse(await sh(instance, 'bridge -n right -s -j vni show dev vx0'))[0].vnis;
    expect(vni).toMatchObject({ vni: 1010, remote: '192.0.2.1', stats: { rx_pkts: 2, tx_pkts: 2, rx_drops: 0, tx_errors: 0 } });
    await sh(instance, 'bridge -n right vni add dev vx0 vni 1020 remote 192.0.2.1');
    await sh(instance, 'ip netns exec left20 ping -c 1 10.0.20.2');
    await sh(instance, 'bridge -n right vni delete dev vx0 vni 1020');
    const again = await instance.sh('ip netns exec left20 ping -c 1 -W 1 10.0.20.2');
    expect(again.stdout).toContain(' 0 received');
  });

  test('joins the groups of its VNIs on the device below while it is up', async () => {
    await sh(
      instance,
      `ip -n left link add vx0 type vxlan external vnifilter dstport 4789 dev eth0; bridge -n left vni add dev vx0 vni 7 group 239.1.1.7
       ip -n left link set vx0 up; bridge -n left vni add dev vx0 vni 8 group 239.1.1.8`,
    );
    const groups = async () => [...(await sh(instance, 'ip -n left -4 maddr show dev eth0')).matchAll(/239\S+/g)].map(String);
    expect(await groups()).toEqual(['239.1.1.8', '239.1.1.7']);
    await sh(instance, 'bridge -n left vni delete dev vx0 vni 7');
    expect(await groups()).toEqual(['239.1.1.8']);
    await sh(instance, 'ip -n left link set vx0 down');
    expect(await groups()).toEqual([]);
  });

  test('shares its port with another that takes other VNIs, and refuses what that one has', async () => {
    await sh(
      instance,
      `ip -n left link add vx0 type vxlan external vnifilter dstport 4789; ip -n left link add vx1 type vxlan external vnifilter dstport 4789
       bridge -n left vni add dev vx0 vni 7,10-12; bridge -n left vni add dev vx1 vni 8`,
    );
    const taken = await instance.sh('bridge -n left vni add dev vx1 vni 11');
    expect(taken).toMatchObject({ status: 255, stderr: 'Error: VNI in use.\n' });
    expect(await sh(instance, 'bridge -n left -j vni show')).toBe(
      '[{"ifname":"vx0","vnis":[{"vni":7},{"vni":10,"vniEnd":12}]},{"ifname":"vx1","vnis":[{"vni":8}]}]\n',
    );
  });

  test.each([
    ['ip -n left link add v type vxlan vnifilter dstport 4789', "vxlan: vnifilter is valid only when 'external' is set"],
    ['bridge -n left vni add dev eth0 vni 7', 'Error: vxlan: The device is not a vxlan device.'],
    ['bridge -n left vni show dev eth0', 'Error: The device is not a vxlan device.'],
    ['bridge -n left vni add dev vx0 vni 7', 'RTNETLINK answers: Operation not supported'],
    ['bridge -n left vni add dev vx1 vni 0', 'Error: vni start nor end found in vni entry.'],
    ['bridge -n left vni add dev vx1 vni 7 group 239.1.1.1', 'Error: Local interface required for multicast remote group.'],
    ['bridge -n left vni delete dev vx1 vni 7', 'RTNETLINK answers: No such file or directory'],
    ['ip -n left link set vx1 type vxlan external novnifilter', 'Error: vxlan: cannot change COLLECT_METADATA flag.'],
  ])('%s is refused', async (line, text) => {
    await sh(
      instance,
      'ip -n left link add vx0 type vxlan external dstport 4789; ip -n left link add vx1 type vxlan external vnifilter dstport 4790',
    );
    expect((await instance.sh(line)).stderr.split('\n')[0]).toBe(text);
  });
});

describe('a vxlan device of the generic protocol extension', () => {
  const gpe = (name: string, address: string, remote: string, net: number) => `
    ip -n ${name} link add vg0 type vxlan external gpe dstport 4790; ip -n ${name} link set vg0 up
    ip -n ${name} address add ${address}/32 dev lo
    ip -n ${name} route add 10.9.${net}.0/24 encap ip id 77 dst ${remote} dev vg0 src ${address}`;

  test('carries packets without an Ethernet header, and says what they are', async () => {
    await sh(instance, `${gpe('left', '10.9.1.1', '198.51.100.1', 2)}\n${gpe('right', '10.9.2.1', '192.0.2.1', 1)}`);
    const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 10.9.2.1');
    const sent = frames.filter((frame) => frame[23] === 17).map((frame) => hex(frame.subarray(36, 38)) + hex(frame.subarray(42, 54)));
    // Port 4790; I and P set, IPv4 follows, VNI 77; then the packet itself.
    expect(sent).toEqual([expect.stringMatching(/^12b60c00000100004d0045000054/)]);
  });

  test('is a point-to-point device without an address, and takes no other flags', async () => {
    await sh(instance, 'ip -n left link add vg0 type vxlan external gpe dstport 4790');
    expect(await sh(instance, 'ip -n left -d link show vg0')).toMatch(/<POINTOPOINT,MULTICAST,NOARP>[\s\S]*link\/none[\s\S]* gpe /);
    const refused = await instance.sh('ip -n left link add vg1 type vxlan external gpe learning dstport 4791');
    expect(refused.stderr).toBe('Error: VXLAN GPE does not support this combination of attributes.\n');
    expect((await instance.sh('ip -n left link set vg0 address 02:00:00:00:00:01')).stderr).toBe(
      'RTNETLINK answers: Operation not supported\n',
    );
  });
});
