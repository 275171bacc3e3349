import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../../netlink/constants.js';
import { type VxlanData, VXLAN_DF_INHERIT, VXLAN_DF_SET, VXLAN_DF_UNSET, vxlanData } from '../../../../netlink/rtnl/link/vxlan.js';
import { Deferred } from '../../../../netlink/schema.js';
import { readIpv4 } from '../../../../wire/ipv4-address.js';
import { formatAddress, parseAddress } from '../../../shared/address.js';
import { abbreviates, type Cursor } from '../../../shared/cursor.js';
import { CommandFailure, duplicateOrGarbage, failure, fatal, invalidArgument } from '../../../shared/failure.js';
import { type Keyword, readKeywords } from '../../../shared/keywords.js';
import { parseU16, parseUnsigned } from '../../../shared/numbers.js';
import type { IpContext } from '../../context.js';
import type { LinkKindPart } from './kind.js';

const usage = [
  'Usage: ... vxlan id VNI',
  '\t\t[ { group | remote } IP_ADDRESS ]',
  '\t\t[ local ADDR ]',
  '\t\t[ ttl TTL ]',
  '\t\t[ tos TOS ]',
  '\t\t[ df DF ]',
  '\t\t[ flowlabel LABEL ]',
  '\t\t[ dev PHYS_DEV ]',
  '\t\t[ dstport PORT ]',
  '\t\t[ srcport MIN MAX ]',
  '\t\t[ [no]learning ]',
  '\t\t[ [no]proxy ]',
  '\t\t[ [no]rsc ]',
  '\t\t[ [no]l2miss ]',
  '\t\t[ [no]l3miss ]',
  '\t\t[ ageing SECONDS ]',
  '\t\t[ maxaddress NUMBER ]',
  '\t\t[ [no]udpcsum ]',
  '\t\t[ [no]udp6zerocsumtx ]',
  '\t\t[ [no]udp6zerocsumrx ]',
  '\t\t[ [no]remcsumtx ] [ [no]remcsumrx ]',
  '\t\t[ [no]external ] [ gbp ] [ gpe ]',
  '\t\t[ [no]vnifilter ]',
  '',
  'Where:\tVNI\t:= 0-16777215',
  '\tADDR\t:= { IP_ADDRESS | any }',
  '\tTOS\t:= { NUMBER | inherit }',
  '\tTTL\t:= { 1..255 | auto | inherit }',
  '\tDF\t:= { unset | set | inherit }',
  '\tLABEL := 0-1048575',
].join('\n');

type Values = { -readonly [K in keyof VxlanData]: VxlanData[K] };

interface Words {
  readonly context: IpContext;
  readonly data: Values;
  readonly seen: Set<string>;
  family: number;
}

type VxlanKeyword = Keyword<Words>;

const once = (s: Words, key: string, argument: string): void => {
  if (s.seen.has(key)) throw duplicateOrGarbage(key, argument);
  s.seen.add(key);
};

const isGroup = (family: number, bytes: Uint8Array): boolean => (family === AF_INET6 ? bytes[0] === 0xff : (bytes[0] ?? 0) >>> 4 === 0xe);

const address = (word: 'group' | 'remote' | 'local', text: string): VxlanKeyword => ({
  word,
  value: 'ADDR',
  text,
  take: (s, c) => {
    const argument = c.next();
    once(s, word, argument);
    const { family, bytes } = parseAddress(argument, s.family);
    if (isGroup(family, bytes) !== (word === 'group')) throw invalidArgument(`invalid ${word} address`, argument);
    s.family = family === AF_UNSPEC ? s.family : family;
    if (family === AF_INET6) s.data[word === 'local' ? 'local6' : 'group6'] = bytes;
    else s.data[word === 'local' ? 'local' : 'group'] = readIpv4(bytes);
  },
});

type FlagName =
  | 'learning'
  | 'proxy'
  | 'rsc'
  | 'l2miss'
  | 'l3miss'
  | 'udpCsum'
  | 'udpZeroCsum6Tx'
  | 'udpZeroCsum6Rx'
  | 'remcsumTx'
  | 'remcsumRx'
  | 'collectMetadata'
  | 'vnifilter';

const flag = (word: string, name: FlagName, value: number, text: string): VxlanKeyword => ({
  word,
  text,
  take: (s) => {
    once(s, word, word);
    s.data[name] = value;
  },
});

const both = (word: string, name: FlagName, text: string): VxlanKeyword[] => [
  flag(`no${word}`, name, 0, `not: ${text}`),
  flag(word, name, 1, text),
];

const number = (
  word: string,
  name: 'id' | 'port' | 'label',
  read: (text: string) => number | null,
  bad: string,
  more: Partial<VxlanKeyword>,
) => ({
  word,
  value: word.toUpperCase(),
  ...more,
  take: (s: Words, c: Cursor) => {
    const argument = c.next();
    once(s, word, argument);
    const value = read(argument);
    if (value === null) throw invalidArgument(bad, argument);
    s.data[name] = value;
  },
});

/** In iproute2's order of precedence. */
const keywords: readonly VxlanKeyword[] = [
  number('id', 'id', (text) => parseUnsigned(text, (1 << 24) - 1), 'invalid id', { also: ['vni'], text: 'the VXLAN network identifier' }),
  address('group', 'the multicast group that all of the network hear'),
  address('remote', 'where frames go to whose destination is not known'),
  address('local', 'the source address of encapsulated packets'),
  {
    word: 'dev',
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that encapsulated packets leave by',
    take: async (s, c) => {
      const argument = c.next();
      once(s, 'dev', argument);
      const index = await s.context.links.indexOf(argument);
      if (index === 0) throw fatal(`Cannot find device "${argument}"`);
      s.data.link = index;
    },
  },
  {
    word: 'ttl',
    also: ['hoplimit'],
    value: '{ TTL | auto | inherit }',
    complete: ['auto', 'inherit'],
    text: 'the TTL of encapsulated packets',
    take: (s, c) => {
      const argument = c.next();
      once(s, 'ttl', argument);
      if (argument === 'inherit') {
        s.data.ttlInherit = 1;
        return;
      }
      if (argument === 'auto') {
        s.data.ttl = 0;
        return;
      }
      const ttl = parseUnsigned(argument);
      if (ttl === null) throw invalidArgument('invalid TTL', argument);
      if (ttl > 255) throw invalidArgument('TTL must be <= 255', argument);
      s.data.ttl = ttl;
    },
  },
  {
    word: 'tos',
    also: ['dsfield'],
    value: '{ TOS | inherit }',
    complete: ['inherit'],
    text: 'the TOS of encapsulated packets',
    take: async (s, c) => {
      const argument = c.next();
      once(s, 'tos', argument);
      await s.context.names.load('rt_dsfield');
      const tos = argument === 'inherit' ? 1 : s.context.names.parse('rt_dsfield', argument, 16);
      if (tos === null) throw invalidArgument('bad TOS value', argument);
      s.data.tos = tos;
    },
  },
  {
    word: 'df',
    value: '{ unset | set | inherit }',
    complete: ['unset', 'set', 'inherit'],
    text: 'whether encapsulated packets may be cut',
    take: (s, c) => {
      const argument = c.next();
      once(s, 'df', argument);
      const index = ['unset', 'set', 'inherit'].indexOf(argument);
      if (index < 0) throw invalidArgument("DF must be 'unset', 'set' or 'inherit'", argument);
      s.data.df = [VXLAN_DF_UNSET, VXLAN_DF_SET, VXLAN_DF_INHERIT][index]!;
    },
  },
  number('flowlabel', 'label', (text) => parseUnsigned(text, 0xf_ffff), 'invalid flowlabel', {
    also: ['label'],
    text: 'the IPv6 flow label of encapsulated packets',
  }),
  {
    word: 'ageing',
    value: '{ SECONDS | none }',
    text: 'how long an address that was learned is kept',
    take: (s, c) => {
      const argument = c.next();
      once(s, 'ageing', argument);
      const seconds = argument === 'none' ? 0 : parseUnsigned(argument);
      if (seconds === null) throw invalidArgument('ageing timer', argument);
      s.data.ageing = seconds;
    },
  },
  {
    word: 'maxaddress',
    value: '{ NUMBER | unlimited }',
    text: 'how many addresses are kept',
    take: (s, c) => {
      const argument = c.next();
      once(s, 'maxaddress', argument);
      const limit = argument === 'unlimited' ? 0 : parseUnsigned(argument);
      if (limit === null) throw invalidArgument('max addresses', argument);
      s.data.limit = limit;
    },
  },
  {
    word: 'srcport',
    also: ['port'],
    value: 'MIN MAX',
    text: 'the range of source ports of encapsulated packets',
    take: (s, c) => {
      const min = c.next();
      once(s, 'srcport', min);
      const low = parseU16(min);
      if (low === null) throw invalidArgument('min port', min);
      const max = c.next();
      const high = parseU16(max);
      if (high === null) throw invalidArgument('max port', max);
      if (low !== 0 || high !== 0) s.data.portRange = { low, high };
    },
  },
  number('dstport', 'port', parseU16, 'dst port', {
    value: 'PORT',
    text: 'the UDP port of the network; 4789 is the one assigned to VXLAN',
  }),
  ...both('learning', 'learning', 'learns where addresses are from the frames that come in'),
  ...both('proxy', 'proxy', 'answers ARP for neighbours that it knows'),
  ...both('rsc', 'rsc', 'route short circuit'),
  ...both('l2miss', 'l2miss', 'tells of frames to addresses that are not known'),
  ...both('l3miss', 'l3miss', 'tells of neighbours that are not known'),
  flag('udpcsum', 'udpCsum', 1, 'UDP checksums over IPv4'),
  flag('noudpcsum', 'udpCsum', 0, 'no UDP checksums over IPv4'),
  flag('udp6zerocsumtx', 'udpZeroCsum6Tx', 1, 'no UDP checksums over IPv6'),
  flag('noudp6zerocsumtx', 'udpZeroCsum6Tx', 0, 'UDP checksums over IPv6'),
  flag('udp6zerocsumrx', 'udpZeroCsum6Rx', 1, 'takes packets without UDP checksums over IPv6'),
  flag('noudp6zerocsumrx', 'udpZeroCsum6Rx', 0, 'takes no packets without UDP checksums over IPv6'),
  ...both('remcsumtx', 'remcsumTx', 'remote checksum offload of what is sent').reverse(),
  ...both('remcsumrx', 'remcsumRx', 'remote checksum offload of what is received').reverse(),
  ...both('external', 'collectMetadata', 'routes say where frames go').reverse(),
  {
    word: 'gbp',
    text: 'group policy extension',
    take: (s) => {
      s.data.gbp = true;
    },
  },
  {
    word: 'gpe',
    text: 'generic protocol extension',
    take: (s) => {
      s.data.gpe = true;
    },
  },
  ...both('vnifilter', 'vnifilter', 'only the VNIs that are listed').reverse(),
];

const complaint = (text: string) => failure(`vxlan: ${text}`);

function check({ data, seen }: Words, creating: boolean): void {
  if (data.collectMetadata === 1 && data.id !== undefined) throw complaint("both 'external' and vni cannot be specified");
  if (data.vnifilter === 1 && data.collectMetadata !== 1) throw complaint("vnifilter is valid only when 'external' is set");
  if (data.collectMetadata !== 1 && data.id === undefined && creating) throw complaint('missing virtual network identifier');
  if (seen.has('group') && seen.has('remote')) throw complaint('both group and remote cannot be specified');
  if (seen.has('group') && data.link === undefined) throw complaint("'group' requires 'dev' to be specified");
}

/** IANA's for VXLAN-GPE. */
const GPE_PORT = 4790;
const DEFAULT_PORT = [
  'vxlan: destination port not specified',
  'Will use Linux kernel default (non-standard value)',
  "Use 'dstport 4789' to get the IANA assigned value",
  "Use 'dstport 0' to get default and quiet this message",
].join('\n');

export const vxlan: LinkKindPart = {
  kind: 'vxlan',
  usage,
  parseEmpty: true,
  async parse(context, cursor, creating) {
    const words: Words = { context, data: {}, seen: new Set(), family: AF_UNSPEC };
    await readKeywords(keywords, words, cursor, (_state, c) => {
      const word = c.next();
      if (abbreviates(word, 'help')) throw new CommandFailure(1, `${usage}\n`);
      throw new CommandFailure(1, `vxlan: unknown command "${word}"?\n${usage}\n`);
    });
    check(words, creating);
    if (!words.seen.has('dstport')) {
      if (words.data.gpe === true) words.data.port = GPE_PORT;
      else if (words.data.id !== undefined && creating) context.complain(DEFAULT_PORT);
    }
    // What routes and bridges say counts, not what was learned, unless that is asked for.
    if (words.data.collectMetadata === 1) words.data.learning ??= 0;
    const { port, ...rest } = words.data;
    return Deferred.of(vxlanData, port === undefined || port === 0 ? rest : { ...rest, port });
  },
  async prepare(context, data) {
    const link = data?.parse(vxlanData).link;
    if (link !== undefined) await context.links.learn(link);
  },
  print({ out, links }, deferred) {
    if (deferred === undefined) return;
    const data = deferred.parse(vxlanData);
    if (data.collectMetadata === 1) out.flag('external');
    // The real tool puts no space behind it.
    if (data.vnifilter === 1) out.flag('vnifilter', 'vnifilter');
    if (data.id !== undefined) out.field('id', data.id, `id ${data.id} `);
    const { group, group6, local, local6 } = data;
    if (group !== undefined && group !== 0) {
      const key = group >>> 28 === 0xe ? 'group' : 'remote';
      const text = ipv4(group);
      out.field(key, text, `${key} ${text} `);
    } else if (group6?.some((byte) => byte !== 0) === true) {
      const key = group6[0] === 0xff ? 'group' : 'remote';
      const text = formatAddress(AF_INET6, group6);
      out.field(`${key}6`, text, `${key} ${text} `);
    }
    if (local6?.some((byte) => byte !== 0) === true) {
      const text = formatAddress(AF_INET6, local6);
      out.field('local6', text, `local ${text} `);
    } else if (local !== undefined && local !== 0) out.field('local', ipv4(local), `local ${ipv4(local)} `);
    if (data.link !== undefined && data.link !== 0) {
      const name = links.nameOf(data.link);
      out.field('link', name, `dev ${name} `);
    }
    if (data.portRange !== undefined) {
      const { low, high } = data.portRange;
      out.text(`srcport ${low} ${high} `);
      if (out.isJson) {
        out.openObject('port_range');
        out.json('low', low);
        out.json('high', high);
        out.closeObject();
      }
    }
    if (data.port !== undefined) out.field('port', data.port, `dstport ${data.port} `);
    if (data.learning !== undefined) out.field('learning', data.learning !== 0, data.learning === 0 ? 'nolearning ' : '');
    for (const name of ['proxy', 'rsc', 'l2miss', 'l3miss'] as const) if (data[name] === 1) out.flag(name);
    printHeaderFields(out, data);
    if (data.ageing !== undefined) out.field('ageing', data.ageing, data.ageing === 0 ? 'ageing none ' : `ageing ${data.ageing} `);
    if (data.limit !== undefined && data.limit !== 0) out.field('limit', data.limit, `maxaddr ${data.limit} `);
    const onOrOff = (key: string, word: string, value: number | undefined) => {
      if (value !== undefined) out.field(key, value !== 0, value !== 0 ? `${word} ` : `no${word} `);
    };
    onOrOff('udp_csum', 'udpcsum', data.udpCsum);
    onOrOff('udp_zero_csum6_tx', 'udp6zerocsumtx', data.udpZeroCsum6Tx);
    onOrOff('udp_zero_csum6_rx', 'udp6zerocsumrx', data.udpZeroCsum6Rx);
    if (data.remcsumTx === 1) out.flag('remcsum_tx', 'remcsumtx ');
    if (data.remcsumRx === 1) out.flag('remcsum_rx', 'remcsumrx ');
    if (data.gbp === true) out.flag('gbp');
    if (data.gpe === true) out.flag('gpe');
  },
};

function printHeaderFields(out: IpContext['out'], data: VxlanData): void {
  const { tos = 0, ttl, df } = data;
  if (tos !== 0) out.field('tos', `0x${tos.toString(16)}`, tos === 1 ? 'tos inherit ' : `tos 0x${tos.toString(16)} `);
  if (data.ttlInherit === 1) out.text('ttl inherit ');
  else if (ttl !== undefined) out.field('ttl', ttl, ttl === 0 ? 'ttl auto ' : `ttl ${ttl} `);
  if (df === VXLAN_DF_UNSET) out.json('df', 'unset');
  else if (df !== undefined) out.field('df', df === VXLAN_DF_SET ? 'set' : 'inherit', `df ${df === VXLAN_DF_SET ? 'set' : 'inherit'} `);
  if (data.label !== undefined && data.label !== 0)
    out.field('label', `0x${data.label.toString(16)}`, `flowlabel 0x${data.label.toString(16)} `);
}

const ipv4 = (value: number): string =>
  formatAddress(AF_INET, Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff));
