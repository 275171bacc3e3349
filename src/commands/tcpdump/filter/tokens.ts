// Words of pcap-filter(7), as libpcap's scanner cuts them: the longest match, and of equally long ones the first.
import { parseIpv6 } from '../../../wire/ipv6-address.js';

export type TokenKind = 'keyword' | 'number' | 'id' | 'ipv4' | 'ipv6' | 'mac' | 'arcnet' | 'end' | 'error';

export interface Token {
  readonly kind: TokenKind;
  /** A keyword's or sign's one spelling, a name, an address. */
  readonly text: string;
  readonly value: number;
  /** What is wrong with it, for kind "error" and for addresses that are none; '': nothing that has words of its own. */
  readonly fault: string;
}

/** Keywords that stand for themselves. */
const keywords = new Set(
  `dst src link arp rarp ip sctp tcp udp icmp igmp igrp pim vrrp carp radio ip6 icmp6 ah esp atalk aarp decnet lat sca moprc mopdl
   iso esis isis l1 l2 iih lsp snp csnp psnp clnp stp ipx netbeui host net mask port portrange proto protochain gateway type subtype
   dir addr1 addr2 addr3 addr4 ra ta less greater byte broadcast multicast and or not len inbound outbound ifindex vlan mpls pppoed
   pppoes geneve lane llc metac bcc oam oamf4 oamf4ec oamf4sc sc ilmic vpi vci connectmsg metaconnect ifname rset rnr srnr reason
   action fisu lssu msu hfisu hlssu hmsu sio opc dpc sls hsio hopc hdpc hsls`.split(/\s+/),
);

const spellings: Readonly<Record<string, string>> = {
  ether: 'link',
  ppp: 'link',
  slip: 'link',
  fddi: 'link',
  tr: 'link',
  wlan: 'link',
  'es-is': 'esis',
  'is-is': 'isis',
  direction: 'dir',
  address1: 'addr1',
  address2: 'addr2',
  address3: 'addr3',
  address4: 'addr4',
  length: 'len',
  on: 'ifname',
  ruleset: 'rset',
  rulenum: 'rnr',
  subrulenum: 'srnr',
  lsu: 'lssu',
};

/** Words that are numbers: offsets and values of fields. */
const numbers: Readonly<Record<string, number>> = {
  icmptype: 0,
  icmpcode: 1,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  icmp6type: 0,
  icmp6code: 1,
  'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-multicastlistenerquery': 130,
  'icmp6-multicastlistenerreportv1': 131,
  'icmp6-multicastlistenerdone': 132,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
  'icmp6-routerrenum': 138,
  'icmp6-nodeinformationquery': 139,
  'icmp6-nodeinformationresponse': 140,
  'icmp6-ineighbordiscoverysolicit': 141,
  'icmp6-ineighbordiscoveryadvert': 142,
  'icmp6-multicastlistenerreportv2': 143,
  'icmp6-homeagentdiscoveryrequest': 144,
  'icmp6-homeagentdiscoveryreply': 145,
  'icmp6-mobileprefixsolicit': 146,
  'icmp6-mobileprefixadvert': 147,
  'icmp6-certpathsolicit': 148,
  'icmp6-certpathadvert': 149,
  'icmp6-multicastrouteradvert': 151,
  'icmp6-multicastroutersolicit': 152,
  'icmp6-multicastrouterterm': 153,
  tcpflags: 13,
  'tcp-fin': 0x01,
  'tcp-syn': 0x02,
  'tcp-rst': 0x04,
  'tcp-push': 0x08,
  'tcp-ack': 0x10,
  'tcp-urg': 0x20,
  'tcp-ece': 0x40,
  'tcp-cwr': 0x80,
};

const token = (kind: TokenKind, text: string, value = 0, fault = ''): Token => ({ kind, text, value, fault });

const N = '(?:0[xX][0-9A-Fa-f]+|[0-9]+)';
const B = '[0-9A-Fa-f]{1,2}';
const six = (separator: string) => `${B}(?:${separator}${B}){5}`;

/** Patterns in the scanner's order. The name comes after all of them but a quoted one. */
const patterns: readonly (readonly [RegExp, (text: string) => Token | null])[] = [
  [/&&/y, () => token('keyword', 'and')],
  [/\|\|/y, () => token('keyword', 'or')],
  [/>=|<=|!=|<<|>>/y, (text) => token('keyword', text)],
  [/==/y, () => token('keyword', '=')],
  [/[-+*/%:[\]!<>()&|^=]/y, (text) => token('keyword', text)],
  [new RegExp(`\\$${B}`, 'y'), (text) => token('arcnet', text)],
  [
    new RegExp(`${six(':')}|${six('-')}|${six('\\.')}|[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}`, 'y'),
    (text) => token('mac', text),
  ],
  [new RegExp(N, 'y'), readNumber],
  [new RegExp(`${N}(?:\\.${N}){1,3}`, 'y'), (text) => token('ipv4', text)],
  [
    /[0-9A-Fa-f]*:[0-9A-Fa-f:]+(?:[0-9]+(?:\.[0-9]+){3})?|[0-9A-Fa-f]+::/y,
    (text) => (parseIpv6(text) === null ? null : token('ipv6', text)),
  ],
  [new RegExp(`${B}:+(?:${B}:+)+`, 'y'), (text) => token('mac', text, 0, `bogus ethernet address ${text}`)],
  [/[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y, word],
  [/\\[^ !()\n\t]+/y, (text) => token('id', text.slice(1))],
];

/** A keyword, a number with a name, or a name. */
function word(text: string): Token {
  if (text !== 'not' && keywords.has(text)) return token('keyword', text);
  if (text === 'not') return token('keyword', '!');
  if (Object.hasOwn(spellings, text)) return token('keyword', spellings[text]!);
  return Object.hasOwn(numbers, text) ? token('number', text, numbers[text]) : token('id', text);
}

function readNumber(text: string): Token {
  const hexadecimal = /^0x/i.test(text);
  const octal = !hexadecimal && text.length > 1 && text.startsWith('0');
  if (octal && /[89]/.test(text)) return token('error', text, 0, `number ${text} contains non-octal digit`);
  const value = BigInt(octal ? `0o${text.slice(1)}` : text.toLowerCase());
  if (value > 0xffffffffn) return token('error', text, 0, `number ${text} overflows 32 bits`);
  return token('number', text, Number(value));
}

/** All words, "end" the last. What is no word is an "error", which matters only if the parser comes to it. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const space = /[ \r\n\t]+/y;
    space.lastIndex = at;
    if (space.test(text)) {
      at = space.lastIndex;
      continue;
    }
    let best: Token | null = null;
    let length = 0;
    for (const [pattern, make] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0] ?? '';
      if (match.length <= length) continue;
      const made = make(match);
      if (made === null) continue;
      best = made;
      length = match.length;
    }
    tokens.push(best ?? token('error', text[at]!));
    at += Math.max(length, 1);
  }
  tokens.push(token('end', ''));
  return tokens;
}
