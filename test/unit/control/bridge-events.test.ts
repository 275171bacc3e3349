import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  await instance.sh('sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1');
});

afterEach(() => instance.close());

/** What `bridge monitor all` shows of the line. */
async function heard(line: string): Promise<string[]> {
  const run = instance.start('bridge monitor all');
  await instance.clock.advance(10);
  const { stderr } = await instance.sh(line);
  expect(stderr).toBe('');
  await instance.clock.advance(300);
  run.kill('SIGINT');
  return (await run.done).stdout.split('\n').slice(0, -1);
}

/** A bridge with VLAN filtering, and d0, its port, in VLANs 1, 10 and 20 to 22. */
async function bridgeWithPort(): Promise<void> {
  const { stderr } = await instance.sh(`
    ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1; ip link add d0 address 02:00:00:00:00:d0 type dummy
    ip link set br0 up; ip link set d0 up; ip link set d0 master br0
    bridge vlan add dev d0 vid 10; bridge vlan add dev d0 vid 20-22
    bridge fdb add 02:00:00:00:00:09 dev d0 master static vlan 20; bridge fdb add 02:00:00:00:00:08 dev d0 master static vlan 1`);
  expect(stderr).toBe('');
  await instance.clock.advance(1000);
}

// As Linux 6.1 tells it.

test('a bridge that comes with an address of its own: it has one at first, which is exchanged', async () => {
  expect(await heard('ip link add br1 address 02:00:00:00:00:b1 type bridge')).toEqual([
    '[NEIGH]02:00:00:00:00:b1 dev br1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:b1 dev br1 vlan 1 master br1 permanent',
    '[VLAN]br1               1 PVID Egress Untagged',
    '                    state forwarding mcast_router 1 ',
    '[NEIGH]Deleted 02:00:00:00:00:b1 dev br1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:b1 dev br1 master br1 permanent',
    '[NEIGH]Deleted 02:00:00:00:00:b1 dev br1 vlan 1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:b1 dev br1 vlan 1 master br1 permanent',
    '[LINK]2: br1: <BROADCAST,MULTICAST> mtu 1500 ',
  ]);
});

test('a port comes to a bridge that is down', async () => {
  await instance.sh(
    'ip link add br1 address 02:00:00:00:00:b1 type bridge; ip link add l0 type dummy; ip link add d1 address 02:00:00:00:00:d2 type dummy; ip link set d1 up',
  );
  expect(await heard('ip link set d1 master br1')).toEqual([
    '[LINK]4: d1: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br1 ',
    '[LINK]4: d1: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br1 ',
    '[LINK]2: br1: <BROADCAST,MULTICAST> mtu 1500 ',
    '[NEIGH]02:00:00:00:00:d2 dev d1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:d2 dev d1 vlan 1 master br1 permanent',
    '[VLAN]d1                1 PVID Egress Untagged',
    '                    state forwarding mcast_router 1 ',
    '[LINK]4: d1: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br1 state disabled priority 32 cost 100 ',
  ]);
});

test('the address of a bridge is exchanged VLAN by VLAN', async () => {
  await instance.sh(
    'ip link add l0 type dummy; ip link add l1 type dummy; ip link add l2 type dummy; ip link add br1 address 02:00:00:00:00:b1 type bridge',
  );
  expect(await heard('ip link set br1 address 02:00:00:00:00:b2')).toEqual([
    '[NEIGH]Deleted 02:00:00:00:00:b1 dev br1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:b2 dev br1 master br1 permanent',
    '[NEIGH]Deleted 02:00:00:00:00:b1 dev br1 vlan 1 master br1 permanent',
    '[NEIGH]02:00:00:00:00:b2 dev br1 vlan 1 master br1 permanent',
    '[LINK]5: br1: <BROADCAST,MULTICAST> mtu 1500 ',
  ]);
});

test('a port goes: what is static at it goes too, the newest first, and each VLAN', async () => {
  await bridgeWithPort();
  expect(await heard('ip link set d0 nomaster')).toEqual([
    '[LINK]3: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br0 ',
    '[LINK]3: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br0 state disabled priority 32 cost 100 ',
    '[LINK]Deleted 3: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br0 ',
    '[VLAN]Deleted d0                1',
    '                    state disabled ',
    '[VLAN]Deleted d0                10',
    '                    state disabled ',
    '[VLAN]Deleted d0                20-22',
    '                    state disabled ',
    '[NEIGH]Deleted 02:00:00:00:00:08 dev d0 vlan 1 master br0 static',
    '[NEIGH]Deleted 02:00:00:00:00:09 dev d0 vlan 20 master br0 static',
    ...[22, 21, 20, 10, 1].map((vid) => `[NEIGH]Deleted 02:00:00:00:00:d0 dev d0 vlan ${vid} master br0 permanent`),
    '[NEIGH]Deleted 02:00:00:00:00:d0 dev d0 master br0 permanent',
    '[LINK]3: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 ',
    '[LINK]2: br0: <BROADCAST,MULTICAST,UP> mtu 1500 ',
    '[LINK]2: br0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 ',
  ]);
});

test('a VLAN that is taken from a port leaves the static entries that the user made in it', async () => {
  await bridgeWithPort();
  expect(await heard('bridge vlan del dev d0 vid 20')).toEqual([
    '[NEIGH]Deleted 02:00:00:00:00:d0 dev d0 vlan 20 master br0 permanent',
    '[VLAN]Deleted d0                20',
    '                    state disabled ',
    '[LINK]3: d0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 100 ',
  ]);
  expect((await instance.sh('bridge fdb show dev d0 vlan 20')).stdout).toBe('02:00:00:00:00:09 vlan 20 master br0 static\n');
});

test('a port that is deleted is told of as that alone', async () => {
  await bridgeWithPort();
  await instance.sh('bridge vlan del dev d0 vid 10; bridge vlan del dev d0 vid 20-22');
  const lines = await heard('ip link del d0');
  expect(lines.filter((line) => line.startsWith('[LINK]3') || line.startsWith('[LINK]Deleted'))).toEqual([
    '[LINK]3: d0: <BROADCAST,NOARP> mtu 1500 master br0 ',
    '[LINK]3: d0: <BROADCAST,NOARP> mtu 1500 master br0 state disabled priority 32 cost 100 ',
    '[LINK]3: d0: <BROADCAST,NOARP> mtu 1500 master br0 state disabled priority 32 cost 100 ',
    '[LINK]Deleted 3: d0: <BROADCAST,NOARP> mtu 1500 master br0 ',
    '[LINK]Deleted 3: d0: <BROADCAST,NOARP> mtu 1500 ',
  ]);
});
