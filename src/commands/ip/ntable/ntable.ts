import { NLM_F_REPLACE } from '../../../netlink/constants.js';
import { RTM_GETNEIGHTBL, RTM_SETNEIGHTBL } from '../../../netlink/rtnl/constants.js';
import { type neighbourTableAttributes, neighbourTableMessage, type neighbourTableParameters } from '../../../netlink/rtnl/neighbour.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import type { Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument, missingArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { printTable, viewOf } from './print.js';
import { NTABLE_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Words {
  name: string | undefined;
  device: string | undefined;
  readonly table: Writable<AttributesOf<typeof neighbourTableAttributes>>;
  readonly parameters: Writable<AttributesOf<typeof neighbourTableParameters>>;
}

const newWords = (): Words => ({ name: undefined, device: undefined, table: {}, parameters: {} });

const value = (word: string, kind: string, text: string, put: (s: Words, number: number) => void): Keyword<Words> => ({
  word,
  exact: true,
  value: kind,
  text,
  take: (s, c) => {
    const argument = c.next();
    const number = parseUnsigned(argument);
    if (number === null) throw invalidArgument(`"${word}" value is invalid`, argument);
    put(s, number);
  },
});

const inTable = (word: string, key: 'thresh1' | 'thresh2' | 'thresh3' | 'gcInterval', kind: string, text: string) =>
  value(word, kind, text, (s, number) => {
    s.table[key] = number;
  });

const inParameters = (word: string, key: Exclude<keyof Words['parameters'], 'ifindex'>, kind: string, text: string) =>
  value(word, kind, text, (s, number) => {
    s.parameters[key] = number;
  });

const selection: readonly Keyword<Words>[] = [
  {
    word: 'name',
    exact: true,
    value: 'NAME',
    complete: ['arp_cache', 'ndisc_cache'],
    text: 'the table: arp_cache or ndisc_cache',
    take: (s, c) => {
      s.name = c.next();
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the settings for that device',
    take: (s, c) => {
      s.device = c.next();
    },
  },
];

const settings: readonly Keyword<Words>[] = [
  inTable('thresh1', 'thresh1', 'VAL', 'entries below which nothing is collected'),
  inTable('thresh2', 'thresh2', 'VAL', 'entries above which old ones go soon'),
  inTable('thresh3', 'thresh3', 'VAL', 'most entries'),
  inTable('gc_int', 'gcInterval', 'MSEC', 'how often entries are collected'),
  inParameters('base_reachable', 'baseReachableTime', 'MSEC', 'how long an entry counts as reachable, on average'),
  inParameters('retrans', 'retransTime', 'MSEC', 'time between solicitations'),
  inParameters('gc_stale', 'gcStaletime', 'MSEC', 'how long an unused entry is kept'),
  inParameters('delay_probe', 'delayProbeTime', 'MSEC', 'time before a stale entry is probed'),
  inParameters('queue', 'queueLen', 'LEN', 'packets that wait for an address'),
  inParameters('app_probes', 'appProbes', 'VAL', 'probes left to a daemon'),
  inParameters('ucast_probes', 'ucastProbes', 'VAL', 'unicast probes'),
  inParameters('mcast_probes', 'mcastProbes', 'VAL', 'broadcast or multicast probes'),
  inParameters('anycast_delay', 'anycastDelay', 'MSEC', 'most delay of an answer for an anycast address'),
  inParameters('proxy_delay', 'proxyDelay', 'MSEC', 'most delay of an answer for another host'),
  inParameters('proxy_queue', 'proxyQlen', 'LEN', 'answers for other hosts that wait'),
  inParameters('locktime', 'locktime', 'MSEC', 'how long an entry is not overwritten'),
];

const refuse = (_: Words, cursor: Cursor): never => {
  throw invalidArgument('unknown', cursor.peek());
};

async function showTables(context: IpContext, cursor: Cursor): Promise<number> {
  const words = newWords();
  await readKeywords(selection, words, cursor, refuse);
  await context.links.load();
  const index = words.device === undefined ? 0 : await context.links.indexOf(words.device);
  if (words.device !== undefined && index === 0) throw invalidArgument('"DEV" is invalid', words.device);
  const { out } = context;
  out.openDocument();
  for await (const message of context.dump(neighbourTableMessage, { type: RTM_GETNEIGHTBL, header: { family: context.options.family } })) {
    const view = viewOf(message);
    if (words.name !== undefined && view.attributes.name !== words.name) continue;
    if (index !== 0 && view.attributes.parms?.ifindex !== index) continue;
    out.openObject();
    printTable(context, view);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

async function changeTable(context: IpContext, cursor: Cursor): Promise<number> {
  const words = newWords();
  await readKeywords([...selection, ...settings], words, cursor, refuse);
  if (words.name === undefined) throw missingArgument('NAME');
  const hasParameters = Object.keys(words.parameters).length > 0;
  if (!hasParameters && Object.keys(words.table).length === 0) throw fatal('Not enough information: changeable attributes required.');
  const ifindex = words.device === undefined ? undefined : await context.device(words.device);
  const parms = { ...words.parameters, ...(ifindex === undefined ? {} : { ifindex }) };
  await context.request(neighbourTableMessage, {
    type: RTM_SETNEIGHTBL,
    flags: NLM_F_REPLACE,
    header: { family: context.options.family },
    attributes: { name: words.name, ...words.table, ...(hasParameters ? { parms } : {}) },
  });
  return 0;
}

const change: Verb = {
  names: ['change'],
  hidden: ['chg'],
  summary: 'change settings of a neighbour table',
  keywords: [...selection, ...settings],
  run: changeTable,
};
const show: Verb = {
  names: ['show', 'list'],
  hidden: ['lst'],
  summary: 'show the settings of neighbour tables',
  keywords: selection,
  run: showTables,
};

/** `ip ntable`: settings of the neighbour tables. */
export const ntable: IpObject = {
  name: 'ntable',
  summary: 'settings of the neighbour tables',
  usage: NTABLE_USAGE,
  description: ['Each neighbour table has limits of its own, and times and counts for each device. Times are in milliseconds.'],
  verbs: [change, show],
  withoutVerb: showTables,
  examples: [['ip ntable change name arp_cache dev eth0 base_reachable 60000', 'let neighbours on eth0 count as reachable for a minute']],
};
