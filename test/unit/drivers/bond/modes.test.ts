import { hex, newLab, sent, withFarBond, withSwitch } from './lab.js';

const IPV4 = 0x0800;
const ARP = 0x0806;

/** How many of sixteen pings to one address leave by each slave. */
async function spread(policy: string, mode = 'balance-xor'): Promise<number[]> {
  const lab = await newLab(2, `mode ${mode} miimon 100 xmit_hash_policy ${policy}`);
  await withFarBond(lab, `mode ${mode} miimon 100`);
  await lab.pings('10.0.0.2');
  const wires = [lab.capture(lab.device('eth0')), lab.capture(lab.device('eth1'))];
  for (let n = 0; n < 16; n++) await lab.pings('10.0.0.2');
  const counts = wires.map((wire) => sent(wire, IPV4).length);
  lab.close();
  return counts;
}

test('balance-rr sends by one slave after the other', async () => {
  const lab = await newLab(2, 'mode balance-rr miimon 100');
  await withFarBond(lab, 'mode balance-rr miimon 100');
  const wires = [lab.capture(lab.device('eth0')), lab.capture(lab.device('eth1'))];
  for (let n = 0; n < 6; n++) expect(await lab.pings('10.0.0.2')).toBe(true);
  const counts = wires.map((wire) => sent(wire, IPV4).length);
  expect(counts[0]! + counts[1]!).toBe(6);
  expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThanOrEqual(1);
  lab.close();
});

test('packets_per_slave keeps to a slave for so many packets', async () => {
  const lab = await newLab(2, 'mode balance-rr miimon 100 packets_per_slave 4');
  await withFarBond(lab, 'mode balance-rr miimon 100');
  await lab.run('ip neigh add 10.0.0.9 lladdr 02:00:00:00:09:09 dev bond0');
  const wire = lab.capture(lab.device('eth0'));
  const other = lab.capture(lab.device('eth1'));
  for (let n = 0; n < 16; n++) await lab.pings('10.0.0.9');
  expect([sent(wire, IPV4).length, sent(other, IPV4).length]).toEqual([8, 8]);
  const order = [...wire.frames.map(({ atUs }) => [atUs, 0]), ...other.frames.map(({ atUs }) => [atUs, 1])]
    .sort(([a], [b]) => a! - b!)
    .map(([, by]) => by)
    .join('');
  expect(order).toMatch(/^(0{1,4})(1111|0000)*(1{1,4}|0{1,4})?$/);
  lab.close();
});

test('balance-xor keeps a flow to one slave, whatever the policy', async () => {
  for (const policy of ['layer2', 'layer2+3', 'encap2+3', 'vlan+srcmac']) {
    const counts = await spread(policy);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBe(16);
  }
});

test('layer3+4 spreads flows by their ports', async () => {
  const lab = await newLab(2, 'mode balance-xor miimon 100 xmit_hash_policy layer3+4');
  await withFarBond(lab, 'mode balance-xor miimon 100');
  const wires = [lab.capture(lab.device('eth0')), lab.capture(lab.device('eth1'))];
  for (let n = 1; n <= 20; n++) await lab.run(`ping -c1 -W1 -e ${n} 10.0.0.2`);
  expect(Math.min(...wires.map((wire) => sent(wire, IPV4).length))).toBeGreaterThan(2);
  lab.close();
});

test('broadcast sends each frame by every slave', async () => {
  const lab = await newLab(3, 'mode broadcast miimon 100');
  await lab.run('ip -n far link set p0 up; ip -n far link set p1 up; ip neigh add 10.0.0.9 lladdr 02:00:00:00:09:09 dev bond0');
  await lab.clock.advance(200);
  const wires = [0, 1, 2].map((n) => lab.capture(lab.device(`eth${n}`)));
  await lab.pings('10.0.0.9');
  expect(wires.map((wire) => sent(wire, IPV4).length)).toEqual([1, 1, 0]);
  lab.close();
});

test('balance-tlb spreads by load, each slave from an address of its own; all comes in by the active one', async () => {
  const lab = await newLab(2, 'mode balance-tlb xmit_hash_policy layer3+4');
  await withSwitch(lab);
  await lab.clock.advance(500);
  const flows = async () => {
    for (let n = 1; n <= 20; n++) await lab.run(`ping -c1 -W1 -e ${n} 10.0.0.2`);
  };
  // Until the first balance nothing is known of the flows.
  await flows();
  await lab.clock.advance(10_000);
  const wires = [lab.capture(lab.device('eth0')), lab.capture(lab.device('eth1'))];
  await flows();
  const [first, second] = wires.map((wire) => sent(wire, IPV4));
  expect(Math.min(first!.length, second!.length)).toBeGreaterThan(2);
  expect(new Set(first!.map((frame) => hex(frame.subarray(6, 12))))).toEqual(new Set(['020000000001']));
  expect(new Set(second!.map((frame) => hex(frame.subarray(6, 12))))).toEqual(new Set(['020000000002']));
  lab.close();
});

test('balance-tlb goes on when the active slave goes', async () => {
  const lab = await newLab(2, 'mode balance-tlb');
  await withSwitch(lab);
  await lab.clock.advance(500);
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(300);
  expect((await lab.details('bond0')).active_slave).toBe('eth1');
  expect(await lab.pings('10.0.0.2')).toBe(true);
  expect(await lab.pings('10.0.0.1', 'far')).toBe(true);
  lab.close();
});

test('balance-alb tells clients different slaves’ addresses, so that they come in by different slaves', async () => {
  const lab = await newLab(2, 'mode balance-alb');
  await withSwitch(lab);
  await lab.run('ip -n far address add 10.0.0.3/24 dev sw; ip -n far address add 10.0.0.4/24 dev sw');
  await lab.clock.advance(500);
  const wires = [lab.capture(lab.device('eth0')), lab.capture(lab.device('eth1'))];
  const told = new Set<string>();
  for (const client of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) {
    await lab.run('ip -n far neigh flush all');
    await lab.sh(`ip netns exec far ping -c1 -W1 -I ${client} 10.0.0.1`);
  }
  for (const wire of wires) for (const frame of sent(wire, ARP)) if (frame[21] === 2) told.add(hex(frame.subarray(22, 28)));
  expect(told).toEqual(new Set(['020000000001', '020000000002']));
  expect(await lab.pings('10.0.0.2')).toBe(true);
  await lab.run('ip -n far link set p0 down');
  await lab.clock.advance(4000);
  expect(await lab.pings('10.0.0.2')).toBe(true);
  expect(await lab.pings('10.0.0.1', 'far')).toBe(true);
  lab.close();
});

test('switches are taught where slaves are, each lp_interval', async () => {
  const lab = await newLab(2, 'mode balance-tlb lp_interval 2');
  await withSwitch(lab);
  const wire = lab.capture(lab.device('eth1'));
  await lab.clock.advance(10_000);
  const learning = sent(wire, 0x9000);
  expect(learning.length).toBe(5);
  expect(hex(learning[0]!)).toBe(`${'020000000002'.repeat(2)}9000${'00'.repeat(46)}`);
  lab.close();
});

test('the load-balancing ARP monitor takes a silent slave out', async () => {
  const lab = await newLab(2, 'mode balance-rr arp_interval 100 arp_ip_target 10.0.0.2');
  await withFarBond(lab, 'mode balance-rr miimon 100');
  expect(await lab.slave('eth0')).toMatchObject({ mii_status: 'UP' });
  await lab.run('ip -n far link set p0 nomaster; ip -n far link set p0 up arp off');
  await lab.clock.advance(1500);
  expect(await lab.slave('eth0')).toMatchObject({ mii_status: 'DOWN', state: 'BACKUP' });
  for (let n = 0; n < 4; n++) expect(await lab.pings('10.0.0.2')).toBe(true);
  lab.close();
});
