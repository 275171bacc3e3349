import { AF_INET } from '../../../../netlink/constants.js';
import { RTM_GETLINK } from '../../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../../netlink/rtnl/link/link.js';
import type { Deferred } from '../../../../netlink/schema.js';
import { readIpv4 } from '../../../../wire/ipv4-address.js';
import { formatAddress, parseAddress } from '../../../shared/address.js';
import { abbreviates, type Cursor } from '../../../shared/cursor.js';
import { CommandFailure, failure, fatal, invalidArgument } from '../../../shared/failure.js';
import type { Keyword } from '../../../shared/keywords.js';
import { parseU8, parseUnsigned } from '../../../shared/numbers.js';
import type { IpContext } from '../../context.js';

/** What the words of all tunnels over IPv4 set. */
export interface CommonTunnelData {
  link?: number | undefined;
  local?: number | undefined;
  remote?: number | undefined;
  ttl?: number | undefined;
  tos?: number | undefined;
  pmtudisc?: number | undefined;
  fwmark?: number | undefined;
  encapType?: number | undefined;
  encapSport?: number | undefined;
  encapDport?: number | undefined;
  encapFlags?: number | undefined;
  collectMetadata?: boolean | undefined;
}

export interface TunnelWords<Data extends CommonTunnelData> {
  readonly context: IpContext;
  readonly data: Data;
}

type CommonKeyword = Keyword<TunnelWords<CommonTunnelData>>;

const address = (word: 'remote' | 'local', text: string): CommonKeyword => ({
  word,
  value: 'ADDR',
  text,
  take: (s, c) => {
    s.data[word] = readIpv4(parseAddress(c.next(), AF_INET).bytes);
  },
});

export const addressWords: readonly CommonKeyword[] = [
  address('remote', 'the address of the other end'),
  address('local', 'the address of this end'),
];

/** The words that all tunnels over IPv4 have, in iproute2's order. */
export const commonWords: readonly CommonKeyword[] = [
  {
    word: 'dev',
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that the tunnel is bound to',
    take: async (s, c) => {
      const name = c.next();
      const index = await s.context.links.indexOf(name);
      if (index === 0) throw fatal(`Cannot find device "${name}"`);
      s.data.link = index;
    },
  },
  {
    word: 'ttl',
    also: ['hoplimit', 'hlim'],
    value: '{ TTL | inherit }',
    complete: ['inherit'],
    text: 'the TTL of the outer packets; 0 or inherit: that of the packet inside',
    take: (s, c) => {
      const word = c.next();
      const ttl = word === 'inherit' ? 0 : parseU8(word);
      if (ttl === null) throw invalidArgument('invalid TTL\n', word);
      s.data.ttl = ttl;
    },
  },
  {
    word: 'tos',
    also: ['tclass', 'dsfield'],
    value: '{ TOS | inherit }',
    complete: ['inherit'],
    text: 'the TOS of the outer packets',
    take: async (s, c) => {
      const word = c.next();
      await s.context.names.load('rt_dsfield');
      const tos = word === 'inherit' ? 1 : s.context.names.parse('rt_dsfield', word, 16);
      if (tos === null) throw invalidArgument('bad TOS value', word);
      s.data.tos = tos;
    },
  },
  {
    word: 'nopmtudisc',
    text: 'no path MTU discovery: the outer packet may be cut',
    take: (s) => {
      s.data.pmtudisc = 0;
    },
  },
  {
    word: 'pmtudisc',
    text: 'path MTU discovery: the outer packet has DF',
    take: (s) => {
      s.data.pmtudisc = 1;
    },
  },
  {
    word: 'fwmark',
    value: 'MARK',
    text: 'the mark that outer packets are routed by',
    take: (s, c) => {
      const word = c.next();
      const mark = parseUnsigned(word);
      if (mark === null) throw invalidArgument('invalid fwmark\n', word);
      s.data.fwmark = mark;
    },
  },
  {
    word: 'external',
    text: 'routes say where packets go',
    take: (s) => {
      s.data.collectMetadata = true;
    },
  },
  {
    word: 'noencap',
    text: 'nothing between the outer header and the tunnel',
    take: (s) => {
      s.data.encapType = 0;
    },
  },
  {
    word: 'encap',
    value: '{ fou | gue | none }',
    complete: ['fou', 'gue', 'none'],
    text: 'what stands between the outer header and the tunnel',
    take: (s, c) => {
      const word = c.next();
      const type = ['none', 'fou', 'gue'].indexOf(word);
      if (type < 0) throw invalidArgument('Invalid encap type.', word);
      s.data.encapType = type;
    },
  },
];

/** A word that nothing fits: the usage, on its way out. */
export const unknownWord = (usage: string) => (_state: unknown, cursor: Cursor) => {
  cursor.next();
  throw new CommandFailure(1, `${usage}\n`);
};

export const isHelp = (cursor: Cursor) => abbreviates(cursor.peek(), 'help');

/** IFLA_INFO_DATA of a device as it is. */
export async function dataOf(context: IpContext, ifindex: number): Promise<Deferred | undefined> {
  const answer = await context.get(linkMessage, { type: RTM_GETLINK, header: { index: ifindex }, attributes: {} });
  return linkMessage.parseAttributes(answer).linkinfo?.data;
}

export const isGroup = (address = 0): boolean => address >>> 28 === 0xe;

export const broadcastNeedsSource = () => failure('A broadcast tunnel requires a source address.');

export const ipv4Text = (value: number): string =>
  value === 0 ? 'any' : formatAddress(AF_INET, Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff));

/** remote, local, dev, ttl and tos for -details. */
export function printEnds({ out, links }: IpContext, data: CommonTunnelData): void {
  const { remote = 0, local = 0, link = 0, ttl = 0, tos = 0 } = data;
  out.field('remote', ipv4Text(remote), `remote ${ipv4Text(remote)} `);
  out.field('local', ipv4Text(local), `local ${ipv4Text(local)} `);
  if (link !== 0) out.field('link', links.nameOf(link), `dev ${links.nameOf(link)} `);
  out.field('ttl', ttl, ttl === 0 ? 'ttl inherit ' : `ttl ${ttl} `);
  if (tos !== 0) out.field('tos', `0x${tos.toString(16)}`, tos === 1 ? 'tos inherit ' : `tos 0x${tos.toString(16)} `);
}

export function printMark({ out }: IpContext, { fwmark = 0 }: CommonTunnelData): void {
  if (fwmark !== 0) out.field('fwmark', `0x${fwmark.toString(16)}`, `fwmark 0x${fwmark.toString(16)} `);
}
