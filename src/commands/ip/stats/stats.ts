import { CommandFailure, fatal } from '../../shared/failure.js';
import type { IpObject } from '../object.js';
import { set } from './set.js';
import { show, showStats } from './show.js';
import { STATS_USAGE } from './usage.js';

/** `ip stats`: statistics of devices, group by group. */
export const statistics: IpObject = {
  name: 'stats',
  summary: 'statistics of devices',
  usage: STATS_USAGE,
  description: [
    'Counters of devices by groups: link are the counters of packets and bytes, xstats those that a kind of device has for itself, xstats_slave those that a master keeps for its members, offload those of hardware that forwards past the stack, afstats those of protocol families. A group may be narrowed to a subgroup, and that to a suite.',
  ],
  verbs: [set, show],
  // Words of this object are not abbreviated.
  check(_context, cursor) {
    const word = cursor.peek();
    if (word === 'help') throw new CommandFailure(0, `${STATS_USAGE}\n`, true);
    if (word !== 'show' && word !== 'set') throw fatal(`Command "${word}" is unknown, try "ip stats help".`, 1);
  },
  withoutVerb: showStats,
  examples: [['ip stats show dev eth0 group link', 'the counters of eth0']],
};
