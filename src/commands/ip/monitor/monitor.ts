import { AF_INET, AF_INET6, AF_UNSPEC, NETLINK_LISTEN_ALL_NSID } from '../../../netlink/constants.js';
import * as rtnl from '../../../netlink/rtnl/constants.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { recordedMessages } from '../../shared/recorded.js';
import type { IpContext } from '../context.js';
import type { IpObject } from '../object.js';
import { EventPrinter } from './events.js';
import { MONITOR_USAGE } from './usage.js';

interface Words {
  groups: number[];
  labels: boolean;
  file: string | undefined;
  device: string | undefined;
  allNsid: boolean;
}

/** What can be watched: the multicast groups of no family, IPv4 and IPv6. */
const watched: readonly (readonly [
  word: string,
  text: string,
  any: readonly number[],
  inet: readonly number[],
  inet6: readonly number[],
])[] = [
  ['link', 'devices', [rtnl.RTNLGRP_LINK], [], []],
  ['address', 'addresses', [], [rtnl.RTNLGRP_IPV4_IFADDR], [rtnl.RTNLGRP_IPV6_IFADDR]],
  ['route', 'routes', [], [rtnl.RTNLGRP_IPV4_ROUTE], [rtnl.RTNLGRP_IPV6_ROUTE]],
  ['mroute', 'multicast routes', [], [rtnl.RTNLGRP_IPV4_MROUTE], [rtnl.RTNLGRP_IPV6_MROUTE]],
  ['prefix', 'prefixes that routers announce', [], [], [rtnl.RTNLGRP_IPV6_PREFIX]],
  ['neigh', 'neighbours', [rtnl.RTNLGRP_NEIGH], [], []],
  ['netconf', 'settings of devices', [], [rtnl.RTNLGRP_IPV4_NETCONF], [rtnl.RTNLGRP_IPV6_NETCONF]],
  ['rule', 'routing rules', [], [rtnl.RTNLGRP_IPV4_RULE], [rtnl.RTNLGRP_IPV6_RULE]],
  ['nsid', 'ids of network namespaces', [rtnl.RTNLGRP_NSID], [], []],
  ['nexthop', 'nexthop objects', [rtnl.RTNLGRP_NEXTHOP], [], []],
  ['stats', 'statistics', [rtnl.RTNLGRP_STATS], [], []],
];

const groupsOf = (entry: (typeof watched)[number], family: number): readonly number[] => [
  ...entry[2],
  ...(family === AF_UNSPEC || family === AF_INET ? entry[3] : []),
  ...(family === AF_UNSPEC || family === AF_INET6 ? entry[4] : []),
];

const keywords = (family: number): readonly Keyword<Words>[] => [
  {
    word: 'file',
    value: 'FILENAME',
    text: 'events that rtmon has written to a file',
    take: (s, c) => {
      s.file = c.next();
    },
  },
  {
    word: 'label',
    text: 'before each event what it is about: [LINK], [ROUTE]',
    take: (s) => {
      s.labels = true;
    },
  },
  ...watched.map(
    (entry): Keyword<Words> => ({
      word: entry[0],
      text: entry[1],
      take: (s) => {
        s.groups.push(...groupsOf(entry, family));
      },
    }),
  ),
  {
    word: 'all',
    exact: true,
    text: 'everything, with labels',
    take: (s) => {
      s.labels = true;
    },
  },
  {
    word: 'all-nsid',
    text: 'events of all network namespaces that have an id in this one',
    take: (s) => {
      s.allNsid = true;
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'events about that device',
    take: (s, c) => {
      s.device = c.next();
    },
  },
];

async function monitor(context: IpContext, cursor: Cursor): Promise<number> {
  const { family } = context.options;
  const words: Words = { groups: [], labels: false, file: undefined, device: undefined, allNsid: false };
  await readKeywords(keywords(family), words, cursor, () => {
    if (abbreviates(cursor.peek(), 'help')) throw fatal(MONITOR_USAGE);
    throw fatal(`Argument "${cursor.peek()}" is unknown, try "ip monitor help".`);
  });
  const groups = words.groups.length > 0 ? words.groups : watched.flatMap((entry) => groupsOf(entry, family));
  const index = words.device === undefined ? 0 : await context.links.indexOf(words.device);
  if (words.device !== undefined && index === 0) throw invalidArgument('Device does not exist\n', words.device);
  const printer = new EventPrinter(context, { labels: words.labels, index, namespaces: words.allNsid });
  await printer.prepare();
  if (words.file !== undefined) return replayFile(context, words.file, printer);
  const client = await context.open();
  try {
    if (words.allNsid) await client.setOption(NETLINK_LISTEN_ALL_NSID, 1);
    await client.subscribe(groups);
    const lost = () => context.complain('netlink receive error No buffer space available (105)');
    for await (const message of client.notifications(context.io.signal, lost)) {
      await printer.print(message, client.receivedNsid);
      await context.flush();
    }
  } finally {
    client.close();
  }
  return 0;
}

async function replayFile(context: IpContext, file: string, printer: EventPrinter): Promise<number> {
  for await (const message of recordedMessages(context.io.files, file)) await printer.print(message);
  return 0;
}

/** `ip monitor`: changes as they happen. It has no verbs: its first word is what is watched. */
export const monitorObject: IpObject = {
  name: 'monitor',
  summary: 'watch changes as they happen',
  usage: MONITOR_USAGE,
  description: [
    'Prints a line for each change of devices, addresses, routes, neighbours, settings and ids of namespaces, until it is interrupted.',
  ],
  verbs: [{ names: [''], summary: 'watch changes', operands: '[ all | OBJECTS ]', keywords: keywords(AF_UNSPEC), run: monitor }],
  withoutVerb: monitor,
  anyWord: true,
  examples: [
    ['ip monitor link address', 'devices and addresses'],
    ['ip -ts monitor all', 'everything, with times and labels'],
  ],
};

export { monitorObject as monitor };
