import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { RTM_DELNEXTHOP, RTM_GETNEXTHOP, RTM_GETNEXTHOPBUCKET, RTM_NEWNEXTHOP } from '../../../netlink/rtnl/constants.js';
import { type NexthopAttributes, nexthopMessage, nexthopRequest } from '../../../netlink/rtnl/nexthop.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { CommandFailure, fatal, invalidArgument, unknownCommand } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU16, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { vrfByName } from '../vrf/lookup.js';
import { loadNexthopNames, printBucket, printNexthop } from './print.js';
import { NEXTHOP_USAGE } from './usage.js';
import { idWord, newNexthopWords, nexthopKeywords, refuseWord } from './words.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Selection {
  readonly context: IpContext;
  readonly attributes: Writable<NexthopAttributes>;
  protocol: number | undefined;
}

async function modify(context: IpContext, cursor: Cursor, type: number, flags: number): Promise<number> {
  await loadNexthopNames(context);
  const words = newNexthopWords(context);
  await readKeywords(nexthopKeywords, words, cursor, refuseWord);
  const { attributes, resilient } = words;
  if (Object.keys(resilient).length > 0) attributes.resilient = resilient;
  const header = { family: words.family, protocol: words.protocol, flags: words.flags };
  await context.request(nexthopRequest, { type, flags, header, attributes });
  return 0;
}

const deviceWord = (word: string, key: 'oif' | 'master', text: string): Keyword<Selection> => ({
  word,
  exact: true,
  value: 'DEV',
  complete: 'device',
  text,
  take: async (s, c) => {
    const name = c.next();
    const index = await s.context.links.indexOf(name);
    if (index === 0) throw invalidArgument('Device does not exist\n', name);
    s.attributes[key] = index;
  },
});

const selection: readonly Keyword<Selection>[] = [
  deviceWord('dev', 'oif', 'those that leave by the device'),
  {
    word: 'groups',
    text: 'groups alone',
    take: (s) => {
      s.attributes.groups = true;
    },
  },
  deviceWord('master', 'master', 'those that leave by a device enslaved to DEV'),
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'those that leave by a device of the VRF',
    take: async (s, c) => {
      const name = c.next();
      const vrf = await vrfByName(s.context, name);
      if (vrf === null) throw invalidArgument('Invalid VRF\n', name);
      s.attributes.master = vrf.index;
    },
  },
  idWord('the one with that number'),
  {
    word: 'protocol',
    value: 'ID',
    text: 'those made by that protocol',
    take: (s, c) => {
      const argument = c.next();
      // Names are understood where nexthops are made alone.
      const protocol = parseUnsigned(argument);
      if (protocol === null) throw invalidArgument('invalid protocol value', argument);
      s.protocol = protocol;
    },
  },
  {
    word: 'fdb',
    exact: true,
    text: 'those for forwarding entries',
    take: (s) => {
      s.attributes.fdb = true;
    },
  },
];

const nhidWord: Keyword<Selection> = {
  word: 'nhid',
  exact: true,
  value: 'ID',
  text: 'buckets that lead to that member',
  take: (s, c) => {
    const argument = c.next();
    const id = parseUnsigned(argument);
    if (id === null) throw invalidArgument('invalid id value', argument);
    s.attributes.bucket = { ...s.attributes.bucket, nexthopId: id };
  },
};

const indexWord: Keyword<Selection> = {
  word: 'index',
  exact: true,
  value: 'INDEX',
  text: 'the bucket',
  take: (s, c) => {
    const argument = c.next();
    const index = parseU16(argument);
    if (index === null) throw invalidArgument('invalid bucket index value', argument);
    s.attributes.bucket = { ...s.attributes.bucket, index };
  },
};

async function select(context: IpContext, cursor: Cursor, keywords: readonly Keyword<Selection>[]): Promise<Selection> {
  const words: Selection = { context, attributes: {}, protocol: undefined };
  await loadNexthopNames(context);
  await readKeywords(keywords, words, cursor, refuseWord);
  await context.links.load();
  return words;
}

async function* list({ context, attributes, protocol }: Selection): AsyncGenerator<NetlinkMessage> {
  const request = { type: RTM_GETNEXTHOP, header: { family: context.options.family }, attributes };
  for await (const message of context.dump(nexthopMessage, request, 2))
    if (protocol === undefined || nexthopMessage.readHeader(message).protocol === protocol) yield message;
}

async function showNexthops(context: IpContext, cursor: Cursor): Promise<number> {
  const { out } = context;
  const words = await select(context, cursor, selection);
  if (words.attributes.id !== undefined) return showOne(context, words);
  out.openDocument();
  for await (const message of list(words)) {
    printNexthop(context, message);
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

async function showOne(context: IpContext, { attributes: { id } }: Selection): Promise<number> {
  const { out } = context;
  const message = await context.get(nexthopMessage, {
    type: RTM_GETNEXTHOP,
    header: { family: context.options.family },
    attributes: { id },
  });
  out.openDocument();
  printNexthop(context, message);
  out.closeDocument();
  return 0;
}

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const words = await select(context, cursor, selection);
  const remove = (id: number) => context.request(nexthopMessage, { type: RTM_DELNEXTHOP, header: {}, attributes: { id } });
  const { id } = words.attributes;
  if (id !== undefined) {
    try {
      await remove(id);
    } catch (error) {
      throw error instanceof CommandFailure ? new CommandFailure(1, error.text) : error;
    }
    return 0;
  }
  let flushed = 0;
  const each = async (selected: Selection) => {
    const found: number[] = [];
    for await (const message of list(selected)) found.push(nexthopMessage.parseAttributes(message).id ?? 0);
    for (const one of found) await remove(one);
    flushed += found.length;
  };
  // Groups go with their last member: where all are to go they come first.
  const all = words.protocol === undefined && Object.keys(words.attributes).length === 0;
  if (all) await each({ ...words, attributes: { groups: true } });
  await each(words);
  context.out.always(flushed === 0 ? 'Nothing to flush\n' : `Flushed ${flushed} nexthops\n`);
  return 0;
}

async function bucket(context: IpContext, cursor: Cursor): Promise<number> {
  const word = cursor.done ? 'list' : cursor.next();
  if (abbreviates(word, 'list') || abbreviates(word, 'show') || word === 'lst') return listBuckets(context, cursor);
  if (abbreviates(word, 'get')) return getBucket(context, cursor);
  if (abbreviates(word, 'help')) throw fatal(NEXTHOP_USAGE);
  throw unknownCommand('nexthop', word);
}

async function listBuckets(context: IpContext, cursor: Cursor): Promise<number> {
  const { attributes } = await select(context, cursor, bucketSelection);
  context.out.openDocument();
  const request = { type: RTM_GETNEXTHOPBUCKET, header: { family: context.options.family }, attributes };
  for await (const message of context.dump(nexthopMessage, request, 2)) printBucket(context, message);
  context.out.closeDocument();
  return 0;
}

async function getBucket(context: IpContext, cursor: Cursor): Promise<number> {
  const { attributes } = await select(context, cursor, [idWord('the group'), indexWord]);
  if (attributes.id === undefined || attributes.bucket?.index === undefined) throw fatal(NEXTHOP_USAGE);
  const message = await context.get(nexthopMessage, { type: RTM_GETNEXTHOPBUCKET, header: {}, attributes });
  context.out.openDocument();
  printBucket(context, message);
  context.out.closeDocument();
  return 0;
}

const bucketSelection = [...selection.filter(({ word }) => word !== 'groups' && word !== 'fdb' && word !== 'protocol'), nhidWord];

const add: Verb = {
  names: ['add'],
  summary: 'make a nexthop object',
  keywords: nexthopKeywords,
  run: (context, cursor) => modify(context, cursor, RTM_NEWNEXTHOP, NLM_F_CREATE | NLM_F_EXCL),
};
const replace: Verb = {
  names: ['replace'],
  summary: 'make a nexthop object, or change it; routes that use it follow',
  keywords: nexthopKeywords,
  run: (context, cursor) => modify(context, cursor, RTM_NEWNEXTHOP, NLM_F_CREATE | NLM_F_REPLACE),
};
const remove: Verb = {
  names: ['delete'],
  summary: 'remove a nexthop object, and the routes that use it',
  keywords: [idWord<Selection>('the object')],
  async run(context, cursor) {
    const { attributes } = await select(context, cursor, [idWord('the object')]);
    await context.request(nexthopMessage, { type: RTM_DELNEXTHOP, header: { family: context.options.family }, attributes });
    return 0;
  },
};
const get: Verb = {
  names: ['get'],
  summary: 'show one nexthop object',
  keywords: [idWord<Selection>('the object')],
  async run(context, cursor) {
    // What is no number of an object is answered with the usage.
    if (cursor.done || cursor.peek() !== 'id') throw fatal(NEXTHOP_USAGE);
    const words = await select(context, cursor, [idWord('the object')]);
    if (words.attributes.id === undefined) throw fatal(NEXTHOP_USAGE);
    return showOne(context, words);
  },
};
const show: Verb = {
  names: ['list', 'show'],
  hidden: ['lst'],
  summary: 'show nexthop objects',
  keywords: selection,
  run: showNexthops,
};
const flushVerb: Verb = { names: ['flush'], summary: 'remove all nexthop objects that are selected', keywords: selection, run: flush };
const bucketVerb: Verb = {
  names: ['bucket'],
  summary: 'show the buckets of resilient groups',
  operands: '{ list | get }',
  completeOperand: ['list', 'get'],
  keywords: [...bucketSelection, indexWord],
  run: bucket,
};

/** `ip nexthop`: ways with a number of their own, that routes name. */
export const nexthop: IpObject = {
  name: 'nexthop',
  summary: 'nexthop objects',
  usage: NEXTHOP_USAGE,
  description: [
    'A nexthop object is a way that many routes may use by its number (ip route add PREFIX nhid ID). Where it is replaced, all of them follow; where it is removed, they go.',
    'A group shares traffic among its members by their weights. A resilient one has buckets: when a member leaves, only the flows of its own buckets move.',
  ],
  verbs: [add, replace, remove, show, get, flushVerb, bucketVerb],
  withoutVerb: showNexthops,
  examples: [
    ['ip nexthop add id 1 via 10.0.0.1 dev eth0', 'a gateway'],
    ['ip nexthop add id 10 group 1/2,3', 'two ways, the second with three times the traffic'],
  ],
};
