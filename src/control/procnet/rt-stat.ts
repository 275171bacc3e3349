import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const COLUMNS =
  'entries  in_hit   in_slow_tot in_slow_mc in_no_route in_brd   in_martian_dst in_martian_src out_hit  out_slow_tot out_slow_mc ' +
  'gc_total gc_ignored gc_goal_miss gc_dst_overflow in_hlist_search out_hlist_search';

/** /proc/net/stat/rt_cache: there has been no route cache since Linux 3.6; what Linux still counts of slow paths is not counted here. */
export const rtCacheStat: ProcNetView = {
  path: 'stat/rt_cache',
  text: () =>
    `${COLUMNS}\n${COLUMNS.split(/\s+/)
      .map((name) => hex(0, 8).padEnd(name.length))
      .join(' ')}\n`,
};
