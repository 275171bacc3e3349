import { procNetTree } from '../../../../src/control/file-trees/proc-net-tree.js';
import { createInstance } from '../../../../src/library/index.js';

// What Linux 6.1 shows in the same place.

test('/proc/net/netlink: the ends of the kernel, and of the first namespace alone those of SELinux and the connector', async () => {
  const instance = await createInstance();
  await instance.sh('ip netns add x');
  const protocols = (text: string) =>
    text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/)[1]);
  const [initial, other] = [...instance.stack.namespaces.values()];
  const text = String(procNetTree.read(initial!, 'netlink'));
  expect(text.split('\n')[0]).toBe('sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode');
  expect(text).toContain(' 7   0          00000000 0        0        0     2        0        0       \n');
  expect(protocols(text)).toEqual(['0', '4', '7', '10', '11', '15', '16']);
  expect(protocols(String(procNetTree.read(other!, 'netlink')))).toEqual(['0', '4', '10', '15', '16']);
  expect([procNetTree.mode(initial!, 'connector'), procNetTree.mode(other!, 'connector')]).toEqual([0o444, null]);
  instance.close();
});

test('/proc/net/rt6_stats counts nodes of the tables, those that hold routes, and routes', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  const [initial] = [...instance.stack.namespaces.values()];
  const counts = () =>
    String(procNetTree.read(initial!, 'rt6_stats'))
      .trim()
      .split(' ')
      .filter((_: string, i: number) => i < 2 || i === 3);
  expect(counts()).toEqual(['0001', '0001', '0001']);
  await instance.sh('ip link add d0 type dummy; ip addr add 2001:db8::1/64 dev d0; ip link set d0 up');
  instance.clock.advance(3000);
  expect(counts()).toEqual(['0008', '0006', '0006']);
  await instance.sh('ip -6 route add 2001:db8:1::/48 via 2001:db8::2');
  expect(counts()).toEqual(['000a', '0007', '0007']);
  instance.close();
});
