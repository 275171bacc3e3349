import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import { RTM_F_FIB_MATCH, RTM_F_LOOKUP_TABLE, RTM_F_NOTIFY, RTM_GETROUTE } from '../../../netlink/rtnl/constants.js';
import { type RouteAttributes, type RouteHeader, routeMessage } from '../../../netlink/rtnl/route.js';
import { type Address, parseAddress, parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { failure, fatal, invalidArgument } from '../../shared/failure.js';
import { addressBits } from '../../shared/families.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU16, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { vrfByName } from '../vrf/lookup.js';
import { newRouteFilter } from './filter.js';
import { loadNexthopInfo } from './nexthop-info.js';
import { loadRouteNames, printRoute, type RouteView, viewOf } from './print.js';
import { ROUTE_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Words {
  readonly context: IpContext;
  readonly header: Partial<Writable<RouteHeader>>;
  readonly attributes: Writable<RouteAttributes>;
  family: number;
  found: boolean;
  from: boolean;
  connected: boolean;
  input: string | undefined;
  output: string | undefined;
}

function takeFamily(s: Words, address: Address): Address {
  if (s.family === AF_UNSPEC) s.family = address.family;
  return address;
}

function takeDestination(s: Words, c: Cursor): void {
  const text = c.next();
  if (abbreviates(text, 'help')) throw fatal(ROUTE_USAGE);
  const address = takeFamily(s, parsePrefix(text, s.family));
  if (address.bytes.length > 0) s.attributes.dst = address.bytes;
  const bits = addressBits(address.family);
  if (address.hasLength && address.length !== bits)
    s.context.complain(`Warning: /${address.length} as prefix is invalid, only /${bits} (or none) is supported.`);
  s.header.dstLen = address.bytes.length > 0 ? bits : 0;
  s.found = true;
}

const port = (word: 'sport' | 'dport', text: string): Keyword<Words> => ({
  word,
  exact: true,
  value: 'PORT',
  text,
  take: (s, c) => {
    const argument = c.next();
    const number = parseU16(argument);
    if (number === null) throw invalidArgument(`invalid ${word}\n`, argument);
    s.attributes[word] = number;
  },
});

const typeOfService = (word: string, exact: boolean): Keyword<Words> => ({
  word,
  exact,
  value: 'TOS',
  text: 'for packets of that type of service',
  take: (s, c) => {
    const argument = c.next();
    const tos = s.context.names.parse('rt_dsfield', argument, 16);
    if (tos === null) throw invalidArgument('TOS value is invalid\n', argument);
    s.header.tos = tos;
  },
});

/** IPPROTO_* that the route lookup knows. */
const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

const keywords: readonly Keyword<Words>[] = [
  typeOfService('tos', true),
  typeOfService('dsfield', false),
  {
    word: 'from',
    value: 'ADDRESS',
    text: 'for packets from that address',
    take: (s, c) => {
      const text = c.next();
      if (abbreviates(text, 'help')) throw fatal(ROUTE_USAGE);
      const address = takeFamily(s, parsePrefix(text, s.family));
      if (address.bytes.length > 0) s.attributes.src = address.bytes;
      s.header.srcLen = address.length;
      s.from = true;
    },
  },
  {
    word: 'iif',
    value: 'DEVICE',
    complete: 'device',
    text: 'for packets that come in there',
    take: (s, c) => {
      s.input = c.next();
    },
  },
  {
    word: 'mark',
    value: 'NUMBER',
    text: 'for packets with that mark',
    take: (s, c) => {
      const word = c.next();
      const mark = parseUnsigned(word);
      if (mark === null) throw invalidArgument('invalid mark value', word);
      if (mark !== 0) s.attributes.mark = mark;
    },
  },
  {
    word: 'oif',
    also: ['dev'],
    value: 'DEVICE',
    complete: 'device',
    text: 'through that device',
    take: (s, c) => {
      s.output = c.next();
    },
  },
  {
    word: 'notify',
    text: 'tell monitors when the answer changes',
    take: (s) => {
      s.header.flags = (s.header.flags ?? 0) | RTM_F_NOTIFY;
    },
  },
  {
    word: 'connected',
    text: 'ask again with the source address of the first answer',
    take: (s) => {
      s.connected = true;
    },
  },
  {
    word: 'vrf',
    value: 'NAME',
    complete: 'device',
    text: 'within the VRF',
    take: async (s, c) => {
      const name = c.next();
      const vrf = await vrfByName(s.context, name);
      if (vrf === null) throw invalidArgument('Invalid VRF\n', name);
      s.output = name;
    },
  },
  {
    word: 'uid',
    value: 'NUMBER',
    text: 'for packets of that user',
    take: (s, c) => {
      const word = c.next();
      const uid = parseUnsigned(word);
      if (uid === null) throw invalidArgument('invalid UID\n', word);
      s.attributes.uid = uid;
    },
  },
  {
    word: 'fibmatch',
    text: 'show the route itself that matches',
    take: (s) => {
      s.header.flags = (s.header.flags ?? 0) | RTM_F_FIB_MATCH;
    },
  },
  port('sport', 'for packets from that port'),
  port('dport', 'for packets to that port'),
  {
    word: 'ipproto',
    exact: true,
    value: 'PROTOCOL',
    complete: Object.keys(protocols),
    text: 'for packets of that protocol',
    take: (s, c) => {
      const word = c.next();
      const protocol = protocols[word] ?? parseUnsigned(word, 255);
      if (protocol === null) throw invalidArgument('Invalid "ipproto" value\n', word);
      s.attributes.ipProto = protocol;
    },
  },
  {
    word: 'as',
    exact: true,
    value: '[ to ] ADDRESS',
    text: 'with that label (MPLS)',
    take: (s, c) => {
      let text = c.next();
      if (text === 'to') text = c.next();
      const address = takeFamily(s, parseAddress(text, s.family));
      if (address.bytes.length > 0) s.attributes.newdst = address.bytes;
    },
  },
  { word: 'to', exact: true, value: 'ADDRESS', text: 'the destination; the word may be left out', take: takeDestination },
];

async function get(context: IpContext, cursor: Cursor): Promise<number> {
  const words: Words = {
    context,
    header: {},
    attributes: {},
    family: context.options.family,
    found: false,
    from: false,
    connected: false,
    input: undefined,
    output: undefined,
  };
  await loadRouteNames(context);
  await readKeywords(keywords, words, cursor, takeDestination);
  if (!words.found) throw failure('need at least a destination address');
  if (words.input !== undefined) words.attributes.iif = await context.device(words.input);
  if (words.output !== undefined) words.attributes.oif = await context.device(words.output);
  if (words.family === AF_UNSPEC) words.family = AF_INET;
  let flags = words.header.flags ?? 0;
  if (words.family === AF_INET) flags |= RTM_F_LOOKUP_TABLE;
  const header = { ...words.header, family: words.family, flags };
  const request = { type: RTM_GETROUTE, header, attributes: words.attributes };
  const view = viewOf(await context.get(routeMessage, request));
  await context.links.load();
  await loadNexthopInfo(context);
  const print = (answer: RouteView) => {
    out.openObject();
    printRoute(context, answer, { ...newRouteFilter(words.family), table: 0 });
    out.closeObject();
  };
  const { out } = context;
  out.openDocument();
  print(view);
  // iproute2 asks for the route of the answer's source address, but with the request as it was: the same answer once more.
  if (words.connected && !words.from) {
    if (view.attributes.prefsrc === undefined && view.attributes.src === undefined) throw failure('Failed to connect the route');
    print(viewOf(await context.get(routeMessage, request)));
  }
  out.closeDocument();
  return 0;
}

export const getVerb: Verb = {
  names: ['get'],
  summary: 'show the route that packets to an address take',
  operands: 'ADDRESS',
  keywords,
  run: get,
};
