import { AF_INET } from '../../../netlink/constants.js';
import { readIpv4 } from '../../../wire/ipv4-address.js';
import { parseAddress } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { isName } from '../../shared/ifname.js';
import { IFNAMSIZ } from '../../../netlink/rtnl/constants.js';
import { parseU8 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { GRE_CSUM, GRE_KEY, GRE_SEQ, parseKey } from '../link/kinds/gre.js';
import { emptyTunnel, IPPROTO_GRE, modeOf, modes, type Tunnel } from './modes.js';
import { TUNNEL_USAGE } from './usage.js';

export interface Words {
  readonly context: IpContext;
  readonly tunnel: Tunnel;
  /** A mode was named. */
  moded: boolean;
  device: string | undefined;
  /** For change: reads the tunnel as it is when its name comes first. */
  readonly existing: ((name: string) => Promise<Tunnel>) | undefined;
  words: number;
}

type TunnelKeyword = Keyword<Words>;

const key = (word: string, sides: string): TunnelKeyword => ({
  word,
  exact: true,
  value: 'KEY',
  text: 'the key of packets: a number, or four octets',
  take: ({ tunnel }, c) => {
    const value = parseKey(word, c.next());
    if (sides.includes('i')) {
      tunnel.inputFlags |= GRE_KEY;
      tunnel.inputKey = value;
    }
    if (sides.includes('o')) {
      tunnel.outputFlags |= GRE_KEY;
      tunnel.outputKey = value;
    }
  },
});

const mark = (word: string, sides: string, flag: number, text: string): TunnelKeyword => ({
  word,
  exact: true,
  text,
  take: ({ tunnel }) => {
    if (sides.includes('i')) tunnel.inputFlags |= flag;
    if (sides.includes('o')) tunnel.outputFlags |= flag;
  },
});

const address = (word: 'remote' | 'local', text: string): TunnelKeyword => ({
  word,
  exact: true,
  value: 'ADDR',
  text,
  take: ({ tunnel }, c) => {
    tunnel[word] = addressOf(c.next());
  },
});

/** An IPv4 address, or `any`. */
export const addressOf = (text: string): number => (text === 'any' ? 0 : readIpv4(ipv4Of(text)));

function ipv4Of(text: string): Uint8Array {
  try {
    return parseAddress(text, AF_INET).bytes;
  } catch {
    throw failure(`Error: an IP address is expected rather than "${text}"`);
  }
}

/** TOS, `inherit`, or `inherit/TOS`. */
async function parseTos({ names }: IpContext, word: string): Promise<number> {
  await names.load('rt_dsfield');
  const inherits = word.startsWith('inherit');
  const rest = inherits ? word.slice('inherit'.length) : word;
  if (inherits && rest === '') return 1;
  const tos = names.parse('rt_dsfield', inherits && rest.startsWith('/') ? rest.slice(1) : rest, 16);
  if (tos === null) throw invalidArgument('bad TOS value', word);
  return inherits ? tos | 1 : tos;
}

export const keywords: readonly TunnelKeyword[] = [
  {
    word: 'mode',
    exact: true,
    value: '{ gre | ipip | sit | isatap }',
    complete: [...Object.keys(modes), 'isatap'],
    text: 'what kind of tunnel it is',
    take: (s, c) => {
      const word = c.next();
      const spelled: Readonly<Record<string, string>> = { 'gre/ip': 'gre', 'ip/ip': 'ipip', 'ipv6/ip': 'sit' };
      const isatap = word === 'isatap';
      const mode = modes[isatap ? 'sit' : (spelled[word] ?? word)];
      // As on a kernel without the module.
      if (mode === undefined && word.startsWith('vti')) throw failure('add tunnel "ip_vti0" failed: No such device');
      if (mode === undefined) throw fatal(`Unknown tunnel mode "${word}"`);
      if (s.tunnel.protocol !== 0 && s.tunnel.protocol !== mode.protocol) throw fatal('You managed to ask for more than one tunnel mode.');
      s.tunnel.protocol = mode.protocol;
      if (isatap) s.tunnel.isatap = true;
      s.moded = true;
    },
  },
  key('key', 'io'),
  key('ikey', 'i'),
  key('okey', 'o'),
  mark('seq', 'io', GRE_SEQ, 'packets are numbered'),
  mark('iseq', 'i', GRE_SEQ, 'packets that come in must be numbered, in order'),
  mark('oseq', 'o', GRE_SEQ, 'packets that go out are numbered'),
  mark('csum', 'io', GRE_CSUM, 'packets have checksums'),
  mark('icsum', 'i', GRE_CSUM, 'packets that come in must have checksums'),
  mark('ocsum', 'o', GRE_CSUM, 'packets that go out have checksums'),
  {
    word: 'nopmtudisc',
    exact: true,
    text: 'the outer packet may be cut',
    take: ({ tunnel }) => {
      tunnel.pmtudisc = false;
    },
  },
  {
    word: 'pmtudisc',
    exact: true,
    text: 'the outer packet has DF',
    take: ({ tunnel }) => {
      tunnel.pmtudisc = true;
    },
  },
  address('remote', 'the address of the other end'),
  address('local', 'the address of this end'),
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that the tunnel is bound to',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  {
    word: 'ttl',
    exact: true,
    also: ['hoplimit', 'hlim'],
    value: '{ TTL | inherit }',
    complete: ['inherit'],
    text: 'the TTL of the outer packets',
    take: ({ tunnel }, c) => {
      const word = c.next();
      const ttl = word === 'inherit' ? 0 : parseU8(word);
      if (ttl === null) throw invalidArgument('invalid TTL\n', word);
      tunnel.ttl = ttl;
    },
  },
  {
    word: 'tos',
    exact: true,
    also: ['tclass', 'dsfield'],
    value: '{ TOS | inherit | inherit/TOS }',
    complete: ['inherit'],
    text: 'the TOS of the outer packets',
    take: async (s, c) => {
      s.tunnel.tos = await parseTos(s.context, c.next());
    },
  },
];

/** Reads the words of add, change, del and show, and says what does not fit together. */
export async function readTunnel(
  context: IpContext,
  cursor: Cursor,
  existing?: (name: string) => Promise<Tunnel>,
): Promise<{ tunnel: Tunnel; moded: boolean }> {
  const s: Words = { context, tunnel: emptyTunnel(), moded: false, device: undefined, existing, words: 0 };
  await readKeywords(keywords, s, cursor, async (state, c) => {
    const word = c.next();
    const name = word === 'name' ? c.next() : word;
    if (word !== 'name' && abbreviates(word, 'help')) throw fatal(TUNNEL_USAGE);
    if (state.tunnel.name !== '') throw duplicateOrGarbage('name', name);
    if (!isName(name, IFNAMSIZ)) throw invalidArgument('"name" not a valid ifname', name);
    if (state.existing !== undefined) Object.assign(state.tunnel, await state.existing(name));
    state.tunnel.name = name;
  });
  const { tunnel } = s;
  // A name says what it is: tunl0 and ipip*, gre*, sit*.
  if (tunnel.protocol === 0) {
    const guessed = ['gre', 'ipip', 'sit'].find((name) => tunnel.name.startsWith(name));
    if (guessed !== undefined && existing === undefined) tunnel.protocol = modes[guessed]!.protocol;
  }
  const gre = tunnel.protocol === IPPROTO_GRE;
  if (!gre && modeOf(tunnel.protocol) !== undefined && ((tunnel.inputFlags | tunnel.outputFlags) & GRE_KEY) !== 0)
    throw failure('Keys are not allowed with ipip and sit tunnels');
  if (s.device !== undefined) tunnel.link = await context.device(s.device);
  const group = tunnel.remote >>> 28 === 0xe;
  if (group) {
    if ((tunnel.inputFlags & GRE_KEY) === 0) tunnel.inputKey = tunnel.remote;
    if ((tunnel.outputFlags & GRE_KEY) === 0) tunnel.outputKey = tunnel.remote;
    tunnel.inputFlags |= GRE_KEY;
    tunnel.outputFlags |= GRE_KEY;
    if (tunnel.local === 0) throw failure('A broadcast tunnel requires a source address');
  }
  return { tunnel, moded: s.moded };
}
