import { RTM_SETSTATS } from '../../../netlink/rtnl/constants.js';
import { statsRequest } from '../../../netlink/rtnl/stats.js';
import type { Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { refuseWord } from './show.js';

async function setStats(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let l3Stats: number | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      const value = cursor.next();
      if (device !== undefined) throw duplicateOrGarbage('dev', value);
      device = value;
    } else if (word === 'l3_stats') {
      if (l3Stats !== undefined) throw fatal('A statistics suite to toggle was already given.', 22);
      const value = cursor.next();
      if (value !== 'on' && value !== 'off') throw fatal(`Error: argument of "l3_stats" must be one of "off", "on", not "${value}"`, 22);
      l3Stats = value === 'on' ? 1 : 0;
    } else refuseWord(word);
  }
  if (device === undefined) throw fatal('Not enough information: "dev" argument is required.');
  if (l3Stats === undefined) throw fatal('Not enough information: stat type to toggle is required.');
  await context.request(statsRequest, { type: RTM_SETSTATS, header: { ifindex: await context.device(device) }, attributes: { l3Stats } });
  return 0;
}

export const set: Verb = {
  names: ['set'],
  summary: 'ask the hardware of a device for statistics, or ask no more',
  keywords: [
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'the device' },
    { word: 'l3_stats', exact: true, value: '{ on | off }', complete: ['on', 'off'], text: 'counters of layer 3' },
  ],
  run: setStats,
};
