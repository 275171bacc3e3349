import { ENODEV, EOPNOTSUPP, strerror } from '../../../base/errno.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import { parseAddress } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, failure, fatal, invalidArgument, noSuchDevice } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU8 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { parseKey } from '../link/kinds/gre.js';
import type { IpObject, Verb } from '../object.js';
import { TUNNEL6_USAGE } from './usage.js';

// Tunnels over IPv6 come later. Words are judged as ever; then it is as on a kernel without ip6_tunnel, ip6_gre and ip6_vti.

interface Words {
  name: string;
  mode: string;
  device: string | undefined;
}

/** The device that the ioctl which makes tunnels of a mode is sent to: each module's own. */
const makers: Readonly<Record<string, string>> = {
  ip6ip6: 'ip6tnl0',
  'ipv6/ipv6': 'ip6tnl0',
  ip4ip6: 'ip6tnl0',
  ipip6: 'ip6tnl0',
  'ipv4/ipv6': 'ip6tnl0',
  'ip/ipv6': 'ip6tnl0',
  any: 'ip6tnl0',
  'any/ipv6': 'ip6tnl0',
  ip6gre: 'ip6gre0',
  'gre/ipv6': 'ip6gre0',
  vti6: 'ip6_vti0',
};

const value = (names: readonly string[], check: (word: string, name: string) => void): Keyword<Words> => ({
  word: names[0]!,
  also: names.slice(1),
  exact: true,
  take: (_, c, name) => check(c.next(), name),
});
const flag = (word: string): Keyword<Words> => ({ word, exact: true, take: () => undefined });
const address = (word: string) => value([word], (text) => void (text === 'any' || parseAddress(text, AF_INET6)));

const hexadecimal = (most: number, complaint: string) => (word: string) => {
  const valid = word === 'inherit' || (/^(0x)?[0-9a-f]+$/i.test(word) && Number.parseInt(word, 16) <= most);
  if (!valid) throw invalidArgument(complaint, word);
};

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'mode',
    exact: true,
    take: (s, c) => {
      const word = c.next();
      if (!Object.hasOwn(makers, word)) throw fatal(`Unknown tunnel mode "${word}"`);
      s.mode = word;
    },
  },
  address('remote'),
  address('local'),
  {
    word: 'dev',
    exact: true,
    take: (s, c) => {
      s.device = c.next();
    },
  },
  // iproute2 takes whatever stands there.
  value(['encaplimit'], () => undefined),
  value(['hoplimit', 'ttl', 'hlim'], (word) => {
    if (parseU8(word) === null) throw invalidArgument('invalid TTL', word);
  }),
  value(['tclass', 'tc', 'tos', 'dsfield'], hexadecimal(0xff, 'invalid TClass')),
  value(['flowlabel', 'fl'], hexadecimal(0xf_ffff, 'invalid Flowlabel')),
  value(['dscp'], (word) => {
    if (word !== 'inherit') throw invalidArgument('not inherit', word);
  }),
  value(['key', 'ikey', 'okey'], (word, name) => void parseKey(name, word)),
  ...['seq', 'iseq', 'oseq', 'csum', 'icsum', 'ocsum', 'allow-localremote', 'noallow-localremote'].map(flag),
];

async function readWords(context: IpContext, cursor: Cursor): Promise<Words> {
  const words: Words = { name: '', mode: 'ip6ip6', device: undefined };
  await readKeywords(keywords, words, cursor, (s, c) => {
    const word = c.next();
    const name = word === 'name' ? c.next() : word;
    if (word !== 'name' && abbreviates(word, 'help')) throw fatal(TUNNEL6_USAGE);
    if (s.name !== '') throw duplicateOrGarbage('name', name);
    s.name = name;
  });
  if (words.device !== undefined && (await context.links.indexOf(words.device)) === 0) throw noSuchDevice(words.device);
  if ((await context.env.transport()).target === 'kernel') throw failure('tapstack: "ip -6 tunnel" is not there yet');
  return words;
}

/** No device is a tunnel over IPv6: what an ioctl to it fails with. */
async function refuse(context: IpContext, what: string, name: string): Promise<never> {
  const errno = (await context.links.indexOf(name)) === 0 ? ENODEV : EOPNOTSUPP;
  throw failure(`${what} tunnel "${name}" failed: ${strerror(errno)}`);
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { name } = await readWords(context, cursor);
  return name === '' ? 0 : refuse(context, 'get', name);
}

async function make(context: IpContext, cursor: Cursor, verb: string): Promise<number> {
  const { name, mode } = await readWords(context, cursor);
  if (name === '') context.complain('Tunnel interface name not specified');
  return verb === 'change' && name !== '' ? refuse(context, 'get', name) : refuse(context, 'add', makers[mode]!);
}

async function remove(context: IpContext, cursor: Cursor): Promise<number> {
  const { name, mode } = await readWords(context, cursor);
  return refuse(context, 'delete', name === '' ? makers[mode]! : name);
}

const verbs: readonly Verb[] = [
  { names: ['add'], summary: 'not there yet', keywords: [], run: make },
  { names: ['change'], summary: 'not there yet', keywords: [], run: make },
  { names: ['delete'], summary: 'not there yet', keywords: [], run: remove },
  { names: ['show', 'list'], hidden: ['lst'], summary: 'not there yet', keywords: [], run: show },
];

/** `ip -6 tunnel`: tunnels over IPv6. */
export const tunnel6: IpObject = {
  name: 'tunnel',
  helpName: '-f inet6 tunnel',
  summary: 'tunnels over IPv6',
  usage: TUNNEL6_USAGE,
  description: [],
  verbs,
  withoutVerb: show,
};
