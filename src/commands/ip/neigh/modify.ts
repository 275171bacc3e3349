import { AF_UNSPEC, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import {
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_PROXY,
  NTF_ROUTER,
  NTF_USE,
  NUD_NONE,
  NUD_PERMANENT,
  RTM_DELNEIGH,
  RTM_NEWNEIGH,
} from '../../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { type Address, parseAddress } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateArgument, duplicateOrGarbage, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseLinkAddress } from '../../shared/link-layer.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { parseState, stateNames } from './states.js';
import { NEIGHBOUR_USAGE } from './usage.js';

export interface NeighbourWords {
  readonly context: IpContext;
  to: Address | undefined;
  device: string | undefined;
  lladdr: string | undefined;
  state: number;
  flags: number;
  flagsExt: number;
  protocol: number | undefined;
}

export const newWords = (context: IpContext): NeighbourWords => ({
  context,
  to: undefined,
  device: undefined,
  lladdr: undefined,
  state: NUD_PERMANENT,
  flags: 0,
  flagsExt: 0,
  protocol: undefined,
});

export function takeAddress(s: NeighbourWords, c: Cursor): void {
  const text = c.next();
  if (abbreviates(text, 'help')) throw fatal(NEIGHBOUR_USAGE);
  if (s.to !== undefined) throw duplicateOrGarbage('to', text);
  s.to = parseAddress(text, s.context.options.family);
}

const marker = (word: string, text: string, take: (s: NeighbourWords) => void, exact = true): Keyword<NeighbourWords> => ({
  word,
  exact,
  text,
  take,
});

const keywords: readonly Keyword<NeighbourWords>[] = [
  {
    word: 'lladdr',
    value: 'LLADDR',
    text: 'the link layer address',
    take: (s, c) => {
      const text = c.next();
      if (s.lladdr !== undefined) throw duplicateArgument('lladdr', text);
      s.lladdr = text;
    },
  },
  {
    word: 'nud',
    exact: true,
    value: 'STATE',
    complete: stateNames,
    text: 'the state it is to have; permanent when nothing is said',
    take: (s, c) => {
      const word = c.next();
      const state = parseState(word);
      if (state === null) throw invalidArgument('nud state is bad', word);
      s.state = state;
    },
  },
  {
    word: 'proxy',
    value: 'ADDR',
    text: 'answer for that address',
    take: (s, c) => {
      const text = c.next();
      if (abbreviates(text, 'help')) throw fatal(NEIGHBOUR_USAGE);
      if (s.to !== undefined) throw duplicateArgument('address', text);
      s.to = parseAddress(text, s.context.options.family);
      s.flags |= NTF_PROXY;
    },
  },
  marker('router', 'the neighbour is a router', (s) => {
    s.flags |= NTF_ROUTER;
  }),
  marker('use', 'start resolving as if the entry were in use', (s) => {
    s.flags |= NTF_USE;
    s.state = NUD_NONE;
  }),
  marker('managed', 'keep the entry resolved', (s) => {
    s.flagsExt |= NTF_EXT_MANAGED;
    s.state = NUD_NONE;
  }),
  marker(
    'extern_learn',
    'the entry was learned elsewhere',
    (s) => {
      s.flags |= NTF_EXT_LEARNED;
    },
    false,
  ),
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that the neighbour is on',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  {
    word: 'protocol',
    value: 'PROTO',
    text: 'who made the entry',
    take: async (s, c) => {
      const word = c.next();
      await s.context.names.load('rt_protos');
      const protocol = s.context.names.parse('rt_protos', word);
      if (protocol === null) throw invalidArgument('"protocol" value is invalid\n', word);
      s.protocol = protocol;
    },
  },
  { word: 'to', exact: true, value: 'ADDR', text: 'the address; the word may be left out', take: takeAddress },
];

async function modify(context: IpContext, cursor: Cursor, type: number, flags: number): Promise<number> {
  const words = newWords(context);
  await readKeywords(keywords, words, cursor, takeAddress);
  const proxied = (words.flags & NTF_PROXY) !== 0;
  if (words.to === undefined || words.to.family === AF_UNSPEC || (words.device === undefined && !proxied))
    throw fatal('Device and destination are required arguments.');
  const lladdr = words.lladdr === undefined || words.lladdr === 'null' ? undefined : parseLinkAddress(words.lladdr);
  const ifindex = words.device === undefined ? 0 : await context.device(words.device);
  await context.request(neighbourMessage, {
    type,
    flags,
    header: { family: words.to.family, state: words.state, flags: words.flags, ifindex },
    attributes: {
      dst: words.to.bytes,
      ...(lladdr === undefined ? {} : { lladdr }),
      ...(words.flagsExt === 0 ? {} : { flagsExt: words.flagsExt }),
      ...(words.protocol === undefined ? {} : { protocol: words.protocol }),
    },
  });
  return 0;
}

const verb = (names: readonly string[], summary: string, type: number, flags: number, hidden: readonly string[] = []): Verb => ({
  names,
  hidden,
  summary,
  operands: 'ADDR',
  keywords,
  run: (context, cursor) => modify(context, cursor, type, flags),
});

export const add = verb(['add'], 'make an entry', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
export const change = verb(['change'], 'change an entry that is there', RTM_NEWNEIGH, NLM_F_REPLACE, ['chg']);
export const replace = verb(['replace'], 'make an entry, or change it', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
export const remove = verb(['delete'], 'remove an entry', RTM_DELNEIGH, 0);
