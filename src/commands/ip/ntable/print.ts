import type { NetlinkMessage } from '../../../netlink/message.js';
import { neighbourTableMessage } from '../../../netlink/rtnl/neighbour.js';
import type { MessageOf } from '../../../netlink/schema.js';
import { familyName } from '../../shared/families.js';
import type { IpContext } from '../context.js';

export type TableView = MessageOf<typeof neighbourTableMessage>;

/** key in JSON, word in text, value: those that are there make up one line. */
type Item = readonly [key: string, word: string, value: number | string | undefined];

export const viewOf = (message: NetlinkMessage): TableView => neighbourTableMessage.parse(message);

/** The settings of one neighbour table: its own, or those of one device. Devices must be loaded. */
export function printTable(context: IpContext, { header, attributes }: TableView): void {
  const { out, options, links } = context;
  const family = familyName(header.family);
  out.field('family', family, `${family} `);
  if (attributes.name !== undefined) out.field('name', attributes.name, `${attributes.name} `);
  out.newLine();
  line(context, '    ', [
    ['thresh1', 'thresh1', attributes.thresh1],
    ['thresh2', 'thresh2', attributes.thresh2],
    ['thresh3', 'thresh3', attributes.thresh3],
    ['gc_interval', 'gc_int', attributes.gcInterval],
  ]);
  if (options.stats > 0) printConfig(context, attributes);
  const parameters = attributes.parms;
  if (parameters !== undefined) {
    if (parameters.ifindex !== undefined) line(context, '    ', [['dev', 'dev', links.nameOf(parameters.ifindex)]]);
    line(context, '    ', [
      ['refcnt', 'refcnt', parameters.refcnt],
      ['reachable', 'reachable', parameters.reachableTime],
      ['base_reachable', 'base_reachable', parameters.baseReachableTime],
      ['retrans', 'retrans', parameters.retransTime],
    ]);
    line(context, '    ', [
      ['gc_stale', 'gc_stale', parameters.gcStaletime],
      ['delay_probe', 'delay_probe', parameters.delayProbeTime],
      ['queue', 'queue', parameters.queueLen],
    ]);
    line(context, '    ', [
      ['app_probes', 'app_probes', parameters.appProbes],
      ['ucast_probes', 'ucast_probes', parameters.ucastProbes],
      ['mcast_probes', 'mcast_probes', parameters.mcastProbes],
    ]);
    line(context, '    ', [
      ['anycast_delay', 'anycast_delay', parameters.anycastDelay],
      ['proxy_delay', 'proxy_delay', parameters.proxyDelay],
      ['proxy_queue', 'proxy_queue', parameters.proxyQlen],
      ['locktime', 'locktime', parameters.locktime],
    ]);
  }
  if (options.stats > 0) printStatistics(context, attributes);
  out.text('\n');
}

/** One line of what is there; none when nothing is. */
function line({ out }: IpContext, indent: string, items: readonly Item[]): void {
  const there = items.filter(([, , value]) => value !== undefined);
  if (there.length === 0) return;
  out.text(indent);
  for (const [key, word, value] of there) if (value !== undefined) out.field(key, value, `${word} ${value} `);
  out.newLine();
}

const two = (number: number) => String(number).padStart(2, '0');

/** Local time that was `ms` milliseconds ago: "2024-01-01 12:00:00". */
function ago(context: IpContext, ms: number): string {
  const date = new Date(Math.floor(context.io.nowUs() / 1000) - ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function printConfig(context: IpContext, { config }: TableView['attributes']): void {
  if (config === undefined) return;
  const { out } = context;
  line(context, '    config ', [
    ['key_length', 'key_len', config.keyLen],
    ['entry_size', 'entry_size', config.entrySize],
    ['entries', 'entries', config.entries],
  ]);
  line(context, '        ', [
    ['last_flush', 'last_flush', ago(context, config.lastFlush)],
    ['last_rand', 'last_rand', ago(context, config.lastRand)],
  ]);
  out.text('        ');
  out.field('hash_rnd', config.hashRnd, `hash_rnd ${config.hashRnd} `);
  const mask = config.hashMask.toString(16);
  out.field('hash_mask', `0x${mask}`, `hash_mask ${mask.padStart(8, '0')} `);
  out.field('hash_chain_gc', config.hashChainGc, `hash_chain_gc ${config.hashChainGc} `);
  out.field('proxy_qlen', config.proxyQlen, `proxy_qlen ${config.proxyQlen} `);
  out.newLine();
}

function printStatistics(context: IpContext, { stats }: TableView['attributes']): void {
  if (stats === undefined) return;
  line(context, '    stats ', [
    ['allocs', 'allocs', stats.allocs],
    ['destroys', 'destroys', stats.destroys],
    ['hash_grows', 'hash_grows', stats.hashGrows],
  ]);
  line(context, '    ', [
    ['res_failed', 'res_failed', stats.resFailed],
    ['lookups', 'lookups', stats.lookups],
    ['hits', 'hits', stats.hits],
  ]);
  line(context, '    ', [
    ['rcv_probes_mcast', 'rcv_probes_mcast', stats.rcvProbesMcast],
    ['rcv_probes_ucast', 'rcv_probes_ucast', stats.rcvProbesUcast],
  ]);
  line(context, '    ', [
    ['periodic_gc_runs', 'periodic_gc_runs', stats.periodicGcRuns],
    ['forced_gc_runs', 'forced_gc_runs', stats.forcedGcRuns],
  ]);
  line(context, '    ', [['table_fulls', 'table_fulls', stats.tableFulls]]);
}
