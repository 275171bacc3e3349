import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const HEAD =
  'entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n';

/** Counters of a kind of neighbours, those of all namespaces together. Linux: neigh_stat_seq_show() */
const statistics = (path: string, family: number): ProcNetView => ({
  path,
  text({ stack }) {
    const shared = stack.neighbourFamilies.get(family);
    if (shared === undefined) return HEAD;
    const s = shared.statistics;
    const columns: readonly (readonly [value: number, width: number])[] = [
      [shared.entries, 9],
      [s.allocs, 9],
      [s.destroys, 9],
      [s.hashGrows, 11],
      [s.lookups, 9],
      [s.hits, 9],
      [s.resFailed, 11],
      [s.rcvProbesMcast, 17],
      [s.rcvProbesUcast, 17],
      [s.periodicGcRuns, 17],
      [s.forcedGcRuns, 15],
      [s.unresDiscards, 20],
      [s.tableFulls, 8],
    ];
    return `${HEAD}${columns.map(([value, width]) => hex(value, 8).padEnd(width)).join('')}\n`;
  },
});

/** /proc/net/stat/arp_cache */
export const arpCache = statistics('stat/arp_cache', AF_INET);
/** /proc/net/stat/ndisc_cache */
export const ndiscCache = statistics('stat/ndisc_cache', AF_INET6);
