import { hex, newLab, sent, withFarBond, withSwitch } from './lab.js';

const SLOW = 0x8809;

test('two bonds that speak LACP aggregate both links, and traffic passes', async () => {
  const lab = await newLab(2, 'mode 802.3ad miimon 100 lacp_rate fast xmit_hash_policy layer3+4');
  await withFarBond(lab, 'mode 802.3ad miimon 100 lacp_rate fast');
  expect((await lab.details('bond0')).ad_info).toEqual({
    aggregator: 1,
    num_ports: 2,
    actor_key: 15,
    partner_key: 15,
    partner_mac: '02:00:00:00:01:01',
  });
  for (const slave of ['eth0', 'eth1'])
    expect(await lab.slave(slave)).toMatchObject({
      state: 'ACTIVE',
      ad_aggregator_id: 1,
      ad_actor_oper_port_state_str: ['active', 'short_timeout', 'aggregating', 'in_sync', 'collecting', 'distributing'],
      ad_partner_oper_port_state_str: ['active', 'short_timeout', 'aggregating', 'in_sync', 'collecting', 'distributing'],
    });
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('a link that goes leaves the aggregation, and joins it again', async () => {
  const lab = await newLab(2, 'mode 802.3ad miimon 100 lacp_rate fast');
  await withFarBond(lab, 'mode 802.3ad miimon 100 lacp_rate fast');
  await lab.run('ip link set eth0 down');
  await lab.clock.advance(1000);
  expect(await lab.slave('eth0')).toMatchObject({ state: 'BACKUP', mii_status: 'DOWN' });
  expect(lab.bond().usable.map(({ device }) => device.name)).toEqual(['eth1']);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  await lab.run('ip link set eth0 up');
  await lab.clock.advance(8000);
  expect(lab.bond().usable.map(({ device }) => device.name)).toEqual(['eth0', 'eth1']);
  expect((await lab.details('bond0')).ad_info).toMatchObject({ num_ports: 2 });
  lab.close();
});

test('a partner that falls silent is given up after three seconds, though the wire is there', async () => {
  const lab = await newLab(2, 'mode 802.3ad miimon 100 lacp_rate fast');
  await withFarBond(lab, 'mode 802.3ad miimon 100 lacp_rate fast');
  await lab.run('ip -n far link del bond0; ip -n far link set p0 up; ip -n far link set p1 up');
  await lab.clock.advance(8000);
  expect(await lab.slave('eth0')).toMatchObject({
    ad_partner_oper_port_state: 0,
    ad_actor_oper_port_state_str: expect.arrayContaining(['defaulted']) as unknown,
  });
  expect((await lab.details('bond0')).ad_info).toMatchObject({ num_ports: 1, partner_mac: '00:00:00:00:00:00' });
  lab.close();
});

test('a LACPDU is byte for byte what IEEE 802.1AX has', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100 ad_actor_sys_prio 1000 ad_user_port_key 5 ad_actor_system 02:aa:bb:cc:dd:ee');
  const wire = lab.capture(lab.device('eth0'));
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(1500);
  const [first] = sent(wire, SLOW);
  expect(hex(first!)).toBe(
    [
      '0180c2000002' + '020000000001' + '8809', // the group of slow protocols, the slave's own address
      '0101', // LACP, version 1
      // actor: system priority and address, key (5 << 6 | speed 7 << 1 | full duplex), port priority 255, port 1,
      // active, aggregating, defaulted, expired
      '0114' + '03e8' + '02aabbccddee' + '014f' + '00ff' + '0001' + 'c5' + '000000',
      // partner: nothing is known of it; it is taken to be active with a short timeout
      '0214' + 'ffff' + '000000000000' + '0001' + '00ff' + '0001' + '03' + '000000',
      '0310' + '0005' + '00'.repeat(12), // collector, 50 us
      '0000' + '00'.repeat(50),
    ].join(''),
  );
  lab.close();
});

test('no more than three LACPDUs a second leave, and one each thirty seconds once all is known', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100');
  const wire = lab.capture(lab.device('eth0'));
  await withFarBond(lab, 'mode 802.3ad miimon 100', 1);
  const times = wire.frames.filter(({ outgoing, bytes }) => outgoing && bytes[12] === 0x88).map(({ atUs }) => atUs);
  for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(300_000);
  const before = sent(wire, SLOW).length;
  await lab.clock.advance(120_000);
  expect(sent(wire, SLOW).length - before).toBe(4);
  lab.close();
});

test('a marker is answered with its own words', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100');
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(500);
  const wire = lab.capture(lab.device('eth0'));
  const marker = '0201' + '0116' + '0007' + '02aabbccddee' + '12345678' + '0000' + '0000';
  const frame = '0180c2000002' + '020000000101' + '8809' + marker + '00'.repeat(90);
  lab.inject(lab.device('eth0'), Buffer.from(frame, 'hex'));
  await lab.clock.advance(0);
  const answer = sent(wire, SLOW).find((bytes) => bytes[14] === 2);
  expect(hex(answer!)).toBe(`0180c20000020200000000018809${marker.replace('02010116', '02010216')}${'00'.repeat(90)}`);
  expect(lab.bond().adStatistics).toMatchObject({ markerRx: 1, markerResponseTx: 1 });
  lab.close();
});

test('short, unknown and answering frames of the slow protocols are counted and harm nothing', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100');
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(500);
  const head = '0180c2000002' + '020000000101' + '8809';
  for (const body of ['0101', `0501${'00'.repeat(108)}`, `0201${'0216'}${'00'.repeat(106)}`, `0201${'0916'}${'00'.repeat(106)}`])
    lab.inject(lab.device('eth0'), Buffer.from(head + body, 'hex'));
  await lab.clock.advance(0);
  expect(lab.bond().adStatistics).toMatchObject({ lacpduIllegalRx: 1, lacpduUnknownRx: 1, markerResponseRx: 1, markerUnknownRx: 1 });
  lab.close();
});

test('links to two partners make two aggregations: the one in use stays, unless ad_select says what is better', async () => {
  const lab = await newLab(3, 'mode 802.3ad miimon 100 lacp_rate fast ad_select count');
  await lab.run('ip -n far link add one address 02:00:00:00:02:01 type bond mode 802.3ad miimon 100 lacp_rate fast');
  await lab.run('ip -n far link add two address 02:00:00:00:02:02 type bond mode 802.3ad miimon 100 lacp_rate fast');
  await lab.run('ip -n far link set p0 master one; ip -n far link set p1 master two; ip -n far link set p2 master two');
  await lab.run('ip -n far link set one up; ip -n far link set two up');
  await lab.clock.advance(12_000);
  expect((await lab.details('bond0')).ad_info).toMatchObject({ num_ports: 2, partner_mac: '02:00:00:00:02:02' });
  expect(lab.bond().usable.map(({ device }) => device.name)).toEqual(['eth1', 'eth2']);
  // Its links go: the other one works.
  await lab.run('ip -n far link set two down; ip -n far link set p1 down; ip -n far link set p2 down');
  await lab.clock.advance(3000);
  expect((await lab.details('bond0')).ad_info).toMatchObject({ partner_mac: '02:00:00:00:02:01' });
  lab.close();
});

test('min_links takes the carrier away while too few links work', async () => {
  const lab = await newLab(2, 'mode 802.3ad miimon 100 lacp_rate fast min_links 2');
  await withFarBond(lab, 'mode 802.3ad miimon 100 lacp_rate fast');
  expect(lab.bond().carrier).toBe(true);
  await lab.run('ip link set eth0 down');
  await lab.clock.advance(500);
  expect(lab.bond().carrier).toBe(false);
  await lab.run('ip link set bond0 type bond min_links 1');
  expect(lab.bond().carrier).toBe(true);
  lab.close();
});

test('without lacp_active it is silent until the partner speaks', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100 lacp_active off');
  const wire = lab.capture(lab.device('eth0'));
  await withSwitch(lab, 1);
  await lab.clock.advance(40_000);
  const states = sent(wire, SLOW).map((bytes) => bytes[32]! & 1);
  expect(states.every((active) => active === 0)).toBe(true);
  expect(states.length).toBeLessThan(5);
  lab.close();
});

test('a slave that leaves an aggregation leaves the others at work', async () => {
  const lab = await newLab(3, 'mode 802.3ad miimon 100 lacp_rate fast');
  await withFarBond(lab, 'mode 802.3ad miimon 100 lacp_rate fast', 3);
  await lab.run('ip link set eth0 nomaster');
  await lab.clock.advance(3000);
  expect((await lab.details('bond0')).ad_info).toMatchObject({ num_ports: 2 });
  expect(await lab.pings('10.0.0.2')).toBe(true);
  await lab.run('ip link set eth1 nomaster; ip link set eth2 nomaster');
  expect(lab.bond().carrier).toBe(false);
  await lab.run('ip link del bond0');
  await lab.clock.advance(5000);
  lab.close();
});
