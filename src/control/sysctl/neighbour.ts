import type { NeighbourTable } from '../../net/core/neighbour.js';
import type { NeighbourParameters, NeighbourSettings } from '../../net/core/neighbour-parameters.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { type IntegerLimits, integer, type Sysctl, type SysctlGroup, setting } from './sysctl.js';

const NOT_NEGATIVE = { min: 0 };
const SECOND_MS = 1000;
/** USER_HZ: the unit of the older files. */
const TICK_MS = 10;
/** SKB_TRUESIZE(ETH_FRAME_LEN): how many bytes unres_qlen counts as one packet. */
const PACKET_BYTES = 2090;

interface ParameterFile extends IntegerLimits {
  readonly file: string;
  readonly key: keyof NeighbourSettings;
  readonly unit?: number;
}

const files: readonly ParameterFile[] = [
  { file: 'anycast_delay', key: 'anycastDelayMs', unit: TICK_MS },
  { file: 'app_solicit', key: 'appProbes', min: 0 },
  { file: 'base_reachable_time_ms', key: 'baseReachableTimeMs' },
  { file: 'delay_first_probe_time', key: 'delayProbeTimeMs', unit: SECOND_MS },
  { file: 'gc_stale_time', key: 'gcStaletimeMs', unit: SECOND_MS },
  { file: 'interval_probe_time_ms', key: 'intervalProbeTimeMs', min: 1 },
  { file: 'locktime', key: 'locktimeMs', unit: TICK_MS },
  { file: 'mcast_resolicit', key: 'mcastReprobes', min: 0 },
  { file: 'mcast_solicit', key: 'mcastProbes', min: 0 },
  { file: 'proxy_delay', key: 'proxyDelayMs', unit: TICK_MS },
  { file: 'proxy_qlen', key: 'proxyQlen', min: 0 },
  { file: 'retrans_time_ms', key: 'retransTimeMs' },
  { file: 'ucast_solicit', key: 'ucastProbes', min: 0 },
  { file: 'unres_qlen', key: 'queueLenBytes', unit: PACKET_BYTES, min: 0, max: Math.floor(0x7fff_ffff / PACKET_BYTES) },
  { file: 'unres_qlen_bytes', key: 'queueLenBytes', min: 0 },
];

/** /proc/sys/net/ipv4/neigh and net/ipv6/neigh: parameters of ARP and of neighbour discovery. */
export const neighbourSysctls: SysctlGroup = function* (namespace) {
  for (const [family, path] of [
    [AF_INET, 'net/ipv4/neigh'],
    [AF_INET6, 'net/ipv6/neigh'],
  ] as const) {
    const table = namespace.neighbourTables.find((other) => other.family === family);
    if (table === undefined) continue;
    yield* folder(`${path}/default`, table.defaults, (key, value) => table.setDefault(key, value));
    yield* collection(table, `${path}/default`);
    for (const device of namespace.devicesByIndex.values()) {
      if ((family === AF_INET ? device.ipv4 : device.ipv6) === null) continue;
      const parameters = table.parametersOf(device);
      yield* folder(`${path}/${device.name}`, parameters, (key, value) => parameters.set(key, value));
    }
  }
};

function* folder(
  path: string,
  parameters: NeighbourParameters,
  set: (key: keyof NeighbourSettings, value: number) => void,
): Generator<Sysctl> {
  for (const { file, key, unit = 1, ...limits } of files)
    yield integer(
      `${path}/${file}`,
      () => Math.floor(parameters.values[key] / unit),
      (value) => set(key, value * unit),
      limits,
    );
}

function collection(table: NeighbourTable, path: string): readonly Sysctl[] {
  return [
    setting(`${path}/gc_interval`, table, 'gcIntervalMs', { unit: SECOND_MS }),
    setting(`${path}/gc_thresh1`, table, 'gcThresh1', NOT_NEGATIVE),
    setting(`${path}/gc_thresh2`, table, 'gcThresh2', NOT_NEGATIVE),
    setting(`${path}/gc_thresh3`, table, 'gcThresh3', NOT_NEGATIVE),
  ];
}
