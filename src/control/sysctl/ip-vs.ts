import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { IpvsSettings } from '../../net/netfilter/ipvs/settings.js';
import { concerns, type SysctlGroup } from './sysctl.js';
import { integer, integers, type IntegerLimits, type SettingKey, setting } from './values.js';

const DIRECTORY = 'net/ipv4/vs';
const DEFENCE = { min: 0, max: 3 };
const SECONDS = { min: -Math.floor(0x7fff_ffff / 250), max: Math.floor(0x7fff_ffff / 250) };

/** By name: the field, and what it takes. Any int where nothing is said. */
// biome-ignore format: a table
const files: readonly (readonly [name: string, key: SettingKey<IpvsSettings>, limits?: IntegerLimits])[] = [
  ['am_droprate', 'amDroprate'],
  ['amemthresh', 'amemthresh'],
  ['backup_only', 'backupOnly'],
  ['cache_bypass', 'cacheBypass'],
  ['conn_reuse_mode', 'connReuseMode'],
  ['conntrack', 'conntrack'],
  ['expire_nodest_conn', 'expireNodestConn'],
  ['expire_quiescent_template', 'expireQuiescentTemplate'],
  ['ignore_tunneled', 'ignoreTunneled'],
  ['nat_icmp_send', 'natIcmpSend'],
  ['pmtu_disc', 'pmtuDisc'],
  ['run_estimation', 'runEstimation'],
  ['schedule_icmp', 'scheduleIcmp'],
  ['sloppy_sctp', 'sloppySctp'],
  ['sloppy_tcp', 'sloppyTcp'],
  ['snat_reroute', 'snatReroute'],
  ['sync_persist_mode', 'syncPersistMode'],
  ['sync_qlen_max', 'syncQlenMax', { min: 0 }],
  ['sync_refresh_period', 'syncRefreshPeriod', SECONDS],
  ['sync_retries', 'syncRetries', DEFENCE],
  ['sync_sock_size', 'syncSockSize'],
  ['sync_version', 'syncVersion', { min: 0, max: 1 }],
];

const strategies = [
  ['drop_entry', 'dropEntry'],
  ['drop_packet', 'dropPacket'],
  ['secure_tcp', 'secureTcp'],
] as const;

/** /proc/sys/net/ipv4/vs: there once something has used IPVS, as on a host that loads the module then. */
export const ipvsSysctls: SysctlGroup = function* (namespace, below) {
  if (!concerns(DIRECTORY, below) || !namespace.stack.modules.has('ip_vs')) return;
  const { settings, defence } = namespace.ipvs;
  for (const [name, key, limits] of files) yield setting(`${DIRECTORY}/${name}`, settings, key, limits);
  for (const [name, strategy] of strategies)
    yield integer(
      `${DIRECTORY}/${name}`,
      () => settings[strategy],
      (mode) => defence.set(strategy, mode),
      DEFENCE,
    );
  // Those of schedulers come with them.
  if (namespace.stack.modules.has('ip_vs_lblc')) yield setting(`${DIRECTORY}/lblc_expiration`, settings, 'lblcExpiration', SECONDS);
  if (namespace.stack.modules.has('ip_vs_lblcr')) yield setting(`${DIRECTORY}/lblcr_expiration`, settings, 'lblcrExpiration', SECONDS);
  yield integer(
    `${DIRECTORY}/sync_ports`,
    () => settings.syncPorts,
    (value) => {
      if (value < 1 || (value & (value - 1)) !== 0) fail(EINVAL);
      settings.syncPorts = value;
    },
  );
  yield integers(
    `${DIRECTORY}/sync_threshold`,
    () => settings.syncThreshold,
    (values) => {
      settings.syncThreshold = values;
    },
    // The first packet, and each so many: 0 is once.
    { check: ([first = 0, period = 0]) => first >= 0 && period >= 0 && (first < period || period === 0) },
  );
};
