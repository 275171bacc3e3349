import {
  AF_INET,
  AF_INET6,
  AF_MPLS,
  AF_UNSPEC,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '../../../netlink/constants.js';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_UNICAST,
  RTN_UNSPEC,
  RTPROT_BOOT,
} from '../../../netlink/rtnl/constants.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import type { Cursor } from '../../shared/cursor.js';
import { fatal } from '../../shared/failure.js';
import { readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { readNexthops } from './nexthops.js';
import { loadRouteNames } from './print.js';
import { ROUTE_USAGE } from './usage.js';
import { newRouteWords, type RouteWords, routeKeywords, takeDestination } from './words.js';

async function modify(context: IpContext, cursor: Cursor, type: number, flags: number): Promise<number> {
  const loading = loadRouteNames(context);
  if (loading !== undefined) await loading;
  const deleting = type === RTM_DELROUTE;
  const words = newRouteWords(context);
  const reading = readKeywords(routeKeywords, words, cursor, takeDestination);
  if (reading !== undefined) await reading;
  if (!words.hasDestination) throw fatal(ROUTE_USAGE);
  const { attributes } = words;
  if (words.device !== undefined) {
    const index = context.device(words.device);
    attributes.oif = typeof index === 'number' ? index : await index;
  }
  if (words.lock !== 0 || hasAny(words.metrics))
    attributes.metrics = { ...words.metrics, ...(words.lock === 0 ? {} : { lock: words.lock }) };
  if (words.nexthops.length > 0) attributes.multipath = await readNexthops(context, words);
  if (words.family === AF_UNSPEC) words.family = AF_INET;
  const routeType = words.type ?? (deleting ? RTN_UNSPEC : RTN_UNICAST);
  const asking = context.request(routeMessage, {
    type,
    flags,
    header: {
      family: words.family,
      dstLen: words.dstLen,
      srcLen: words.srcLen,
      tos: words.tos,
      table: tableOf(words, routeType),
      protocol: words.protocol ?? (deleting ? 0 : RTPROT_BOOT),
      scope: words.scope ?? defaultScope(words, routeType, deleting),
      type: routeType === RTN_UNSPEC && words.family === AF_MPLS ? RTN_UNICAST : routeType,
      flags: words.flags,
    },
    attributes,
  });
  if (asking !== undefined) await asking;
  return 0;
}

function hasAny(values: object): boolean {
  for (const _ in values) return true;
  return false;
}

function tableOf(words: RouteWords, type: number): number {
  if (words.table !== undefined) {
    if (words.table < 256) return words.table;
    words.attributes.table = words.table;
    return RT_TABLE_UNSPEC;
  }
  return ofThisHost.has(type) ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
}
const ofThisHost: ReadonlySet<number> = new Set([RTN_LOCAL, RTN_BROADCAST, RTN_NAT, RTN_ANYCAST]);

/** How far away the destination is, when nothing is said: what has no gateway is on the link. */
function defaultScope(words: RouteWords, type: number, deleting: boolean): number {
  if (words.family === AF_INET6 || words.family === AF_MPLS) return RT_SCOPE_UNIVERSE;
  if (type === RTN_LOCAL || type === RTN_NAT) return RT_SCOPE_HOST;
  if (type === RTN_BROADCAST || type === RTN_MULTICAST || type === RTN_ANYCAST) return RT_SCOPE_LINK;
  if (type === RTN_UNICAST || type === RTN_UNSPEC) {
    if (deleting) return RT_SCOPE_NOWHERE;
    if (!words.hasGateway && words.nexthops.length === 0 && words.attributes.nhId === undefined) return RT_SCOPE_LINK;
  }
  return deleting ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
}

const verb = (names: readonly string[], summary: string, type: number, flags: number, hidden: readonly string[] = []): Verb => ({
  names,
  hidden,
  summary,
  operands: '[ TYPE ] PREFIX',
  keywords: routeKeywords,
  run: (context, cursor) => modify(context, cursor, type, flags),
});

export const add = verb(['add'], 'make a route', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
export const change = verb(['change'], 'change a route that is there', RTM_NEWROUTE, NLM_F_REPLACE, ['chg']);
export const replace = verb(['replace'], 'make a route, or change it', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
export const prepend = verb(['prepend'], 'make a route before others of the same prefix', RTM_NEWROUTE, NLM_F_CREATE);
export const append = verb(['append'], 'make a route behind others of the same prefix', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
export const test = verb(['test'], 'see whether a route is there: it fails when it is', RTM_NEWROUTE, NLM_F_EXCL);
export const remove = verb(['delete'], 'remove a route', RTM_DELROUTE, 0);
