import { AF_INET, AF_INET6 } from '../../../../netlink/constants.js';
import { ARPHRD_ETHER } from '../../../../netlink/rtnl/constants.js';
import { BOND_MAX_TARGETS, type BondData, bondData } from '../../../../netlink/rtnl/link/bond.js';
import { Deferred } from '../../../../netlink/schema.js';
import { formatAddress, ipv4Bytes, parseAddress, parseIpv4Number } from '../../../shared/address.js';
import { invalidArgument } from '../../../shared/failure.js';
import { formatLinkAddress, parseLinkAddress } from '../../../shared/link-layer.js';
import { parseInteger, parseUnsigned } from '../../../shared/numbers.js';
import type { Printer } from '../../../shared/printer.js';
import type { IpContext } from '../../context.js';
import { BOND_USAGE } from './bond-usage.js';
import type { LinkKindPart } from './kind.js';
import { type KindWord, readKindWords, type Writable } from './words.js';

type Values = Writable<BondData>;
type NumberKey = { [K in keyof BondData]-?: NonNullable<BondData[K]> extends number ? K : never }[keyof BondData];

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;

// Names by number: BOND_MODE_*, BOND_ARP_VALIDATE_*, ...
const modes = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];
const arpValidations = ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'];
const arpAllTargets = ['any', 'all'];
const reselections = ['always', 'better', 'failure'];
const failOverMacs = ['none', 'active', 'follow'];
const hashPolicies = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'];
const lacpActive = ['off', 'on'];
const lacpRates = ['slow', 'fast'];
const selections = ['stable', 'bandwidth', 'count'];

const numeric = (word: string, key: NumberKey, max: number, value: string, text: string, complaint = word): KindWord<Values> => ({
  word,
  short: true,
  value,
  text,
  take(state, cursor) {
    const argument = cursor.next();
    const number = parseUnsigned(argument, max);
    if (number === null) throw invalidArgument(`invalid ${complaint}`, argument);
    state[key] = number;
  },
});

/** One of a list, by its name or its number. */
const named = (word: string, key: NumberKey, names: readonly string[], text: string): KindWord<Values> => ({
  word,
  short: true,
  value: `{ ${names.join(' | ')} }`,
  text,
  take(state, cursor) {
    const argument = cursor.next();
    const number = parseInteger(argument, 10);
    const index = number !== null && number >= 0n && number < names.length ? Number(number) : names.indexOf(argument);
    if (index < 0) throw invalidArgument(`invalid ${word}`, argument);
    state[key] = index;
  },
});

const slave = (word: string, key: 'activeSlave' | 'primary', text: string): KindWord<Values> => ({
  word,
  short: true,
  value: 'DEVICE',
  text,
  async take(state, cursor, context) {
    state[key] = await context.device(cursor.next());
  },
});

/** Addresses with commas between, as many as the kernel takes; none empties the list. */
const targets = (text: string): string[] =>
  text
    .split(',')
    .filter((address) => address !== '')
    .slice(0, BOND_MAX_TARGETS);

const peerNotifications = (word: string) =>
  numeric(
    word,
    'numPeerNotif',
    U8,
    'COUNT',
    'how many gratuitous ARPs and unsolicited advertisements follow a failover',
    'num_grat_arp|num_unsol_na',
  );

// In the order of iproute2, which abbreviations go by.
const words: readonly KindWord<Values>[] = [
  named('mode', 'mode', modes, 'how slaves are used; only of a bond that is down and has none'),
  slave('active_slave', 'activeSlave', 'the slave that works from now on'),
  {
    word: 'clear_active_slave',
    short: true,
    text: 'the best slave works, whichever the user chose',
    take(state) {
      state.activeSlave = 0;
    },
  },
  numeric('miimon', 'miimon', U32, 'MS', 'how often the wires of slaves are looked at; 0: never'),
  numeric('updelay', 'updelay', U32, 'MS', 'how long a wire must be there until the slave is used'),
  numeric('downdelay', 'downdelay', U32, 'MS', 'how long a wire must be gone until the slave is given up'),
  numeric('peer_notify_delay', 'peerNotifDelay', U32, 'MS', 'between the notifications after a failover'),
  numeric('use_carrier', 'useCarrier', U8, '{ 0 | 1 }', "a wire is there when the device's carrier is"),
  numeric('arp_interval', 'arpInterval', U32, 'MS', 'how often targets are asked, instead of looking at wires'),
  {
    word: 'arp_ip_target',
    short: true,
    value: 'ADDRESS[,ADDRESS...]',
    text: 'who is asked by ARP, sixteen at most',
    take(state, cursor) {
      state.arpIpTarget = targets(cursor.next()).map(parseIpv4Number);
    },
  },
  {
    word: 'ns_ip6_target',
    short: true,
    value: 'ADDRESS[,ADDRESS...]',
    text: 'who is asked by neighbour discovery, sixteen at most',
    take(state, cursor) {
      state.nsIp6Target = targets(cursor.next()).map((text) => parseAddress(text, AF_INET6).bytes);
    },
  },
  named('arp_validate', 'arpValidate', arpValidations, 'which slaves count only answers of targets, not any traffic, as a sign of life'),
  named('arp_all_targets', 'arpAllTargets', arpAllTargets, 'whether one target that answers is enough'),
  slave('primary', 'primary', 'the slave that works whenever it can'),
  named('primary_reselect', 'primaryReselect', reselections, 'when a slave that has come back takes over from the one that works'),
  named(
    'fail_over_mac',
    'failOverMac',
    failOverMacs,
    "whether all slaves have the bond's address, the bond has the active one's, or it goes to it",
  ),
  named('xmit_hash_policy', 'xmitHashPolicy', hashPolicies, 'what tells flows apart that are spread over slaves'),
  numeric('resend_igmp', 'resendIgmp', U32, 'COUNT', 'how often memberships are reported again after a failover'),
  peerNotifications('num_grat_arp'),
  peerNotifications('num_unsol_na'),
  numeric('all_slaves_active', 'allSlavesActive', U8, '{ 0 | 1 }', 'what spare slaves receive counts too'),
  numeric('min_links', 'minLinks', U32, 'COUNT', 'how many links must work until the bond has carrier (802.3ad)'),
  numeric('lp_interval', 'lpInterval', U32, 'SECONDS', 'how often switches are taught where slaves are (balance-tlb, balance-alb)'),
  numeric(
    'packets_per_slave',
    'packetsPerSlave',
    U32,
    'COUNT',
    'how many packets in a row leave by one slave; 0: any by chance (balance-rr)',
  ),
  named('lacp_rate', 'adLacpRate', lacpRates, 'whether the partner is to speak each second or each thirty (802.3ad)'),
  named('lacp_active', 'adLacpActive', lacpActive, 'whether it speaks before the partner does (802.3ad)'),
  named('ad_select', 'adSelect', selections, 'which of several aggregations is used (802.3ad)'),
  numeric('ad_user_port_key', 'adUserPortKey', U16, 'KEY', 'ten bits of the key that tells which ports may be aggregated (802.3ad)'),
  numeric('ad_actor_sys_prio', 'adActorSysPrio', U16, 'PRIORITY', "the system's priority (802.3ad)"),
  {
    word: 'ad_actor_system',
    short: true,
    value: 'LLADDR',
    text: "the system's address, instead of the bond's own (802.3ad)",
    take(state, cursor) {
      state.adActorSystem = parseLinkAddress(cursor.next());
    },
  },
  numeric('tlb_dynamic_lb', 'tlbDynamicLb', U8, '{ 0 | 1 }', 'flows are moved by load, not by their hash (balance-tlb)'),
  numeric('arp_missed_max', 'missedMax', U8, 'COUNT', 'how many intervals without an answer make a slave fail'),
];

const count = (out: Printer, key: string, value: number | undefined, word = key) => {
  if (value !== undefined) out.field(key, value, `${word} ${value} `);
};

const name = (out: Printer, key: string, names: readonly string[], value: number | undefined, word = key) => {
  if (value === undefined) return;
  const text = names[value] ?? `unknown`;
  out.field(key, text, `${word} ${text} `);
};

function list(out: Printer, key: string, addresses: readonly string[] | undefined): void {
  if (addresses === undefined || addresses.length === 0) return;
  out.openArray(key, `${key} `);
  for (const [index, text] of addresses.entries()) out.field(null, text, index === addresses.length - 1 ? text : `${text},`);
  out.closeArray(' ');
}

function printAggregator(out: Printer, info: NonNullable<BondData['adInfo']>): void {
  out.openObject('ad_info');
  count(out, 'aggregator', info.aggregator, 'ad_aggregator');
  count(out, 'num_ports', info.numPorts, 'ad_num_ports');
  count(out, 'actor_key', info.actorKey, 'ad_actor_key');
  count(out, 'partner_key', info.partnerKey, 'ad_partner_key');
  if (info.partnerMac !== undefined) {
    const text = formatLinkAddress(info.partnerMac, ARPHRD_ETHER);
    out.field('partner_mac', text, `ad_partner_mac ${text} `);
  }
  out.closeObject();
}

// iproute2's order: bond_print_opt()
function print({ out, links }: IpContext, data: BondData): void {
  name(out, 'mode', modes, data.mode);
  if (data.activeSlave !== undefined && data.activeSlave !== 0)
    out.field('active_slave', links.nameOf(data.activeSlave), `active_slave ${links.nameOf(data.activeSlave)} `);
  count(out, 'miimon', data.miimon);
  count(out, 'updelay', data.updelay);
  count(out, 'downdelay', data.downdelay);
  count(out, 'peer_notify_delay', data.peerNotifDelay);
  count(out, 'use_carrier', data.useCarrier);
  count(out, 'arp_interval', data.arpInterval);
  count(out, 'arp_missed_max', data.missedMax);
  list(
    out,
    'arp_ip_target',
    data.arpIpTarget?.map((address) => formatAddress(AF_INET, ipv4Bytes(address))),
  );
  list(
    out,
    'ns_ip6_target',
    data.nsIp6Target?.map((address) => formatAddress(AF_INET6, address)),
  );
  name(out, 'arp_validate', arpValidations, data.arpValidate);
  name(out, 'arp_all_targets', arpAllTargets, data.arpAllTargets);
  if (data.primary !== undefined) out.field('primary', links.nameOf(data.primary), `primary ${links.nameOf(data.primary)} `);
  name(out, 'primary_reselect', reselections, data.primaryReselect);
  name(out, 'fail_over_mac', failOverMacs, data.failOverMac);
  name(out, 'xmit_hash_policy', hashPolicies, data.xmitHashPolicy);
  count(out, 'resend_igmp', data.resendIgmp);
  count(out, 'num_peer_notif', data.numPeerNotif, 'num_grat_arp');
  count(out, 'all_slaves_active', data.allSlavesActive);
  count(out, 'min_links', data.minLinks);
  count(out, 'lp_interval', data.lpInterval);
  count(out, 'packets_per_slave', data.packetsPerSlave);
  name(out, 'ad_lacp_active', lacpActive, data.adLacpActive, 'lacp_active');
  name(out, 'ad_lacp_rate', lacpRates, data.adLacpRate, 'lacp_rate');
  name(out, 'ad_select', selections, data.adSelect);
  if (data.adInfo !== undefined) printAggregator(out, data.adInfo);
  count(out, 'ad_actor_sys_prio', data.adActorSysPrio);
  count(out, 'ad_user_port_key', data.adUserPortKey);
  if (data.adActorSystem !== undefined) {
    const text = formatLinkAddress(data.adActorSystem, ARPHRD_ETHER);
    out.field('ad_actor_system', text, `ad_actor_system ${text} `);
  }
  count(out, 'tlb_dynamic_lb', data.tlbDynamicLb);
}

/** Several devices that act as one: spare links, or links that share the load. */
export const bond: LinkKindPart = {
  kind: 'bond',
  summary:
    'Several devices that act as one: spare links, or links that share the load. `ip link set DEVICE master BOND` makes a device, which must be down, its slave.',
  words,
  usage: BOND_USAGE,
  async parse(context, cursor) {
    return Deferred.of(bondData, await readKindWords<Values>('bond', BOND_USAGE, words, {}, context, cursor));
  },
  async prepare(context, data) {
    const { activeSlave = 0, primary = 0 } = data?.parse(bondData) ?? {};
    await context.links.learn(activeSlave);
    await context.links.learn(primary);
  },
  print(context, data) {
    if (data !== undefined) print(context, data.parse(bondData));
  },
};
