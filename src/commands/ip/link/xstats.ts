import { RTM_GETSTATS } from '../../../netlink/rtnl/constants.js';
import { bridgeStats, STATS_AF_SPEC, STATS_XSTATS, STATS_XSTATS_SLAVE, statsMessage, statsRequest } from '../../../netlink/rtnl/stats.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { failure, fatal, invalidArgument, noSuchDevice } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { printMulticast, printStp } from '../stats/bridge.js';
import { linkKind } from './kinds/index.js';
import { LINK_USAGE } from './usage.js';

/** Kinds that have statistics of their own, and what those words of theirs mean. */
const bridgeHelp = (kind: string) => `Usage: ... ${kind} [ igmp ] [ dev DEVICE ]`;

interface Words {
  device: string | undefined;
  igmp: boolean;
  stp: boolean;
}

function readWords(kind: string, cursor: Cursor): Words {
  const words: Words = { device: undefined, igmp: false, stp: false };
  while (!cursor.done) {
    const word = cursor.next();
    if (abbreviates(word, 'igmp') || abbreviates(word, 'mcast')) words.igmp = true;
    else if (abbreviates(word, 'stp')) words.stp = true;
    else if (word === 'dev') words.device = cursor.next();
    else if (word === 'help') throw fatal(bridgeHelp(kind), 0);
    else throw invalidArgument('unknown attribute', word);
  }
  return words;
}

/** `ip link xstats type KIND`: what bridges and their ports counted. */
async function showXstats(context: IpContext, cursor: Cursor): Promise<number> {
  if (cursor.done) throw failure('xstats: missing argument');
  const word = cursor.next();
  if (word !== 'type') throw invalidArgument('unknown', word);
  const kind = cursor.next();
  if (kind !== 'bridge' && kind !== 'bridge_slave') {
    if ((await linkKind(kind)) === undefined) throw invalidArgument('invalid type', kind);
    throw failure(`xstats: link type ${kind} doesn't support xstats`);
  }
  const words = readWords(kind, cursor);
  const { links, out } = context;
  const ifindex = words.device === undefined ? 0 : await links.indexOf(words.device);
  if (words.device !== undefined && ifindex === 0) throw noSuchDevice(words.device);
  await links.load();
  const slave = kind === 'bridge_slave';
  out.openDocument();
  const request = { type: RTM_GETSTATS, header: { filterMask: slave ? STATS_XSTATS_SLAVE : STATS_XSTATS } };
  for await (const message of context.dump(statsRequest, request)) {
    const { header, attributes } = statsMessage.parse(message);
    const stats = (slave ? attributes.xstatsSlave : attributes.xstats)?.bridge?.parse(bridgeStats);
    if (stats === undefined || (ifindex !== 0 && header.ifindex !== ifindex)) continue;
    const both = !words.igmp && !words.stp;
    out.openObject();
    const name = links.nameOf(header.ifindex);
    out.field('ifname', name, name.padEnd(16), 'interface');
    out.newLine();
    if (both || words.igmp) printMulticast(context, stats);
    if (both || words.stp) printStp(context, stats);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

/** `ip link afstats`: counters of protocol families. MPLS alone has some, and no device of the stack speaks it. */
async function showAfstats(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (abbreviates(word, 'help')) throw fatal(LINK_USAGE);
    else throw fatal(`Command "${word}" is unknown, try "ip link help".`);
  }
  const { links, out } = context;
  if (device !== undefined && (await links.indexOf(device)) === 0) {
    context.complain(`Device "${device}" does not exist.`);
    return 0;
  }
  out.openDocument();
  // Nothing of what comes is of a family that has counters to show.
  for await (const _ of context.dump(statsRequest, { type: RTM_GETSTATS, header: { filterMask: STATS_AF_SPEC } }));
  out.closeDocument();
  return 0;
}

export const xstats: Verb = {
  names: ['xstats'],
  summary: 'show the statistics that a kind of device has for itself',
  operands: 'type TYPE',
  keywords: [
    { word: 'type', exact: true, value: 'TYPE', complete: ['bridge', 'bridge_slave'], text: 'the kind' },
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'one device of the kind' },
  ],
  run: showXstats,
};

export const afstats: Verb = {
  names: ['afstats'],
  summary: 'show counters of protocol families',
  keywords: [{ word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'of one device' }],
  run: showAfstats,
};
