import type { ProcNetView } from './view.js';

const HEAD = 'Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst'.padEnd(
  127,
);

/** /proc/net/rt_cache: the titles alone, since Linux 3.6 has no route cache. Linux: rt_cache_seq_show() */
export const rtCache: ProcNetView = { path: 'rt_cache', text: () => `${HEAD}\n` };
