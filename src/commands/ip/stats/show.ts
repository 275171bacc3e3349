import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTM_GETSTATS } from '../../../netlink/rtnl/constants.js';
import { statsMessage, statsRequest } from '../../../netlink/rtnl/stats.js';
import type { Cursor } from '../../shared/cursor.js';
import { CommandFailure, duplicateOrGarbage, fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { Choice } from './choice.js';
import { type Suite, suites } from './suites.js';
import { STATS_USAGE } from './usage.js';

/** Words that neither verb knows. */
export function refuseWord(word: string): never {
  if (word === 'help') throw new CommandFailure(0, `${STATS_USAGE}\n`, true);
  throw fatal(`What is "${word}"?\n${STATS_USAGE}`, 22);
}

/** The suites' groups as bits, and which subgroups of offload where not all are wanted. */
function requestFor(chosen: readonly Suite[], ifindex: number) {
  const bits = (all: readonly Suite[]) => all.reduce((mask, suite) => mask | suite.offload, 0);
  const offload = bits(chosen);
  return {
    type: RTM_GETSTATS,
    header: { ifindex, filterMask: chosen.reduce((mask, suite) => mask | suite.group, 0) },
    attributes: offload === 0 || offload === bits(suites) ? {} : { filters: { offload } },
  };
}

/** One device: a head and the counters for each of the suites. */
export function printStats(context: IpContext, message: NetlinkMessage, chosen: readonly Suite[]): void {
  const { out, links } = context;
  const { header, attributes } = statsMessage.parse(message);
  for (const suite of chosen) {
    out.openObject();
    out.field('ifindex', header.ifindex, `${header.ifindex}: `);
    const name = links.nameOf(header.ifindex);
    out.field('ifname', name, name, 'interface');
    out.text(':');
    const [group, subgroup, last] = suite.path;
    out.field('group', group, ` group ${group}`);
    if (subgroup !== undefined) out.field('subgroup', subgroup, ` subgroup ${subgroup}`);
    if (last !== undefined) out.field('suite', last, ` suite ${last}`);
    suite.print(context, attributes);
    out.closeObject();
  }
}

export async function showStats(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  const choice = new Choice();
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') {
      const value = cursor.next();
      if (device !== undefined) throw duplicateOrGarbage('dev', value);
      device = value;
    } else if (!choice.take(word, cursor)) refuseWord(word);
  }
  const { out, links } = context;
  const ifindex = device === undefined ? 0 : await context.device(device);
  const request = requestFor(choice.suites, ifindex);
  if (ifindex !== 0) {
    const answer = await context.get(statsRequest, request);
    out.openDocument();
    printStats(context, answer, choice.suites);
    out.closeDocument();
    return 0;
  }
  await links.load();
  out.openDocument();
  for await (const message of context.dump(statsRequest, request)) {
    printStats(context, message, choice.suites);
    out.newLine();
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

export const show: Verb = {
  names: ['show'],
  summary: 'show the statistics of devices',
  keywords: [
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'of one device; of all when it is left out' },
    {
      word: 'group',
      exact: true,
      value: 'GROUP',
      complete: ['link', 'xstats', 'xstats_slave', 'offload', 'afstats'],
      text: 'one group of statistics; may come many times',
    },
    {
      word: 'subgroup',
      exact: true,
      value: 'SUBGROUP',
      complete: ['bridge', 'bond', 'cpu_hit', 'hw_stats_info', 'l3_stats', 'mpls'],
      text: 'a part of the group',
    },
    { word: 'suite', exact: true, value: 'SUITE', complete: ['stp', 'mcast', '802.3ad'], text: 'a part of the subgroup' },
  ],
  run: showStats,
};
