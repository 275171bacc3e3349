import type { NeighbourFamily } from '../../net/core/neighbour-family.js';
import type { NeighbourParameters, NeighbourSettings } from '../../net/core/neighbour-parameters.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { type IntegerLimits, integer, JIFFY_MS, NOT_NEGATIVE, SECONDS, setting } from './values.js';

const SECOND_MS = 1000;
/** USER_HZ: the unit of the older files. */
const TICK_MS = 10;
/** SKB_TRUESIZE(ETH_FRAME_LEN): how many bytes unres_qlen counts as one packet. */
const PACKET_BYTES = 2090;

interface ParameterFile extends IntegerLimits {
  readonly file: string;
  readonly key: keyof NeighbourSettings;
  /** How many of the field's one of the file's is. */
  readonly unit?: number;
  /** Times are kept in whole jiffies: what is written is rounded up to one where the file has milliseconds, down where it has ticks. */
  readonly jiffies?: 'up' | 'down';
}

const files: readonly ParameterFile[] = [
  { file: 'anycast_delay', key: 'anycastDelayMs', unit: TICK_MS, jiffies: 'down' },
  { file: 'app_solicit', key: 'appProbes', ...NOT_NEGATIVE },
  { file: 'base_reachable_time', key: 'baseReachableTimeMs', unit: SECOND_MS, ...SECONDS },
  { file: 'base_reachable_time_ms', key: 'baseReachableTimeMs', jiffies: 'up', ...NOT_NEGATIVE },
  { file: 'delay_first_probe_time', key: 'delayProbeTimeMs', unit: SECOND_MS, ...SECONDS },
  { file: 'gc_stale_time', key: 'gcStaletimeMs', unit: SECOND_MS, ...SECONDS },
  { file: 'interval_probe_time_ms', key: 'intervalProbeTimeMs', min: 1, jiffies: 'up' },
  { file: 'locktime', key: 'locktimeMs', unit: TICK_MS, jiffies: 'down' },
  { file: 'mcast_resolicit', key: 'mcastReprobes', ...NOT_NEGATIVE },
  { file: 'mcast_solicit', key: 'mcastProbes', ...NOT_NEGATIVE },
  { file: 'proxy_delay', key: 'proxyDelayMs', unit: TICK_MS, jiffies: 'down' },
  { file: 'proxy_qlen', key: 'proxyQlen', ...NOT_NEGATIVE },
  { file: 'retrans_time_ms', key: 'retransTimeMs', jiffies: 'up', ...NOT_NEGATIVE },
  { file: 'ucast_solicit', key: 'ucastProbes', ...NOT_NEGATIVE },
  { file: 'unres_qlen', key: 'queueLenBytes', unit: PACKET_BYTES, min: 0, max: Math.floor(0x7fff_ffff / PACKET_BYTES) },
  { file: 'unres_qlen_bytes', key: 'queueLenBytes', ...NOT_NEGATIVE },
];

/** The older file of the time between questions: ticks in IPv4, jiffies in IPv6. */
const retransTime: Readonly<Record<number, ParameterFile>> = {
  [AF_INET]: { file: 'retrans_time', key: 'retransTimeMs', unit: TICK_MS, jiffies: 'down' },
  [AF_INET6]: { file: 'retrans_time', key: 'retransTimeMs', unit: JIFFY_MS },
};

/** /proc/sys/net/ipv4/neigh and net/ipv6/neigh: parameters of ARP and of neighbour discovery. */
export const neighbourSysctls: SysctlGroup = function* (namespace, below) {
  for (const [family, path] of [
    [AF_INET, 'net/ipv4/neigh'],
    [AF_INET6, 'net/ipv6/neigh'],
  ] as const) {
    if (!concerns(path, below)) continue;
    const table = namespace.neighbourTables.find((other) => other.family === family);
    if (table === undefined) continue;
    const { shared } = table;
    // The defaults are one for all namespaces, and shown in the first.
    if (namespace === namespace.stack.initial && concerns(`${path}/default`, below)) {
      yield* folder(`${path}/default`, family, shared.defaults, (key, value) => shared.setDefault(key, value));
      yield* collection(shared, `${path}/default`);
    }
    for (const device of namespace.devicesByIndex.values()) {
      if ((family === AF_INET ? device.ipv4 : device.ipv6) === null || !concerns(`${path}/${device.name}`, below)) continue;
      const parameters = table.parametersOf(device);
      yield* folder(`${path}/${device.name}`, family, parameters, (key, value) => parameters.set(key, value));
    }
  }
};

function* folder(
  path: string,
  family: number,
  parameters: NeighbourParameters,
  set: (key: keyof NeighbourSettings, value: number) => void,
): Generator<Sysctl> {
  for (const { file, key, unit = 1, jiffies, ...limits } of [...files, retransTime[family]!])
    yield integer(
      `${path}/${file}`,
      () => Math.trunc(parameters.values[key] / unit),
      (value) => set(key, inJiffies(value * unit, jiffies)),
      limits,
    );
}

function inJiffies(ms: number, way: 'up' | 'down' | undefined): number {
  if (way === undefined) return ms;
  return (way === 'up' ? Math.ceil(ms / JIFFY_MS) : Math.trunc(ms / JIFFY_MS)) * JIFFY_MS;
}

function collection(shared: NeighbourFamily, path: string): readonly Sysctl[] {
  return [
    setting(`${path}/gc_interval`, shared, 'gcIntervalMs', { ...SECONDS, unit: SECOND_MS }),
    setting(`${path}/gc_thresh1`, shared, 'gcThresh1', NOT_NEGATIVE),
    setting(`${path}/gc_thresh2`, shared, 'gcThresh2', NOT_NEGATIVE),
    setting(`${path}/gc_thresh3`, shared, 'gcThresh3', NOT_NEGATIVE),
  ];
}
