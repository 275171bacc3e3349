import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import {
  ENCAP_CSUM,
  ENCAP_KEY,
  ENCAP_SEQ,
  ip6Encap,
  ipEncap,
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_IP6,
  type TunnelOptionAttributes,
} from '../../../netlink/rtnl/encap.js';
import { Deferred } from '../../../netlink/schema.js';
import { formatAddress, parseAddress } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { duplicateOrGarbage, invalidArgument } from '../../shared/failure.js';
import { RawJson } from '../../shared/json-writer.js';
import { parseInteger, parseU8 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { EncapPart } from './kind.js';
import { parseErspan, parseGeneve, parseVxlan, printOptions } from './options.js';

/** The words of an outer header, as they were given. */
interface Outer {
  id?: Uint8Array;
  dst?: Uint8Array;
  src?: Uint8Array;
  tos?: number;
  ttl?: number;
  flags: number;
  opts?: TunnelOptionAttributes;
}

const ID_BYTES = 8;
const U64 = 1n << 64n;

function parseId(text: string): Uint8Array {
  const value = parseInteger(text);
  if (value === null || value >= U64 || value <= -U64) throw invalidArgument('"id" value is invalid\n', text);
  const bytes = new Uint8Array(ID_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value));
  return bytes;
}

const FLAG_WORDS: readonly (readonly [word: string, flag: number])[] = [
  ['key', ENCAP_KEY],
  ['csum', ENCAP_CSUM],
  ['seq', ENCAP_SEQ],
];
const OPTION_WORDS: Readonly<Record<string, (text: string) => TunnelOptionAttributes>> = {
  geneve_opts: parseGeneve,
  vxlan_opts: parseVxlan,
  erspan_opts: parseErspan,
};

/** Reads words as long as they are an outer header's. iproute2: parse_encap_ip(), parse_encap_ip6() */
function readOuter(context: IpContext, cursor: Cursor, family: number): Outer {
  const [tosWord, ttlWord] = family === AF_INET ? ['tos', 'ttl'] : ['tc', 'hoplimit'];
  const outer: Outer = { flags: 0 };
  const seen = new Set<string>();
  /** The word's argument, which it may have once. */
  const once = (word: string) => {
    cursor.skip();
    const argument = cursor.next();
    if (seen.has(word)) throw duplicateOrGarbage(word, argument);
    seen.add(word);
    return argument;
  };
  for (; !cursor.done; ) {
    const word = cursor.peek();
    const flag = FLAG_WORDS.find(([name]) => name === word);
    const options = OPTION_WORDS[word];
    if (word === 'id') outer.id = parseId(once(word));
    else if (word === 'dst' || word === 'src') outer[word] = parseAddress(once(word), family).bytes;
    else if (word === tosWord) {
      const argument = once(word);
      outer.tos = context.names.parse('rt_dsfield', argument, 16) ?? invalid(word, argument);
    } else if (word === ttlWord) {
      const argument = once(word);
      outer.ttl = parseU8(argument) ?? invalid(word, argument);
    } else if (flag !== undefined) {
      if (seen.has(word)) throw duplicateOrGarbage(word, word);
      seen.add(word);
      cursor.skip();
      outer.flags |= flag[1];
    } else if (options !== undefined) outer.opts = options(once(word));
    else break;
  }
  return outer;
}

function invalid(word: string, argument: string): never {
  throw invalidArgument(`"${word}" value is invalid\n`, argument);
}

/** What both families have in common, in the order of messages. */
const commonOf = ({ id, dst, src }: Outer) => ({
  ...(id === undefined ? {} : { id }),
  ...(dst === undefined ? {} : { dst }),
  ...(src === undefined ? {} : { src }),
});

const restOf = ({ flags, opts }: Outer) => ({ ...(flags === 0 ? {} : { flags }), ...(opts === undefined ? {} : { opts }) });

interface Shown {
  readonly id?: Uint8Array | undefined;
  readonly src?: Uint8Array | undefined;
  readonly dst?: Uint8Array | undefined;
}

function printStart({ out }: IpContext, { id, src, dst }: Shown, family: number): void {
  if (id !== undefined) {
    const text = String(new DataView(id.buffer, id.byteOffset, ID_BYTES).getBigUint64(0));
    out.field('id', new RawJson(text), `id ${text} `);
  }
  for (const [word, bytes] of [['src', src] as const, ['dst', dst] as const]) {
    if (bytes === undefined) continue;
    const text = formatAddress(family, bytes);
    out.field(word, text, `${word} ${text} `);
  }
}

function printNumber({ out }: IpContext, word: string, value: number | undefined): void {
  if (value !== undefined) out.field(word, value, `${word} ${value} `);
}

function printEnd(
  context: IpContext,
  { flags = 0, opts }: { readonly flags?: number | undefined; readonly opts?: TunnelOptionAttributes | undefined },
): void {
  for (const [word, flag] of FLAG_WORDS) if ((flags & flag) !== 0) context.out.field(word, true, `${word} `);
  if (opts !== undefined) printOptions(context, opts);
}

export const ip: EncapPart = {
  name: 'ip',
  type: LWTUNNEL_ENCAP_IP,
  parse(context, cursor) {
    const outer = readOuter(context, cursor, AF_INET);
    const { tos, ttl } = outer;
    return Deferred.of(ipEncap, {
      ...commonOf(outer),
      ...(tos === undefined ? {} : { tos }),
      ...(ttl === undefined ? {} : { ttl }),
      ...restOf(outer),
    });
  },
  print(context, encap) {
    const values = encap.parse(ipEncap);
    printStart(context, values, AF_INET);
    printNumber(context, 'ttl', values.ttl);
    printNumber(context, 'tos', values.tos);
    printEnd(context, values);
  },
};

export const ip6: EncapPart = {
  name: 'ip6',
  type: LWTUNNEL_ENCAP_IP6,
  parse(context, cursor) {
    const outer = readOuter(context, cursor, AF_INET6);
    const { tos: tc, ttl: hoplimit } = outer;
    return Deferred.of(ip6Encap, {
      ...commonOf(outer),
      ...(tc === undefined ? {} : { tc }),
      ...(hoplimit === undefined ? {} : { hoplimit }),
      ...restOf(outer),
    });
  },
  print(context, encap) {
    const values = encap.parse(ip6Encap);
    printStart(context, values, AF_INET6);
    printNumber(context, 'hoplimit', values.hoplimit);
    printNumber(context, 'tc', values.tc);
    printEnd(context, values);
  },
};
