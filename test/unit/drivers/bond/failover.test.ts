import { hex, newLab, sent, withSwitch } from './lab.js';

const ARP = 0x0806;

test('when the wire of the active slave goes, the other takes over, and traffic goes on', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  expect((await lab.details('bond0')).active_slave).toBe('eth0');
  expect(await lab.pings('10.0.0.2')).toBe(true);
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(150);
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  expect(await lab.pings('10.0.0.2')).toBe(true);
  expect(await lab.pings('10.0.0.1', 'far')).toBe(true);
  expect(await lab.slave('eth0')).toMatchObject({ state: 'BACKUP', mii_status: 'DOWN', link_failure_count: 1 });
  // It comes back and waits: nothing says that it is better.
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(300);
  expect(await lab.slave('eth0')).toMatchObject({ state: 'BACKUP', mii_status: 'UP' });
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  lab.close();
});

test('gratuitous ARPs follow a failover, as many and as far apart as was asked', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 num_grat_arp 3 peer_notify_delay 200');
  await withSwitch(lab);
  const wire = lab.capture(lab.device('eth1'));
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(1000);
  const requests = wire.frames.filter(({ bytes, outgoing }) => outgoing && bytes[13] === 6);
  expect(requests.map(({ bytes }) => hex(bytes.subarray(0, 42)))).toEqual(
    Array(3).fill(
      'ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000001'.replace('000000000000', '020000000001'),
    ),
  );
  const [first, second, third] = requests.map(({ atUs }) => atUs);
  expect([second! - first!, third! - second!]).toEqual([200_000, 200_000]);
  lab.close();
});

test('unsolicited neighbour advertisements follow a failover', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100', { ipv6: true });
  await withSwitch(lab);
  await lab.run('ip address add 2001:db8::1/64 dev bond0 nodad');
  await lab.clock.advance(3000);
  const wire = lab.capture(lab.device('eth1'));
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(500);
  const advertised = sent(wire, 0x86dd)
    .filter((frame) => frame[54] === 136)
    .map((frame) => hex(frame.subarray(62, 78)));
  expect(advertised).toContain('20010db8000000000000000000000001');
  lab.close();
});

test('what spare slaves receive is not the bond’s, unless all_slaves_active says so', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await lab.run('ip -n far link set p0 up; ip -n far link set p1 up; ip -n far address add 10.0.0.2/24 dev p1');
  await lab.clock.advance(300);
  const before = lab.device('eth1').statistics.rxNohandler;
  await lab.pings('10.0.0.1', 'far');
  expect(lab.device('eth1').statistics.rxNohandler).toBeGreaterThan(before);
  const up = lab.capture(lab.bond());
  await lab.pings('10.0.0.1', 'far');
  expect(up.frames.length).toBe(0);
  await lab.run('ip link set bond0 type bond all_slaves_active 1');
  await lab.clock.advance(5000);
  await lab.pings('10.0.0.1', 'far');
  expect(up.frames.filter(({ outgoing }) => !outgoing).length).toBeGreaterThan(0);
  lab.close();
});

test('updelay keeps a slave waiting that has come back, downdelay one that has gone', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 updelay 500 downdelay 300 primary eth0');
  await withSwitch(lab);
  await lab.run('ip link set bond0 type bond primary eth0');
  await lab.clock.advance(1000);
  expect((await lab.details('bond0')).active_slave).toBe('eth0');
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(200);
  expect(await lab.slave('eth0')).toMatchObject({ mii_status: 'GOING_DOWN', state: 'ACTIVE' });
  await lab.clock.advance(300);
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(300);
  expect(await lab.slave('eth0')).toMatchObject({ mii_status: 'GOING_BACK', state: 'BACKUP' });
  await lab.clock.advance(500);
  // The primary slave takes over again.
  expect((await lab.details('bond0')).active_slave).toBe('eth0');
  lab.close();
});

test('primary_reselect says when the primary slave takes over, and priorities when there is none', async () => {
  const lab = await newLab(3, 'mode active-backup miimon 100 primary_reselect failure');
  await withSwitch(lab, 3);
  await lab.run('ip link set bond0 type bond primary eth2');
  await lab.clock.advance(300);
  expect((await lab.details('bond0')).active_slave).toBe('eth0');
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect((await lab.details('bond0')).active_slave).toBe('eth2');
  await lab.run('ip link set bond0 type bond primary_reselect always; ip -n far link set p0 up');
  await lab.clock.advance(300);
  expect((await lab.details('bond0')).active_slave).toBe('eth2');
  lab.close();
});

test('the user chooses the active slave; the bond tells of it', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100');
  await withSwitch(lab);
  const events: string[] = [];
  lab.stack.initial.deviceEvents.subscribe(({ type, device }) => events.push(`${type} ${device.name}`));
  await lab.run('ip link set bond0 type bond active_slave eth1');
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  expect(events.filter((event) => /^(bondingFailover|notifyPeers|lowerState)/.test(event))).toEqual([
    'lowerState eth0',
    'lowerState eth1',
    'bondingFailover bond0',
    'notifyPeers bond0',
  ]);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('fail_over_mac active: slaves keep their addresses, the bond has that of the active one', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 fail_over_mac active');
  await withSwitch(lab);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  expect(hex(lab.bond().address)).toBe('020000000001');
  expect(hex(lab.device('eth1').address)).toBe('020000000002');
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect(hex(lab.bond().address)).toBe('020000000002');
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('fail_over_mac follow: the bond’s address goes to the slave that takes over', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 fail_over_mac follow');
  await withSwitch(lab);
  expect(hex(lab.bond().address)).toBe('020000000001');
  expect(hex(lab.device('eth1').address)).toBe('020000000002');
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect(hex(lab.bond().address)).toBe('020000000001');
  expect([hex(lab.device('eth0').address), hex(lab.device('eth1').address)]).toEqual(['020000000002', '020000000001']);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('the ARP monitor takes a slave whose target is silent out, though its wire is there', async () => {
  const lab = await newLab(2, 'mode active-backup arp_interval 100 arp_ip_target 10.0.0.2 arp_validate all');
  await withSwitch(lab);
  await lab.clock.advance(3000);
  const active = String((await lab.details('bond0')).active_slave);
  const other = active === 'eth0' ? 'eth1' : 'eth0';
  expect(await lab.slave(active)).toMatchObject({ state: 'ACTIVE', mii_status: 'UP' });
  expect(await lab.slave(other)).toMatchObject({ state: 'BACKUP', mii_status: 'UP' });
  const wire = lab.capture(lab.device(active));
  await lab.clock.advance(1000);
  expect(sent(wire, ARP).length).toBe(10);
  // The switch no longer has the port: carrier stays, answers do not come.
  await lab.run(`ip -n far link set ${active.replace('eth', 'p')} nomaster arp off`);
  await lab.clock.advance(1500);
  expect(await lab.slave(active)).toMatchObject({ state: 'BACKUP', mii_status: 'DOWN' });
  expect((await lab.details('bond0')).active_slave).toBe(other);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});

test('the ARP monitor of IPv6 asks its targets by neighbour discovery', async () => {
  const lab = await newLab(2, 'mode active-backup arp_interval 100 ns_ip6_target 2001:db8::2 arp_validate all', { ipv6: true });
  await withSwitch(lab);
  await lab.run('ip address add 2001:db8::1/64 dev bond0 nodad; ip -n far address add 2001:db8::2/64 dev sw nodad');
  await lab.clock.advance(5000);
  const active = String((await lab.details('bond0')).active_slave);
  expect(await lab.slave(active)).toMatchObject({ state: 'ACTIVE', mii_status: 'UP' });
  await lab.run(`ip -n far link set ${active.replace('eth', 'p')} nomaster`);
  await lab.clock.advance(2000);
  expect((await lab.details('bond0')).active_slave).toBe(active === 'eth0' ? 'eth1' : 'eth0');
  lab.close();
});

test('membership reports are asked for again after a failover, resend_igmp times', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 resend_igmp 3');
  await withSwitch(lab);
  let resent = 0;
  lab.stack.initial.deviceEvents.subscribe(({ type }) => {
    if (type === 'resendIgmp') resent++;
  });
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(1000);
  expect(resent).toBe(3);
  lab.close();
});
