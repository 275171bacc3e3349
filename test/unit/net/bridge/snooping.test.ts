import * as icmpv6 from '../../../../src/wire/icmpv6.js';
import { ALLOW_NEW_SOURCES, BLOCK_OLD_SOURCES, CHANGE_TO_EXCLUDE, CHANGE_TO_INCLUDE } from '../../../../src/wire/group-record.js';
import {
  bridgeOf,
  dataFrame,
  igmpFrame,
  ipv4Frame,
  ipv6Frame,
  joinFrame,
  leaveFrame,
  mdb,
  mldFrame,
  queryFrame,
  receivers,
  reportFrame,
  send,
} from './snooping-support.js';

const GROUP = '239.1.1.1';
const SOURCE = '10.9.9.9';
const OTHER = '10.9.9.8';

test('without a querier groups are flooded; with one only members and routers get them', async () => {
  const instance = await bridgeOf(4);
  await send(instance, 2, joinFrame(2, GROUP));
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([2, 3, 4]);
  await send(instance, 4, queryFrame(4));
  // Ten seconds for answers: until then nothing is sure.
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([2, 3, 4]);
  await instance.clock.advance(10_500);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([2, 4]);
  // Of a group without members routers alone are told; groups of the link are everybody's.
  expect(await receivers(instance, 1, dataFrame(1, '239.9.9.9'), 4)).toEqual([4]);
  expect(await receivers(instance, 1, dataFrame(1, '224.0.0.251'), 4)).toEqual([2, 3, 4]);
  // Reports go to routers only (RFC 4541 2.1.1).
  expect(await receivers(instance, 3, joinFrame(3, GROUP), 4)).toEqual([4]);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([2, 3, 4]);
  instance.close();
});

test('memberships end after 260 s, the querier after 255 s, and router ports with it', async () => {
  const instance = await bridgeOf(3);
  await send(instance, 3, queryFrame(3));
  await send(instance, 2, joinFrame(2, GROUP));
  expect(await mdb(instance, '-d')).toEqual([`dev br0 port p2 grp ${GROUP} temp proto kernel `, 'router ports on br0: p3 ']);
  await instance.clock.advance(254_000);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2, 3]);
  expect(await mdb(instance)).toHaveLength(1);
  await instance.clock.advance(7_000);
  expect(await mdb(instance, '-d')).toEqual([]);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2, 3]);
  instance.close();
});

test('the bridge asks itself: at once, again after 31 s, then every 125 s; to a leave it asks the last member for two seconds', async () => {
  const instance = await bridgeOf(2, 'mcast_querier 1');
  const wire = instance.capture(instance.device('p2'));
  const queries = () => wire.frames.filter(({ outgoing, bytes }) => outgoing && bytes[12] === 8 && bytes[13] === 0 && bytes[38] === 0x11);
  await instance.sh('ip link set p2 nomaster; ip link set p2 master br0');
  await instance.clock.advance(10);
  expect(queries()).toHaveLength(1);
  await instance.clock.advance(31_300);
  expect(queries()).toHaveLength(2);
  await instance.clock.advance(125_000);
  expect(queries()).toHaveLength(3);
  const general = queries()[0]!.bytes;
  expect([...general.subarray(0, 14)]).toEqual([1, 0, 0x5e, 0, 0, 1, 2, 0, 0, 0, 0, 0xff, 8, 0]);
  expect([...general.subarray(14, 46)]).toEqual([
    0x46,
    0xc0,
    0,
    32,
    0,
    0,
    0x40,
    0,
    1,
    2,
    general[24]!,
    general[25]!,
    0,
    0,
    0,
    0,
    224,
    0,
    0,
    1,
    148,
    4,
    0,
    0,
    0x11,
    100,
    0xee,
    0x9b,
    0,
    0,
    0,
    0,
  ]);
  await send(instance, 2, joinFrame(2, GROUP));
  await send(instance, 2, leaveFrame(2, GROUP));
  const specific = queries().at(-1)!.bytes;
  expect([...specific.subarray(38, 46)]).toEqual([0x11, 10, specific[40], specific[41], 239, 1, 1, 1]);
  expect(await mdb(instance)).toHaveLength(1);
  await instance.clock.advance(1_900);
  expect(await mdb(instance)).toHaveLength(1);
  await instance.clock.advance(200);
  expect(await mdb(instance)).toEqual([]);
  instance.close();
});

test('a querier with a lower address takes over, one with a higher does not', async () => {
  const instance = await bridgeOf(2, 'mcast_querier 1 mcast_query_use_ifaddr 1');
  await instance.sh('ip address add 10.0.0.100/24 dev br0');
  await instance.clock.advance(200_000);
  const wire = instance.capture(instance.device('p2'));
  const queries = () => wire.frames.filter(({ outgoing, bytes }) => outgoing && bytes[23] === 2 && bytes[38] === 0x11).length;
  await send(instance, 1, igmpFrame(1, 0x11, '0.0.0.0', '224.0.0.1', 100, '10.0.0.200'));
  await instance.clock.advance(250_000);
  expect(queries()).toBe(2);
  await send(instance, 1, igmpFrame(1, 0x11, '0.0.0.0', '224.0.0.1', 100, '10.0.0.1'));
  const heard = queries();
  await instance.clock.advance(250_000);
  expect(queries()).toBe(heard);
  // The other is silent: this one asks again.
  await instance.clock.advance(10_000);
  expect(queries()).toBe(heard + 1);
  instance.close();
});

test('fastleave, mcast_router and PIM hellos act on their ports', async () => {
  const instance = await bridgeOf(4, 'mcast_querier 1');
  await instance.clock.advance(11_000);
  await instance.sh('bridge link set dev p2 fastleave on');
  await send(instance, 2, joinFrame(2, GROUP));
  await send(instance, 2, leaveFrame(2, GROUP));
  expect(await mdb(instance)).toEqual([]);
  await instance.sh('bridge link set dev p3 mcast_router 2');
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([3]);
  await instance.sh('bridge link set dev p3 mcast_router 0');
  await send(instance, 4, ipv4Frame(4, '224.0.0.13', 103, Uint8Array.of(0x20, 0, 0, 0)));
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([4]);
  await instance.sh('bridge link set dev p4 mcast_router 0');
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 4)).toEqual([]);
  instance.close();
});

test('mcast_to_unicast addresses each member by itself', async () => {
  const instance = await bridgeOf(2, 'mcast_querier 1');
  await instance.clock.advance(11_000);
  await instance.sh('bridge link set dev p2 mcast_to_unicast on');
  await send(instance, 2, joinFrame(2, GROUP), joinFrame(3, GROUP));
  const wire = instance.capture(instance.device('p2'));
  await send(instance, 1, dataFrame(1, GROUP));
  expect(wire.frames.filter(({ outgoing }) => outgoing).map(({ bytes }) => [bytes[0], bytes[5]])).toEqual([
    [2, 3],
    [2, 2],
  ]);
  instance.close();
});

test('mcast_flood off keeps unregistered groups away; snooping off floods all', async () => {
  const instance = await bridgeOf(3);
  await instance.sh('bridge link set dev p3 mcast_flood off');
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2]);
  await instance.sh('bridge link set dev p3 mcast_flood on; ip link set br0 type bridge mcast_querier 1');
  await instance.clock.advance(11_000);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([]);
  await instance.sh('ip link set br0 type bridge mcast_snooping 0');
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2, 3]);
  instance.close();
});

test('IGMPv3 members get the sources that they asked for, and no others', async () => {
  const instance = await bridgeOf(4, 'mcast_querier 1 mcast_igmp_version 3');
  await instance.clock.advance(11_000);
  await send(instance, 2, reportFrame(2, ALLOW_NEW_SOURCES, GROUP, [SOURCE]));
  await send(instance, 3, reportFrame(3, CHANGE_TO_EXCLUDE, GROUP, [OTHER]));
  expect(await receivers(instance, 1, dataFrame(1, GROUP, SOURCE), 4)).toEqual([2, 3]);
  expect(await receivers(instance, 1, dataFrame(1, GROUP, OTHER), 4)).toEqual([]);
  expect(await receivers(instance, 1, dataFrame(1, GROUP, '10.9.9.7'), 4)).toEqual([3]);
  expect(await mdb(instance, '-d')).toEqual([
    `dev br0 port p3 grp ${GROUP} src ${OTHER} temp filter_mode include proto kernel  blocked`,
    `dev br0 port p3 grp ${GROUP} src ${SOURCE} temp filter_mode include proto kernel  added_by_star_ex`,
    `dev br0 port p2 grp ${GROUP} src ${SOURCE} temp filter_mode include proto kernel `,
    `dev br0 port p3 grp ${GROUP} temp filter_mode exclude source_list ${OTHER}/0.00 proto kernel `,
    `dev br0 port p2 grp ${GROUP} temp filter_mode include source_list ${SOURCE}/260.00 proto kernel `,
  ]);
  await send(instance, 2, reportFrame(2, BLOCK_OLD_SOURCES, GROUP, [SOURCE]));
  await instance.clock.advance(2_100);
  expect(await receivers(instance, 1, dataFrame(1, GROUP, SOURCE), 4)).toEqual([3]);
  await send(instance, 3, reportFrame(3, CHANGE_TO_INCLUDE, GROUP, []));
  await instance.clock.advance(2_100);
  expect(await mdb(instance)).toEqual([]);
  instance.close();
});

test("MLD is snooped as IGMP is, and ff02::1 is everybody's", async () => {
  const instance = await bridgeOf(4);
  const group = 'ff05::1234';
  await send(instance, 2, mldFrame(2, icmpv6.MLD_REPORT, group, group));
  await send(instance, 4, mldFrame(4, icmpv6.MLD_QUERY, '::', 'ff02::1', 10_000));
  await instance.clock.advance(10_500);
  const data = (to: string) => ipv6Frame(1, to, 17, new Uint8Array(16));
  expect(await receivers(instance, 1, data(group), 4)).toEqual([2, 4]);
  expect(await receivers(instance, 1, data('ff05::9'), 4)).toEqual([4]);
  expect(await receivers(instance, 1, data('ff02::1'), 4)).toEqual([2, 3, 4]);
  expect(await mdb(instance)).toEqual([`dev br0 port p2 grp ${group} temp`]);
  instance.close();
});

test('a message whose checksum is wrong goes nowhere and is counted', async () => {
  const instance = await bridgeOf(2, 'mcast_stats_enabled 1');
  const broken = joinFrame(1, GROUP);
  broken[36]! ^= 1;
  expect(await receivers(instance, 1, broken, 2)).toEqual([]);
  await send(instance, 1, joinFrame(1, GROUP));
  const { stdout } = await instance.sh('ip link xstats type bridge_slave dev p1');
  expect(stdout).toContain('IGMP parse errors: 1\n');
  expect(stdout).toContain('IGMP reports:\n                      RX: v1 0 v2 1 v3 0\n');
  instance.close();
});

test('more groups than mcast_hash_max end the snooping', async () => {
  const instance = await bridgeOf(2, 'mcast_hash_max 2');
  await send(instance, 1, joinFrame(1, '239.0.0.1'), joinFrame(1, '239.0.0.2'));
  expect(await mdb(instance)).toHaveLength(2);
  await send(instance, 1, joinFrame(1, '239.0.0.3'));
  expect((await instance.sh('ip -d link show br0')).stdout).toContain('mcast_snooping 0');
  instance.close();
});

test('entries by hand decide, Ethernet groups without a querier', async () => {
  const instance = await bridgeOf(3);
  await instance.sh('bridge mdb add dev br0 port p2 grp 01:00:00:01:01:01 permanent');
  const frame = new Uint8Array(60);
  frame.set([1, 0, 0, 1, 1, 1, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
  expect(await receivers(instance, 1, frame, 3)).toEqual([2]);
  await instance.sh('bridge mdb del dev br0 port p2 grp 01:00:00:01:01:01');
  expect(await receivers(instance, 1, frame, 3)).toEqual([2, 3]);
  instance.close();
});

test('each VLAN is snooped by itself, where asked for', async () => {
  const instance = await bridgeOf(3, 'vlan_filtering 1 mcast_vlan_snooping 1');
  await instance.sh(`bridge vlan add dev p1 vid 10 pvid untagged; bridge vlan add dev p2 vid 10 pvid untagged; bridge vlan add dev p3 vid 10 pvid untagged
    bridge vlan global set dev br0 vid 10 mcast_querier 1`);
  await instance.clock.advance(11_000);
  await send(instance, 2, joinFrame(2, GROUP));
  expect(await mdb(instance)).toEqual([`dev br0 port p2 grp ${GROUP} temp vid 10`]);
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2]);
  await instance.sh('bridge vlan set dev p3 vid 10 mcast_router 2');
  expect(await receivers(instance, 1, dataFrame(1, GROUP), 3)).toEqual([2, 3]);
  await instance.sh('bridge vlan global set dev br0 vid 10 mcast_snooping 0');
  expect(await receivers(instance, 1, dataFrame(1, '239.2.2.2'), 3)).toEqual([2, 3]);
  instance.close();
});
