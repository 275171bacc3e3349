import { hex, newLab, sent, withSwitch } from './lab.js';

test('the first slave gives the bond its address, unless it was given one; all get it, and the bond’s MTU', async () => {
  const lab = await newLab(2);
  await lab.run('ip link add bond0 mtu 1400 type bond mode active-backup');
  await lab.run('ip link set eth1 master bond0; ip link set eth0 master bond0');
  expect(hex(lab.bond().address)).toBe('020000000002');
  expect(hex(lab.device('eth0').address)).toBe('020000000002');
  expect(lab.device('eth0').mtu).toBe(1400);
  await lab.run('ip link set bond0 address 02:00:00:00:00:77; ip link set bond0 mtu 1300');
  expect(hex(lab.device('eth1').address)).toBe('020000000077');
  expect(lab.device('eth1').mtu).toBe(1300);
  await lab.run('ip link set eth1 nomaster');
  expect([hex(lab.device('eth1').address), lab.device('eth1').mtu, lab.device('eth1').up]).toEqual(['020000000002', 1500, false]);
  lab.close();
});

test('what cannot be a slave says why', async () => {
  const lab = await newLab(1);
  await lab.run('ip link add bond0 type bond; ip link add br0 type bridge; ip link add ifb0 type ifb; ip link set eth0 up');
  expect(await lab.refusal('ip link set eth0 master bond0')).toBe('Error: Device can not be enslaved while up.\n');
  expect(await lab.refusal('ip link set bond0 master bond0')).toBe('Error: Cannot enslave bond to itself.\n');
  expect(await lab.refusal('ip link set ifb0 master bond0')).toBe('RTNETLINK answers: Operation not supported\n');
  await lab.run('ip link set eth0 down; ip link set eth0 master br0');
  expect(await lab.run('ip link set eth0 master bond0; ip -br link show dev eth0')).toContain('SLAVE');
  // Nothing is left of the one that was refused.
  expect(await lab.run('ip -o link show dev ifb0')).not.toContain('SLAVE');
  expect(lab.device('ifb0').up).toBe(false);
  lab.close();
});

test('options that do not fit are refused with Linux’s words, and leave the bond as it was', async () => {
  const lab = await newLab(1);
  await lab.run('ip link add bond0 type bond mode active-backup miimon 100; ip link set eth0 master bond0');
  for (const [words, complaint] of [
    ['mode 802.3ad', 'unable to set option because the bond device has slaves'],
    ['fail_over_mac active', 'unable to set option because the bond device has slaves'],
    ['lacp_rate fast', 'option not supported in mode'],
    ['packets_per_slave 2', 'option not supported in mode'],
    ['lp_interval 0', 'invalid option value'],
    ['arp_ip_target 0.0.0.0', 'invalid option value'],
    ['miimon 100 arp_interval 100', 'ARP monitoring cannot be used with MII monitoring'],
    ['peer_notify_delay 300001', 'integer out of range'],
    ['ns_ip6_target fe80::1', 'Invalid IPv6 addr6'],
  ] as const)
    expect(await lab.refusal(`ip link set bond0 type bond ${words}`)).toBe(`Error: ${complaint}.\n`);
  expect(await lab.details('bond0')).toMatchObject({ mode: 'active-backup', miimon: 100, lp_interval: 1 });
  expect(await lab.refusal('ip link add bond1 type bond mode balance-rr primary eth0')).toBe('Error: option not supported in mode.\n');
  expect(await lab.refusal('ip link show bond1')).toContain('does not exist');
  lab.close();
});

test('promiscuity and the like of the bond are those of the slave that works, and move with it', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  await lab.run('ip link set bond0 promisc on allmulticast on');
  const [first, second] = [lab.device('eth0'), lab.device('eth1')];
  expect([first.promiscuity, first.allMulticast, second.promiscuity, second.allMulticast]).toEqual([1, 1, 0, 0]);
  await lab.run('ip link set bond0 type bond active_slave eth1');
  expect([first.promiscuity, first.allMulticast, second.promiscuity, second.allMulticast]).toEqual([0, 0, 1, 1]);
  await lab.run('ip link set bond0 promisc off allmulticast off');
  expect([second.promiscuity, second.allMulticast]).toEqual([0, 0]);
  lab.close();
});

test('a VLAN upon a bond, and a bond under a bridge, pass traffic and fail over', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  await lab.run('ip link add link bond0 name bond0.7 type vlan id 7; ip address add 10.7.0.1/24 dev bond0.7; ip link set bond0.7 up');
  await lab.run(
    'ip -n far link add link sw name sw.7 type vlan id 7; ip -n far address add 10.7.0.2/24 dev sw.7; ip -n far link set sw.7 up',
  );
  expect(await lab.pings('10.7.0.2')).toBe(true);
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect(await lab.pings('10.7.0.2')).toBe(true);
  await lab.run('ip link del bond0.7; ip address del 10.0.0.1/24 dev bond0; ip link add br0 type bridge; ip link set bond0 master br0');
  await lab.run('ip address add 10.0.0.1/24 dev br0; ip link set br0 up');
  await lab.clock.advance(40_000);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('slaves that are deleted, renamed or moved away leave their bond in order; so does a bond that is deleted', async () => {
  const lab = await newLab(3, 'mode active-backup miimon 100');
  await withSwitch(lab, 3);
  await lab.run('ip link set bond0 type bond primary eth0');
  await lab.run('ip netns add away; ip link set eth0 netns away');
  expect(hex(lab.device('eth0', 'away').address)).toBe('020000000001');
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  await lab.run('ip link del eth1');
  expect((await lab.details('bond0')).active_slave).toBe('eth2');
  expect(await lab.pings('10.0.0.2')).toBe(true);
  expect(await lab.refusal('ip link set bond0 netns away')).toBe('RTNETLINK answers: Invalid argument\n');
  await lab.run('ip link del bond0');
  expect(await lab.run('ip -o link show dev eth2')).not.toContain('SLAVE');
  expect(lab.device('eth2').master).toBe(null);
  await lab.clock.advance(1000);
  await lab.run('ip link add bond0 type bond mode 802.3ad; ip link set eth2 master bond0; ip link set bond0 up; ip netns del far');
  await lab.clock.advance(1000);
  expect(lab.bond().slaves).toEqual([]);
  lab.close();
});

test('a bond has the counters of its slaves, those that left included', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  for (let n = 0; n < 3; n++) await lab.pings('10.0.0.2');
  const counters = async () => {
    const [link] = JSON.parse(await lab.run('ip -j -s link show dev bond0')) as { stats64: { tx: { packets: number } } }[];
    return link!.stats64.tx.packets;
  };
  const before = await counters();
  expect(before).toBeGreaterThanOrEqual(4);
  await lab.run('ip link set eth0 nomaster');
  await lab.clock.advance(300);
  expect(await counters()).toBeGreaterThanOrEqual(before);
  await lab.pings('10.0.0.2');
  expect(await counters()).toBeGreaterThan(before);
  lab.close();
});

test('a bond without a slave that works drops and counts', async () => {
  const lab = await newLab(1, 'mode balance-xor miimon 100');
  await lab.run('ip neigh add 10.0.0.9 lladdr 02:00:00:00:09:09 dev bond0');
  const { txDropped } = lab.bond().statistics;
  await lab.pings('10.0.0.9');
  expect(lab.bond().statistics.txDropped).toBe(txDropped + 1);
  expect(await lab.run('ip link show dev bond0')).toContain('NO-CARRIER');
  lab.close();
});

test('slaves have no IPv6 of their own', async () => {
  const lab = await newLab(1, 'mode active-backup miimon 100', { ipv6: true });
  const wire = lab.capture(lab.device('eth0'));
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(5000);
  expect(await lab.run('ip -6 -o address show dev eth0')).toBe('');
  const sources = new Set(sent(wire, 0x86dd).map((frame) => hex(frame.subarray(22, 38))));
  expect([...sources].every((source) => source === '0'.repeat(32) || source === 'fe80000000000000000000fffe000001')).toBe(true);
  lab.close();
});

test('queue ids and priorities are the slaves’ own', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  await lab.run('ip link set eth1 type bond_slave queue_id 3 prio 10');
  expect(await lab.slave('eth1')).toMatchObject({ queue_id: 3, prio: 10, state: 'ACTIVE' });
  expect(await lab.refusal('ip link set eth0 type bond_slave queue_id 3')).toBe('RTNETLINK answers: Operation not permitted\n');
  expect(await lab.refusal('ip link set eth0 type bond_slave queue_id 17')).toBe('RTNETLINK answers: Operation not permitted\n');
  lab.close();
});

test('slaves listen to the groups of the bond, and routers hear again of them after a failover', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  await lab.run('ip maddress add 01:00:5e:01:02:03 dev bond0; ip address add 239.1.2.3/32 dev bond0 autojoin');
  const listens = (device: string) => lab.device(device).multicastList.groups.map(({ address }) => hex(address));
  expect(listens('eth0')).toEqual(expect.arrayContaining(['01005e010203', '01005e000001']));
  expect(listens('eth1')).not.toContain('01005e010203');
  await lab.clock.advance(5000);
  const wire = lab.capture(lab.device('eth1'));
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(150);
  expect(listens('eth0')).not.toContain('01005e010203');
  expect(listens('eth1')).toContain('01005e010203');
  const reports = sent(wire, 0x0800).filter((frame) => frame[23] === 2);
  expect(reports.map((frame) => hex(frame.subarray(38)))).toEqual([expect.stringContaining('ef010203')]);
  await lab.run('ip link set bond0 down');
  expect(listens('eth1')).not.toContain('01005e010203');
  lab.close();
});

test('in 802.3ad slaves listen to the group of LACP while the bond is up', async () => {
  const lab = await newLab(1, 'mode 802.3ad');
  const listens = () => lab.device('eth0').multicastList.groups.map(({ address }) => hex(address));
  expect(listens()).toContain('0180c2000002');
  await lab.run('ip link set bond0 down');
  expect(listens()).not.toContain('0180c2000002');
  await lab.run('ip link set bond0 up; ip link set eth0 nomaster');
  expect(listens()).not.toContain('0180c2000002');
  lab.close();
});

test('a macvlan upon a bond reaches its neighbours, before and after a failover', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  await lab.run(
    'ip link add link bond0 name mv0 address 02:00:00:00:0a:01 type macvlan mode bridge; ip netns add guest; ip link set mv0 netns guest',
  );
  await lab.run('ip -n guest address add 10.0.0.3/24 dev mv0; ip -n guest link set mv0 up');
  const receives = (device: string) => lab.device(device).extraAddresses.map((address) => hex(address));
  expect(receives('eth0')).toEqual(['020000000a01']);
  expect(await lab.pings('10.0.0.2', 'guest')).toBe(true);
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect([receives('eth0'), receives('eth1')]).toEqual([[], ['020000000a01']]);
  expect(await lab.pings('10.0.0.2', 'guest')).toBe(true);
  lab.close();
});
