import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** Two hosts at a bridge that filters VLANs. */
async function bridged(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip link add br0 address 02:00:00:00:00:ff type bridge vlan_filtering 1; ip link set br0 up
    ip netns add h1; ip link add p1 address 02:00:00:00:01:01 type veth peer name eth0 netns h1 address 02:00:00:00:00:01
    ip netns add h2; ip link add p2 address 02:00:00:00:01:02 type veth peer name eth0 netns h2 address 02:00:00:00:00:02
    ip link set p1 up master br0; ip link set p2 up master br0
    ip -n h1 address add 10.0.0.1/24 dev eth0; ip -n h1 link set eth0 up
    ip -n h2 address add 10.0.0.2/24 dev eth0; ip -n h2 link set eth0 up`);
  expect(stderr).toBe('');
  return instance;
}

const pings = async (instance: TapstackInstance) => (await instance.sh('ip netns exec h1 ping -c1 -W1 10.0.0.2')).status === 0;

test('ports of different VLANs do not reach each other; moved into one they do', async () => {
  const instance = await bridged();
  expect(await pings(instance)).toBe(true);
  await instance.sh('bridge vlan add dev p1 vid 10 pvid untagged');
  expect(await pings(instance)).toBe(false);
  await instance.sh('bridge vlan add dev p2 vid 10 pvid untagged');
  expect(await pings(instance)).toBe(true);
  expect((await instance.sh('bridge vlan show dev p1')).stdout).toBe(
    'port              vlan-id  \np1                1 Egress Untagged\n                  10 PVID Egress Untagged\n',
  );
  expect((await instance.sh('bridge fdb show br br0 vlan 10 dynamic')).stdout).toContain('02:00:00:00:00:01 dev p1 vlan 10 master br0 \n');
  instance.close();
});

test('a tagged port carries several VLANs to a host that has a device for each', async () => {
  const instance = await bridged();
  await instance.sh(`bridge vlan del dev p2 vid 1; bridge vlan add dev p2 vid 5-7; bridge vlan add dev p1 vid 6 pvid untagged
    ip -n h2 address flush dev eth0; ip -n h2 link add link eth0 name v6 type vlan id 6; ip -n h2 address add 10.0.0.2/24 dev v6; ip -n h2 link set v6 up`);
  expect(await pings(instance)).toBe(true);
  expect((await instance.sh('bridge -compressvlans vlan show dev p2')).stdout).toContain('p2                5-7\n');
  instance.close();
});

test('an entry of the user decides where frames go, until it is flushed', async () => {
  const instance = await bridged();
  await instance.sh(
    'bridge fdb add 02:00:00:00:00:02 dev p1 master static vlan 1; ip -n h1 neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0',
  );
  expect((await instance.sh('bridge fdb get 02:00:00:00:00:02 br br0 vlan 1')).stdout).toBe(
    '02:00:00:00:00:02 dev p1 vlan 1 master br0 static\n',
  );
  expect(await pings(instance)).toBe(false);
  await instance.sh('bridge fdb flush dev br0 static');
  expect(await pings(instance)).toBe(true);
  instance.close();
});

test('errors and exit statuses are those of the real tool', async () => {
  const instance = await bridged();
  const refused = async (line: string) => {
    const { stderr, status } = await instance.sh(line);
    return `${status} ${stderr}`;
  };
  expect(await refused('bridge vlan add dev p1 vid 0')).toBe('255 Error: bridge: Vlan id is invalid.\n');
  expect(await refused('bridge fdb del 02:00:00:00:99:99 dev p1 master')).toBe('255 RTNETLINK answers: No such file or directory\n');
  expect(await refused('bridge fdb get 02:00:00:00:99:99 br br0')).toBe('254 Error: Fdb entry not found.\n');
  expect(await refused('bridge link set dev p1 priority 100')).toBe('255 RTNETLINK answers: Numerical result out of range\n');
  expect(await refused('bridge nosuch')).toBe('255 Object "nosuch" is unknown, try "bridge help".\n');
  instance.close();
});
