import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { AF_UNSPEC } from '../../../netlink/constants.js';
import { NTF_PROXY, NUD_FAILED, NUD_NOARP, NUD_PERMANENT, RTM_DELNEIGH, RTM_GETNEIGH } from '../../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { parsePrefix } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateArgument, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { type NeighbourFilter, type NeighbourView, printNeighbour, selects, viewOf } from './print.js';
import { parseState, stateNames } from './states.js';
import { NEIGHBOUR_USAGE } from './usage.js';
import { vrfByName } from '../vrf/lookup.js';

interface Words {
  readonly context: IpContext;
  readonly filter: NeighbourFilter;
  readonly flushing: boolean;
  device: string | undefined;
  stateGiven: boolean;
}

const masterOf = (word: string, complaint: string, text: string): Keyword<Words> => ({
  word,
  exact: true,
  value: 'DEVICE',
  complete: 'device',
  text,
  take: async ({ context, filter }, c) => {
    const name = c.next();
    filter.master = await context.links.indexOf(name);
    if (filter.master === 0) throw invalidArgument(complaint, name);
  },
});

function takePrefix({ filter }: Words, text: string): void {
  filter.prefix = parsePrefix(text, filter.family);
  if (filter.family === AF_UNSPEC) filter.family = filter.prefix.family;
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'entries of that device',
    take: (s, c) => {
      const name = c.next();
      if (s.device !== undefined) throw duplicateArgument('dev', name);
      s.device = name;
    },
  },
  masterOf('master', 'Device does not exist\n', 'entries of devices enslaved to DEVICE'),
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'entries of the VRF',
    take: async ({ context, filter }, c) => {
      const name = c.next();
      const vrf = await vrfByName(context, name);
      if (vrf === null) throw invalidArgument('Not a valid VRF name\n', name);
      filter.master = vrf.index;
    },
  },
  {
    word: 'nomaster',
    exact: true,
    text: 'entries of devices without a master',
    take: ({ filter }) => {
      filter.master = -1;
    },
  },
  {
    word: 'unused',
    exact: true,
    text: 'entries that nothing uses',
    take: ({ filter }) => {
      filter.unusedOnly = true;
    },
  },
  {
    word: 'nud',
    exact: true,
    value: 'STATE',
    complete: [...stateNames, 'all'],
    text: 'entries in that state; may come again',
    take: (s, c) => {
      const word = c.next();
      if (!s.stateGiven) s.filter.states = 0;
      s.stateGiven = true;
      const state = parseState(word);
      if (state === null && word !== 'all') throw invalidArgument('nud state is bad', word);
      const bits = state ?? (s.flushing ? ~NUD_NOARP : ~0);
      s.filter.states |= bits === 0 ? 0x100 : bits;
    },
  },
  {
    word: 'proxy',
    exact: true,
    text: 'addresses that are answered for others',
    take: ({ filter }) => {
      filter.proxy = true;
    },
  },
  {
    word: 'protocol',
    value: 'PROTO',
    text: 'entries made by that protocol',
    take: async ({ context, filter }, c) => {
      const word = c.next();
      await context.names.load('rt_protos');
      const protocol = context.names.parse('rt_protos', word);
      if (protocol === null && word !== 'all') throw invalidArgument('invalid "protocol"\n', word);
      filter.protocol = protocol ?? 0;
    },
  },
  {
    word: 'to',
    exact: true,
    value: 'PREFIX',
    text: 'entries within PREFIX; the word may be left out',
    take: (s, c) => takePrefix(s, c.next()),
  },
];

async function readFilter(context: IpContext, cursor: Cursor, flushing: boolean): Promise<NeighbourFilter> {
  const filter: NeighbourFilter = {
    family: context.options.family,
    index: 0,
    states: flushing ? ~(NUD_PERMANENT | NUD_NOARP) : 0xff & ~NUD_NOARP,
    prefix: undefined,
    protocol: 0,
    unusedOnly: false,
    master: 0,
    proxy: false,
  };
  const words: Words = { context, filter, flushing, device: undefined, stateGiven: false };
  await readKeywords(keywords, words, cursor, () => {
    const word = cursor.next();
    if (abbreviates(word, 'help')) throw fatal(NEIGHBOUR_USAGE);
    takePrefix(words, word);
  });
  if (words.device !== undefined) filter.index = await context.device(words.device);
  await context.names.load('rt_protos');
  await context.links.load();
  return filter;
}

/** As many at a time as a datagram brings. */
async function* list(context: IpContext, filter: NeighbourFilter): AsyncGenerator<readonly NeighbourView[]> {
  const request = {
    type: RTM_GETNEIGH,
    header: { family: filter.family, ...(filter.proxy ? { flags: NTF_PROXY } : {}) },
    attributes: {
      ...(filter.index === 0 ? {} : { ifindex: filter.index }),
      ...(filter.master > 0 ? { master: filter.master } : {}),
    },
  };
  for await (const messages of context.dumpDatagrams(neighbourMessage, request))
    yield messages.map(viewOf).filter((view) => selects(filter, view));
}

export async function showNeighbours(context: IpContext, cursor: Cursor): Promise<number> {
  const { out } = context;
  const filter = await readFilter(context, cursor, false);
  out.openDocument();
  for await (const views of list(context, filter)) {
    for (const view of views) {
      out.openObject();
      printNeighbour(context, view, filter.index === 0);
      out.closeObject();
    }
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

const MAX_ROUNDS = 10;

function* deletions(views: readonly NeighbourView[]) {
  for (const { header, attributes } of views) yield { type: RTM_DELNEIGH, header, attributes };
}

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, options } = context;
  if (cursor.done) throw failure('Flush requires arguments.');
  const filter = await readFilter(context, cursor, true);
  for (let round = 0; round < MAX_ROUNDS; ) {
    const found: NeighbourView[] = [];
    for await (const views of list(context, filter)) found.push(...views);
    if (found.length === 0) {
      if (options.stats > 0)
        out.always(round === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return 0;
    }
    try {
      await context.requestAll(neighbourMessage, deletions(found));
    } catch (error) {
      if (error instanceof NetError) throw failure(`Failed to send flush request\n: ${strerror(error.errno)}`);
      throw error;
    }
    if (options.stats > 1) for (const view of found) printNeighbour(context, view, filter.index === 0);
    round++;
    if (options.stats > 0) out.always(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
    // Deleted entries that something still holds stay as failed ones for a while.
    filter.states &= ~NUD_FAILED;
  }
  out.always(`*** Flush not complete bailing out after ${MAX_ROUNDS} rounds\n`);
  return 1;
}

export const show: Verb = {
  names: ['show', 'list'],
  hidden: ['lst'],
  summary: 'show entries of the neighbour table',
  operands: '[ PREFIX ]',
  keywords,
  run: showNeighbours,
};

export const flushVerb: Verb = {
  names: ['flush'],
  summary: 'remove all entries that are selected',
  operands: '[ PREFIX ]',
  keywords,
  run: flush,
};
