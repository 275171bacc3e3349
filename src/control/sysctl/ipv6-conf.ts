import { EINVAL, EIO } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ADDR_GEN_RANDOM, ADDR_GEN_STABLE_PRIVACY } from '../../net/ipv6/addrconf/generate.js';
import { purgeRouters } from '../../net/ipv6/addrconf/router-advertisement.js';
import type { Ipv6Config } from '../../net/ipv6/config.js';
import { NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT } from '../../netlink/rtnl/constants.js';
import { addressFromBytes, addressToBytes } from '../../wire/ipv6.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { netconf6Events } from '../netconf-events.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { type IntegerLimits, integer, MILLISECONDS, SECONDS, SWITCH, U32, U8 } from './values.js';

type ConfigKey = { [K in keyof Ipv6Config]: Ipv6Config[K] extends number ? K : never }[keyof Ipv6Config];

/** The files of a folder below net/ipv6/conf, and the fields they stand for. */
const files: readonly (readonly [string, ConfigKey])[] = [
  ['accept_dad', 'acceptDad'],
  ['accept_ra', 'acceptRa'],
  ['accept_ra_defrtr', 'acceptRaDefrtr'],
  ['accept_ra_from_local', 'acceptRaFromLocal'],
  ['accept_ra_min_hop_limit', 'acceptRaMinHopLimit'],
  ['accept_ra_min_lft', 'acceptRaMinLft'],
  ['accept_ra_mtu', 'acceptRaMtu'],
  ['accept_ra_pinfo', 'acceptRaPinfo'],
  ['accept_ra_rt_info_max_plen', 'acceptRaRtInfoMaxPlen'],
  ['accept_ra_rt_info_min_plen', 'acceptRaRtInfoMinPlen'],
  ['accept_ra_rtr_pref', 'acceptRaRtrPref'],
  ['accept_redirects', 'acceptRedirects'],
  ['accept_source_route', 'acceptSourceRoute'],
  ['accept_untracked_na', 'acceptUntrackedNa'],
  ['autoconf', 'autoconf'],
  ['dad_transmits', 'dadTransmits'],
  ['disable_policy', 'disablePolicy'],
  ['drop_unicast_in_l2_multicast', 'dropUnicastInL2Multicast'],
  ['drop_unsolicited_na', 'dropUnsolicitedNa'],
  ['enhanced_dad', 'enhancedDad'],
  ['force_mld_version', 'forceMldVersion'],
  ['force_tllao', 'forceTllao'],
  ['hop_limit', 'hopLimit'],
  ['ignore_routes_with_linkdown', 'ignoreRoutesWithLinkdown'],
  ['ioam6_enabled', 'ioam6Enabled'],
  ['ioam6_id', 'ioam6Id'],
  ['ioam6_id_wide', 'ioam6IdWide'],
  ['keep_addr_on_down', 'keepAddrOnDown'],
  ['max_addresses', 'maxAddresses'],
  ['max_desync_factor', 'maxDesyncFactor'],
  ['mldv1_unsolicited_report_interval', 'mldv1UnsolicitedReportInterval'],
  ['mldv2_unsolicited_report_interval', 'mldv2UnsolicitedReportInterval'],
  ['mtu', 'mtu'],
  ['ndisc_evict_nocarrier', 'ndiscEvictNocarrier'],
  ['ndisc_notify', 'ndiscNotify'],
  ['ndisc_tclass', 'ndiscTclass'],
  ['optimistic_dad', 'optimisticDad'],
  ['proxy_ndp', 'proxyNdp'],
  ['ra_defrtr_metric', 'raDefrtrMetric'],
  ['regen_max_retry', 'regenMaxRetry'],
  ['router_probe_interval', 'routerProbeInterval'],
  ['router_solicitation_delay', 'routerSolicitationDelay'],
  ['router_solicitation_interval', 'routerSolicitationInterval'],
  ['router_solicitation_max_interval', 'routerSolicitationMaxInterval'],
  ['router_solicitations', 'routerSolicitations'],
  ['rpl_seg_enabled', 'rplSegEnabled'],
  ['seg6_enabled', 'seg6Enabled'],
  ['seg6_require_hmac', 'seg6RequireHmac'],
  ['suppress_frag_ndisc', 'suppressFragNdisc'],
  ['temp_prefered_lft', 'tempPreferedLft'],
  ['temp_valid_lft', 'tempValidLft'],
  ['use_oif_addrs_only', 'useOifAddrsOnly'],
  ['use_optimistic', 'useOptimistic'],
  ['use_tempaddr', 'useTempaddr'],
];

const limits: Partial<Record<ConfigKey, IntegerLimits & { readonly multipleOf?: number }>> = {
  acceptUntrackedNa: { min: 0, max: 2 },
  hopLimit: { min: 1, max: 255 },
  ioam6Enabled: SWITCH,
  ioam6Id: { min: 0, max: 0xffff },
  ioam6IdWide: U32,
  mldv1UnsolicitedReportInterval: MILLISECONDS,
  mldv2UnsolicitedReportInterval: MILLISECONDS,
  ndiscEvictNocarrier: SWITCH,
  ndiscTclass: U8,
  raDefrtrMetric: { min: 1, max: 0xffff_ffff },
  routerProbeInterval: SECONDS,
  routerSolicitationDelay: SECONDS,
  routerSolicitationInterval: SECONDS,
  routerSolicitationMaxInterval: SECONDS,
  routerSolicitations: { min: -1 },
  rplSegEnabled: SWITCH,
};

/** /proc/sys/net/ipv6/conf. */
export const ipv6ConfSysctls: SysctlGroup = function* (namespace, below) {
  if (!concerns('net/ipv6/conf', below)) return;
  const wanted = (name: string) => concerns(`net/ipv6/conf/${name}`, below);
  const { allConfig, defaultConfig } = namespace.ipv6;
  if (wanted('all')) yield* folder(namespace, 'all', allConfig, NETCONFA_IFINDEX_ALL, null);
  if (wanted('default')) yield* folder(namespace, 'default', defaultConfig, NETCONFA_IFINDEX_DEFAULT, null);
  for (const device of namespace.devicesByIndex.values())
    if (device.ipv6 !== null && wanted(device.name)) yield* folder(namespace, device.name, device.ipv6.config, device.ifindex, device);
};

function* folder(namespace: Namespace, name: string, config: Ipv6Config, ifindex: number, device: NetDevice | null): Generator<Sysctl> {
  const path = `net/ipv6/conf/${name}`;
  yield forwarding(namespace, `${path}/forwarding`, config, ifindex, device);
  yield disabling(namespace, `${path}/disable_ipv6`, config, ifindex, device);
  yield addressMode(namespace, `${path}/addr_gen_mode`, config, ifindex, device);
  yield stableSecret(namespace, `${path}/stable_secret`, config, ifindex);
  // Set by multicast routing daemons alone.
  yield { path: `${path}/mc_forwarding`, read: () => String(config.mcForwarding) };
  for (const [file, key] of files) {
    if (file === 'mtu') yield mtu(`${path}/mtu`, config, device);
    else yield field(namespace, `${path}/${file}`, config, ifindex, key);
  }
}

// Linux: addrconf_sysctl_proxy_ndp(), addrconf_sysctl_ignore_routes_with_linkdown(), proc_dointvec()
function field(namespace: Namespace, path: string, config: Ipv6Config, ifindex: number, key: ConfigKey): Sysctl {
  return integer(
    path,
    () => config[key],
    (written) => {
      const multipleOf = limits[key]?.multipleOf ?? 1;
      const value = Math.ceil(written / multipleOf) * multipleOf;
      const changed = config[key] !== value;
      config[key] = value;
      if (key === 'ignoreRoutesWithLinkdown' && ifindex === NETCONFA_IFINDEX_ALL)
        everywhere(namespace, (other) => {
          other.ignoreRoutesWithLinkdown = value;
        });
      if (!changed) return;
      if (key === 'proxyNdp' || key === 'ignoreRoutesWithLinkdown') netconf6Events(namespace).notify({ ifindex, config, key });
      namespace.ipv6.fib.flushCache();
    },
    limits[key],
  );
}

function everywhere(namespace: Namespace, change: (config: Ipv6Config, device: NetDevice | null) => void): void {
  change(namespace.ipv6.defaultConfig, null);
  for (const device of namespace.devices()) if (device.ipv6 !== null) change(device.ipv6.config, device);
}

// Linux: addrconf_sysctl_mtu()
function mtu(path: string, config: Ipv6Config, device: NetDevice | null): Sysctl {
  return {
    path,
    read: () => String(config.mtu),
    write(text) {
      const most = device === null ? 0x7fff_ffff : device.mtu;
      const number = integer(
        path,
        () => config.mtu,
        (value) => {
          config.mtu = value;
        },
        { min: 1280, max: most },
      );
      number.write?.(text);
    },
  };
}

// Linux: addrconf_fixup_forwarding()
function forwarding(namespace: Namespace, path: string, config: Ipv6Config, ifindex: number, device: NetDevice | null): Sysctl {
  return integer(
    path,
    () => config.forwarding,
    (value) => {
      if (config.forwarding === value) return;
      const events = netconf6Events(namespace);
      const { interfaces } = namespace.ipv6.addresses;
      config.forwarding = value;
      if (ifindex === NETCONFA_IFINDEX_ALL) {
        // In the order of addrconf_fixup_forwarding(): the default, the devices, all.
        const { defaultConfig } = namespace.ipv6;
        if (defaultConfig.forwarding !== value) {
          defaultConfig.forwarding = value;
          events.notify({ ifindex: NETCONFA_IFINDEX_DEFAULT, config: defaultConfig, key: 'forwarding' });
        }
        for (const other of namespace.devices()) {
          if (other.ipv6 === null || (other.ipv6.config.forwarding !== 0) === (value !== 0)) continue;
          other.ipv6.config.forwarding = value;
          interfaces.forwardingChanged(other);
          events.notify({ ifindex: other.ifindex, config: other.ipv6.config, key: 'forwarding' });
        }
        events.notify({ ifindex, config, key: 'forwarding' });
      } else {
        if (device !== null) interfaces.forwardingChanged(device);
        events.notify({ ifindex, config, key: 'forwarding' });
      }
      if (value !== 0 && ifindex !== NETCONFA_IFINDEX_DEFAULT) purgeRouters(namespace.ipv6.addresses);
      namespace.ipv6.fib.flushCache();
    },
  );
}

// Linux: addrconf_disable_ipv6()
function disabling(namespace: Namespace, path: string, config: Ipv6Config, ifindex: number, device: NetDevice | null): Sysctl {
  return integer(
    path,
    () => config.disableIpv6,
    (value) => {
      const { interfaces } = namespace.ipv6.addresses;
      if (device !== null) interfaces.setDisabled(device, value !== 0);
      if (ifindex === NETCONFA_IFINDEX_ALL) {
        namespace.ipv6.defaultConfig.disableIpv6 = value;
        for (const other of namespace.devices()) interfaces.setDisabled(other, value !== 0);
      }
      config.disableIpv6 = value;
    },
  );
}

// Linux: addrconf_sysctl_addr_gen_mode()
function addressMode(namespace: Namespace, path: string, config: Ipv6Config, ifindex: number, device: NetDevice | null): Sysctl {
  return integer(
    path,
    () => config.addrGenMode,
    (value) => {
      if (value === ADDR_GEN_STABLE_PRIVACY && config.stableSecret === null && namespace.ipv6.defaultConfig.stableSecret === null)
        fail(EINVAL);
      const changed = config.addrGenMode !== value;
      config.addrGenMode = value;
      const { interfaces } = namespace.ipv6.addresses;
      if (device !== null && device.ipv6 !== null && changed) interfaces.addressModeChanged(device.ipv6);
      if (ifindex !== NETCONFA_IFINDEX_ALL) return;
      everywhere(namespace, (other, its) => {
        if (other.addrGenMode === value) return;
        other.addrGenMode = value;
        if (its !== null && its.ipv6 !== null) interfaces.addressModeChanged(its.ipv6);
      });
    },
    { min: 0, max: ADDR_GEN_RANDOM },
  );
}

const groupsOf = (secret: Uint32Array): string => {
  const bytes = addressToBytes(secret);
  return Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16).padStart(4, '0')).join(':');
};

/** The secret of RFC 7217, written as an address; until it is set it cannot be read. Linux: addrconf_sysctl_stable_secret() */
function stableSecret(namespace: Namespace, path: string, config: Ipv6Config, ifindex: number): Sysctl {
  return {
    path,
    read: () => groupsOf(config.stableSecret ?? fail(EIO)),
    write(text) {
      const bytes = parseIpv6(text.trim()) ?? fail(EIO);
      config.stableSecret = addressFromBytes(bytes);
      config.addrGenMode = ADDR_GEN_STABLE_PRIVACY;
      if (ifindex === NETCONFA_IFINDEX_DEFAULT)
        for (const device of namespace.devices()) if (device.ipv6 !== null) device.ipv6.config.addrGenMode = ADDR_GEN_STABLE_PRIVACY;
    },
  };
}
