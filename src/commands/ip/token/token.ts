import { AF_INET6 } from '../../../netlink/constants.js';
import { IFF_LOOPBACK, IFF_NOARP, RTM_GETLINK, RTM_NEWLINK, RTM_SETLINK } from '../../../netlink/rtnl/constants.js';
import { linkInet6, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { type Address, parsePrefix } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, failure, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';

/** Text of `ip token help`. */
const TOKEN_USAGE = 'Usage: ip token [ list | set | del | get ] [ TOKEN ] [ dev DEV ]';

interface Words {
  readonly context: IpContext;
  device: number | undefined;
  token: Address | undefined;
}

const device: Keyword<Words> = {
  word: 'dev',
  exact: true,
  value: 'DEVICE',
  complete: 'device',
  text: 'the device',
  take: async (s, c) => {
    if (s.device !== undefined) throw duplicateOrGarbage('dev', c.peek());
    s.device = await indexOf(s.context, c.next());
  },
};

async function indexOf(context: IpContext, name: string): Promise<number> {
  const index = await context.links.indexOf(name);
  if (index === 0) throw invalidArgument('dev is invalid\n', name);
  return index;
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const words: Words = { context, device: undefined, token: undefined };
  // What it does not know it passes over.
  await readKeywords([device], words, cursor, (_s, c) => c.skip());
  const only = words.device ?? 0;
  const { out } = context;
  out.openDocument();
  const request = { type: RTM_GETLINK, header: { family: AF_INET6 }, attributes: {} };
  for await (const message of context.dump(linkMessage, request)) {
    const { header, attributes } = linkMessage.parse(message);
    if (message.type !== RTM_NEWLINK || header.family !== AF_INET6 || header.index === 0) continue;
    if (only !== 0 && only !== header.index) continue;
    if ((header.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) continue;
    const token = attributes.protinfo?.parse(linkInet6).token;
    if (token === undefined) throw failure("Seems there's no support for IPv6 token!");
    const name = attributes.ifname ?? '';
    const text = context.host(AF_INET6, token);
    out.openObject();
    out.text('token ');
    out.field('token', text, text, 'inet6');
    out.text(' dev ');
    out.field('ifname', name, `${name}\n`, 'interface');
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

async function set(context: IpContext, words: Words): Promise<number> {
  if (words.token === undefined) throw failure('Not enough information: token is required.');
  if (words.device === undefined) throw failure('Not enough information: "dev" argument is required.');
  const index = words.device;
  const token = words.token.bytes.length === 0 ? new Uint8Array(16) : words.token.bytes;
  await context.request(linkMessage, {
    type: RTM_SETLINK,
    header: { family: AF_INET6, index },
    attributes: { afSpec: { inet6: { token } } },
  });
  return 0;
}

async function readWords(context: IpContext, cursor: Cursor): Promise<Words> {
  const words: Words = { context, device: undefined, token: undefined };
  await readKeywords([device], words, cursor, (s, c) => {
    if (s.token !== undefined) throw duplicateOrGarbage('token', c.peek());
    s.token = parsePrefix(c.next(), AF_INET6);
  });
  return words;
}

const verbs: readonly Verb[] = [
  { names: ['list', 'show', 'lst'], summary: 'show the tokens of devices', keywords: [device], run: show },
  {
    names: ['set', 'add'],
    summary: 'give a device its token',
    operands: 'TOKEN',
    keywords: [device],
    run: async (context, cursor) => set(context, await readWords(context, cursor)),
  },
  { names: ['get'], summary: 'show the token of a device', keywords: [device], run: show },
  {
    names: ['delete'],
    summary: 'take the token away',
    keywords: [device],
    async run(context, cursor) {
      const words: Words = { context, device: undefined, token: parsePrefix('::', AF_INET6) };
      await readKeywords([device], words, cursor, (_s, c) => c.skip());
      return set(context, words);
    },
  },
];

/** `ip token`: interface identifiers that SLAAC takes. */
export const tokens: IpObject = {
  name: 'token',
  summary: 'tokenized interface identifiers',
  usage: TOKEN_USAGE,
  description: [
    'With a token set, an address made from a prefix that a router announces ends in the token instead of an identifier made from the link layer address.',
  ],
  verbs,
  withoutVerb: show,
  examples: [['ip token set ::1:2 dev eth0', 'addresses of eth0 end in ::1:2']],
};
