import { RTN_NAT } from '../../../netlink/rtnl/constants.js';
import { FIB_RULE_INVERT, FR_ACT_GOTO, FR_ACT_NOP, type ruleAttributes } from '../../../netlink/rtnl/rule.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import { parseIpv4Number, parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import type { Keyword } from '../../shared/keywords.js';
import { parseSigned, parseU32, parseUnsigned } from '../../shared/numbers.js';
import { parseProtocol } from '../../shared/protocols.js';
import type { IpContext } from '../context.js';
import { parseType } from '../route/names.js';
import { parseRealms } from '../route/realms.js';
import { RULE_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The words of `ip rule add` as they were given. */
export interface RuleWords {
  readonly context: IpContext;
  srcLen: number;
  dstLen: number;
  tos: number;
  table: number | undefined;
  action: number | undefined;
  flags: number;
  /** `nat` was said, not the type of that name. */
  translates: boolean;
  readonly attributes: Writable<AttributesOf<typeof ruleAttributes>>;
}

export const newRuleWords = (context: IpContext): RuleWords => ({
  context,
  srcLen: 0,
  dstLen: 0,
  tos: 0,
  table: undefined,
  action: undefined,
  flags: 0,
  translates: false,
  attributes: {},
});

/** "N" or "FIRST-LAST" of 16 bits, as sscanf("%hu-%hu") reads them: more bits are cut off. Null when it is neither. */
export function parsePorts(text: string): { start: number; end: number } | null {
  const match = /^\s*[+]?(\d+)(?:-(\d+))?/.exec(text);
  if (match === null) return null;
  const start = Number(BigInt(match[1]!) & 0xffffn);
  return { start, end: match[2] === undefined ? start : Number(BigInt(match[2]) & 0xffffn) };
}

/** "FIRST-LAST" of 32 bits; null when it is not. */
export function parseUids(text: string): { start: number; end: number } | null {
  const match = /^\s*(\d+)-(\d+)/.exec(text);
  return match === null ? null : { start: Number(match[1]) >>> 0, end: Number(match[2]) >>> 0 };
}

/** "MARK" or "MARK/MASK". */
export function parseMark(text: string): { mark: number; mask: number | undefined } {
  const slash = text.indexOf('/');
  const mark = parseU32(slash < 0 ? text : text.slice(0, slash));
  if (mark === null) throw invalidArgument('fwmark value is invalid\n', slash < 0 ? text : text.slice(0, slash));
  if (slash < 0) return { mark, mask: undefined };
  const mask = parseU32(text.slice(slash + 1));
  if (mask === null) throw invalidArgument('fwmask value is invalid\n', text.slice(slash + 1));
  return { mark, mask };
}

export const isDeviceName = (name: string): boolean => name.length > 0 && name.length < 16 && !/[/\s]/.test(name);

type RuleKeyword = Keyword<RuleWords>;

/** A word with one argument that `parse` understands, or `complaint`. */
function value<T>(
  word: string,
  kind: string,
  text: string,
  complaint: string,
  parse: (argument: string, s: RuleWords) => T | null,
  put: (s: RuleWords, found: T) => void,
  more: Partial<RuleKeyword> = {},
): RuleKeyword {
  return {
    word,
    value: kind,
    text,
    exact: true,
    ...more,
    take: (s, c) => {
      const argument = c.next();
      const found = parse(argument, s);
      if (found === null) throw invalidArgument(complaint, argument);
      put(s, found);
    },
  };
}

const device = (word: string, key: 'iifname' | 'oifname', text: string, also: readonly string[] = []): RuleKeyword =>
  value(
    word,
    'DEVICE',
    text,
    `${[word, ...also].map((name) => `"${name}"`).join('/')} not a valid ifname`,
    (name) => (isDeviceName(name) ? name : null),
    (s, name) => {
      s.attributes[key] = name;
    },
    { complete: 'device', also },
  );

const port = (word: string, key: 'sportRange' | 'dportRange', text: string): RuleKeyword =>
  value(word, 'NUMBER | NUMBER-NUMBER', text, 'invalid port range\n', parsePorts, (s, found) => {
    s.attributes[key] = found;
  });

const typeOfService = (word: string, exact: boolean): RuleKeyword =>
  value(
    word,
    'TOS',
    'packets of that type of service',
    'TOS value is invalid\n',
    (argument, s) => s.context.names.parse('rt_dsfield', argument, 16),
    (s, tos) => {
      s.tos = tos;
    },
    { exact },
  );

const takeTable = (s: RuleWords, table: number) => {
  s.table = table;
};
const parseTable = (argument: string, s: RuleWords) => s.context.names.parse('rt_tables', argument);

/** In iproute2's order of precedence. */
export const ruleKeywords: readonly RuleKeyword[] = [
  {
    word: 'not',
    exact: true,
    text: 'packets that the rest does not select',
    take: (s) => {
      s.flags |= FIB_RULE_INVERT;
    },
  },
  {
    word: 'from',
    exact: true,
    value: 'PREFIX',
    text: 'packets that come from there',
    take: (s, c) => {
      const prefix = parsePrefix(c.next(), s.context.options.family);
      s.srcLen = prefix.length;
      if (prefix.bytes.length > 0) s.attributes.src = prefix.bytes;
    },
  },
  {
    word: 'to',
    exact: true,
    value: 'PREFIX',
    text: 'packets that go there',
    take: (s, c) => {
      const prefix = parsePrefix(c.next(), s.context.options.family);
      s.dstLen = prefix.length;
      if (prefix.bytes.length > 0) s.attributes.dst = prefix.bytes;
    },
  },
  value(
    'preference',
    'NUMBER',
    'where the rule stands; the lowest is asked first',
    'preference value is invalid\n',
    parseU32,
    (s, priority) => {
      s.attributes.priority = priority;
    },
    { exact: false, also: ['order', 'priority'] },
  ),
  typeOfService('tos', true),
  typeOfService('dsfield', false),
  {
    word: 'fwmark',
    exact: true,
    value: 'FWMARK[/MASK]',
    text: 'packets with that mark',
    take: (s, c) => {
      const { mark, mask } = parseMark(c.next());
      s.attributes.fwmark = mark;
      if (mask !== undefined) s.attributes.fwmask = mask;
    },
  },
  {
    word: 'realms',
    value: '[SRCREALM/]DSTREALM',
    text: 'realms of packets that the rule routes',
    take: async (s, c) => {
      const argument = c.next();
      const realms = await parseRealms(s.context, argument);
      if (realms === null) throw invalidArgument('invalid realms\n', argument);
      s.attributes.flow = realms;
    },
  },
  value(
    'protocol',
    'PROTO',
    'who made the rule',
    '"protocol" value is invalid\n',
    (argument, s) => s.context.names.parse('rt_protos', argument),
    (s, protocol) => {
      s.attributes.protocol = protocol;
    },
    { exact: false, complete: ['kernel', 'boot', 'static'] },
  ),
  value(
    'tun_id',
    'ID',
    'packets of the tunnel with that key',
    '"tun_id" value is invalid\n',
    (argument) => parseUnsigned(argument, Number.MAX_SAFE_INTEGER),
    (s, id) => {
      s.attributes.tunId = id;
    },
    { exact: false },
  ),
  value('table', 'TABLE_ID', 'the table that is asked', 'invalid table ID\n', parseTable, takeTable, {
    exact: false,
    complete: ['main', 'local', 'default'],
  }),
  value('lookup', 'TABLE_ID', 'the table that is asked', 'invalid table ID\n', parseTable, takeTable, {
    complete: ['main', 'local', 'default'],
  }),
  value(
    'suppress_prefixlength',
    'NUMBER',
    'routes with prefixes no longer than that do not count',
    'suppress_prefixlength value is invalid\n',
    (argument) => parseSigned(argument),
    (s, length) => {
      s.attributes.suppressPrefixlength = length >>> 0;
    },
    { exact: false, also: ['sup_pl'] },
  ),
  value(
    'suppress_ifgroup',
    'DEVGROUP',
    'routes through devices of that group do not count',
    'Invalid "suppress_ifgroup" value\n',
    (argument, s) => s.context.names.parse('group', argument),
    (s, group) => {
      s.attributes.suppressIfgroup = group;
    },
    { exact: false, also: ['sup_group'] },
  ),
  device('iif', 'iifname', 'packets that come in there; lo: packets made here', ['dev']),
  device('oif', 'oifname', 'packets of sockets bound to that device'),
  {
    word: 'l3mdev',
    exact: true,
    text: 'the table of the VRF that the packet belongs to is asked',
    take: (s) => {
      s.attributes.l3mdev = 1;
    },
  },
  value('uidrange', 'NUMBER-NUMBER', 'packets of these users', 'invalid UID range\n', parseUids, (s, found) => {
    s.attributes.uidRange = found;
  }),
  {
    word: 'nat',
    also: ['map-to'],
    value: 'ADDRESS',
    text: 'not there any more',
    exact: true,
    take: (s, c) => {
      s.context.complain('Warning: route NAT is deprecated');
      parseIpv4Number(c.next());
      s.action = RTN_NAT;
      s.translates = true;
    },
  },
  value('ipproto', 'PROTOCOL', 'packets of that protocol', 'Invalid "ipproto" value\n', parseProtocol, (s, protocol) => {
    s.attributes.ipProto = protocol;
  }),
  port('sport', 'sportRange', 'packets from these ports'),
  port('dport', 'dportRange', 'packets to these ports'),
  {
    word: 'type',
    exact: true,
    value: '{ unicast | blackhole | unreachable | prohibit | goto NUMBER | nop }',
    text: 'what happens to the packets; the word may be left out',
    take: takeAction,
  },
];

/** `blackhole`, `goto NUMBER`, ... */
export function takeAction(s: RuleWords, c: Cursor): void {
  const word = c.next();
  if (abbreviates(word, 'help')) throw fatal(RULE_USAGE);
  if (abbreviates(word, 'goto')) {
    const argument = c.next();
    const target = parseU32(argument);
    if (target === null) throw invalidArgument('invalid target\n', argument);
    s.attributes.goto = target;
    s.action = FR_ACT_GOTO;
    return;
  }
  const action = abbreviates(word, 'nop') ? FR_ACT_NOP : parseType(word);
  if (action === null) throw invalidArgument('Failed to parse rule type', word);
  s.action = action;
}
