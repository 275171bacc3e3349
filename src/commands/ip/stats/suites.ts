import {
  bridgeStats,
  type KindStats,
  OFFLOAD_CPU_HIT,
  OFFLOAD_HW_INFO,
  OFFLOAD_L3_STATS,
  STATS_AF_SPEC,
  STATS_LINK,
  STATS_OFFLOAD,
  STATS_XSTATS,
  STATS_XSTATS_SLAVE,
  type StatsAttributes,
} from '../../../netlink/rtnl/stats.js';
import type { IpContext } from '../context.js';
import { printStatistics } from '../link/statistics.js';
import { printMulticast, printStp } from './bridge.js';
import { printCpuHit, printHardwareInfo, printL3Stats } from './offload.js';

/** One set of statistics that can be chosen: what it is called, how it is asked for, how it is printed behind its head. */
export interface Suite {
  readonly path: readonly [group: string, subgroup?: string, suite?: string];
  /** STATS_* */
  readonly group: number;
  /** OFFLOAD_*; 0: the group has no such filter. */
  readonly offload: number;
  print(context: IpContext, attributes: StatsAttributes): void;
}

const newLine = ({ out }: IpContext) => out.newLine();

type BridgePart = 'multicast' | 'stp';
const printers = { multicast: printMulticast, stp: printStp } as const;

/** A suite of a bridge, or of its port. */
function bridge(slave: boolean, name: string, part: BridgePart): Suite {
  return {
    path: [slave ? 'xstats_slave' : 'xstats', 'bridge', name],
    group: slave ? STATS_XSTATS_SLAVE : STATS_XSTATS,
    offload: 0,
    print(context, attributes) {
      const of: KindStats | undefined = slave ? attributes.xstatsSlave : attributes.xstats;
      const stats = of?.bridge?.parse(bridgeStats);
      if (stats?.[part] !== undefined) {
        newLine(context);
        printers[part](context, stats);
      }
      newLine(context);
    },
  };
}

/** Bonds count LACP's messages in mode 802.3ad alone. */
const bond = (slave: boolean): Suite => ({
  path: [slave ? 'xstats_slave' : 'xstats', 'bond', '802.3ad'],
  group: slave ? STATS_XSTATS_SLAVE : STATS_XSTATS,
  offload: 0,
  print: newLine,
});

const offload = (name: string, bit: number, print: Suite['print']): Suite => ({
  path: ['offload', name],
  group: STATS_OFFLOAD,
  offload: bit,
  print,
});

/** All suites, in the order in which they are printed. */
export const suites: readonly Suite[] = [
  { path: ['afstats', 'mpls'], group: STATS_AF_SPEC, offload: 0, print: newLine },
  {
    path: ['link'],
    group: STATS_LINK,
    offload: 0,
    print(context, { link }) {
      newLine(context);
      printStatistics(context, { stats64: link }, context.options.stats + 1);
      newLine(context);
    },
  },
  // Its line says what the hardware was asked for as well.
  offload('l3_stats', OFFLOAD_L3_STATS | OFFLOAD_HW_INFO, printL3Stats),
  offload('hw_stats_info', OFFLOAD_HW_INFO, printHardwareInfo),
  offload('cpu_hit', OFFLOAD_CPU_HIT, printCpuHit),
  bond(true),
  bond(false),
  bridge(true, 'mcast', 'multicast'),
  bridge(true, 'stp', 'stp'),
  bridge(false, 'mcast', 'multicast'),
  bridge(false, 'stp', 'stp'),
];
