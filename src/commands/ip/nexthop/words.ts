import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import { RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import {
  NEXTHOP_GRP_TYPE_MPATH,
  NEXTHOP_GRP_TYPE_RES,
  type NexthopAttributes,
  type resilientAttributes,
} from '../../../netlink/rtnl/nexthop.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import { parseAddress } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import { familyByName } from '../../shared/families.js';
import type { Keyword } from '../../shared/keywords.js';
import { parseU16, parseU32, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { encapWord } from '../encap/encap.js';
import { NEXTHOP_USAGE } from './usage.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The words of `ip nexthop add` as they were given. */
export interface NexthopWords {
  readonly context: IpContext;
  family: number;
  protocol: number;
  flags: number;
  readonly attributes: Writable<NexthopAttributes>;
  readonly resilient: Writable<AttributesOf<typeof resilientAttributes>>;
}

export const newNexthopWords = (context: IpContext): NexthopWords => ({
  context,
  family: context.options.family,
  protocol: 0,
  flags: 0,
  attributes: {},
  resilient: {},
});

/** "1,3/2,5": ids and their weights. */
function parseGroup(text: string): { id: number; weight: number }[] {
  return text.split('/').map((entry) => {
    const [idText = '', ...weights] = entry.split(',');
    const id = parseU32(idText);
    // iproute2 has cut the argument at its marks by then, and shows what is left of it.
    if (id === null) throw invalidArgument('"group" value is invalid\n', text.split(/[/,]/)[0]!);
    if (weights.length === 0) return { id, weight: 1 };
    const weightText = weights.join(',');
    const weight = parseU32(weightText);
    if (weight === null || weight === 0 || weight > 256) throw invalidArgument('"weight" is invalid\n', weightText);
    return { id, weight };
  });
}

const TICKS_PER_SECOND = 100;

function readResilient(s: NexthopWords, c: Cursor): void {
  const one = (parse: (text: string) => number | null, complaint: string): number => {
    const argument = c.next();
    const number = parse(argument);
    if (number === null) throw invalidArgument(complaint, argument);
    return number;
  };
  const time = (name: string) => one((text) => parseUnsigned(text, Math.floor(0xffff_ffff / TICKS_PER_SECOND)), `invalid ${name} value`);
  while (!c.done) {
    const word = c.peek();
    if (word === 'buckets') {
      c.skip();
      s.resilient.buckets = one(parseU16, 'invalid buckets value');
    } else if (word === 'idle_timer') {
      c.skip();
      s.resilient.idleTimer = time('idle timer') * TICKS_PER_SECOND;
    } else if (word === 'unbalanced_timer') {
      c.skip();
      s.resilient.unbalancedTimer = time('unbalanced timer') * TICKS_PER_SECOND;
    } else return;
  }
}

export const idWord = <S extends { readonly attributes: Writable<NexthopAttributes> }>(text: string): Keyword<S> => ({
  word: 'id',
  exact: true,
  value: 'ID',
  text,
  take: (s, c) => {
    const argument = c.next();
    const id = parseUnsigned(argument);
    if (id === null) throw invalidArgument('invalid id value', argument);
    s.attributes.id = id;
  },
});

export const nexthopKeywords: readonly Keyword<NexthopWords>[] = [
  idWord('the number of the object; the next that is free when none is given'),
  {
    word: 'dev',
    exact: true,
    value: 'DEV',
    complete: 'device',
    text: 'the device that packets leave by',
    take: async (s, c) => {
      const name = c.next();
      const index = await s.context.links.indexOf(name);
      if (index === 0) throw invalidArgument('Device does not exist\n', name);
      s.attributes.oif = index;
      if (s.family === AF_UNSPEC) s.family = AF_INET;
    },
  },
  {
    word: 'via',
    exact: true,
    value: '[ FAMILY ] ADDRESS',
    text: 'the gateway',
    take: (s, c) => {
      const word = c.next();
      const family = familyByName(word);
      const address = parseAddress(family === null ? word : c.next(), family ?? s.family);
      if (s.family === AF_UNSPEC) s.family = address.family;
      else if (s.family !== address.family) throw fatal('Error: address family mismatch');
      s.attributes.gateway = address.bytes;
    },
  },
  encapWord(),
  {
    word: 'blackhole',
    exact: true,
    text: 'packets are dropped',
    take: (s) => {
      s.attributes.blackhole = true;
      if (s.family === AF_UNSPEC) s.family = AF_INET;
    },
  },
  {
    word: 'fdb',
    exact: true,
    text: 'for forwarding entries of a bridge or VXLAN, not for routes',
    take: (s) => {
      s.attributes.fdb = true;
    },
  },
  {
    word: 'onlink',
    exact: true,
    text: 'the gateway is on the link though no address says so',
    take: (s) => {
      s.flags |= RTNH_F_ONLINK;
    },
  },
  {
    word: 'group',
    exact: true,
    value: 'ID[,WEIGHT]/ID[,WEIGHT]/...',
    text: 'a group of others that share the traffic by their weights',
    take: (s, c) => {
      s.attributes.group = parseGroup(c.next());
    },
  },
  {
    word: 'type',
    exact: true,
    value: '{ mpath | resilient [ buckets N ] [ idle_timer S ] [ unbalanced_timer S ] }',
    text: 'how a group shares: by the hash alone, or by buckets that keep their member while it is there',
    take: (s, c) => {
      const word = c.next();
      if (abbreviates(word, 'mpath')) s.attributes.groupType = NEXTHOP_GRP_TYPE_MPATH;
      else if (abbreviates(word, 'resilient')) {
        s.attributes.groupType = NEXTHOP_GRP_TYPE_RES;
        readResilient(s, c);
      } else throw invalidArgument('"type" value is invalid\n', word);
    },
  },
  {
    word: 'protocol',
    value: 'ID',
    text: 'who made it',
    take: (s, c) => {
      const argument = c.next();
      const protocol = s.context.names.parse('rt_protos', argument);
      if (protocol === null) throw invalidArgument('"protocol" value is invalid\n', argument);
      s.protocol = protocol;
    },
  },
];

export function refuseWord(_: unknown, c: Cursor): never {
  const word = c.peek();
  if (word === 'help') throw fatal(NEXTHOP_USAGE);
  throw invalidArgument('', word);
}
