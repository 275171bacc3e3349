import { bonding } from '../../../src/control/procnet/bonding.js';
import { newLab, withSwitch } from '../drivers/bond/lab.js';

test('/proc/net/bonding has a file a bond, with what Linux says of it', async () => {
  const lab = await newLab(2, 'mode active-backup miimon 100 fail_over_mac active');
  await lab.run('ip link add bond1 type bond mode active-backup arp_interval 100 arp_ip_target 10.0.0.2,10.0.0.3');
  await withSwitch(lab);
  await lab.run('ip link set bond0 type bond primary eth0; ip link set eth1 down');
  await lab.clock.advance(300);
  expect(bonding.files(lab.namespace())).toEqual(['bond0', 'bond1']);
  expect(bonding.text(lab.namespace(), 'eth0')).toBe(null);
  expect(bonding.text(lab.namespace(), 'bond0')).toBe(`Ethernet Channel Bonding Driver: v6.1.0

Bonding Mode: fault-tolerance (active-backup) (fail_over_mac active)
Primary Slave: eth0 (primary_reselect always)
Currently Active Slave: eth0
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0

Slave Interface: eth0
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 02:00:00:00:00:01
Slave queue ID: 0

Slave Interface: eth1
MII Status: down
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 1
Permanent HW addr: 02:00:00:00:00:02
Slave queue ID: 0
`);
  expect(bonding.text(lab.namespace(), 'bond1')).toContain(`ARP Polling Interval (ms): 100
ARP Missed Max: 2
ARP IP target/s (n.n.n.n form): 10.0.0.2, 10.0.0.3
NS IPv6 target/s (xx::xx form):
`);
  lab.close();
});

test('of 802.3ad it has the aggregation and what ports say of each other', async () => {
  const lab = await newLab(1, 'mode 802.3ad miimon 100');
  await lab.run('ip -n far link set p0 up');
  await lab.clock.advance(8000);
  const text = bonding.text(lab.namespace(), 'bond0')!;
  expect(text.slice(text.indexOf('802.3ad info'))).toBe(`802.3ad info
LACP active: on
LACP rate: slow
Min links: 0
Aggregator selection policy (ad_select): stable
System priority: 65535
System MAC address: 02:00:00:00:00:01
Active Aggregator Info:
\tAggregator ID: 1
\tNumber of ports: 1
\tActor Key: 15
\tPartner Key: 1
\tPartner Mac Address: 00:00:00:00:00:00

Slave Interface: eth0
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 02:00:00:00:00:01
Slave queue ID: 0
Aggregator ID: 1
Actor Churn State: monitoring
Partner Churn State: monitoring
Actor Churned Count: 0
Partner Churned Count: 0
details actor lacp pdu:
    system priority: 65535
    system mac address: 02:00:00:00:00:01
    port key: 15
    port priority: 255
    port number: 1
    port state: 77
details partner lacp pdu:
    system priority: 65535
    system mac address: 00:00:00:00:00:00
    oper key: 1
    port priority: 255
    port number: 1
    port state: 0
`);
  lab.close();
});
