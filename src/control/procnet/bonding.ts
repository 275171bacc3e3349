import { BondDevice } from '../../drivers/bond/device.js';
import { CHURN, type AdPort, NO_CHURN } from '../../drivers/bond/lacp/port.js';
import { usesHash, usesPrimary } from '../../drivers/bond/parameters.js';
import type { Slave } from '../../drivers/bond/slave.js';
import { BOND_FOM_NONE, BOND_MODE_8023AD, BOND_MODE_ACTIVEBACKUP } from '../../netlink/rtnl/link/bond.js';
import { formatIpv4 } from '../../wire/ipv4-address.js';
import { formatIpv6 } from '../../wire/ipv6-address.js';
import { addressToBytes } from '../../wire/ipv6.js';
import type { PortParameters } from '../../wire/lacp.js';
import { formatMac } from '../../wire/mac-address.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { ProcNetFolder } from './view.js';

/** By BOND_MODE_*. */
const modes = [
  'load balancing (round-robin)',
  'fault-tolerance (active-backup)',
  'load balancing (xor)',
  'fault-tolerance (broadcast)',
  'IEEE 802.3ad Dynamic link aggregation',
  'transmit load balancing',
  'adaptive load balancing',
];
const hashPolicies = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'];
const reselections = ['always', 'better', 'failure'];
const failOverMacs = ['none', 'active', 'follow'];
const selections = ['stable', 'bandwidth', 'count'];
/** By BOND_LINK_*. */
const links = ['up', 'going down', 'down', 'going back'];

/** /proc/net/bonding: a file a bond. Linux: bond_info_seq_show() */
export const bonding: ProcNetFolder = {
  folder: 'bonding/',
  files: (namespace: Namespace) => namespace.devices().flatMap((device) => (device instanceof BondDevice ? [device.name] : [])),
  text(namespace, file) {
    const device = namespace.deviceByName(file);
    if (!(device instanceof BondDevice) || device.name !== file) return null;
    const parts = [describeBond(device), ...device.slaves.map(describeSlave)];
    return parts.map((lines) => `${lines.join('\n')}\n`).join('\n');
  },
};

function describeBond(bond: BondDevice): string[] {
  const { parameters: p } = bond;
  const up = bond.carrier;
  const failOverMac =
    p.mode === BOND_MODE_ACTIVEBACKUP && p.failOverMac !== BOND_FOM_NONE ? ` (fail_over_mac ${failOverMacs[p.failOverMac]})` : '';
  const lines = [`Ethernet Channel Bonding Driver: v6.1.0`, '', `Bonding Mode: ${modes[p.mode]}${failOverMac}`];
  if (usesHash(p.mode, p.tlbDynamic)) lines.push(`Transmit Hash Policy: ${hashPolicies[p.hashPolicy]} (${p.hashPolicy})`);
  if (usesPrimary(p.mode)) {
    const { primary, active } = bond;
    lines.push(
      `Primary Slave: ${primary === null ? 'None' : `${primary.device.name} (primary_reselect ${reselections[p.primaryReselect]})`}`,
      `Currently Active Slave: ${active?.device.name ?? 'None'}`,
    );
  }
  lines.push(
    `MII Status: ${up ? 'up' : 'down'}`,
    `MII Polling Interval (ms): ${p.miimonMs}`,
    `Up Delay (ms): ${p.updelay * p.miimonMs}`,
    `Down Delay (ms): ${p.downdelay * p.miimonMs}`,
    `Peer Notification Delay (ms): ${p.peerNotifyDelay * p.miimonMs}`,
  );
  if (p.arpIntervalMs > 0)
    lines.push(
      `ARP Polling Interval (ms): ${p.arpIntervalMs}`,
      `ARP Missed Max: ${p.arpMissedMax}`,
      `ARP IP target/s (n.n.n.n form):${list(p.arpTargets.map(formatIpv4))}`,
      `NS IPv6 target/s (xx::xx form):${list(p.nsTargets.map((target) => formatIpv6(addressToBytes(target))))}`,
    );
  return p.mode === BOND_MODE_8023AD ? [...lines, '', ...describeAggregation(bond)] : lines;
}

const list = (addresses: readonly string[]): string => (addresses.length === 0 ? '' : ` ${addresses.join(', ')}`);

function describeAggregation(bond: BondDevice): string[] {
  const { parameters: p, ad } = bond;
  const aggregator = bond.activeAggregator;
  return [
    '802.3ad info',
    `LACP active: ${p.lacpActive ? 'on' : 'off'}`,
    `LACP rate: ${p.lacpFast ? 'fast' : 'slow'}`,
    `Min links: ${p.minLinks}`,
    `Aggregator selection policy (ad_select): ${selections[p.adSelect]}`,
    `System priority: ${ad.priority}`,
    `System MAC address: ${formatMac(ad.address)}`,
    ...(aggregator === null
      ? [`bond ${bond.name} has no active aggregator`]
      : [
          'Active Aggregator Info:',
          `\tAggregator ID: ${aggregator.id}`,
          `\tNumber of ports: ${aggregator.activePorts}`,
          `\tActor Key: ${aggregator.key}`,
          `\tPartner Key: ${aggregator.partnerKey}`,
          `\tPartner Mac Address: ${formatMac(aggregator.partnerSystem)}`,
        ]),
  ];
}

function describeSlave(slave: Slave): string[] {
  slave.readSpeed();
  return [
    `Slave Interface: ${slave.device.name}`,
    `MII Status: ${links[slave.link]}`,
    `Speed: ${slave.speedMbps === 0 ? 'Unknown' : `${slave.speedMbps} Mbps`}`,
    `Duplex: ${slave.fullDuplex ? 'full' : 'Unknown'}`,
    `Link Failure Count: ${slave.linkFailureCount}`,
    `Permanent HW addr: ${formatMac(slave.permanentAddress)}`,
    `Slave queue ID: ${slave.queueId}`,
    ...(slave.port === null ? [] : describePort(slave.port)),
  ];
}

const churn = (state: number): string => (state === CHURN ? 'churned' : state === NO_CHURN ? 'none' : 'monitoring');

function describePort(port: AdPort): string[] {
  if (port.aggregator === null) return ['Aggregator ID: N/A'];
  return [
    `Aggregator ID: ${port.aggregator.id}`,
    `Actor Churn State: ${churn(port.churnActorState)}`,
    `Partner Churn State: ${churn(port.churnPartnerState)}`,
    `Actor Churned Count: ${port.churnActorCount}`,
    `Partner Churned Count: ${port.churnPartnerCount}`,
    'details actor lacp pdu:',
    ...describeSide(port.actor, 'port key'),
    'details partner lacp pdu:',
    ...describeSide(port.partner, 'oper key'),
  ];
}

const describeSide = (side: PortParameters, key: string): string[] => [
  `    system priority: ${side.systemPriority}`,
  `    system mac address: ${formatMac(side.system)}`,
  `    ${key}: ${side.key}`,
  `    port priority: ${side.portPriority}`,
  `    port number: ${side.port}`,
  `    port state: ${side.state}`,
];
