import { NetError } from '../../base/net-error.js';
import type { WireBit } from '../../netlink/genl/ethtool/bitset.js';
import { Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { Ioctl, Stats } from '../../netlink/genl/ethtool/ioctl.js';
import { type StatisticsGroup, statsMessage } from '../../netlink/genl/ethtool/messages.js';
import { CommandFailure } from '../shared/failure.js';
import type { JsonWriter } from '../shared/json-writer.js';
import type { EthtoolContext } from './context.js';
import { struct, viewOf } from './ioctl-words.js';
import { orStatus } from './run.js';
import { stringSet } from './string-sets.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** Shows the counters of a string set. Linux ethtool: do_gstats() */
const byIoctl = (set: number, command: number, what: string) => async (context: EthtoolContext) => {
  if (context.words.length > 0) badArguments();
  const names = await stringSet(context, set);
  if (names instanceof NetError) {
    await context.perror('Cannot get stats strings information', names);
    return 96;
  }
  if (names.length === 0) {
    await context.complain('no stats available');
    return 94;
  }
  const request = struct(Stats.size + names.length * 8, command);
  request.view.setUint32(Stats.count, names.length, true);
  const answer = await context.ioctl(request.bytes);
  if (answer instanceof NetError) {
    await context.perror('Cannot get stats information', answer);
    return 97;
  }
  const view = viewOf(answer);
  context.print(`${what} statistics:\n`);
  for (const [i, name] of names.entries()) {
    const value = view.getBigUint64(Stats.data + i * 8, true);
    context.print(`     ${name}: ${value}\n`);
  }
  return 0;
};

function groupsOf(words: readonly string[]): WireBit[] | null {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  if (first === '--all-groups') return null;
  if (first !== '--groups') throw new CommandFailure(1, `ethtool (-S): unknown parameter '${first}'\n`);
  if (rest.length === 0) throw new CommandFailure(1, "ethtool (-S): no value for parameter '--groups'\n");
  return rest.map((name) => ({ name }));
}

async function showGroup(
  context: EthtoolContext,
  { id = 0, stringSet: set = 0, counters = [], rxHistogram = [], txHistogram = [] }: StatisticsGroup,
  json: JsonWriter | null,
) {
  const netlink = await context.netlink();
  const group = (await netlink.strings(StringSet.STATS_STD))[id] ?? '';
  const names = counters.length === 0 ? [] : await netlink.strings(set);
  if (json !== null) {
    json.name(group);
    json.openObject();
  }
  for (const counter of counters) {
    const name = names[counter.id] ?? '';
    if (json === null) context.print(`${group}-${name}: ${counter.value}\n`);
    else {
      json.name(name);
      json.value(counter.value);
    }
  }
  for (const [way, buckets] of [
    ['rx', rxHistogram],
    ['tx', txHistogram],
  ] as const) {
    if (buckets.length === 0) continue;
    if (json !== null) {
      json.name(`${way}-pktsNtoM`);
      json.openArray();
    }
    for (const { low = 0, high = 0, value = 0 } of buckets) {
      if (json === null) context.print(`${way}-${group}-etherStatsPkts${low}to${high}Octets: ${value}\n`);
      else {
        json.openObject();
        for (const [key, number] of [
          ['low', low],
          ['high', high],
          ['val', value],
        ] as const) {
          json.name(key);
          json.value(number);
        }
        json.closeObject();
      }
    }
    json?.closeArray();
  }
  json?.closeObject();
}

/** -S: what the driver counts, or with --groups what standards have names for. */
export const statistics: SubCommand = {
  options: ['-S', '--statistics'],
  summary: 'Show adapter statistics',
  parameters: '               [ --all-groups | --groups [eth-phy] [eth-mac] [eth-ctrl] [rmon] ]\n',
  json: true,
  speaksNetlink: (words) => words.length > 0,
  async netlink(context) {
    const asked = groupsOf(context.words);
    const json = context.flags.json ? context.jsonWriter() : null;
    json?.openArray();
    const status = await orStatus(1, async () => {
      const netlink = await context.netlink();
      const all = (await netlink.strings(StringSet.STATS_STD)).map((_, index) => ({ index }));
      const groups = { noMask: true, bits: { bits: asked ?? all } };
      for (const { device, values } of await netlink.get(statsMessage, Request.STATS_GET, { attributes: { groups } })) {
        if (json === null) context.print(`Standard stats for ${device}:\n`);
        else {
          json.openObject();
          json.name('ifname');
          json.value(device);
        }
        for (const group of values.group ?? []) await showGroup(context, group, json);
        json?.closeObject();
      }
      return 0;
    });
    json?.closeArray();
    json?.end();
    return status;
  },
  ioctl: byIoctl(StringSet.STATS, Ioctl.GSTATS, 'NIC'),
};

/** --phy-statistics */
export const phyStatistics: SubCommand = {
  options: ['--phy-statistics'],
  summary: 'Show phy statistics',
  ioctl: byIoctl(StringSet.PHY_STATS, Ioctl.GPHYSTATS, 'PHY'),
};
