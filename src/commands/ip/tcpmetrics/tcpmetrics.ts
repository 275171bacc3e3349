import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../netlink/constants.js';
import {
  TCP_METRICS_CMD_DEL,
  TCP_METRICS_CMD_GET,
  TCP_METRICS_FAMILY,
  TCP_METRICS_VERSION,
  type TcpMetricsAttributes,
  tcpMetricsMessage,
} from '../../../netlink/genl/tcp-metrics.js';
import { type Address, parsePrefix, readIpv4, sameBits } from '../../shared/address.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { addressBits } from '../../shared/families.js';
import { duplicateOrGarbage, failure, fatal, missingArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import { type GenlFamilyClient, openGenlFamily } from '../genl-family.js';
import type { IpObject, Verb } from '../object.js';
import { type MetricsView, printMetrics, viewOf } from './print.js';
import { TCP_METRICS_USAGE } from './usage.js';

interface Words {
  readonly context: IpContext;
  /** Only one peer may be meant. */
  readonly single: boolean;
  address: Address | undefined;
  source: Address | undefined;
}

const isWhole = ({ family, bytes, length }: Address) => bytes.length > 0 && length === addressBits(family);
const notSpecific = (text: string) => failure(`Error: a specific IP address is expected rather than "${text}"`);

function takeAddress(words: Words, cursor: Cursor, key: 'address' | 'source', who: string): void {
  const text = cursor.next();
  if (abbreviates(text, 'help')) throw fatal(TCP_METRICS_USAGE);
  if (words[key] !== undefined) throw duplicateOrGarbage(who, text);
  const prefix = parsePrefix(text, words.context.options.family);
  if (!isWhole(prefix) && (words.single || key === 'source')) throw notSpecific(text);
  words[key] = prefix;
  // The real tool steps over one word more.
  cursor.skip();
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'src',
    also: ['source'],
    exact: true,
    value: 'ADDRESS',
    text: 'what connections from that address of ours have learnt',
    take: (s, c, word) => takeAddress(s, c, 'source', word),
  },
  {
    word: 'address',
    also: ['addr'],
    exact: true,
    value: 'PREFIX',
    text: 'the peers in that prefix; the word may be left out',
    take: (s, c, word) => takeAddress(s, c, 'address', word),
  },
];

async function readWords(context: IpContext, cursor: Cursor, single: boolean): Promise<Words> {
  const { family } = context.options;
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) throw failure(`Unsupported protocol family: ${family}`);
  const words: Words = { context, single, address: undefined, source: undefined };
  await readKeywords(keywords, words, cursor, (s, c) => takeAddress(s, c, 'address', 'address'));
  return words;
}

/** The attributes that name one peer. */
function naming({ address, source }: Pick<Words, 'address' | 'source'>): TcpMetricsAttributes {
  const named = (key: 'address' | 'source', of: Address | undefined) =>
    of === undefined ? {} : of.family === AF_INET ? { [`${key}Ipv4`]: readIpv4(of.bytes) } : { [`${key}Ipv6`]: of.bytes };
  return { ...named('address', address), ...named('source', source) };
}

/** Is the peer among those that were asked for? */
function selects({ context, address, source }: Words, view: MetricsView): boolean {
  const family = address === undefined || address.family === AF_UNSPEC ? context.options.family : address.family;
  if (family !== AF_UNSPEC && view.family !== family) return false;
  if (address !== undefined && address.length > 0 && !sameBits(view.address, address.bytes, address.length)) return false;
  if (source === undefined) return true;
  return view.source !== undefined && view.family === source.family && sameBits(view.source, source.bytes, source.length);
}

const request = (type: number, command: number, attributes: TcpMetricsAttributes) => ({
  type,
  header: { command, version: TCP_METRICS_VERSION },
  attributes,
});

async function withFamily<T>(context: IpContext, use: (family: GenlFamilyClient) => Promise<T>): Promise<T> {
  const family = await openGenlFamily(context, TCP_METRICS_FAMILY);
  try {
    return await use(family);
  } catch (error) {
    throw context.refused(error);
  } finally {
    family.client.close();
  }
}

/** The chosen peers, one by one. */
async function* dump(words: Words, { client, type }: GenlFamilyClient): AsyncGenerator<MetricsView> {
  for await (const message of client.dump(tcpMetricsMessage, request(type, TCP_METRICS_CMD_GET, {}))) {
    const view = viewOf(message);
    if (view !== null && selects(words, view)) yield view;
  }
}

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const words = await readWords(context, cursor, false);
  const { out } = context;
  return withFamily(context, async (family) => {
    if (words.address !== undefined && isWhole(words.address)) {
      // One answer, which the real tool prints as text in any case.
      const answer = await family.client.get(tcpMetricsMessage, request(family.type, TCP_METRICS_CMD_GET, naming(words)));
      const view = answer === null ? null : viewOf(answer);
      if (view !== null) printMetrics(context, view);
      return 0;
    }
    out.openDocument();
    for await (const view of dump(words, family)) {
      out.openObject();
      printMetrics(context, view);
      out.closeObject();
    }
    out.closeDocument();
    return 0;
  });
}

async function remove(context: IpContext, cursor: Cursor): Promise<number> {
  const words = await readWords(context, cursor, true);
  if (words.address === undefined) throw missingArgument('address');
  return withFamily(context, async ({ client, type }) => {
    await client.request(tcpMetricsMessage, request(type, TCP_METRICS_CMD_DEL, naming(words)));
    return 0;
  });
}

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const words = await readWords(context, cursor, false);
  const { address, source } = words;
  const all = (address === undefined || address.family === AF_UNSPEC) && source === undefined && context.options.family === AF_UNSPEC;
  return withFamily(context, async (family) => {
    if (all || (address !== undefined && isWhole(address))) {
      await family.client.request(tcpMetricsMessage, request(family.type, TCP_METRICS_CMD_DEL, all ? {} : naming(words)));
      return 0;
    }
    await flushChosen(words, family);
    return 0;
  });
}

async function flushChosen(words: Words, family: GenlFamilyClient): Promise<void> {
  const { context } = words;
  const { out, options } = context;
  for (let round = 0; ; round++) {
    const found: MetricsView[] = [];
    for await (const view of dump(words, family)) found.push(view);
    if (found.length === 0) {
      if (round === 0) context.complain('Nothing to flush.');
      else if (options.stats > 0) out.always(`*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return;
    }
    for (const { attributes } of found) {
      const { addressIpv4, addressIpv6, sourceIpv4, sourceIpv6 } = attributes;
      const named = { addressIpv4, addressIpv6, sourceIpv4, sourceIpv6 };
      await family.client.request(tcpMetricsMessage, request(family.type, TCP_METRICS_CMD_DEL, named));
    }
    if (options.stats > 0) out.always(`\n*** Round ${round + 1}, deleting ${found.length} entries ***\n`);
  }
}

const verbs: readonly Verb[] = [
  {
    names: ['show', 'list'],
    hidden: ['lst'],
    summary: 'show what is known of the ways to peers',
    operands: '[ [ address ] PREFIX ]',
    keywords,
    run: show,
  },
  { names: ['delete'], summary: 'forget one peer', operands: '[ address ] ADDRESS', keywords, run: remove },
  { names: ['flush'], summary: 'forget all peers, or those in a prefix', operands: '[ [ address ] PREFIX ]', keywords, run: flush },
];

/** `ip tcp_metrics`: what TCP remembers of the ways to its peers. */
export const tcpMetrics: IpObject = {
  name: 'tcp_metrics',
  summary: 'what TCP remembers of the ways to its peers',
  usage: TCP_METRICS_USAGE,
  description: [
    'A TCP connection that ends in order leaves the round trip time, its deviation, the window and how far packets were reordered to the',
    'next connection with the same peer, which starts its time-outs from there. net.ipv4.tcp_no_metrics_save=1 stops that, and',
    'net.ipv4.tcp_no_ssthresh_metrics_save=0 has the slow start threshold kept, too.',
  ],
  verbs,
  withoutVerb: show,
  examples: [
    ['ip tcp_metrics show 192.0.2.0/24', 'what is known of peers in that network'],
    ['ip tcp_metrics delete 192.0.2.7', 'forget that one'],
  ],
};
