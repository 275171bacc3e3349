import { EOPNOTSUPP, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { TapstackFamily } from '../../../client/tapstack-family.js';
import { Command } from '../../../netlink/genl/tapstack.js';
import { IFF_MULTI_QUEUE, IFF_NO_PI, IFF_ONE_QUEUE, IFF_PERSIST, IFF_TAP, IFF_TUN, IFF_VNET_HDR } from '../../../netlink/rtnl/link/tun.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, failure, fatal } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';

const TUNTAP_USAGE = [
  'Usage: ip tuntap { add | del | show | list | lst | help } [ dev PHYS_DEV ]',
  '       [ mode { tun | tap } ] [ user USER ] [ group GROUP ]',
  '       [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ] [ name NAME ]',
  '',
  'Where: USER  := { STRING | NUMBER }',
  '       GROUP := { STRING | NUMBER }',
].join('\n');

interface Words {
  readonly context: IpContext;
  name: string;
  flags: number;
  user: number | undefined;
  group: number | undefined;
}

type TuntapKeyword = Keyword<Words>;

/** The number of a user or group: written out, or its line in /etc/passwd or /etc/group. */
async function idOf({ io }: IpContext, what: 'user' | 'group', word: string): Promise<number> {
  const number = parseUnsigned(word, 0xffff_ffff, 10);
  if (number !== null) return number;
  try {
    const text = new TextDecoder().decode(await io.files.read(what === 'user' ? '/etc/passwd' : '/etc/group'));
    for (const line of text.split('\n')) {
      const [name, , id] = line.split(':');
      if (name === word && id !== undefined) return Number(id);
    }
  } catch (error) {
    // Without the file nobody has a name.
    if (!(error instanceof NetError)) throw error;
  }
  throw fatal(`invalid ${what} "${word}"`);
}

function takeName(s: Words, c: Cursor): void {
  const word = c.next();
  if (s.name !== '') throw duplicateOrGarbage('name', word);
  s.name = word;
}

const flag = (word: string, mask: number, text: string): TuntapKeyword => ({
  word,
  text,
  take: (s) => {
    s.flags |= mask;
  },
});

const keywords: readonly TuntapKeyword[] = [
  {
    word: 'mode',
    value: '{ tun | tap }',
    complete: ['tun', 'tap'],
    text: 'packets (tun) or Ethernet frames (tap)',
    take: (s, c) => {
      const word = c.next();
      const type = abbreviates(word, 'tun') ? IFF_TUN : abbreviates(word, 'tap') ? IFF_TAP : 0;
      if (type === 0) throw fatal(`Unknown tunnel mode "${word}"`);
      if ((s.flags & (IFF_TUN | IFF_TAP)) !== 0) throw fatal('You managed to ask for more than one tunnel mode.');
      s.flags |= type;
    },
  },
  {
    word: 'user',
    value: 'USER',
    text: 'who may open it',
    take: async (s, c) => {
      s.user = await idOf(s.context, 'user', c.next());
    },
  },
  {
    word: 'group',
    value: 'GROUP',
    text: 'the group that may open it',
    take: async (s, c) => {
      s.group = await idOf(s.context, 'group', c.next());
    },
  },
  {
    word: 'pi',
    text: 'packets have a header that says their protocol',
    take: (s) => {
      s.flags &= ~IFF_NO_PI;
    },
  },
  flag('one_queue', IFF_ONE_QUEUE, 'one queue (of no effect)'),
  flag('vnet_hdr', IFF_VNET_HDR, 'packets have a virtio-net header'),
  flag('multi_queue', IFF_MULTI_QUEUE, 'several programs may open it'),
  { word: 'dev', value: 'NAME', text: 'its name', take: takeName },
  { word: 'name', value: 'NAME', text: 'its name; the word may be left out', take: takeName },
];

async function read(context: IpContext, cursor: Cursor): Promise<Words> {
  const words: Words = { context, name: '', flags: IFF_NO_PI, user: undefined, group: undefined };
  await readKeywords(keywords, words, cursor, (state, c) => {
    if (abbreviates(c.peek(), 'help')) throw fatal(TUNTAP_USAGE);
    takeName(state, c);
  });
  return words;
}

async function withFamily<T>(context: IpContext, work: (family: TapstackFamily) => Promise<T>): Promise<T> {
  let family: TapstackFamily;
  try {
    family = await TapstackFamily.open(await context.env.transport(), context.options.netns);
  } catch (error) {
    if (error instanceof NetError && error.errno === EOPNOTSUPP) throw failure('tapstack: "ip tuntap" needs a stack');
    throw error;
  }
  try {
    return await work(family);
  } finally {
    family.close();
  }
}

async function modify(context: IpContext, cursor: Cursor, adding: boolean): Promise<number> {
  const { name, flags, user, group } = await read(context, cursor);
  if ((flags & (IFF_TUN | IFF_TAP)) === 0) throw failure('You failed to specify a tunnel mode');
  try {
    await withFamily(context, (family) =>
      adding
        ? family.request(Command.TUNTAP_NEW, { name, tunFlags: flags, user, group })
        : family.request(Command.TUNTAP_DEL, { name, tunFlags: flags }),
    );
  } catch (error) {
    throw error instanceof NetError ? failure(`ioctl(TUNSETIFF): ${strerror(error.errno)}`) : error;
  }
  return 0;
}

/** In iproute2's order. IFF_NO_PI has the number of IFF_NOFILTER: what is shown by its absence is shown twice. */
const flagNames: readonly (readonly [string, (flags: number) => boolean])[] = [
  ['tun', (flags) => (flags & IFF_TUN) !== 0],
  ['tap', (flags) => (flags & IFF_TAP) !== 0],
  ['pi', (flags) => (flags & IFF_NO_PI) === 0],
  ['one_queue', (flags) => (flags & IFF_ONE_QUEUE) !== 0],
  ['multi_queue', (flags) => (flags & IFF_MULTI_QUEUE) !== 0],
  ['vnet_hdr', (flags) => (flags & IFF_VNET_HDR) !== 0],
  ['persist', (flags) => (flags & IFF_PERSIST) !== 0],
  ['filter', (flags) => (flags & IFF_NO_PI) === 0],
];

async function showTuntap(context: IpContext, cursor: Cursor): Promise<number> {
  const wanted = await read(context, cursor);
  const { out, options } = context;
  await withFamily(context, async (family) => {
    out.openDocument();
    for await (const { name = '', tunFlags = 0, user, group } of family.dump(Command.TUNTAP_GET)) {
      if (wanted.name !== '' && wanted.name !== name) continue;
      out.openObject();
      out.field('ifname', name, `${name}:`);
      out.openArray('flags');
      for (const [word, applies] of flagNames) if (applies(tunFlags)) out.field(null, word, ` ${word}`);
      out.closeArray();
      if (user !== undefined) out.field('user', user, ` user ${user}`);
      if (group !== undefined) out.field('group', group, ` group ${group}`);
      out.text('\n');
      if (options.details > 0) {
        out.text('\tAttached to processes:\n');
        if (out.isJson) {
          out.openArray('processes');
          out.closeArray();
        }
      }
      out.closeObject();
    }
    out.closeDocument();
  });
  return 0;
}

const verb = (names: readonly string[], summary: string, run: Verb['run']): Verb => ({
  names,
  summary,
  operands: '[ NAME ]',
  keywords,
  run,
});

/** `ip tuntap`: devices whose other end is a program. */
export const tuntap: IpObject = {
  name: 'tuntap',
  summary: 'devices whose other end is a program',
  usage: TUNTAP_USAGE,
  description: [
    'A device of mode tun carries packets, one of mode tap Ethernet frames, from and to the program that opens it. Until one does, it has no carrier.',
  ],
  verbs: [
    verb(['add'], 'make a device that lasts', (context, cursor) => modify(context, cursor, true)),
    verb(['delete'], 'let a device go that lasts', (context, cursor) => modify(context, cursor, false)),
    verb(['show', 'list', 'lst'], 'show devices', showTuntap),
  ],
  withoutVerb: showTuntap,
  examples: [['ip tuntap add tap0 mode tap user 1000', 'a device that user 1000 may open']],
};
