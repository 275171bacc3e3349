import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import {
  RT_SCOPE_NOWHERE,
  RT_TABLE_MAIN,
  RTM_F_CLONED,
  RTM_GETROUTE,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
} from '../../../netlink/rtnl/constants.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import { type Address, parsePrefix, sameBits } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import { familyByName } from '../../shared/families.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU32, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { vrfTable } from '../vrf/lookup.js';
import { parseType, typeNames } from './names.js';
import { loadRouteNames, type RouteView, viewOf } from './print.js';
import { parseRealms } from './realms.js';
import { ROUTE_USAGE } from './usage.js';

/** What `ip route show|flush|save` select by. */
export interface RouteFilter {
  family: number;
  /** 0: all tables. */
  table: number;
  cloned: boolean;
  /** The table is a VRF's: its local and broadcast routes are left out unless a type is asked for. */
  vrf: boolean;
  tos: number | undefined;
  protocol: number | undefined;
  scope: number | undefined;
  type: number | undefined;
  oif: number;
  iif: number;
  mark: number | undefined;
  metric: number | undefined;
  via: Address | undefined;
  src: Address | undefined;
  realm: { readonly value: number; readonly mask: number } | undefined;
  /** Routes within this prefix. */
  root: Address | undefined;
  /** Routes that contain this prefix. */
  match: Address | undefined;
  fromRoot: Address | undefined;
  fromMatch: Address | undefined;
}

export const newRouteFilter = (family: number): RouteFilter => ({
  family,
  table: RT_TABLE_MAIN,
  cloned: false,
  vrf: false,
  tos: undefined,
  protocol: undefined,
  scope: undefined,
  type: undefined,
  oif: 0,
  iif: 0,
  mark: undefined,
  metric: undefined,
  via: undefined,
  src: undefined,
  realm: undefined,
  root: undefined,
  match: undefined,
  fromRoot: undefined,
  fromMatch: undefined,
});

interface Words {
  readonly context: IpContext;
  readonly filter: RouteFilter;
  input: string | undefined;
  output: string | undefined;
}

/** `[ root | match | exact ] PREFIX` */
function readSelector(s: Words, c: Cursor): { root: Address | undefined; match: Address | undefined } {
  const word = c.peek();
  if (abbreviates(word, 'root')) {
    c.skip();
    return { root: parsePrefix(c.next(), s.filter.family), match: undefined };
  }
  if (abbreviates(word, 'match')) {
    c.skip();
    return { root: undefined, match: parsePrefix(c.next(), s.filter.family) };
  }
  if (abbreviates(word, 'exact')) c.skip();
  if (abbreviates(c.peek(), 'help')) throw fatal(ROUTE_USAGE);
  const prefix = parsePrefix(c.next(), s.filter.family);
  return { root: prefix, match: prefix };
}

function takeDestination(s: Words, c: Cursor): void {
  const { root, match } = readSelector(s, c);
  if (root !== undefined) s.filter.root = root;
  if (match !== undefined) s.filter.match = match;
}

const typeOfService = (word: string, exact: boolean): Keyword<Words> => ({
  word,
  exact,
  value: 'TOS',
  text: 'routes for that type of service',
  take: ({ context, filter }, c) => {
    const argument = c.next();
    const tos = context.names.parse('rt_dsfield', argument, 16);
    if (tos === null) throw invalidArgument('TOS value is invalid\n', argument);
    filter.tos = tos;
  },
});

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'table',
    value: 'TABLE_ID',
    complete: ['main', 'local', 'default', 'all'],
    text: 'routes of that table; main when nothing is said',
    take: ({ context, filter }, c) => {
      const word = c.next();
      const table = context.names.parse('rt_tables', word);
      if (table !== null) filter.table = table;
      else if (word === 'all') filter.table = 0;
      else if (word === 'cache') filter.cloned = true;
      else if (word === 'help') throw fatal(ROUTE_USAGE);
      else throw invalidArgument('table id value is invalid\n', word);
    },
  },
  {
    word: 'cached',
    also: ['cloned'],
    text: 'cached routes: exceptions learned for single destinations',
    take: ({ filter }) => {
      filter.cloned = true;
    },
  },
  typeOfService('tos', true),
  typeOfService('dsfield', false),
  {
    word: 'protocol',
    value: 'RTPROTO',
    complete: ['kernel', 'boot', 'static', 'all'],
    text: 'routes made by that protocol',
    take: ({ context, filter }, c) => {
      const word = c.next();
      const protocol = context.names.parse('rt_protos', word);
      if (protocol === null && word !== 'all') throw invalidArgument('invalid "protocol"\n', word);
      filter.protocol = protocol ?? undefined;
    },
  },
  {
    word: 'scope',
    value: 'SCOPE',
    complete: ['host', 'link', 'global', 'all'],
    text: 'routes of that scope',
    take: ({ context, filter }, c) => {
      const word = c.next();
      const scope = context.names.parse('rt_scopes', word);
      if (scope === null && word !== 'all') throw invalidArgument('invalid "scope"\n', word);
      filter.scope = scope ?? undefined;
    },
  },
  {
    word: 'type',
    value: 'TYPE',
    complete: typeNames,
    text: 'routes of that type',
    take: ({ filter }, c) => {
      const word = c.next();
      const type = parseType(word);
      if (type === null) throw invalidArgument('node type value is invalid\n', word);
      filter.type = type;
    },
  },
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'routes of the table of the VRF',
    take: async ({ context, filter }, c) => {
      const name = c.next();
      const table = await vrfTable(context, name);
      if (table === null) throw invalidArgument('Invalid VRF\n', name);
      filter.table = table;
      // What the table has of the addresses themselves is not asked for.
      filter.vrf = true;
    },
  },
  {
    word: 'dev',
    also: ['oif'],
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'routes through that device',
    take: (s, c) => {
      s.output = c.next();
    },
  },
  {
    word: 'iif',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'routes of packets that come in there',
    take: (s, c) => {
      s.input = c.next();
    },
  },
  {
    word: 'mark',
    exact: true,
    value: 'NUMBER',
    text: 'cached routes of packets with that mark',
    take: ({ filter }, c) => {
      const word = c.next();
      const mark = parseUnsigned(word);
      if (mark === null) throw invalidArgument('invalid mark value', word);
      filter.mark = mark;
    },
  },
  {
    word: 'metric',
    also: ['priority', 'preference'],
    value: 'METRIC',
    text: 'routes of that metric',
    take: ({ filter }, c) => {
      const word = c.next();
      const metric = parseU32(word);
      if (metric === null) throw invalidArgument('"metric" value is invalid\n', word);
      filter.metric = metric;
    },
  },
  {
    word: 'via',
    exact: true,
    value: '[ FAMILY ] PREFIX',
    text: 'routes through gateways within PREFIX',
    take: ({ filter }, c) => {
      const word = c.next();
      const family = familyByName(word);
      filter.via = parsePrefix(family === null ? word : c.next(), family ?? filter.family);
    },
  },
  {
    word: 'src',
    exact: true,
    value: 'PREFIX',
    text: 'routes whose preferred source is within PREFIX',
    take: ({ filter }, c) => {
      filter.src = parsePrefix(c.next(), filter.family);
    },
  },
  {
    word: 'realms',
    value: 'REALM',
    text: 'routes of that realm',
    take: async ({ context, filter }, c) => {
      const word = c.next();
      const realms = await parseRealms(context, word);
      if (realms === null) throw invalidArgument('invalid realms\n', word);
      filter.realm = { value: realms, mask: realms >>> 16 === 0 ? 0xffff : 0xffffffff };
    },
  },
  {
    word: 'from',
    value: '[ root | match | exact ] PREFIX',
    text: 'routes for packets that come from there (IPv6)',
    take: (s, c) => {
      const { root, match } = readSelector(s, c);
      s.filter.fromRoot = root;
      s.filter.fromMatch = match;
    },
  },
  {
    word: 'to',
    value: '[ root | match | exact ] PREFIX',
    text: 'routes to PREFIX; root: to it or to a part of it; match: to what contains it. The word may be left out',
    take: takeDestination,
  },
];

export const routeFilterKeywords = keywords;

/** Reads the selection; names and devices are loaded after it. */
export async function readRouteFilter(context: IpContext, cursor: Cursor): Promise<RouteFilter> {
  const filter = newRouteFilter(context.options.family);
  const words: Words = { context, filter, input: undefined, output: undefined };
  await loadRouteNames(context);
  await readKeywords(keywords, words, cursor, takeDestination);
  if (filter.family === AF_UNSPEC && filter.table !== 0) filter.family = AF_INET;
  if (words.input !== undefined) filter.iif = await context.device(words.input);
  if (words.output !== undefined) filter.oif = await context.device(words.output);
  await context.links.load();
  return filter;
}

/** What the stack answers to the selection, of which it knows a part: selects() has to look at each. As many at a time as a datagram brings. */
export function dumpRoutes(context: IpContext, filter: RouteFilter): AsyncGenerator<readonly NetlinkMessage[]> {
  const request = {
    type: RTM_GETROUTE,
    header: { family: filter.family, protocol: filter.protocol ?? 0, flags: filter.cloned ? RTM_F_CLONED : 0 },
    attributes: {
      ...(filter.table === 0 ? {} : { table: filter.table }),
      ...(filter.oif === 0 ? {} : { oif: filter.oif }),
    },
  };
  return context.dumpDatagrams(routeMessage, request, 2);
}

/** The routes that the selection takes, as many at a time as a datagram brings. */
export async function* listRoutes(context: IpContext, filter: RouteFilter): AsyncGenerator<readonly RouteView[]> {
  for await (const messages of dumpRoutes(context, filter)) {
    const views: RouteView[] = [];
    for (const message of messages) {
      const view = viewOf(message);
      if (selects(filter, view)) views.push(view);
    }
    yield views;
  }
}

const none = new Uint8Array(16);

/** Is `bytes` (the prefix of a route, `length` long) within `root`, and does it contain `match`? */
function fitsPrefix(root: Address | undefined, match: Address | undefined, family: number, bytes: Uint8Array, length: number): boolean {
  if (root !== undefined) {
    if (root.family !== AF_UNSPEC && root.family !== family) return false;
    if (root.length > length || !sameBits(bytes, root.bytes, root.length)) return false;
  }
  if (match === undefined) return true;
  if (match.family !== AF_UNSPEC && match.family !== family) return false;
  return match.length >= length && sameBits(bytes, match.bytes, length);
}

const within = (prefix: Address | undefined, family: number, bytes: Uint8Array | undefined) =>
  prefix === undefined || (prefix.family === family && bytes !== undefined && sameBits(bytes, prefix.bytes, prefix.length));

/** A gateway of another family than the route's stands in RTA_VIA. */
const throughGateway = (prefix: Address | undefined, family: number, { gateway, via }: RouteView['attributes']) =>
  via === undefined ? within(prefix, family, gateway) : within(prefix, via.family, via.address);

/** iproute2: filter_nlmsg(), filter.typemask */
const hiddenInVrf = (type: number): boolean => type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_ANYCAST;

export function selects(filter: RouteFilter, { header, attributes, table }: RouteView): boolean {
  const { family } = header;
  if (filter.family !== AF_UNSPEC && filter.family !== family) return false;
  if (filter.table !== 0 && filter.table !== table && !filter.cloned) return false;
  if (filter.cloned !== ((header.flags & RTM_F_CLONED) !== 0)) return false;
  if (filter.tos !== undefined && filter.tos !== header.tos) return false;
  if (filter.protocol !== undefined && filter.protocol !== header.protocol) return false;
  if (filter.scope !== undefined && filter.scope !== header.scope && filter.scope !== RT_SCOPE_NOWHERE) return false;
  if (filter.type !== undefined ? filter.type !== header.type : filter.vrf && hiddenInVrf(header.type)) return false;
  if (!fitsPrefix(filter.root, filter.match, family, attributes.dst ?? none, header.dstLen)) return false;
  if (!fitsPrefix(filter.fromRoot, filter.fromMatch, family, attributes.src ?? none, header.srcLen)) return false;
  if (!throughGateway(filter.via, family, attributes) || !within(filter.src, family, attributes.prefsrc)) return false;
  if (filter.realm !== undefined && (((attributes.flow ?? 0) ^ filter.realm.value) & filter.realm.mask) !== 0) return false;
  if (filter.iif !== 0 && filter.iif !== attributes.iif) return false;
  if (filter.oif !== 0 && filter.oif !== attributes.oif) return false;
  if (filter.mark !== undefined && filter.mark !== attributes.mark) return false;
  return filter.metric === undefined || filter.metric === (attributes.priority ?? 0);
}
