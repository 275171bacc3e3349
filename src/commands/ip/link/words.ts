import { isName } from '../../shared/ifname.js';
import type { LinkAttributes, LinkHeader } from '../../../netlink/rtnl/link/link.js';
import {
  IFALIASZ,
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
  IFNAMSIZ,
} from '../../../netlink/rtnl/constants.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { duplicateArgument, duplicateOrGarbage, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, keywordFits } from '../../shared/keywords.js';
import { parseLinkAddress } from '../../shared/link-layer.js';
import { parseSigned, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { addressGenerationModes, linkModes, operationalStates } from './names.js';
import { onOffArgument } from './on-off.js';
import { LINK_USAGE } from './usage.js';
import { readVf } from './vf.js';
import { readXdp, xdpWords } from './xdp.js';
import { vrfByName } from '../vrf/lookup.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The words of `ip link add|set` (and of a veth's peer) as they were given. */
export interface LinkWords {
  readonly context: IpContext;
  readonly creating: boolean;
  flags: number;
  change: number;
  name: string | undefined;
  device: string | undefined;
  index: number | undefined;
  link: string | undefined;
  group: number | undefined;
  type: string | undefined;
  readonly attributes: Writable<LinkAttributes>;
  header: Partial<LinkHeader>;
}

type LinkKeyword = Keyword<LinkWords>;

/** A device name that may be given to a device: not empty, no slash or white space. */

const onOff = (word: string, mask: number, text: string, options: { exact?: boolean; inverted?: boolean } = {}): LinkKeyword => ({
  word,
  exact: options.exact !== false,
  value: '{ on | off }',
  complete: ['on', 'off'],
  text,
  take: (s, c) => {
    const on = onOffArgument(word, c.next());
    s.change |= mask;
    s.flags = on !== (options.inverted === true) ? s.flags | mask : s.flags & ~mask;
  },
});

type NumberAttribute = 'mtu' | 'txqlen' | 'numTxQueues' | 'numRxQueues' | 'gsoMaxSize' | 'gsoMaxSegs' | 'groMaxSize';

const number = (
  word: string,
  attribute: NumberAttribute,
  value: string,
  text: string,
  signed: boolean,
  { most = 0xffff_ffff, ...more }: Partial<LinkKeyword> & { readonly most?: number } = {},
): LinkKeyword => ({
  exact: true,
  ...more,
  word,
  value,
  text,
  take: (s, c) => {
    const argument = c.next();
    if (s.attributes[attribute] !== undefined) throw duplicateArgument(word, argument);
    const parsed = signed ? parseSigned(argument) : parseUnsigned(argument);
    if (parsed === null) throw invalidArgument(`Invalid "${word}" value\n`, argument);
    if (parsed > most) throw invalidArgument(`Invalid "${word}" value\n`, argument);
    s.attributes[attribute] = parsed;
  },
});

const named = (
  word: string,
  attribute: 'operstate' | 'linkmode',
  names: readonly string[],
  complaint: string,
  text: string,
): LinkKeyword => ({
  word,
  exact: true,
  value: word === 'state' ? 'STATE' : 'MODE',
  complete: names.map((name) => name.toLowerCase()),
  text,
  take: (s, c) => {
    const argument = c.next();
    const index = names.findIndex((name) => name.toLowerCase() === argument.toLowerCase());
    if (index === -1) throw invalidArgument(complaint, argument);
    s.attributes[attribute] = index;
  },
});

async function deviceIndex(s: LinkWords, name: string, complaint: string): Promise<number> {
  const index = await s.context.links.indexOf(name);
  if (index === 0) throw invalidArgument(complaint, name);
  return index;
}

/** In iproute2's order of precedence. */
export const linkKeywords: readonly LinkKeyword[] = [
  {
    word: 'up',
    exact: true,
    text: 'switch the device on',
    take: (s) => {
      s.change |= IFF_UP;
      s.flags |= IFF_UP;
    },
  },
  {
    word: 'down',
    exact: true,
    text: 'switch the device off',
    take: (s) => {
      s.change |= IFF_UP;
      s.flags &= ~IFF_UP;
    },
  },
  {
    word: 'name',
    exact: true,
    value: 'NAME',
    text: 'the name it is to have',
    take: (s, c) => {
      const name = c.next();
      if (s.name !== undefined) throw duplicateArgument('name', name);
      if (!isName(name, IFNAMSIZ)) throw invalidArgument('"name" not a valid ifname', name);
      s.name = name;
      s.device ??= name;
    },
  },
  {
    word: 'index',
    exact: true,
    value: 'IDX',
    text: 'the index it is to have',
    take: (s, c) => {
      const word = c.next();
      if (s.index !== undefined) throw duplicateArgument('index', word);
      s.index = Number.parseInt(word, 10) || 0;
      if (s.index <= 0) throw invalidArgument('Invalid "index" value', word);
    },
  },
  {
    word: 'link',
    value: 'DEVICE',
    complete: 'device',
    text: 'the device below it',
    take: (s, c) => {
      s.link = c.next();
    },
  },
  {
    word: 'address',
    value: 'LLADDR',
    text: 'its link layer address',
    take: (s, c) => {
      s.attributes.address = parseLinkAddress(c.next());
    },
  },
  {
    word: 'broadcast',
    also: ['brd'],
    value: 'LLADDR',
    text: 'its link layer broadcast address, or the peer of a point-to-point device',
    take: (s, c) => {
      s.attributes.broadcast = parseLinkAddress(c.next());
    },
  },
  number('txqueuelen', 'txqlen', 'PACKETS', 'length of its transmit queue', true, { exact: false, also: ['qlen', 'txqlen'] }),
  number('mtu', 'mtu', 'MTU', 'largest packet it takes', true),
  {
    word: 'netns',
    exact: true,
    value: '{ PID | NAME }',
    complete: 'namespace',
    text: 'the network namespace it is made in or moved to',
    take: async (s, c) => {
      const word = c.next();
      if (s.attributes.netNsFd !== undefined || s.attributes.netNsPid !== undefined) throw duplicateArgument('netns', word);
      const reference = await s.context.namespaces.reference(word);
      const pid = reference === undefined ? parseSigned(word) : null;
      if (reference !== undefined) s.attributes.netNsFd = reference;
      else if (pid !== null) s.attributes.netNsPid = pid;
      else throw invalidArgument('Invalid "netns" value\n', word);
    },
  },
  onOff('multicast', IFF_MULTICAST, 'takes part in multicast'),
  onOff('allmulticast', IFF_ALLMULTI, 'takes in all multicast packets'),
  onOff('promisc', IFF_PROMISC, 'takes in all packets'),
  onOff('trailers', IFF_NOTRAILERS, 'trailer encapsulation (obsolete)', { inverted: true }),
  onOff('arp', IFF_NOARP, 'uses ARP', { inverted: true }),
  {
    word: 'carrier',
    exact: true,
    value: '{ on | off }',
    complete: ['on', 'off'],
    text: 'carrier of a device that lets it be set',
    take: (s, c) => {
      const word = c.next();
      if (word !== 'on' && word !== 'off') throw fatal(`Error: argument of "carrier" must be one of "off", "on", not "${word}"`, 22);
      s.attributes.carrier = word === 'on' ? 1 : 0;
    },
  },
  {
    word: 'vf',
    exact: true,
    value: 'NUM SETTINGS',
    text: 'a virtual function of the NIC, and what is set of it; no device of the stack has any',
    take: (s, c) => {
      s.attributes.vfInfo = [...(s.attributes.vfInfo ?? []), readVf(c)];
    },
  },
  ...xdpWords.map(
    (word): LinkKeyword => ({
      word,
      exact: true,
      value: '{ off | object FILE | pinned FILE }',
      text: 'a program that sees packets first; here there is none to take away',
      take: async (s, c) => {
        s.attributes.xdp = await readXdp(s.context, c, word);
      },
    }),
  ),
  {
    word: 'master',
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that it is enslaved to',
    take: async (s, c) => {
      s.attributes.master = await deviceIndex(s, c.next(), 'Device does not exist\n');
    },
  },
  {
    word: 'vrf',
    exact: true,
    value: 'NAME',
    complete: 'device',
    text: 'the VRF that it belongs to',
    take: async (s, c) => {
      const name = c.next();
      const vrf = await vrfByName(s.context, name);
      if (vrf === null) throw invalidArgument('Not a valid VRF name\n', name);
      s.attributes.master = vrf.index;
    },
  },
  {
    word: 'nomaster',
    text: 'free it from its master',
    take: (s) => {
      s.attributes.master = 0;
    },
  },
  onOff('dynamic', IFF_DYNAMIC, 'its address may change (no effect of its own)', { exact: false }),
  {
    word: 'alias',
    value: 'TEXT',
    text: 'a description; empty to remove it',
    take: (s, c) => {
      const text = c.next();
      if (new TextEncoder().encode(text).length >= IFALIASZ) throw invalidArgument('alias too long\n', text);
      s.attributes.ifalias = text;
    },
  },
  {
    word: 'group',
    exact: true,
    value: 'GROUP',
    text: 'the group it belongs to; in set without a device: all devices of the group',
    take: async (s, c) => {
      const word = c.next();
      if (s.group !== undefined) throw duplicateArgument('group', word);
      await s.context.names.load('group');
      const group = s.context.names.parse('group', word);
      if (group === null) throw invalidArgument('Invalid "group" value\n', word);
      s.group = group;
    },
  },
  named('mode', 'linkmode', linkModes, 'Invalid link mode\n', 'the policy of its operational state'),
  named('state', 'operstate', operationalStates, 'Invalid operstate\n', 'its operational state'),
  number('numtxqueues', 'numTxQueues', 'COUNT', 'number of transmit queues', false, { exact: false }),
  number('numrxqueues', 'numRxQueues', 'COUNT', 'number of receive queues', false, { exact: false }),
  {
    word: 'addrgenmode',
    value: '{ eui64 | none | stable_secret | random }',
    complete: addressGenerationModes,
    text: 'how its IPv6 link-local address is made',
    take: (s, c) => {
      const word = c.next();
      const mode = addressGenerationModes.indexOf(word);
      if (mode === -1) throw invalidArgument('Invalid address generation mode\n', word);
      s.attributes.afSpec = { ...s.attributes.afSpec, inet6: { addrGenMode: mode } };
    },
  },
  {
    word: 'link-netns',
    value: 'NAME',
    complete: 'namespace',
    text: 'the network namespace of the device below it',
    take: async (s, c) => {
      const word = c.next();
      if (s.attributes.linkNetnsid !== undefined) throw duplicateArgument('link-netns/link-netnsid', word);
      const reference = await s.context.namespaces.reference(word);
      const nsid = reference === undefined ? -1 : await s.context.namespaces.nsidOf(reference);
      if (nsid < 0) throw invalidArgument('Invalid "link-netns" value\n', word);
      s.attributes.linkNetnsid = nsid;
    },
  },
  {
    word: 'link-netnsid',
    exact: true,
    value: 'ID',
    text: 'the same by the id of the namespace',
    take: (s, c) => {
      const word = c.next();
      if (s.attributes.linkNetnsid !== undefined) throw duplicateArgument('link-netns/link-netnsid', word);
      const id = parseSigned(word);
      if (id === null) throw invalidArgument('Invalid "link-netnsid" value\n', word);
      s.attributes.linkNetnsid = id;
    },
  },
  {
    word: 'protodown',
    exact: true,
    value: '{ on | off }',
    complete: ['on', 'off'],
    text: 'an error of a protocol keeps the device down',
    take: (s, c) => {
      s.attributes.protoDown = onOffArgument('protodown', c.next()) ? 1 : 0;
    },
  },
  {
    word: 'protodown_reason',
    exact: true,
    value: 'REASON { on | off }',
    text: 'set or clear one of the reasons for protodown (bits 0-31)',
    take: (s, c) => {
      const word = c.next();
      const bit = parseUnsigned(word, 31);
      if (bit === null) throw invalidArgument('invalid protodown reason\n', word);
      const on = onOffArgument('protodown_reason', c.next());
      s.attributes.protoDownReason = { mask: (1 << bit) >>> 0, value: on ? (1 << bit) >>> 0 : 0 };
    },
  },
  number('gso_max_size', 'gsoMaxSize', 'BYTES', 'largest packet handed to it for segmentation', false),
  number('gso_max_segs', 'gsoMaxSegs', 'PACKETS', 'most segments of such a packet', false, { most: 0xffff }),
  number('gro_max_size', 'groMaxSize', 'BYTES', 'largest packet that received ones are joined to', false),
  {
    word: 'parentdev',
    value: 'NAME',
    text: 'the hardware device that it is a part of',
    take: (s, c) => {
      s.attributes.parentDevName = c.next();
    },
  },
];

/** Reads words up to `type KIND` (taken too) or the end, and makes request header and attributes of them. */
export async function readLinkWords(context: IpContext, cursor: Cursor, options: { readonly creating: boolean }): Promise<LinkWords> {
  const words: LinkWords = {
    context,
    creating: options.creating,
    flags: 0,
    change: 0,
    name: undefined,
    device: undefined,
    index: undefined,
    link: undefined,
    group: undefined,
    type: undefined,
    attributes: {},
    header: {},
  };
  while (!cursor.done) {
    const word = cursor.next();
    // "type" stands behind "vrf" and "nomaster" and before "alias" in the order of precedence; no other word begins with its letters.
    if (abbreviates(word, 'type') && !linkKeywords.some((keyword) => keywordFits(keyword, word))) {
      words.type = cursor.next();
      break;
    }
    const keyword = linkKeywords.find((candidate) => keywordFits(candidate, word));
    if (keyword !== undefined) await keyword.take(words, cursor, word);
    else takeDevice(words, word, cursor);
  }
  await complete(words, cursor);
  return words;
}

function takeDevice(words: LinkWords, word: string, cursor: Cursor): void {
  if (abbreviates(word, 'help')) throw fatal(LINK_USAGE);
  const name = word === 'dev' ? cursor.next() : word;
  if (words.device !== words.name) throw duplicateOrGarbage('dev', name);
  if (!isName(name, 128)) throw invalidArgument('"dev" not a valid ifname', name);
  words.device = name;
}

/** What the words mean together. */
async function complete(words: LinkWords, cursor: Cursor): Promise<void> {
  const { context, attributes } = words;
  const renamed = words.name !== undefined && words.name !== words.device ? words.name : undefined;
  const device = words.device ?? words.name;
  await checkAddressLengths(words, device);
  const header = { flags: words.flags, change: words.change };
  if (words.group !== undefined) {
    attributes.group = words.group;
    if (device === undefined) {
      if (!cursor.done) throw fatal(`Garbage instead of arguments "${cursor.peek()} ...". Try "ip link help".`);
      if (words.creating) throw fatal('group cannot be used when creating devices.');
      words.type = undefined;
      words.header = header;
      return;
    }
  }
  if (words.creating) {
    if (renamed !== undefined) throw fatal('both "name" and "dev" cannot be used when creating devices.');
    if (words.link !== undefined) attributes.link = await context.device(words.link);
    if (device !== undefined) attributes.ifname = device;
    words.header = { ...header, index: words.index ?? 0 };
    return;
  }
  if (device === undefined) throw fatal('Not enough information: "dev" argument is required.');
  const index = await context.device(device);
  const moves = attributes.netNsFd !== undefined || attributes.netNsPid !== undefined;
  if (words.index !== undefined && moves) attributes.newIfindex = words.index;
  else if (words.index !== undefined) throw fatal('index can be used only when creating devices or when moving device to another netns.');
  if (renamed !== undefined) attributes.ifname = renamed;
  words.header = { ...header, index };
}

/** An address for a device that is there must be as long as the one it has. */
async function checkAddressLengths({ context, attributes }: LinkWords, device: string | undefined): Promise<void> {
  if (device === undefined) return;
  for (const address of [attributes.address, attributes.broadcast]) {
    if (address === undefined) continue;
    const wanted = await context.links.addressLengthOf(device);
    if (wanted !== undefined && wanted !== address.length)
      throw failure(`Invalid address length ${address.length} - must be ${wanted} bytes`);
  }
}
