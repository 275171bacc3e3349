import { EEXIST, EINVAL, ENODEV, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { bond as bondKind } from '../../../drivers/bond/bond.js';
import { describeBond, describeSlave } from '../../../drivers/bond/describe.js';
import { BondDevice } from '../../../drivers/bond/device.js';
import { enslave, releaseDevice } from '../../../drivers/bond/enslave.js';
import { changeBond, changeSlave } from '../../../drivers/bond/options.js';
import { usesPrimary } from '../../../drivers/bond/parameters.js';
import { type Slave, slaveOf } from '../../../drivers/bond/slave.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { deleteLinks, newLink } from '../../../net/core/new-link.js';
import { BOND_MODE_8023AD, type BondData } from '../../../netlink/rtnl/link/bond.js';
import { formatIpv4, parseIpv4 } from '../../../wire/ipv4-address.js';
import { formatMac, parseMac } from '../../../wire/mac-address.js';
import { number } from './writes.js';
import { fact, type Files, type SettingFile } from './setting-file.js';

// What bonds and their slaves have in /sys/class/net: Linux's bond_sysfs.c and bond_sysfs_slave.c. The files are the attributes of
// IFLA_BOND_* under other names.

type BondNumber = { [K in keyof BondData]-?: NonNullable<BondData[K]> extends number ? K : never }[keyof BondData];

const setting = (key: BondNumber): SettingFile<BondDevice> => ({
  mode: 0o644,
  read: (bond) => String(describeBond(bond)[key] ?? 0),
  write: (bond, text) => changeBond(bond, { [key]: number(text) }),
});

/** A setting whose values have names: read as both, written as either. Linux: bond_opt_parse() */
const named = (key: BondNumber, names: readonly string[]): SettingFile<BondDevice> => ({
  mode: 0o644,
  read(bond) {
    const value = describeBond(bond)[key] ?? 0;
    return `${names[value] ?? ''} ${value}`;
  },
  write(bond, text) {
    const word = text.trim().split(/\s+/)[0] ?? '';
    const value = names.indexOf(word);
    changeBond(bond, { [key]: value >= 0 ? value : number(word) });
  },
});

/** Of mode 802.3ad alone: others have nothing to say. */
const ofLacp = (read: (data: BondData) => number | string | undefined): SettingFile<BondDevice> =>
  fact((bond) => (bond.parameters.mode === BOND_MODE_8023AD ? String(read(describeBond(bond)) ?? '') : ''));

const lacpSetting = (key: BondNumber): SettingFile<BondDevice> => ({ ...setting(key), read: ofLacp((data) => data[key]).read });

/** A slave by its name; '' and None: none. */
const slaveFile = (key: 'activeSlave' | 'primary', current: (bond: BondDevice) => Slave | null): SettingFile<BondDevice> => ({
  mode: 0o644,
  read: (bond) => (usesPrimary(bond.parameters.mode) ? (current(bond)?.device.name ?? '') : ''),
  write(bond, text) {
    const name = text.trim();
    const device =
      name === '' || name === 'None' ? null : (bond.slaves.find((slave) => slave.device.name === name)?.device ?? fail(EINVAL));
    changeBond(bond, { [key]: device?.ifindex ?? 0 });
  },
});

/** "+NAME" or "-NAME". */
function signed(text: string): { readonly adds: boolean; readonly name: string } {
  const [, sign, name = ''] = /^\s*([+-])(\S+)\s*$/.exec(text) ?? fail(EINVAL);
  return { adds: sign === '+', name };
}

// Linux: bond_option_slaves_set()
function changeSlaves(bond: BondDevice, text: string): void {
  const { adds, name } = signed(text);
  const device = bond.namespace.deviceByName(name) ?? fail(ENODEV);
  if (adds) enslave(bond, device);
  else releaseDevice(bond, device);
}

// Linux: bond_option_arp_ip_targets_set()
function changeTargets(bond: BondDevice, text: string): void {
  const { adds, name } = signed(text);
  const target = parseIpv4(name) ?? fail(EINVAL);
  const { arpTargets } = bond.parameters;
  if (!adds && !arpTargets.includes(target)) fail(EINVAL);
  changeBond(bond, { arpIpTarget: adds ? [...arpTargets, target] : arpTargets.filter((other) => other !== target) });
}

// Linux: bond_option_queue_id_set()
function changeQueue(bond: BondDevice, text: string): void {
  const [, name = '', id = ''] = /^\s*([^:\s]+):(\S+)\s*$/.exec(text) ?? fail(EINVAL);
  const slave = bond.slaves.find(({ device }) => device.name === name) ?? fail(EINVAL);
  const queueId = number(id);
  if (queueId > bond.numTxQueues) fail(EINVAL);
  changeSlave(slave, { queueId });
}

const TARGETS = ['any', 'all'];
const VALIDATE = ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'];

/** BOND/bonding/NAME */
export const bondFiles: Files<BondDevice> = {
  active_slave: slaveFile('activeSlave', ({ active }) => active),
  ad_actor_key: ofLacp(({ adInfo }) => adInfo?.actorKey),
  ad_actor_sys_prio: lacpSetting('adActorSysPrio'),
  ad_actor_system: {
    mode: 0o644,
    read: ofLacp(({ adActorSystem }) => adActorSystem && formatMac(adActorSystem)).read,
    write(bond, text) {
      changeBond(bond, { adActorSystem: parseMac(text.trim()) ?? fail(EINVAL) });
    },
  },
  ad_aggregator: ofLacp(({ adInfo }) => adInfo?.aggregator),
  ad_num_ports: ofLacp(({ adInfo }) => adInfo?.numPorts),
  ad_partner_key: ofLacp(({ adInfo }) => adInfo?.partnerKey),
  ad_partner_mac: ofLacp(({ adInfo }) => adInfo?.partnerMac && formatMac(adInfo.partnerMac)),
  ad_select: named('adSelect', ['stable', 'bandwidth', 'count']),
  ad_user_port_key: lacpSetting('adUserPortKey'),
  all_slaves_active: setting('allSlavesActive'),
  arp_all_targets: named('arpAllTargets', TARGETS),
  arp_interval: setting('arpInterval'),
  arp_ip_target: {
    mode: 0o644,
    read: ({ parameters }) => parameters.arpTargets.map((target) => formatIpv4(target)).join(' '),
    write: changeTargets,
  },
  arp_missed_max: setting('missedMax'),
  arp_validate: named('arpValidate', VALIDATE),
  downdelay: setting('downdelay'),
  fail_over_mac: named('failOverMac', ['none', 'active', 'follow']),
  lacp_active: named('adLacpActive', ['off', 'on']),
  lacp_rate: named('adLacpRate', ['slow', 'fast']),
  lp_interval: setting('lpInterval'),
  mii_status: fact((bond) => (bond.carrier ? 'up' : 'down')),
  miimon: setting('miimon'),
  min_links: setting('minLinks'),
  mode: named('mode', ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb']),
  num_grat_arp: setting('numPeerNotif'),
  num_unsol_na: setting('numPeerNotif'),
  packets_per_slave: setting('packetsPerSlave'),
  peer_notif_delay: setting('peerNotifDelay'),
  primary: slaveFile('primary', ({ primary }) => primary),
  primary_reselect: named('primaryReselect', ['always', 'better', 'failure']),
  queue_id: {
    mode: 0o644,
    read: ({ slaves }) => slaves.map(({ device, queueId }) => `${device.name}:${queueId}`).join(' '),
    write: changeQueue,
  },
  resend_igmp: setting('resendIgmp'),
  slaves: { mode: 0o644, read: ({ slaves }) => slaves.map(({ device }) => device.name).join(' '), write: changeSlaves },
  tlb_dynamic_lb: setting('tlbDynamicLb'),
  updelay: setting('updelay'),
  use_carrier: setting('useCarrier'),
  xmit_hash_policy: named('xmitHashPolicy', ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac']),
};

const ofAggregation = (read: (slave: Slave) => number | undefined): SettingFile<Slave> => fact((slave) => String(read(slave) ?? 'N/A'));

/** SLAVE/bonding_slave/NAME */
export const slaveFiles: Files<Slave> = {
  ad_actor_oper_port_state: ofAggregation((slave) => describeSlave(slave).adActorOperPortState),
  ad_aggregator_id: ofAggregation((slave) => describeSlave(slave).adAggregatorId),
  ad_partner_oper_port_state: ofAggregation((slave) => describeSlave(slave).adPartnerOperPortState),
  link_failure_count: fact((slave) => String(slave.linkFailureCount)),
  mii_status: fact((slave) => ['up', 'going down', 'down', 'going back'][slave.link] ?? 'unknown'),
  perm_hwaddr: fact((slave) => formatMac(slave.permanentAddress)),
  queue_id: fact((slave) => String(slave.queueId)),
  state: fact((slave) => (slave.backup ? 'backup' : 'active')),
};

export const bondOf = (device: NetDevice): BondDevice | null => (device instanceof BondDevice ? device : null);
export const bondSlaveOf = (device: NetDevice): Slave | null => slaveOf(device);

const bondsOf = (namespace: Namespace): BondDevice[] => namespace.devices().flatMap((device) => bondOf(device) ?? []);

/** /sys/class/net/bonding_masters, as long as the module has something to show. Linux: bonding_store_bonds() */
export const bondingMasters: SettingFile<Namespace> & { exists(namespace: Namespace): boolean } = {
  mode: 0o644,
  exists: (namespace) => namespace.stack.modules.has('bonding') || bondsOf(namespace).length > 0,
  read: (namespace) =>
    bondsOf(namespace)
      .map(({ name }) => name)
      .join(' '),
  write(namespace, text) {
    const [, sign, name = ''] = /^\s*([+-])(\S+)\s*$/.exec(text) ?? fail(EPERM);
    const { stack } = namespace;
    const found = namespace.deviceByName(name);
    if (sign === '-') deleteLinks([(found === undefined ? null : bondOf(found)) ?? fail(ENODEV)]);
    else if (found !== undefined) fail(EEXIST);
    else newLink(bondKind, { stack, namespace, name, lower: null, data: {}, address: null, mtu: null }, {}, {});
  },
};
