import { type GreData, greData } from '../../../../netlink/rtnl/link/gre.js';
import { Deferred } from '../../../../netlink/schema.js';
import { parseIpv4 } from '../../../../wire/ipv4-address.js';
import { fatal } from '../../../shared/failure.js';
import { type Keyword, readKeywords } from '../../../shared/keywords.js';
import { parseUnsigned } from '../../../shared/numbers.js';
import type { IpContext } from '../../context.js';
import type { LinkKindPart } from './kind.js';
import {
  addressWords,
  broadcastNeedsSource,
  commonWords,
  dataOf,
  isGroup,
  ipv4Text,
  printEnds,
  printMark,
  type TunnelWords,
  unknownWord,
} from './tunnel-words.js';

export const GRE_CSUM = 0x8000;
export const GRE_KEY = 0x2000;
export const GRE_SEQ = 0x1000;

type Values = { -readonly [K in keyof GreData]: GreData[K] };
type GreKeyword = Keyword<TunnelWords<Values>>;

/** A key as a number or four octets. */
export function parseKey(name: string, text: string): number {
  const key = text.includes('.') ? parseIpv4(text) : parseUnsigned(text);
  if (key === null) throw fatal(`invalid value for "${name}": "${text}"; it should be an unsigned integer`);
  return key;
}

type Side = 'i' | 'o';

function setFlag(data: Values, sides: string, flag: number, on: boolean): void {
  for (const side of sides) {
    const name = (side as Side) === 'i' ? 'iflags' : 'oflags';
    const old = data[name] ?? 0;
    data[name] = on ? old | flag : old & ~flag;
  }
}

const key = (word: string, sides: string): GreKeyword[] => [
  {
    word,
    value: 'KEY',
    text: 'the key of packets: a number, or four octets',
    take: (s, c) => {
      const value = parseKey(word, c.next());
      setFlag(s.data, sides, GRE_KEY, true);
      if (sides.includes('i')) s.data.ikey = value;
      if (sides.includes('o')) s.data.okey = value;
    },
  },
  {
    word: `no${word}`,
    text: 'no key',
    take: (s) => setFlag(s.data, sides, GRE_KEY, false),
  },
];

const toggle = (word: string, sides: string, flag: number, text: string): GreKeyword[] => [
  { word, text, take: (s) => setFlag(s.data, sides, flag, true) },
  { word: `no${word}`, text: `not: ${text}`, take: (s) => setFlag(s.data, sides, flag, false) },
];

const keywords: readonly GreKeyword[] = [
  ...key('key', 'io'),
  ...key('ikey', 'i'),
  ...key('okey', 'o'),
  ...toggle('seq', 'io', GRE_SEQ, 'packets are numbered'),
  ...toggle('iseq', 'i', GRE_SEQ, 'packets that come in must be numbered, in order'),
  ...toggle('oseq', 'o', GRE_SEQ, 'packets that go out are numbered'),
  ...toggle('csum', 'io', GRE_CSUM, 'packets have checksums'),
  ...toggle('icsum', 'i', GRE_CSUM, 'packets that come in must have checksums'),
  ...toggle('ocsum', 'o', GRE_CSUM, 'packets that go out have checksums'),
  ...addressWords,
  ...commonWords,
  {
    word: 'ignore-df',
    text: 'the DF of the packet inside says nothing about the outer one',
    take: (s) => {
      s.data.ignoreDf = 1;
    },
  },
  {
    word: 'noignore-df',
    text: 'the outer packet has the DF of the one inside',
    take: (s) => {
      s.data.ignoreDf = 0;
    },
  },
];

const usageOf = (kind: string) =>
  [
    `Usage: ... ${kind.padEnd(9)}\t[ remote ADDR ]`,
    '\t\t\t[ local ADDR ]',
    '\t\t\t[ [no][i|o]seq ]',
    '\t\t\t[ [i|o]key KEY | no[i|o]key ]',
    '\t\t\t[ [no][i|o]csum ]',
    '\t\t\t[ ttl TTL ]',
    '\t\t\t[ tos TOS ]',
    '\t\t\t[ [no]pmtudisc ]',
    '\t\t\t[ [no]ignore-df ]',
    '\t\t\t[ dev PHYS_DEV ]',
    '\t\t\t[ fwmark MARK ]',
    '\t\t\t[ external ]',
    '\t\t\t[ noencap ]',
    '\t\t\t[ encap { fou | gue | none } ]',
    '\t\t\t[ encap-sport PORT ]',
    '\t\t\t[ encap-dport PORT ]',
    '\t\t\t[ [no]encap-csum ]',
    '\t\t\t[ [no]encap-csum6 ]',
    '\t\t\t[ [no]encap-remcsum ]',
    '',
    'Where:\tADDR := { IP_ADDRESS | any }',
    '\tTOS  := { NUMBER | inherit }',
    '\tTTL  := { 1..255 | inherit }',
    '\tKEY  := { DOTTED_QUAD | NUMBER }',
    '\tMARK := { 0x0..0xffffffff }',
  ].join('\n');

const defaults: Values = { iflags: 0, oflags: 0, ikey: 0, okey: 0, local: 0, remote: 0, ttl: 0, tos: 0, pmtudisc: 1, ignoreDf: 0 };

function printGre(context: IpContext, deferred: Deferred | undefined): void {
  if (deferred === undefined) return;
  const { out } = context;
  const data = deferred.parse(greData);
  const { iflags = 0, oflags = 0 } = data;
  if (data.collectMetadata === true) out.flag('external');
  printEnds(context, data);
  if (data.pmtudisc !== undefined) out.field('pmtudisc', data.pmtudisc !== 0, data.pmtudisc === 0 ? 'nopmtudisc ' : '');
  if (data.ignoreDf === 1) out.field('ignore_df', true, 'ignore-df ');
  const quad = (value = 0) => (value === 0 ? '0.0.0.0' : ipv4Text(value));
  if ((iflags & GRE_KEY) !== 0) out.field('ikey', quad(data.ikey), `ikey ${quad(data.ikey)} `);
  if ((oflags & GRE_KEY) !== 0) out.field('okey', quad(data.okey), `okey ${quad(data.okey)} `);
  if ((iflags & GRE_SEQ) !== 0) out.flag('iseq');
  if ((oflags & GRE_SEQ) !== 0) out.flag('oseq');
  if ((iflags & GRE_CSUM) !== 0) out.flag('icsum');
  if ((oflags & GRE_CSUM) !== 0) out.flag('ocsum');
  if (data.erspanIndex !== undefined) out.field('erspan_index', data.erspanIndex, `erspan_index ${data.erspanIndex} `);
  if (data.erspanVer !== undefined) out.field('erspan_ver', data.erspanVer, `erspan_ver ${data.erspanVer} `);
  printMark(context, data);
}

function kindOf(kind: string): LinkKindPart {
  const usage = usageOf(kind);
  return {
    kind,
    usage,
    parseEmpty: true,
    async parse(context, cursor, creating, ifindex) {
      const before = creating ? undefined : (await dataOf(context, ifindex))?.parse(greData);
      const words: TunnelWords<Values> = { context, data: { ...(before ?? defaults) } };
      await readKeywords(keywords, words, cursor, unknownWord(usage));
      const { data } = words;
      if (isGroup(data.remote)) {
        if (((data.iflags ?? 0) & GRE_KEY) === 0) data.ikey = data.remote;
        if (((data.oflags ?? 0) & GRE_KEY) === 0) data.okey = data.remote;
        setFlag(data, 'io', GRE_KEY, true);
        if ((data.local ?? 0) === 0) throw broadcastNeedsSource();
      }
      return Deferred.of(greData, data);
    },
    async prepare(context, data) {
      await context.links.learn(data?.parse(greData).link ?? 0);
    },
    print: printGre,
  };
}

export const gre = kindOf('gre');
export const gretap = kindOf('gretap');
/** Only erspan0, which comes with the others, is there: it is shown. */
export const erspan: LinkKindPart = { kind: 'erspan', print: printGre };
