import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Ipv4Config } from '../../net/ipv4/config.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import { NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT } from '../../netlink/rtnl/constants.js';
import { type NetconfKey, netconfEvents } from '../netconf-events.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { integer } from './values.js';

type ConfigKey = { [K in keyof Ipv4Config]: Ipv4Config[K] extends number ? K : never }[keyof Ipv4Config];

/** The files of a folder below net/ipv4/conf, and the fields they stand for. */
const files: readonly (readonly [string, ConfigKey])[] = [
  ['accept_local', 'acceptLocal'],
  ['accept_redirects', 'acceptRedirects'],
  ['accept_source_route', 'acceptSourceRoute'],
  ['arp_accept', 'arpAccept'],
  ['arp_announce', 'arpAnnounce'],
  ['arp_evict_nocarrier', 'arpEvictNocarrier'],
  ['arp_filter', 'arpFilter'],
  ['arp_ignore', 'arpIgnore'],
  ['arp_notify', 'arpNotify'],
  ['bc_forwarding', 'bcForwarding'],
  ['bootp_relay', 'bootpRelay'],
  ['disable_policy', 'disablePolicy'],
  ['disable_xfrm', 'disableXfrm'],
  ['drop_gratuitous_arp', 'dropGratuitousArp'],
  ['drop_unicast_in_l2_multicast', 'dropUnicastInL2Multicast'],
  ['force_igmp_version', 'forceIgmpVersion'],
  ['igmpv2_unsolicited_report_interval', 'igmpv2UnsolicitedReportInterval'],
  ['igmpv3_unsolicited_report_interval', 'igmpv3UnsolicitedReportInterval'],
  ['ignore_routes_with_linkdown', 'ignoreRoutesWithLinkdown'],
  ['log_martians', 'logMartians'],
  ['medium_id', 'mediumId'],
  ['promote_secondaries', 'promoteSecondaries'],
  ['proxy_arp', 'proxyArp'],
  ['proxy_arp_pvlan', 'proxyArpPvlan'],
  ['route_localnet', 'routeLocalnet'],
  ['rp_filter', 'rpFilter'],
  ['secure_redirects', 'secureRedirects'],
  ['send_redirects', 'sendRedirects'],
  ['shared_media', 'sharedMedia'],
  ['src_valid_mark', 'srcValidMark'],
  ['tag', 'tag'],
];

/** Whose change rtnetlink tells. */
const told: ReadonlySet<string> = new Set<NetconfKey>(['rpFilter', 'bcForwarding', 'proxyArp', 'ignoreRoutesWithLinkdown']);
const isTold = (key: ConfigKey): key is ConfigKey & NetconfKey => told.has(key);

/** Which fields of a device's settings the user has set: a change of conf.default leaves them (ipv4_devconf.state). */
const setByUser = new WeakMap<Ipv4Config, Set<ConfigKey>>();

function markSet(config: Ipv4Config, key: ConfigKey): void {
  const keys = setByUser.get(config);
  if (keys === undefined) setByUser.set(config, new Set([key]));
  else keys.add(key);
}

/** /proc/sys/net/ipv4/conf and ip_forward. */
export const ipv4ConfSysctls: SysctlGroup = function* (namespace, below) {
  const { allConfig, defaultConfig } = ipv4Routes(namespace);
  yield forwarding(namespace, 'net/ipv4/ip_forward', allConfig, NETCONFA_IFINDEX_ALL);
  if (!concerns('net/ipv4/conf', below)) return;
  const wanted = (name: string) => concerns(`net/ipv4/conf/${name}`, below);
  if (wanted('all')) yield* folder(namespace, 'all', allConfig, NETCONFA_IFINDEX_ALL);
  if (wanted('default')) yield* folder(namespace, 'default', defaultConfig, NETCONFA_IFINDEX_DEFAULT);
  for (const device of namespace.devicesByIndex.values())
    if (device.ipv4 !== null && wanted(device.name)) yield* folder(namespace, device.name, device.ipv4.config, device.ifindex);
};

function* folder(namespace: Namespace, name: string, config: Ipv4Config, ifindex: number): Generator<Sysctl> {
  const path = `net/ipv4/conf/${name}`;
  yield forwarding(namespace, `${path}/forwarding`, config, ifindex);
  // Set by multicast routing daemons alone.
  yield { path: `${path}/mc_forwarding`, read: () => String(config.mcForwarding) };
  for (const [file, key] of files) yield field(namespace, `${path}/${file}`, config, ifindex, key);
}

// Linux: devinet_conf_proc()
function field(namespace: Namespace, path: string, config: Ipv4Config, ifindex: number, key: ConfigKey): Sysctl {
  return integer(
    path,
    () => config[key],
    (value) => {
      const changed = config[key] !== value;
      config[key] = value;
      markSet(config, key);
      if (ifindex === NETCONFA_IFINDEX_DEFAULT) copyDefault(namespace, key, value);
      if (!changed) return;
      ipv4Routes(namespace).fib.flushCache();
      if (isTold(key)) netconfEvents(namespace).notify({ ifindex, config, key });
    },
  );
}

/** Devices that were not set up yet follow the default. Linux: devinet_copy_dflt_conf(), ipv4_devconf_setall() */
function copyDefault(namespace: Namespace, key: ConfigKey, value: number): void {
  for (const { ipv4 } of namespace.devicesByIndex.values())
    if (ipv4 !== null && ipv4.addresses.length === 0 && setByUser.get(ipv4.config)?.has(key) !== true) ipv4.config[key] = value;
}

// Linux: devinet_sysctl_forward()
function forwarding(namespace: Namespace, path: string, config: Ipv4Config, ifindex: number): Sysctl {
  return integer(
    path,
    () => config.forwarding,
    (value) => {
      if (config.forwarding === value) return;
      config.forwarding = value;
      markSet(config, 'forwarding');
      if (ifindex === NETCONFA_IFINDEX_ALL) forwardEverywhere(namespace, value);
      else netconfEvents(namespace).notify({ ifindex, config, key: 'forwarding' });
      ipv4Routes(namespace).fib.flushCache();
    },
  );
}

/** A host becomes a router, or a router a host. Linux: inet_forward_change() */
function forwardEverywhere(namespace: Namespace, on: number): void {
  const { allConfig, defaultConfig } = ipv4Routes(namespace);
  const events = netconfEvents(namespace);
  allConfig.acceptRedirects = on === 0 ? 1 : 0;
  defaultConfig.forwarding = on;
  events.notify({ ifindex: NETCONFA_IFINDEX_ALL, config: allConfig, key: 'forwarding' });
  events.notify({ ifindex: NETCONFA_IFINDEX_DEFAULT, config: defaultConfig, key: 'forwarding' });
  for (const device of namespace.devices()) forwardOn(namespace, device, on);
}

function forwardOn(namespace: Namespace, device: NetDevice, on: number): void {
  if (device.ipv4 === null) return;
  const { config } = device.ipv4;
  config.forwarding = on;
  markSet(config, 'forwarding');
  netconfEvents(namespace).notify({ ifindex: device.ifindex, config, key: 'forwarding' });
}
