import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** Two namespaces and a cable, with VLANs upon its ends. */
async function tagged(instance: TapstackInstance, left: string, right = left): Promise<void> {
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left link set l0 up; ip -n right link set r0 up
    ip -n left link add link l0 name v type vlan ${left}; ip -n right link add link r0 name v type vlan ${right}
    ip -n left address add 10.0.0.1/24 dev v; ip -n right address add 10.0.0.2/24 dev v
    ip -n left link set v up; ip -n right link set v up`);
  expect(stderr).toBe('');
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('hosts in the same VLAN reach each other; those in different ones do not', async () => {
  const same = await createInstance({ debugPool: true });
  await tagged(same, 'id 7');
  expect((await same.sh('ip netns exec left ping -c1 -W1 10.0.0.2')).status).toBe(0);
  same.close();
  const different = await createInstance({ debugPool: true });
  await tagged(different, 'id 7', 'id 8');
  expect((await different.sh('ip netns exec left ping -c1 -W1 10.0.0.2')).status).toBe(1);
  different.close();
});

test('a frame that leaves the machine carries the tag of IEEE 802.1Q: TPID, priority of the map, id', async () => {
  const instance = await createInstance({ debugPool: true });
  await instance.sh(`ip link add d0 address 02:00:00:00:00:01 type dummy; ip link set d0 up arp on
    ip link add link d0 name d0.100 type vlan id 100 egress-qos-map 0:5; ip link add link d0.100 name q type vlan protocol 802.1Q id 3
    ip link set d0.100 up; ip link set q up; ip address add 10.0.0.1/24 dev q`);
  // A device that takes no tag beside the frame gets it in it.
  const device = instance.device('d0');
  device.features = 0;
  const captured = instance.capture(device);
  await instance.sh('ping -c1 -W1 10.0.0.9');
  await instance.clock.advance(10);
  const arp = captured.frames.find(({ outgoing }) => outgoing);
  // destination, source, outer tag 0x8100 with priority 5 and id 100, inner tag id 3, ARP
  expect(hex(arp!.bytes.subarray(0, 22))).toBe('ffffffffffff' + '020000000001' + '8100a064' + '81000003' + '0806');
  instance.close();
});

test('a VLAN follows the device below: up, down, MTU, address, and away with it', async () => {
  const instance = await createInstance({ debugPool: true });
  await instance.sh('ip link add d0 type dummy; ip link add link d0 name v type vlan id 5; ip link set d0 up');
  expect(instance.device('v').up).toBe(true);
  await instance.sh('ip link set d0 mtu 1000 address 02:00:00:00:00:77');
  expect(instance.device('v').mtu).toBe(1000);
  expect([...instance.device('v').address]).toEqual([2, 0, 0, 0, 0, 0x77]);
  await instance.sh('ip link set d0 down');
  expect(instance.device('v').up).toBe(false);
  await instance.sh('ip link del d0');
  expect((await instance.sh('ip link show v')).status).toBe(1);
  instance.close();
});

test('a VLAN upon a service VLAN (802.1ad) carries packets both ways', async () => {
  const instance = await createInstance({ debugPool: true });
  await tagged(instance, 'protocol 802.1ad id 7');
  await instance.sh(`ip -n left link add link v name w type vlan id 9; ip -n right link add link v name w type vlan id 9
    ip -n left link set w up; ip -n right link set w up
    ip -n left address add 10.1.0.1/24 dev w; ip -n right address add 10.1.0.2/24 dev w`);
  expect((await instance.sh('ip netns exec left ping -c2 -i 0.2 -s 1400 10.1.0.2')).stdout).toContain('2 received');
  instance.close();
});

describe('a VLAN that is bound to a bridge', () => {
  /** A bridge with the ports d1 (VLANs 11 and 13) and d2 (13), whose other ends are r1 and r2. */
  async function bound(options: string): Promise<TapstackInstance> {
    const instance = await createInstance({ debugPool: true });
    const ports = [1, 2].map((i) => `ip link add d${i} type veth peer name r${i}; ip link set d${i} master br0 up; ip link set r${i} up`);
    const vlans = [11, 13].map((i) => `ip link add link br0 name br0.${i} type vlan id ${i} ${options}; ip link set br0.${i} up`);
    const { stderr } = await instance.sh(`
      ip link add br0 type bridge vlan_filtering 1; ip link set br0 up
      ${ports.join('\n')}
      bridge vlan add vid 11 dev br0 self; bridge vlan add vid 13 dev br0 self
      bridge vlan add vid 11 dev d1; bridge vlan add vid 13 dev d1; bridge vlan add vid 13 dev d2
      ${vlans.join('\n')}`);
    expect(stderr).toBe('');
    return instance;
  }
  const carriers = async (instance: TapstackInstance) => {
    await instance.clock.advance(10);
    return ['br0.11', 'br0.13'].map((name) => instance.device(name).carrier);
  };

  test('has the carrier of the ports that are in it', async () => {
    const instance = await bound('bridge_binding on');
    expect(await carriers(instance)).toEqual([true, true]);
    await instance.sh('ip link set d1 down');
    expect(await carriers(instance)).toEqual([false, true]);
    // The wire of d2 goes: no port of VLAN 13 is left.
    await instance.sh('ip link set r2 down');
    expect(await carriers(instance)).toEqual([false, false]);
    expect((await instance.sh('ip -br link show br0.13')).stdout).toMatch(/^br0\.13@br0\s+LOWERLAYERDOWN /);
    await instance.sh('ip link set r2 up; bridge vlan add vid 11 dev d2');
    expect(await carriers(instance)).toEqual([true, true]);
    await instance.sh('bridge vlan del vid 11 dev d2; ip link set d2 nomaster');
    expect(await carriers(instance)).toEqual([false, false]);
    instance.close();
  });

  test('follows the bridge once it is bound no more, and the ports as soon as it is', async () => {
    const instance = await bound('');
    await instance.sh('ip link set d1 down');
    expect(await carriers(instance)).toEqual([true, true]);
    await instance.sh('ip link set br0.11 type vlan bridge_binding on');
    expect(await carriers(instance)).toEqual([false, true]);
    await instance.sh('ip link set br0.11 type vlan bridge_binding off');
    expect(await carriers(instance)).toEqual([true, true]);
    instance.close();
  });
});
