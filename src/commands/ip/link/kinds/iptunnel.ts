import { type IpTunnelData, ipTunnelData, SIT_ISATAP } from '../../../../netlink/rtnl/link/iptunnel.js';
import { AF_INET, AF_INET6 } from '../../../../netlink/constants.js';
import { readIpv4 } from '../../../../wire/ipv4-address.js';
import { Deferred } from '../../../../netlink/schema.js';
import { formatAddress, parsePrefix } from '../../../shared/address.js';
import { fatal, invalidArgument } from '../../../shared/failure.js';
import { type Keyword, readKeywords } from '../../../shared/keywords.js';
import type { IpContext } from '../../context.js';
import type { LinkKindPart } from './kind.js';
import { addressWords, commonWords, dataOf, ipv4Text, printEnds, printMark, type TunnelWords, unknownWord } from './tunnel-words.js';

type Values = { -readonly [K in keyof IpTunnelData]: IpTunnelData[K] };
type IpTunnelKeyword = Keyword<TunnelWords<Values>>;

/** IPPROTO_* of what is carried. */
const payloads: Readonly<Record<string, number>> = { any: 0, ipip: 4, ip6ip: 41, mplsip: 137 };

const modeWord = (names: readonly string[]): IpTunnelKeyword => ({
  word: 'mode',
  value: `{ ${names.join(' | ')} }`,
  complete: names,
  text: 'what the tunnel carries',
  take: (s, c) => {
    const word = c.next();
    const spelled: Readonly<Record<string, string>> = {
      'ipv6/ipv4': 'ip6ip',
      'ipv4/ipv4': 'ipip',
      'mpls/ipv4': 'mplsip',
      'any/ipv4': 'any',
    };
    const name = spelled[word] ?? word;
    if (!names.includes(name)) throw invalidArgument('Cannot guess tunnel mode.', word);
    s.data.proto = payloads[name]!;
  },
});

const isatap: IpTunnelKeyword = {
  word: 'isatap',
  text: 'ISATAP, RFC 5214',
  take: (s) => {
    s.data.flags = SIT_ISATAP;
  },
};

/** Linux: struct ip_tunnel_6rd. */
const sixRdWords: readonly IpTunnelKeyword[] = [
  {
    word: '6rd-prefix',
    value: 'PREFIX',
    text: 'the IPv6 prefix by which addresses name IPv4 addresses, RFC 5969',
    take: (s, c) => {
      const { bytes, length } = parsePrefix(c.next(), AF_INET6);
      s.data.sixRdPrefix = bytes;
      s.data.sixRdPrefixLength = length;
    },
  },
  {
    word: '6rd-relay_prefix',
    value: 'PREFIX',
    text: 'what all those IPv4 addresses have in common',
    take: (s, c) => {
      const { bytes, length } = parsePrefix(c.next(), AF_INET);
      s.data.sixRdRelayPrefix = readIpv4(bytes);
      s.data.sixRdRelayPrefixLength = length;
    },
  },
  {
    word: '6rd-reset',
    text: '2002::/16 again',
    take: (s) => {
      s.data.sixRdPrefix = Uint8Array.from({ length: 16 }, (_, i) => [0x20, 0x02][i] ?? 0);
      s.data.sixRdPrefixLength = 16;
      s.data.sixRdRelayPrefix = 0;
      s.data.sixRdRelayPrefixLength = 0;
    },
  },
];

const usageOf = (kind: string) =>
  [
    `Usage: ... ${kind.padEnd(6)}\t[ remote ADDR ]`,
    '\t\t\t[ local ADDR ]',
    '\t\t\t[ ttl TTL ]',
    '\t\t\t[ tos TOS ]',
    '\t\t\t[ [no]pmtudisc ]',
    '\t\t\t[ 6rd-prefix ADDR ]',
    '\t\t\t[ 6rd-relay_prefix ADDR ]',
    '\t\t\t[ 6rd-reset ]',
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
    ...(kind === 'sit'
      ? ['\t\t\t[ mode { ip6ip | ipip | mplsip | any } ]', '\t\t\t[ isatap ]']
      : ['\t\t\t[ mode { ipip | mplsip | any } ]']),
    '',
    'Where:\tADDR := { IP_ADDRESS | any }',
    '\tTOS  := { NUMBER | inherit }',
    '\tTTL  := { 1..255 | inherit }',
    '\tMARK := { 0x0..0xffffffff }',
  ].join('\n');

const defaults: Values = { local: 0, remote: 0, ttl: 0, tos: 0, proto: 0, pmtudisc: 1 };

export const payloadName = (proto: number): string => Object.keys(payloads).find((name) => payloads[name] === proto) ?? 'unknown';

function printIpTunnel(context: IpContext, deferred: Deferred | undefined): void {
  if (deferred === undefined) return;
  const { out } = context;
  const data = deferred.parse(ipTunnelData);
  if (data.collectMetadata === true) out.flag('external');
  if (data.proto !== undefined) out.field('proto', payloadName(data.proto), `${payloadName(data.proto)} `);
  printEnds(context, data);
  if (data.pmtudisc !== undefined) out.field('pmtudisc', data.pmtudisc !== 0, data.pmtudisc === 0 ? 'nopmtudisc ' : 'pmtudisc ');
  if (((data.flags ?? 0) & SIT_ISATAP) !== 0) out.flag('isatap');
  const { sixRdPrefix, sixRdPrefixLength = 0 } = data;
  if (sixRdPrefix !== undefined && sixRdPrefixLength !== 0) {
    const prefix = formatAddress(AF_INET6, sixRdPrefix);
    out.text(`6rd-prefix ${prefix}/${sixRdPrefixLength} `);
    out.json('prefix', prefix);
    out.json('prefixlen', sixRdPrefixLength);
    if (data.sixRdRelayPrefix !== undefined && data.sixRdRelayPrefix !== 0) {
      const relay = ipv4Text(data.sixRdRelayPrefix);
      out.text(`6rd-relay_prefix ${relay}/${data.sixRdRelayPrefixLength ?? 0} `);
      out.json('relay_prefix', relay);
      out.json('relay_prefixlen', data.sixRdRelayPrefixLength ?? 0);
    }
  }
  printMark(context, data);
}

function kindOf(kind: string, modes: readonly string[], more: readonly IpTunnelKeyword[]): LinkKindPart {
  const usage = usageOf(kind);
  const keywords: readonly IpTunnelKeyword[] = [...addressWords, ...commonWords, modeWord(modes), ...more];
  return {
    kind,
    usage,
    parseEmpty: true,
    async parse(context, cursor, creating, ifindex) {
      const before = creating ? undefined : (await dataOf(context, ifindex))?.parse(ipTunnelData);
      const words: TunnelWords<Values> = { context, data: { ...(before ?? defaults) } };
      await readKeywords(keywords, words, cursor, unknownWord(usage));
      if ((words.data.ttl ?? 0) !== 0 && words.data.pmtudisc === 0) throw fatal('ttl != 0 and nopmtudisc are incompatible');
      return Deferred.of(ipTunnelData, words.data);
    },
    async prepare(context, data) {
      await context.links.learn(data?.parse(ipTunnelData).link ?? 0);
    },
    print: printIpTunnel,
  };
}

export const ipip = kindOf('ipip', ['ipip', 'mplsip', 'any'], []);
export const sit = kindOf('sit', ['ip6ip', 'ipip', 'mplsip', 'any'], [isatap, ...sixRdWords]);
