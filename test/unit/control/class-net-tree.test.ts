import { classNetTree } from '../../../src/control/file-trees/class-net-tree.js';
import { createInstance } from '../../../src/library/index.js';

/** br0 with the port p1, and what /sys/class/net says of them. */
async function world() {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add br0 address 02:00:00:00:00:01 type bridge; ip link add p1 type dummy; ip link set p1 master br0
    ip link set p1 up; ip link set br0 up`);
  expect(stderr).toBe('');
  const namespace = instance.device('br0').namespace;
  const read = (path: string) => classNetTree.read(namespace, path);
  const write = (path: string, text: string) => classNetTree.write!(namespace, path, text);
  const names = (path: string) => classNetTree.list(namespace, path)?.map(({ name }) => name) ?? null;
  const close = () => instance.close();
  return { instance, namespace, read, write, names, close };
}

test('a bridge has the folders bridge and brif, a port brport, another device neither', async () => {
  const { names, close } = await world();
  expect(names('br0')).toEqual(expect.arrayContaining(['bridge', 'brif', 'statistics']));
  expect(names('br0')).not.toContain('brport');
  expect(names('p1')).toContain('brport');
  expect(names('br0/brif')).toEqual(['p1']);
  expect(names('br0/brif/p1')).toEqual(names('p1/brport'));
  expect([names('lo/bridge'), names('lo/brport'), names('p1/brif'), names('br0/brif/lo')]).toEqual([null, null, null, null]);
  close();
});

test('the files of a bridge are its settings as Linux writes them', async () => {
  const { read, close } = await world();
  const values = ['bridge_id', 'stp_state', 'ageing_time', 'forward_delay', 'group_addr', 'group_fwd_mask', 'vlan_protocol', 'hash_max'];
  expect(values.map((name) => read(`br0/bridge/${name}`))).toEqual(
    ['8000.020000000001', '0', '30000', '1500', '01:80:c2:00:00:00', '0', '0x8100', '4096'].map((text) => `${text}\n`),
  );
  close();
});

test('the files of a port are its settings, by the way of the bridge as well', async () => {
  const { read, close } = await world();
  const values = ['port_id', 'port_no', 'state', 'path_cost', 'designated_root', 'unicast_flood', 'hairpin_mode'];
  const expected = ['0x8001', '0x1', '3', '100', '8000.020000000001', '1', '0'].map((text) => `${text}\n`);
  expect(values.map((name) => read(`p1/brport/${name}`))).toEqual(expected);
  expect(values.map((name) => read(`br0/brif/p1/${name}`))).toEqual(expected);
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
  expect(classNetTree.mode(namespace, 'br0/bridge/flush')).toBe(0o200);
  expect(classNetTree.mode(namespace, 'br0/bridge/nosuch')).toBeNull();
  close();
});
