import { AF_INET, AF_INET6, AF_UNSPEC, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import { RT_TABLE_DEFAULT, RT_TABLE_MAIN, RTM_GETROUTE } from '../../../netlink/rtnl/constants.js';
import { mrouteMessage } from '../../../netlink/rtnl/mroute.js';
import { type Address, parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument, noSuchDevice } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { type MrouteFilter, type MrouteView, printMroute, selectsMroute, viewOfMroute } from './print.js';

/** Text of `ip mroute help`. */
const MROUTE_USAGE = `Usage: ip mroute show [ [ to ] PREFIX ] [ from PREFIX ] [ iif DEVICE ]
                      [ table TABLE_ID ]
TABLE_ID := [ local | main | default | all | NUMBER ]`;

interface Words extends MrouteFilter {
  readonly context: IpContext;
  device: string | undefined;
}

async function parseTable(s: Words, argument: string): Promise<number> {
  await s.context.names.load('rt_tables');
  if (argument === 'all') return 0;
  const table = s.context.names.parse('rt_tables', argument);
  if (table === null) throw invalidArgument('table id value is invalid\n', argument);
  return table;
}

/** `root`, `match` and `exact` say how a prefix is compared. */
function takePrefix(s: Words, cursor: Cursor): { readonly prefix: Address; readonly match: boolean } {
  let word = cursor.next();
  const match = word === 'match' || word === 'exact';
  if (match || word === 'root') word = cursor.next();
  return { prefix: parsePrefix(word, s.family), match };
}

function takeTo(s: Words, cursor: Cursor): void {
  if (abbreviates(cursor.peek(), 'help')) throw fatal(MROUTE_USAGE);
  s.to = takePrefix(s, cursor).prefix;
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'table',
    value: 'TABLE_ID',
    text: 'routes of that table; all: of every table',
    complete: ['default', 'main', 'all'],
    take: async (s, c) => {
      s.table = await parseTable(s, c.next());
    },
  },
  {
    word: 'iif',
    exact: true,
    value: 'DEVICE',
    text: 'routes of packets that come in there',
    complete: 'device',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  {
    word: 'from',
    value: 'PREFIX',
    text: 'routes of sources within PREFIX',
    take: (s, c) => {
      s.from = takePrefix(s, c).prefix;
    },
  },
  { word: 'to', exact: true, value: 'PREFIX', text: 'routes to groups within PREFIX; the word may be left out', take: takeTo },
];

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { options, out } = context;
  // Linux's tools ask in the multicast family, and so know no prefix of an address family here.
  const family = options.family === AF_UNSPEC || options.family === AF_INET ? RTNL_FAMILY_IPMR : RTNL_FAMILY_IP6MR;
  if (options.family !== AF_UNSPEC && options.family !== AF_INET && options.family !== AF_INET6)
    throw fatal(`Multicast routes are only supported for IPv4/IPv6, was: ${options.family}`);
  const words: Words = {
    context,
    family,
    table: family === RTNL_FAMILY_IPMR ? RT_TABLE_DEFAULT : RT_TABLE_MAIN,
    iif: 0,
    device: undefined,
    from: undefined,
    to: undefined,
  };
  await readKeywords(keywords, words, cursor, takeTo);
  if (words.device !== undefined) {
    words.iif = await context.links.indexOf(words.device);
    if (words.iif === 0) throw noSuchDevice(words.device);
  }
  await context.names.load('rt_tables');
  await context.links.load();
  out.openDocument();
  for await (const view of listMroutes(context, words)) {
    out.openObject();
    printMroute(context, view, words);
    out.closeObject();
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

async function* listMroutes(context: IpContext, filter: MrouteFilter): AsyncGenerator<MrouteView> {
  const attributes = filter.table === 0 ? {} : { table: filter.table };
  for await (const message of context.dump(mrouteMessage, { type: RTM_GETROUTE, header: { family: filter.family }, attributes })) {
    const view = viewOfMroute(message);
    if (selectsMroute(filter, view)) yield view;
  }
}

const verbs: readonly Verb[] = [
  {
    names: ['list', 'show'],
    hidden: ['lst'],
    summary: 'show multicast routes',
    operands: '[ SELECTOR ]',
    keywords,
    run: show,
  },
];

/** `ip mroute`: the multicast routes that a daemon has made. */
export const multicastRoutes: IpObject = {
  name: 'mroute',
  summary: 'multicast routes',
  usage: MROUTE_USAGE,
  description: [
    'The routes by which packets to groups are forwarded: from which source, by which device they come in, and by which they go out. A routing daemon makes them (or tapstack mroute); with -statistics packets, bytes and the time since the last one are shown.',
  ],
  verbs,
  withoutVerb: show,
  examples: [['ip -s mroute show table all', 'all routes, with their counters']],
};
