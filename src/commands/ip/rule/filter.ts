import { RTM_GETRULE } from '../../../netlink/rtnl/constants.js';
import { FIB_RULE_INVERT, ruleMessage } from '../../../netlink/rtnl/rule.js';
import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import { type Address, parsePrefix, sameBits } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU32, parseUnsigned } from '../../shared/numbers.js';
import { parseProtocol } from '../../shared/protocols.js';
import type { IpContext } from '../context.js';
import { loadRuleNames, type RuleView, viewOf } from './print.js';
import { isDeviceName, parseMark, parsePorts, parseUids } from './words.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What `ip rule show|flush` select by; undefined: anything. */
export interface RuleFilter {
  readonly context: IpContext;
  readonly family: number;
  inverted: boolean;
  l3mdev: boolean;
  priority?: number;
  tos?: number;
  mark?: number;
  mask?: number;
  iif?: string;
  oif?: string;
  uids?: Range;
  tunnelId?: number;
  table?: number;
  ipProtocol?: number;
  sport?: Range;
  dport?: Range;
  /** Counts for flush alone, as in the real tool. */
  protocol?: number | undefined;
  from?: Address;
  to?: Address;
}

function value<T>(
  word: string,
  kind: string,
  text: string,
  complaint: string,
  parse: (argument: string, s: RuleFilter) => T | null,
  put: (s: RuleFilter, found: T) => void,
  more: Partial<Keyword<RuleFilter>> = {},
): Keyword<RuleFilter> {
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

const device = (word: 'iif' | 'oif', text: string, also: readonly string[] = []) =>
  value(
    word,
    'DEVICE',
    text,
    `${[word, ...also].map((name) => `"${name}"`).join('/')} not a valid ifname`,
    (name) => (isDeviceName(name) ? name : null),
    (s, name) => {
      s[word] = name;
    },
    { complete: 'device', also },
  );

const port = (word: 'sport' | 'dport', text: string) =>
  value(word, 'NUMBER | NUMBER-NUMBER', text, 'invalid port range\n', parsePorts, (s, found) => {
    s[word] = found;
  });

function takeTo(s: RuleFilter, c: Cursor): void {
  s.to = parsePrefix(c.next(), s.family);
}

export const ruleFilterKeywords: readonly Keyword<RuleFilter>[] = [
  value(
    'preference',
    'NUMBER',
    'rules of that priority',
    'preference value is invalid\n',
    parseU32,
    (s, priority) => {
      s.priority = priority;
    },
    { exact: false, also: ['order', 'priority'] },
  ),
  {
    word: 'not',
    exact: true,
    text: 'inverted rules',
    take: (s) => {
      s.inverted = true;
    },
  },
  value(
    'tos',
    'TOS',
    'rules for that type of service',
    'TOS value is invalid\n',
    (argument, s) => s.context.names.parse('rt_dsfield', argument, 16),
    (s, tos) => {
      s.tos = tos;
    },
    { also: ['dsfield'] },
  ),
  {
    word: 'fwmark',
    exact: true,
    value: 'FWMARK[/MASK]',
    text: 'rules for that mark',
    take: (s, c) => {
      const { mark, mask } = parseMark(c.next());
      s.mark = mark;
      if (mask !== undefined) s.mask = mask;
    },
  },
  device('iif', 'rules for packets that come in there', ['dev']),
  device('oif', 'rules for packets of sockets bound to that device'),
  {
    word: 'l3mdev',
    exact: true,
    text: 'rules that ask the table of a VRF',
    take: (s) => {
      s.l3mdev = true;
    },
  },
  value('uidrange', 'NUMBER-NUMBER', 'rules for these users', 'invalid UID range\n', parseUids, (s, found) => {
    s.uids = found;
  }),
  value(
    'tun_id',
    'ID',
    'rules for tunnels with that key',
    '"tun_id" value is invalid\n',
    (argument) => parseUnsigned(argument, Number.MAX_SAFE_INTEGER),
    (s, id) => {
      s.tunnelId = id;
    },
    { exact: false },
  ),
  value(
    'table',
    'TABLE_ID',
    'rules that ask that table',
    'table id value is invalid\n',
    (argument, s) => s.context.names.parse('rt_tables', argument),
    (s, table) => {
      s.table = table;
    },
    { exact: false, also: ['lookup'], complete: ['main', 'local', 'default'] },
  ),
  {
    word: 'from',
    value: 'PREFIX',
    text: 'rules for sources within PREFIX',
    take: (s, c) => {
      s.from = parsePrefix(c.next(), s.family);
    },
  },
  value('ipproto', 'PROTOCOL', 'rules for that protocol', 'Invalid "ipproto" value\n', parseProtocol, (s, protocol) => {
    s.ipProtocol = protocol;
  }),
  port('sport', 'rules for packets from these ports'),
  port('dport', 'rules for packets to these ports'),
  value(
    'protocol',
    'PROTO',
    'with flush, rules made by that protocol',
    'invalid "protocol"\n',
    (argument, s) => s.context.names.parse('rt_protos', argument) ?? (argument === 'all' ? -1 : null),
    (s, protocol) => {
      s.protocol = protocol < 0 ? undefined : protocol;
    },
    { exact: false },
  ),
  { word: 'to', also: ['dst'], exact: true, value: 'PREFIX', text: 'rules for destinations within PREFIX', take: takeTo },
];

export async function readRuleFilter(context: IpContext, cursor: Cursor): Promise<RuleFilter> {
  const asked = context.options.family;
  const filter: RuleFilter = { context, family: asked === AF_UNSPEC ? AF_INET : asked, inverted: false, l3mdev: false };
  await loadRuleNames(context);
  await readKeywords(ruleFilterKeywords, filter, cursor, takeTo);
  return filter;
}

export async function* listRules(context: IpContext, filter: RuleFilter): AsyncGenerator<RuleView> {
  for await (const message of context.dump(ruleMessage, { type: RTM_GETRULE, header: { family: filter.family } })) {
    const view = viewOf(message);
    if (selects(filter, view)) yield view;
  }
}

const same = <T>(wanted: T | undefined, found: T | undefined) => wanted === undefined || wanted === found;
const sameRange = (wanted: Range | undefined, found: Range | undefined) =>
  wanted === undefined || (found !== undefined && found.start === wanted.start && found.end === wanted.end);

const within = (prefix: Address | undefined, family: number, bytes: Uint8Array | undefined) =>
  prefix === undefined ||
  prefix.length === 0 ||
  (prefix.family === family && bytes !== undefined && sameBits(bytes, prefix.bytes, prefix.length));

function selects(filter: RuleFilter, { header, attributes, table }: RuleView): boolean {
  return (
    same(filter.priority, attributes.priority ?? 0) &&
    (!filter.inverted || (header.flags & FIB_RULE_INVERT) !== 0) &&
    within(filter.from, header.family, attributes.src) &&
    within(filter.to, header.family, attributes.dst) &&
    same(filter.tos, header.tos) &&
    (filter.mark === undefined || filter.mark === 0 || filter.mark === (attributes.fwmark ?? 0)) &&
    (filter.mask === undefined || filter.mask === 0 || filter.mask === (attributes.fwmask ?? 0)) &&
    same(filter.iif, attributes.iifname) &&
    same(filter.oif, attributes.oifname) &&
    (!filter.l3mdev || (attributes.l3mdev ?? 0) !== 0) &&
    sameRange(filter.uids, attributes.uidRange) &&
    same(filter.ipProtocol, attributes.ipProto) &&
    sameRange(filter.sport, attributes.sportRange) &&
    sameRange(filter.dport, attributes.dportRange) &&
    same(filter.tunnelId, attributes.tunId) &&
    (filter.table === undefined || filter.table === 0 || filter.table === table)
  );
}
