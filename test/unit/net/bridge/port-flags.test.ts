import type { TapstackInstance } from '../../../../src/library/index.js';
import { bridgeOf, receivers, send } from './snooping-support.js';

/** An ARP packet of host N; `to` what it asks for or answers. */
function arpFrame(host: number, operation: number, sender: number, target: number): Uint8Array {
  const frame = new Uint8Array(42);
  frame.set([
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    2,
    0,
    0,
    0,
    0,
    host,
    8,
    6,
    0,
    1,
    8,
    0,
    6,
    4,
    0,
    operation,
    2,
    0,
    0,
    0,
    0,
    host,
    10,
    0,
    0,
    sender,
  ]);
  frame.set([0, 0, 0, 0, 0, 0, 10, 0, 0, target], 32);
  return frame;
}

const unicast = (from: number, to: number): Uint8Array => {
  const frame = new Uint8Array(60);
  frame.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x88, 0xb5]);
  return frame;
};

/** Answers to ARP that leave by a port. */
async function answers(instance: TapstackInstance, port: string, act: () => Promise<void>): Promise<Uint8Array[]> {
  const wire = instance.capture(instance.device(port));
  await act();
  wire.stop();
  return wire.frames
    .filter(({ outgoing, bytes }) => outgoing && bytes[12] === 8 && bytes[13] === 6 && bytes[21] === 2)
    .map(({ bytes }) => bytes);
}

test('neigh_suppress: the bridge answers for who is known, and the port is not asked', async () => {
  const instance = await bridgeOf(3);
  await instance.sh(`bridge link set dev p2 neigh_suppress on; bridge fdb add 02:00:00:00:00:02 dev p2 master static
    ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0`);
  const asked = arpFrame(1, 1, 1, 2);
  const [answer] = await answers(instance, 'p1', async () => {
    expect(await receivers(instance, 1, asked, 3)).toEqual([3]);
  });
  expect([...answer!.subarray(0, 12)]).toEqual([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
  expect([...answer!.subarray(22, 32)]).toEqual([2, 0, 0, 0, 0, 2, 10, 0, 0, 2]);
  // Of who is not known, everybody is asked.
  expect(await receivers(instance, 1, arpFrame(1, 1, 1, 9), 3)).toEqual([2, 3]);
  instance.close();
});

test('proxy_arp answers at the port that asks, and floods nothing to it; proxy_arp_wifi for the port that is asked for', async () => {
  const instance = await bridgeOf(3);
  await instance.sh(`ip link set p1 type bridge_slave proxy_arp on; bridge fdb add 02:00:00:00:00:02 dev p2 master static
    ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0`);
  expect(await answers(instance, 'p1', () => send(instance, 1, arpFrame(1, 1, 1, 2)))).toHaveLength(1);
  expect(await receivers(instance, 3, arpFrame(3, 1, 3, 9), 3)).toEqual([2]);
  await instance.sh('ip link set p1 type bridge_slave proxy_arp off; ip link set p2 type bridge_slave proxy_arp_wifi on');
  expect(await answers(instance, 'p3', () => send(instance, 3, arpFrame(3, 1, 3, 2)))).toHaveLength(1);
  instance.close();
});

test('a backup port takes over while the port has no carrier', async () => {
  const instance = await bridgeOf(3);
  await instance.sh('bridge link set dev p2 backup_port p3; bridge fdb add 02:00:00:00:00:22 dev p2 master static');
  expect(await receivers(instance, 1, unicast(1, 0x22), 3)).toEqual([2]);
  await instance.sh('ip link set h2 down');
  expect(await receivers(instance, 1, unicast(1, 0x22), 3)).toEqual([3]);
  await instance.sh('bridge link set dev p2 nobackup_port');
  expect(await receivers(instance, 1, unicast(1, 0x22), 3)).toEqual([]);
  instance.close();
});

test('a locked port lets in only whom the user has put there; learning off learns nobody', async () => {
  const instance = await bridgeOf(2);
  await instance.sh('bridge link set dev p1 locked on learning off');
  expect(await receivers(instance, 1, unicast(1, 2), 2)).toEqual([]);
  await instance.sh('bridge fdb add 02:00:00:00:00:01 dev p1 master static');
  expect(await receivers(instance, 1, unicast(1, 2), 2)).toEqual([2]);
  await instance.sh('bridge link set dev p1 locked off');
  await send(instance, 1, unicast(5, 2));
  expect((await instance.sh('bridge fdb show br br0 dynamic')).stdout).not.toContain('02:00:00:00:00:05');
  instance.close();
});

test('a sticky entry does not move, one that is externally learned does', async () => {
  const instance = await bridgeOf(2);
  await instance.sh(
    'bridge fdb add 02:00:00:00:00:31 dev p1 master sticky static; bridge fdb add 02:00:00:00:00:32 dev p1 master extern_learn',
  );
  await send(instance, 2, unicast(0x31, 9), unicast(0x32, 9));
  const { stdout } = await instance.sh('bridge fdb show br br0');
  expect(stdout).toContain('02:00:00:00:00:31 dev p1 sticky master br0 static\n');
  expect(stdout).toContain('02:00:00:00:00:32 dev p2 master br0 \n');
  instance.close();
});

test('a VLAN that blocks on a port carries nothing there; one that learns, learns', async () => {
  const instance = await bridgeOf(2, 'vlan_filtering 1');
  expect(await receivers(instance, 1, unicast(1, 2), 2)).toEqual([2]);
  await instance.sh('bridge vlan set dev p2 vid 1 state blocking');
  expect(await receivers(instance, 1, unicast(1, 2), 2)).toEqual([]);
  await instance.sh(
    'bridge vlan set dev p2 vid 1 state forwarding; bridge vlan set dev p1 vid 1 state learning; bridge fdb flush dev br0 dynamic',
  );
  expect(await receivers(instance, 1, unicast(7, 2), 2)).toEqual([]);
  expect((await instance.sh('bridge fdb show br br0 dynamic')).stdout).toContain('02:00:00:00:00:07 dev p1 vlan 1 master br0 \n');
  instance.close();
});

test('VLANs count their packets, each port by itself where asked for', async () => {
  const instance = await bridgeOf(0, 'vlan_filtering 1 vlan_stats_enabled 1 vlan_stats_per_port 1');
  for (const n of [1, 2])
    await instance.sh(`ip link add p${n} type veth peer name h${n}; ip link set p${n} up master br0; ip link set h${n} up`);
  await send(instance, 1, unicast(1, 2), unicast(1, 2));
  const { stdout } = await instance.sh('bridge -s vlan show dev p1');
  expect(stdout).toContain('RX: 92 bytes 2 packets\n');
  expect((await instance.sh('bridge -s vlan show dev p2')).stdout).toContain('TX: 92 bytes 2 packets\n');
  expect((await instance.sh('ip link set br0 type bridge vlan_stats_per_port 0')).stderr).toBe(
    'RTNETLINK answers: Device or resource busy\n',
  );
  instance.close();
});
