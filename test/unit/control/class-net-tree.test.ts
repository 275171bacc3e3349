import { classNetTree, virtualNetTree } from '../../../src/control/file-trees/class-net/tree.js';
import { createInstance } from '../../../src/library/index.js';

/** br0 with the port p1, and what /sys/class/net says of them. */
async function world() {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add br0 address 02:00:00:00:00:01 type bridge; ip link add p1 type dummy; ip link set p1 master br0
    ip link set p1 up; ip link set br0 up`);
  expect(stderr).toBe('');
  const namespace = instance.device('br0').namespace;
  const read = (path: string) => virtualNetTree.read(namespace, path);
  const write = (path: string, text: string) => virtualNetTree.write!(namespace, path, text);
  const names = (path: string) => virtualNetTree.list(namespace, path)?.map(({ name }) => name) ?? null;
  const close = () => instance.close();
  return { instance, namespace, read, write, names, close };
}

test('a bridge has the folders bridge and brif, a port brport, another device neither', async () => {
  const { names, close } = await world();
  expect(names('br0')).toEqual(expect.arrayContaining(['bridge', 'brif', 'statistics']));
  expect(names('br0')).not.toContain('brport');
  expect(names('p1')).toContain('brport');
  expect(names('br0/brif')).toEqual(['p1']);
  expect([names('lo/bridge'), names('lo/brport'), names('p1/brif')]).toEqual([null, null, null]);
  close();
});

test('the files of a bridge are its settings as Linux writes them', async () => {
  const { read, close } = await world();
  const values = ['bridge_id', 'stp_state', 'ageing_time', 'forward_delay', 'group_addr', 'group_fwd_mask', 'vlan_protocol', 'hash_max'];
  expect(values.map((name) => read(`br0/bridge/${name}`))).toEqual(
    ['8000.020000000001', '0', '30000', '1500', '01:80:c2:00:00:00', '0x0', '0x8100', '4096'].map((text) => `${text}\n`),
  );
  close();
});

test('the files of a port are its settings', async () => {
  const { read, close } = await world();
  const values = ['port_id', 'port_no', 'state', 'path_cost', 'designated_root', 'unicast_flood', 'hairpin_mode'];
  const expected = ['0x8001', '0x1', '3', '100', '8000.020000000001', '1', '0'].map((text) => `${text}\n`);
  expect(values.map((name) => read(`p1/brport/${name}`))).toEqual(expected);
  close();
});

test('a write changes what it names, and a bad one nothing', async () => {
  const { instance, namespace, read, write, close } = await world();
  write('br0/bridge/ageing_time', '500\n');
  write('br0/bridge/vlan_filtering', '1\n');
  write('p1/brport/hairpin_mode', '1\n');
  expect((await instance.sh('ip -d link show br0')).stdout).toMatch(/ageing_time 500 .*vlan_filtering 1 /);
  expect((await instance.sh('bridge -d link show dev p1')).stdout).toContain('hairpin on');
  expect(() => write('br0/bridge/ageing_time', 'soon')).toThrow(expect.objectContaining({ errno: 22 }));
  expect(() => write('br0/bridge/bridge_id', '1')).toThrow(expect.objectContaining({ errno: 13 }));
  expect(() => read('br0/bridge/flush')).toThrow(expect.objectContaining({ errno: 13 }));
  expect(virtualNetTree.mode(namespace, 'br0/bridge/flush')).toBe(0o200);
  expect(virtualNetTree.mode(namespace, 'br0/bridge/nosuch')).toBeNull();
  close();
});

test('links say who stands above and below, as netdev_adjacent_sysfs_add() has it', async () => {
  const { instance, namespace, close } = await world();
  await instance.sh(
    'ip link add link p1 name p1.5 type vlan id 5; ip link add v0 type veth peer name v1; ip link add b0 type bond; ip link set v1 master b0',
  );
  const links = (name: string) =>
    Object.fromEntries(
      (virtualNetTree.list(namespace, name) ?? []).flatMap((entry) => (entry.link === undefined ? [] : [[entry.name, entry.link]])),
    );
  const subsystem = '../../../../class/net';
  expect(links('p1')).toEqual({ subsystem, master: '../br0', upper_br0: '../br0', 'upper_p1.5': '../p1.5' });
  expect(links('br0')).toEqual({ subsystem, lower_p1: '../p1' });
  expect(links('p1.5')).toEqual({ subsystem, lower_p1: '../p1' });
  expect(links('b0')).toEqual({ subsystem, lower_v1: '../v1', slave_v1: '../v1' });
  expect(links('v0')).toEqual({ subsystem });
  expect(virtualNetTree.link?.(namespace, 'p1/brport/bridge')).toBe('../../br0');
  expect(virtualNetTree.link?.(namespace, 'br0/brif/p1')).toBe('../../p1/brport');
  expect(virtualNetTree.link?.(namespace, 'br0/brif/lo')).toBeNull();
  expect(classNetTree.link?.(namespace, 'br0')).toBe('../../devices/virtual/net/br0');
  close();
});

test('a bond is made, set and given slaves by files, as ifenslave and ifupdown do', async () => {
  const { instance, namespace, read, write, close } = await world();
  await instance.sh('ip link add v0 type veth peer name v1');
  expect(classNetTree.list(namespace, '')?.map(({ name }) => name)).not.toContain('bonding_masters');
  await instance.sh('ip link add b9 type bond');
  classNetTree.write?.(namespace, 'bonding_masters', '+b0\n');
  classNetTree.write?.(namespace, 'bonding_masters', '-b9\n');
  expect(classNetTree.read(namespace, 'bonding_masters')).toBe('b0\n');
  expect(() => classNetTree.write?.(namespace, 'bonding_masters', '+b0')).toThrow(expect.objectContaining({ errno: 17 }));
  expect(() => classNetTree.write?.(namespace, 'bonding_masters', '-br0')).toThrow(expect.objectContaining({ errno: 19 }));
  expect(() => classNetTree.write?.(namespace, 'bonding_masters', 'b1')).toThrow(expect.objectContaining({ errno: 1 }));
  write('b0/bonding/mode', 'active-backup\n');
  write('b0/bonding/miimon', '100');
  write('b0/bonding/slaves', '+v1');
  write('b0/bonding/primary', 'v1');
  expect(
    ['mode', 'miimon', 'slaves', 'primary', 'queue_id', 'ad_actor_key', 'xmit_hash_policy'].map((name) => read(`b0/bonding/${name}`)),
  ).toEqual(['active-backup 1\n', '100\n', 'v1\n', 'v1\n', 'v1:0\n', '', 'layer2 0\n']);
  expect(read('v1/bonding_slave/ad_aggregator_id')).toBe('N/A\n');
  expect(() => write('b0/bonding/mode', '802.3ad')).toThrow(expect.objectContaining({ errno: 39 }));
  write('b0/bonding/arp_ip_target', '+10.0.0.9');
  expect(read('b0/bonding/arp_ip_target')).toBe('10.0.0.9\n');
  write('b0/bonding/arp_ip_target', '-10.0.0.9');
  expect(read('b0/bonding/arp_ip_target')).toBe('');
  write('b0/bonding/slaves', '-v1');
  expect(virtualNetTree.list(namespace, 'v1/bonding_slave')).toBeNull();
  close();
});

test('a folder of queues has as many as the device', async () => {
  const { instance, names, read, close } = await world();
  await instance.sh('ip link add v0 numtxqueues 2 numrxqueues 3 type veth peer name v1');
  expect(names('v0/queues')).toEqual(['rx-0', 'rx-1', 'rx-2', 'tx-0', 'tx-1']);
  expect(names('v0/queues/tx-1')).toEqual(['traffic_class', 'tx_maxrate', 'tx_timeout', 'xps_cpus', 'xps_rxqs', 'byte_queue_limits']);
  expect(names('v0/queues/tx-2')).toBeNull();
  expect(read('v0/queues/tx-1/byte_queue_limits/limit_max')).toBe('1879048192\n');
  close();
});

test('brforward has the entries of a bridge as brctl reads them', async () => {
  const { instance, namespace, close } = await world();
  await instance.sh('ip link set p1 address 02:00:00:00:01:01; bridge fdb add 02:00:00:00:00:77 dev p1 master static');
  const bytes = virtualNetTree.read(namespace, 'br0/brforward') as Uint8Array;
  const entries = Array.from({ length: bytes.length / 16 }, (_, i) => Buffer.from(bytes.subarray(i * 16, i * 16 + 16)).toString('hex'));
  expect(entries).toContain('02000000007701000000000000000000');
  expect(entries.filter((entry) => entry.startsWith('0200000001010101'))).not.toEqual([]);
  close();
});
