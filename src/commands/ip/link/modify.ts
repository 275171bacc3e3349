import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { RTM_DELLINK, RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import { type LinkInfo, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { failure, fatal } from '../../shared/failure.js';
import type { KeywordWords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { linkKind, linkKindNames } from './kinds/index.js';
import { LINK_USAGE } from './usage.js';
import { type LinkWords, linkKeywords, readLinkWords } from './words.js';

const type: KeywordWords = {
  word: 'type',
  value: 'TYPE [ ARGS ]',
  complete: linkKindNames,
  text: "the kind of device, and words of the kind's own (`ip link help TYPE`)",
};
const device: KeywordWords = { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'the device' };

async function modify(context: IpContext, cursor: Cursor, message: number, flags: number): Promise<number> {
  const words = await readLinkWords(context, cursor, { creating: (flags & NLM_F_CREATE) !== 0 });
  const linkinfo = await readKind(context, cursor, words);
  if (linkinfo === undefined && words.creating) throw failure('Not enough information: "type" argument is required');
  await context.request(linkMessage, {
    type: message,
    flags,
    header: words.header,
    attributes: { ...words.attributes, ...(linkinfo === undefined ? {} : { linkinfo }) },
  });
  return 0;
}

/** `type KIND` and the kind's own words, or `type KIND_slave` and those of its slaves. */
async function readKind(context: IpContext, cursor: Cursor, words: LinkWords): Promise<LinkInfo | undefined> {
  if (words.type === undefined) return undefined;
  const slave = words.type.endsWith('_slave');
  const part = await linkKind(words.type);
  if (cursor.done && (part?.parseEmpty !== true || !words.creating)) return { kind: words.type };
  // iproute2 passes over what follows a kind that it knows, but that has no words of its own.
  if (part !== undefined && part.parse === undefined) return { kind: words.type };
  if (part?.parse === undefined) {
    if (abbreviates(cursor.peek(), 'help')) throw fatal(LINK_USAGE);
    throw failure(`Garbage instead of arguments "${cursor.peek()} ...". Try "ip link help".`);
  }
  const data = await part.parse(context, cursor, words.creating, words.header.index ?? 0);
  return slave ? { kind: words.type, slaveData: data } : { kind: words.type, data };
}

export const add: Verb = {
  names: ['add'],
  summary: 'make a device',
  operands: '[ name ] NAME',
  keywords: [...linkKeywords, type],
  run: (context, cursor) => modify(context, cursor, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL),
};

export const set: Verb = {
  names: ['set', 'change'],
  summary: 'change a device, or all devices of a group',
  operands: '{ DEVICE | group GROUP }',
  completeOperand: 'device',
  keywords: [device, ...linkKeywords, type],
  run: (context, cursor) => modify(context, cursor, RTM_NEWLINK, 0),
};

export const replace: Verb = {
  names: ['replace'],
  summary: 'make a device, or change it when it is there',
  operands: '[ name ] NAME',
  keywords: [...linkKeywords, type],
  run: (context, cursor) => modify(context, cursor, RTM_NEWLINK, NLM_F_CREATE | NLM_F_REPLACE),
};

export const remove: Verb = {
  names: ['delete'],
  summary: 'remove a device, or all devices of a group',
  operands: '{ DEVICE | group GROUP }',
  completeOperand: 'device',
  keywords: [device, { word: 'group', exact: true, value: 'GROUP', text: 'all devices of the group' }, type],
  run: (context, cursor) => modify(context, cursor, RTM_DELLINK, 0),
};

/** `ip link help [TYPE]` */
export const help: Verb = {
  names: ['help'],
  summary: 'print the usage, or that of a kind',
  operands: '[ TYPE ]',
  completeOperand: linkKindNames,
  keywords: [],
  async run(context, cursor) {
    const part = cursor.done ? undefined : await linkKind(cursor.next());
    if (part?.usage === undefined) throw fatal(LINK_USAGE);
    context.out.always(`${part.usage}\n`);
    return 0;
  },
};
