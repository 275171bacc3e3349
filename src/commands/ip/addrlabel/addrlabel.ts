import { AF_INET6, AF_UNSPEC, NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { addressLabelMessage } from '../../../netlink/rtnl/address-label.js';
import { RTM_DELADDRLABEL, RTM_GETADDRLABEL, RTM_NEWADDRLABEL } from '../../../netlink/rtnl/constants.js';
import { type Address, parsePrefix } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseU32 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { printAddressLabel } from './print.js';
import { ADDRLABEL_USAGE } from './usage.js';

interface Words {
  readonly context: IpContext;
  prefix: Address | undefined;
  device: number | undefined;
  label: number | undefined;
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'prefix',
    exact: true,
    value: 'PREFIX',
    text: 'the addresses that the label is for',
    take: (s, c) => {
      s.prefix = parsePrefix(c.next(), s.context.options.family);
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'only on that device',
    take: async (s, c) => {
      const name = c.next();
      s.device = await s.context.links.indexOf(name);
      if (s.device === 0) throw invalidArgument('dev is invalid\n', name);
    },
  },
  {
    word: 'label',
    exact: true,
    value: 'LABEL',
    text: 'the label: addresses with the same one fit each other',
    take: (s, c) => {
      const text = c.next();
      const label = parseU32(text);
      if (label === null || label === 0xffff_ffff) throw invalidArgument('label is invalid\n', text);
      s.label = label;
    },
  },
];

async function modify(context: IpContext, cursor: Cursor, type: number): Promise<number> {
  const words: Words = { context, prefix: undefined, device: undefined, label: undefined };
  // Words that it does not know are passed over, as the real one does.
  await readKeywords(keywords, words, cursor, (_, c) => c.skip());
  const { prefix, label } = words;
  const index = words.device ?? 0;
  if (prefix === undefined) throw failure('Not enough information: "prefix" argument is required.');
  if (label === undefined) throw failure('Not enough information: "label" argument is required.');
  const family = context.options.family === AF_UNSPEC ? AF_INET6 : context.options.family;
  await context.request(addressLabelMessage, {
    type,
    flags: type === RTM_NEWADDRLABEL ? NLM_F_CREATE | NLM_F_EXCL : 0,
    header: { family, prefixlen: prefix.length, index },
    attributes: { label, address: prefix.bytes.length === 0 ? new Uint8Array(16) : prefix.bytes },
  });
  return 0;
}

async function list(context: IpContext, cursor: Cursor): Promise<number> {
  if (!cursor.done) throw failure('"ip addrlabel show" does not take any arguments.');
  const { out } = context;
  await context.links.load();
  out.openDocument();
  for await (const message of labels(context)) {
    out.openObject();
    printAddressLabel(context, message);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

const labels = (context: IpContext) =>
  context.dump(addressLabelMessage, {
    type: RTM_GETADDRLABEL,
    header: { family: context.options.family === AF_UNSPEC ? AF_INET6 : context.options.family },
    attributes: {},
  });

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  if (!cursor.done) throw failure('"ip addrlabel flush" does not allow extra arguments');
  const found: ReturnType<typeof addressLabelMessage.parse>[] = [];
  for await (const message of labels(context)) found.push(addressLabelMessage.parse(message));
  for (const { header, attributes } of found)
    if (attributes.label !== undefined) await context.request(addressLabelMessage, { type: RTM_DELADDRLABEL, header, attributes });
  return 0;
}

const verbs: readonly Verb[] = [
  { names: ['list', 'show'], summary: 'show all labels', keywords: [], run: list },
  { names: ['add'], summary: 'give a prefix a label', keywords, run: (context, cursor) => modify(context, cursor, RTM_NEWADDRLABEL) },
  { names: ['delete'], summary: 'take a label away', keywords, run: (context, cursor) => modify(context, cursor, RTM_DELADDRLABEL) },
  { names: ['flush'], summary: 'take all labels away', keywords: [], run: flush },
];

/** `ip addrlabel`: the policy table of RFC 6724. */
export const addressLabels: IpObject = {
  name: 'addrlabel',
  summary: 'labels for choosing among IPv6 addresses',
  usage: ADDRLABEL_USAGE,
  description: [
    'When a packet may leave from several IPv6 addresses, one with the same label as the destination is preferred (RFC 6724, rule 6).',
    'The longest prefix that an address lies in gives it its label.',
  ],
  verbs,
  withoutVerb: list,
  examples: [['ip addrlabel add prefix 2001:db8::/32 label 99', 'addresses of that prefix fit each other alone']],
};
