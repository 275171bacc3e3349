import { AF_UNSPEC } from '../../../netlink/constants.js';
import { RTAX_FEATURE_ECN, RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import type { RouteAttributes, RouteMetrics } from '../../../netlink/rtnl/route.js';
import { type Address, parseAddress, parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, fatal, invalidArgument } from '../../shared/failure.js';
import { familyByName } from '../../shared/families.js';
import type { Keyword } from '../../shared/keywords.js';
import { parseU32, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { encapWord } from '../encap/encap.js';
import { vrfTable } from '../vrf/lookup.js';
import { parseRoundTrip, parseType, preferences, typeNames } from './names.js';
import { parseRealms } from './realms.js';
import { ROUTE_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The words of `ip route add` as they were given. */
export interface RouteWords {
  readonly context: IpContext;
  family: number;
  hasDestination: boolean;
  dstLen: number;
  srcLen: number;
  tos: number;
  table: number | undefined;
  protocol: number | undefined;
  scope: number | undefined;
  type: number | undefined;
  flags: number;
  device: string | undefined;
  hasGateway: boolean;
  lock: number;
  /** The words from the first `nexthop` on. */
  nexthops: readonly string[];
  readonly metrics: Writable<RouteMetrics>;
  readonly attributes: Writable<RouteAttributes>;
}

export const newRouteWords = (context: IpContext): RouteWords => ({
  context,
  family: context.options.family,
  hasDestination: false,
  dstLen: 0,
  srcLen: 0,
  tos: 0,
  table: undefined,
  protocol: undefined,
  scope: undefined,
  type: undefined,
  flags: 0,
  device: undefined,
  hasGateway: false,
  lock: 0,
  nexthops: [],
  metrics: {},
  attributes: {},
});

function takeFamily(s: RouteWords, address: Address): Address {
  if (s.family === AF_UNSPEC) s.family = address.family;
  return address;
}

/** `[ to ] [ TYPE ] PREFIX` */
export function takeDestination(s: RouteWords, c: Cursor): void {
  let word = c.next();
  const type = /^\d/.test(word) ? null : parseType(word);
  if (type !== null) {
    s.type = type;
    word = c.next();
  }
  if (abbreviates(word, 'help')) throw fatal(ROUTE_USAGE);
  if (s.hasDestination) throw duplicateOrGarbage('to', word);
  const prefix = takeFamily(s, parsePrefix(word, s.family));
  s.dstLen = prefix.length;
  s.hasDestination = true;
  if (prefix.bytes.length > 0) s.attributes.dst = prefix.bytes;
}

type RouteKeyword = Keyword<RouteWords>;
type NumericMetric = Exclude<keyof RouteMetrics, 'ccAlgo' | 'lock'>;

/** `WORD [ lock ] VALUE`; `number` is the RTAX_* that `lock` marks. */
const metric = (
  word: string,
  key: NumericMetric,
  number: number,
  text: string,
  options: {
    readonly exact?: boolean;
    readonly parse?: (text: string) => number | null;
    readonly complaint?: string;
    readonly alwaysLock?: boolean;
  } = {},
): RouteKeyword => ({
  word,
  exact: options.exact === true,
  value: '[ lock ] NUMBER',
  text,
  take: (s, c) => {
    let argument = c.next();
    // What is locked in any case does not know the word.
    if (argument === 'lock' && options.alwaysLock !== true) {
      s.lock |= 1 << number;
      argument = c.next();
    }
    if (options.alwaysLock === true) s.lock |= 1 << number;
    const value = (options.parse ?? parseUnsigned)(argument);
    if (value === null) throw invalidArgument(options.complaint ?? `"${word}" value is invalid\n`, argument);
    s.metrics[key] = value;
  },
});

const roundTrip = (scale: number) => (text: string) => {
  const time = parseRoundTrip(text);
  return time === null ? null : time.raw ? time.value : time.value * scale;
};

const nameOrNumber = (
  word: string,
  exact: boolean,
  value: string,
  text: string,
  complaint: string,
  take: (s: RouteWords, argument: string) => boolean,
  more: Partial<RouteKeyword> = {},
): RouteKeyword => ({
  word,
  exact,
  value,
  text,
  ...more,
  take: (s, c) => {
    const argument = c.next();
    if (!take(s, argument)) throw invalidArgument(complaint, argument);
  },
});

const store = <T>(value: T | null, put: (value: T) => void): boolean => {
  if (value === null) return false;
  put(value);
  return true;
};

const typeOfService = (word: string, exact: boolean): RouteKeyword =>
  nameOrNumber(word, exact, 'TOS', 'only for packets of that type of service', '"tos" value is invalid\n', (s, argument) =>
    store(s.context.names.parse('rt_dsfield', argument, 16), (tos) => {
      s.tos = tos;
    }),
  );

const metricWord = (word: string, exact: boolean, more: Partial<RouteKeyword> = {}): RouteKeyword =>
  nameOrNumber(
    word,
    exact,
    'METRIC',
    'of routes to one prefix, the lowest metric counts',
    '"metric" value is invalid\n',
    (s, argument) =>
      store(parseU32(argument), (priority) => {
        s.attributes.priority = priority;
      }),
    more,
  );

/** In iproute2's order of precedence. */
export const routeKeywords: readonly RouteKeyword[] = [
  {
    word: 'src',
    exact: true,
    value: 'ADDRESS',
    text: 'the source address that packets get',
    take: (s, c) => {
      s.attributes.prefsrc = takeFamily(s, parseAddress(c.next(), s.family)).bytes;
    },
  },
  {
    word: 'as',
    exact: true,
    value: '[ to ] ADDRESS',
    text: 'the label that packets get (MPLS)',
    take: (s, c) => {
      const word = c.next();
      s.attributes.newdst = parseAddress(word === 'to' ? c.next() : word, s.family).bytes;
    },
  },
  {
    word: 'via',
    exact: true,
    value: '[ FAMILY ] ADDRESS',
    text: 'the gateway',
    take: (s, c) => {
      s.hasGateway = true;
      const word = c.next();
      const family = familyByName(word);
      const address = takeFamily(s, parseAddress(family === null ? word : c.next(), family ?? s.family));
      if (address.family === s.family) s.attributes.gateway = address.bytes;
      else s.attributes.via = { family: address.family, address: address.bytes };
    },
  },
  {
    word: 'from',
    exact: true,
    value: 'PREFIX',
    text: 'only for packets that come from there (IPv6)',
    take: (s, c) => {
      const prefix = takeFamily(s, parsePrefix(c.next(), s.family));
      if (prefix.bytes.length > 0) s.attributes.src = prefix.bytes;
      s.srcLen = prefix.length;
    },
  },
  typeOfService('tos', true),
  typeOfService('dsfield', false),
  nameOrNumber('expires', true, 'SECONDS', 'how long the route is there (IPv6)', '"expires" value is invalid\n', (s, word) =>
    store(parseU32(word), (seconds) => {
      s.attributes.expires = seconds;
    }),
  ),
  metricWord('metric', false, { also: ['priority'] }),
  // In full: "pref" is the preference of a router.
  metricWord('preference', true),
  nameOrNumber(
    'scope',
    true,
    'SCOPE',
    'how far away the destination is',
    'invalid "scope" value\n',
    (s, word) =>
      store(s.context.names.parse('rt_scopes', word), (scope) => {
        s.scope = scope;
      }),
    { complete: ['host', 'link', 'global'] },
  ),
  metric('mtu', 'mtu', 2, 'largest packet along the path; locked: path MTU discovery does not change it', { exact: true }),
  metric('hoplimit', 'hoplimit', 10, 'hop limit of packets', { exact: true, parse: (text) => parseUnsigned(text, 255) }),
  metric('advmss', 'advmss', 8, 'MSS that TCP announces', { exact: true }),
  metric('reordering', 'reordering', 9, 'how much reordering TCP takes for normal'),
  metric('rtt', 'rtt', 4, 'first estimate of the round trip time: 100ms', { exact: true, parse: roundTrip(8) }),
  metric('rto_min', 'rtoMin', 13, "least of TCP's retransmission timeout: 20ms", { exact: true, parse: roundTrip(1), alwaysLock: true }),
  metric('window', 'window', 3, 'largest window that TCP announces'),
  metric('cwnd', 'cwnd', 7, 'clamp of the congestion window'),
  metric('initcwnd', 'initcwnd', 11, 'first congestion window, in segments'),
  metric('initrwnd', 'initrwnd', 14, 'first receive window, in segments'),
  {
    word: 'features',
    value: 'FEATURES',
    complete: ['ecn'],
    text: 'features to use: ecn',
    take: (s, c) => {
      const word = c.next();
      if (word !== 'ecn') throw invalidArgument('"features" value not valid\n', word);
      s.metrics.features = (s.metrics.features ?? 0) | RTAX_FEATURE_ECN;
    },
  },
  metric('quickack', 'quickack', 15, '1: acknowledge at once', {
    parse: (text) => parseUnsigned(text, 1),
    complaint: '"quickack" value should be 0 or 1\n',
  }),
  {
    word: 'congctl',
    value: '[ lock ] NAME',
    text: "TCP's congestion control",
    take: (s, c) => {
      let word = c.next();
      if (word === 'lock') {
        s.lock |= 1 << 16;
        word = c.next();
      }
      s.metrics.ccAlgo = word;
    },
  },
  metric('rttvar', 'rttvar', 5, 'first estimate of how much the round trip time varies', { parse: roundTrip(4) }),
  metric('ssthresh', 'ssthresh', 6, 'first slow start threshold'),
  {
    word: 'realms',
    value: '[ FROM/ ]TO',
    text: 'the realm of the route, for accounting',
    take: async (s, c) => {
      const word = c.next();
      const realms = await parseRealms(s.context, word);
      if (realms === null) throw invalidArgument('"realm" value is invalid\n', word);
      s.attributes.flow = realms;
    },
  },
  {
    word: 'onlink',
    exact: true,
    text: 'the gateway is on the link though no address says so',
    take: (s) => {
      s.flags |= RTNH_F_ONLINK;
    },
  },
  {
    word: 'nexthop',
    exact: true,
    value: 'via ADDRESS dev DEVICE weight NUMBER',
    text: 'one of several ways that share the traffic by their weights; comes last and again',
    take: (s, c) => {
      c.back();
      s.nexthops = c.rest();
    },
  },
  nameOrNumber('nhid', true, 'ID', 'a nexthop object', '"id" value is invalid\n', (s, word) =>
    store(parseU32(word), (id) => {
      s.attributes.nhId = id;
    }),
  ),
  nameOrNumber(
    'protocol',
    false,
    'RTPROTO',
    'who made the route',
    '"protocol" value is invalid\n',
    (s, word) =>
      store(s.context.names.parse('rt_protos', word), (protocol) => {
        s.protocol = protocol;
      }),
    { complete: ['kernel', 'boot', 'static'] },
  ),
  nameOrNumber(
    'table',
    false,
    'TABLE_ID',
    'the table it goes into',
    '"table" value is invalid\n',
    (s, word) =>
      store(s.context.names.parse('rt_tables', word), (table) => {
        s.table = table;
      }),
    { complete: ['main', 'local', 'default'] },
  ),
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'the VRF into whose table it goes',
    take: async (s, c) => {
      const name = c.next();
      s.table = (await vrfTable(s.context, name)) ?? undefined;
      if (s.table === undefined) throw invalidArgument('Invalid VRF\n', name);
    },
  },
  {
    word: 'dev',
    also: ['oif'],
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that packets leave by',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  nameOrNumber(
    'pref',
    false,
    '{ low | medium | high }',
    'router preference (IPv6)',
    '"pref" value is invalid\n',
    (s, word) =>
      store(preferences.find(([, name]) => name === word)?.[0] ?? parseUnsigned(word, 255), (pref) => {
        s.attributes.pref = pref;
      }),
    { complete: ['low', 'medium', 'high'] },
  ),
  encapWord(),
  nameOrNumber(
    'ttl-propagate',
    true,
    '{ enabled | disabled }',
    'the TTL goes into the packet that leaves the tunnel (MPLS)',
    '"ttl-propagate" value is invalid\n',
    (s, word) =>
      store(word === 'enabled' ? 1 : word === 'disabled' ? 0 : null, (on) => {
        s.attributes.ttlPropagate = on;
      }),
    { complete: ['enabled', 'disabled'] },
  ),
  metric('fastopen_no_cookie', 'fastopenNoCookie', 17, '1: TCP fast open without cookies', {
    parse: (text) => parseUnsigned(text, 1),
    complaint: '"fastopen_no_cookie" value should be 0 or 1\n',
  }),
  {
    word: 'to',
    exact: true,
    value: '[ TYPE ] PREFIX',
    complete: typeNames,
    text: 'the destination; the word may be left out',
    take: takeDestination,
  },
];
