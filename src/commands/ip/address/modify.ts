import { AF_INET, AF_UNSPEC, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { type AddressAttributes, addressMessage } from '../../../netlink/rtnl/address.js';
import {
  IFA_F_MCAUTOJOIN,
  INFINITY_LIFE_TIME,
  RT_SCOPE_HOST,
  RT_SCOPE_UNIVERSE,
  RTM_DELADDR,
  RTM_NEWADDR,
} from '../../../netlink/rtnl/constants.js';
import { ipv4Bytes, ipv4Mask, readIpv4 } from '../../../wire/ipv4-address.js';
import { type Address, parseAddress, parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateArgument, duplicateOrGarbage, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU32 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { addressFlags } from '../link/filter.js';
import type { Verb } from '../object.js';
import { ADDRESS_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Words {
  readonly context: IpContext;
  family: number;
  local: Address | undefined;
  localText: string;
  peer: Address | undefined;
  broadcast: Address | '+' | '-' | undefined;
  scope: number | undefined;
  device: string | undefined;
  valid: number | undefined;
  preferred: number | undefined;
  flags: number;
  readonly attributes: Writable<AddressAttributes>;
}

function takeFamily(s: Words, address: Address): Address {
  if (s.family === AF_UNSPEC) s.family = address.family;
  return address;
}

function takeLocal(s: Words, text: string): void {
  if (s.local !== undefined) throw duplicateOrGarbage('local', text);
  s.localText = text;
  s.local = takeFamily(s, parsePrefix(text, s.family));
}

const lifetime = (word: 'valid_lft' | 'preferred_lft', key: 'valid' | 'preferred', text: string): Keyword<Words> => ({
  word,
  value: '{ forever | SECONDS }',
  complete: ['forever'],
  text,
  take: (s, c) => {
    if (s[key] !== undefined) throw duplicateArgument(word, c.peek());
    const argument = c.next();
    const seconds = argument === 'forever' ? INFINITY_LIFE_TIME : parseU32(argument);
    if (seconds === null) throw invalidArgument(`${word} value`, argument);
    s[key] = seconds;
  },
});

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'peer',
    also: ['remote'],
    exact: true,
    value: 'PREFIX',
    text: 'the address of the other end of a point-to-point device',
    take: (s, c) => {
      const text = c.next();
      if (s.peer !== undefined) throw duplicateArgument('peer', text);
      s.peer = takeFamily(s, parsePrefix(text, s.family));
    },
  },
  {
    word: 'broadcast',
    also: ['brd'],
    value: '{ ADDR | + | - }',
    complete: ['+', '-'],
    text: 'the broadcast address; + and - make it by setting or clearing the bits of the host part',
    take: (s, c) => {
      const text = c.next();
      if (s.broadcast !== undefined) throw duplicateArgument('broadcast', text);
      s.broadcast = text === '+' || text === '-' ? text : takeFamily(s, parseAddress(text, s.family));
    },
  },
  {
    word: 'anycast',
    exact: true,
    value: 'ADDR',
    text: 'an anycast address',
    take: (s, c) => {
      const text = c.next();
      if (s.attributes.anycast !== undefined) throw duplicateArgument('anycast', text);
      s.attributes.anycast = takeFamily(s, parseAddress(text, s.family)).bytes;
    },
  },
  {
    word: 'scope',
    exact: true,
    value: 'SCOPE',
    complete: ['host', 'link', 'global'],
    text: 'where the address is valid: host, link, site, global or a number',
    take: async (s, c) => {
      const text = c.next();
      await s.context.names.load('rt_scopes');
      const scope = s.context.names.parse('rt_scopes', text);
      if (scope === null) throw invalidArgument('invalid scope value.', text);
      s.scope = scope;
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that gets it',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  {
    word: 'label',
    exact: true,
    value: 'NAME',
    text: 'a label, for old tools that know addresses as devices (eth0:1)',
    take: (s, c) => {
      s.attributes.label = c.next();
    },
  },
  {
    word: 'metric',
    also: ['priority', 'preference'],
    value: 'METRIC',
    text: 'the metric of the route to its prefix',
    take: (s, c) => {
      const text = c.next();
      const metric = parseU32(text);
      if (metric === null) throw invalidArgument('"metric" value is invalid\n', text);
      s.attributes.rtPriority = metric;
    },
  },
  lifetime('valid_lft', 'valid', 'how long the address is there'),
  lifetime('preferred_lft', 'preferred', 'how long it is used for new connections'),
  ...addressFlags
    .filter(({ readOnly }) => !readOnly)
    .map(
      ({ name, mask, onlyIpv6 }): Keyword<Words> => ({
        word: name,
        exact: true,
        text: `mark it ${name}${onlyIpv6 ? ' (IPv6)' : ''}`,
        take: (s) => {
          if (onlyIpv6 && s.family === AF_INET) s.context.complain(`Warning: ${name} option can be set only for IPv6 addresses`);
          s.flags |= mask;
        },
      }),
    ),
  {
    word: 'local',
    exact: true,
    value: 'PREFIX',
    text: 'the address itself; the word may be left out',
    take: (s, c) => takeLocal(s, c.next()),
  },
];

async function modify(context: IpContext, cursor: Cursor, type: number, flags: number): Promise<number> {
  const words: Words = {
    context,
    family: context.options.family,
    local: undefined,
    localText: '',
    peer: undefined,
    broadcast: undefined,
    scope: undefined,
    device: undefined,
    valid: undefined,
    preferred: undefined,
    flags: 0,
    attributes: {},
  };
  await readKeywords(keywords, words, cursor, () => {
    const text = cursor.next();
    if (abbreviates(text, 'help')) throw fatal(ADDRESS_USAGE);
    takeLocal(words, text);
  });
  if (words.device === undefined) throw failure('Not enough information: "dev" argument is required.');
  const deleting = type === RTM_DELADDR;
  const { attributes, local } = words;
  if (local !== undefined && local.bytes.length > 0) attributes.local = local.bytes;
  if (words.peer !== undefined && words.peer.bytes.length > 0) attributes.address = words.peer.bytes;
  const other = otherEnd(words, deleting);
  if (words.broadcast !== undefined) setBroadcast(words, other, deleting);
  const scope = words.scope ?? (deleting ? RT_SCOPE_UNIVERSE : defaultScope(local));
  const index = await context.device(words.device);
  setLifetimes(words);
  if ((words.flags & IFA_F_MCAUTOJOIN) !== 0 && !isMulticast(words)) throw failure('autojoin needs multicast address');
  if (words.flags > 0xff) attributes.flags = words.flags;
  await context.request(addressMessage, {
    type,
    flags,
    header: {
      family: words.family,
      prefixlen: (words.peer?.length ?? 0) !== 0 ? words.peer!.length : (local?.length ?? 0),
      flags: words.flags <= 0xff ? words.flags : 0,
      scope,
      index,
    },
    attributes,
  });
  return 0;
}

function isMulticast({ family, local }: Words): boolean {
  const first = local?.bytes[0] ?? 0;
  return family === AF_INET ? first >>> 4 === 0xe : first === 0xff;
}

/** The peer, or without one the address itself; an IPv4 address is deleted without it when no prefix length was given. */
function otherEnd(words: Words, deleting: boolean): Address | undefined {
  const { local, peer, attributes, context } = words;
  if (peer !== undefined || local === undefined || local.bytes.length === 0) return peer;
  if (deleting && local.family === AF_INET && !local.hasLength) {
    context.complain('Warning: Executing wildcard deletion to stay compatible with old scripts.');
    context.complain(`         Explicitly specify the prefix length (${words.localText}/${local.bytes.length * 8}) to avoid this warning.`);
    context.complain('         This special behaviour is likely to disappear in further releases,');
    context.complain('         fix your scripts!');
    return undefined;
  }
  attributes.address = local.bytes;
  return local;
}

function setBroadcast(words: Words, other: Address | undefined, deleting: boolean): void {
  const { broadcast, attributes } = words;
  if (broadcast === undefined) return;
  if (broadcast !== '+' && broadcast !== '-') {
    attributes.broadcast = broadcast.bytes;
    return;
  }
  if (deleting) return;
  if (words.family !== AF_INET) throw failure('Broadcast can be set only for IPv4 addresses');
  if (other === undefined || other.length > 30 || other.bytes.length === 0) return;
  const mask = ipv4Mask(other.length);
  const address = readIpv4(other.bytes);
  attributes.broadcast = ipv4Bytes(broadcast === '+' ? (address | ~mask) >>> 0 : (address & mask) >>> 0);
}

/** 127.0.0.0/8 is of the host; everything else is global unless said otherwise. */
const defaultScope = (local: Address | undefined) =>
  local?.family === AF_INET && local.bytes[0] === 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;

function setLifetimes(words: Words): void {
  if (words.valid === undefined && words.preferred === undefined) return;
  const valid = words.valid ?? INFINITY_LIFE_TIME;
  const preferred = words.preferred ?? INFINITY_LIFE_TIME;
  if (valid === 0) throw failure('valid_lft is zero');
  if (valid < preferred) throw failure('preferred_lft is greater than valid_lft');
  words.attributes.cacheinfo = { prefered: preferred, valid, cstamp: 0, tstamp: 0 };
}

const verb = (names: readonly string[], summary: string, type: number, flags: number, hidden: readonly string[] = []): Verb => ({
  names,
  hidden,
  summary,
  operands: 'PREFIX',
  keywords,
  run: (context, cursor) => modify(context, cursor, type, flags),
});

export const add = verb(['add'], 'give a device an address', RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
export const change = verb(['change'], 'change an address that is there', RTM_NEWADDR, NLM_F_REPLACE, ['chg']);
export const replace = verb(['replace'], 'give a device an address, or change it', RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
export const remove = verb(['delete'], 'take an address away', RTM_DELADDR, 0);
