import { NetError } from '../../base/net-error.js';
import { type Command, readAll } from '../../client/command.js';
import { NETLINK_SOCK_DIAG } from '../../netlink/constants.js';
import { CommandFailure, failure, fatal, incomplete } from '../shared/failure.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { SsContext } from './context.js';
import { FilterParser } from './filter/parse.js';
import { filterValues } from './filter/values.js';
import { filterLines, tokensOf } from './filter/words.js';
import { HelpWanted, parseOptions, type SsOptions } from './options.js';
import { dumpRaw } from './show/dump.js';
import { showEvents } from './show/events.js';
import { inetProtocols, showInet } from './show/inet.js';
import { showNetlink } from './show/netlink.js';
import { showPacket } from './show/packet.js';
import { showSummary } from './show/summary.js';
import { showUnix } from './show/unix.js';
import { SS_ALL, SS_CONN, statesOf } from './states.js';
import { type KindName, PACKET, queries, UNIX } from './tables.js';
import { SS_USAGE } from './usage.js';

const VERSION_TEXT = `ss utility, iproute2-6.1.0, ${TAPSTACK_VERSION_TEXT}`;

/** "state" and "exclude" before the filter; the words behind them. */
function takeStates(options: SsOptions, words: readonly string[]): readonly string[] {
  let named = false;
  let at = 0;
  for (; at < words.length; at += 2) {
    const word = words[at]!;
    const exclude = word === 'exclude' || word === 'excl';
    if (word !== 'state' && !exclude) break;
    const state = words[at + 1];
    if (state === undefined) throw incomplete();
    if (!named) options.states = exclude ? SS_ALL : 0;
    if (exclude) options.states &= ~statesOf(state);
    else options.states |= statesOf(state);
    named = true;
  }
  return words.slice(at);
}

/** Which tables, families and states are meant in the end. Ends the command where that is none. */
function completeSelection({ selection, states }: SsOptions): void {
  let wanted = states;
  if (selection.isDefault) {
    if (wanted === 0) wanted = SS_CONN;
    for (const kind of queries.all!) selection.addKind(kind);
  }
  if (wanted !== 0) selection.states = wanted;
  selection.complete();
  if (selection.kinds.size === 0) throw fatal('ss: no socket tables to show with such filter.', 0);
  if (selection.families.size === 0) throw fatal('ss: no families to show with such filter.', 0);
  if (selection.states === 0) throw fatal('ss: no socket states to show with such filter.', 0);
}

/** The words of the filter: the command line's, then the file's. */
async function filterWords({ io, options }: SsContext, words: readonly string[]): Promise<readonly string[]> {
  const { filterFile } = options;
  if (filterFile === undefined) return words;
  if (filterFile === '-') return [...words, ...filterLines(await readAll(io.stdin))];
  try {
    return [...words, ...filterLines(new TextDecoder().decode(await io.files.read(filterFile)))];
  } catch (error) {
    if (error instanceof NetError) throw fatal(`fopen filter file: ${error.message}`);
    throw error;
  }
}

/** The tables in the order in which they are shown. */
const tables: readonly (readonly [kinds: readonly KindName[], show: (context: SsContext) => Promise<void>])[] = [
  [['netlink'], showNetlink],
  [PACKET, showPacket],
  [UNIX, showUnix],
  [['raw'], (context) => showInet(context, inetProtocols.raw)],
  [['udp'], (context) => showInet(context, inetProtocols.udp)],
  [['tcp'], (context) => showInet(context, inetProtocols.tcp)],
  [['mptcp'], (context) => showInet(context, inetProtocols.mptcp)],
  [['dccp'], (context) => showInet(context, inetProtocols.dccp)],
  [['sctp'], (context) => showInet(context, inetProtocols.sctp)],
];

async function portRange(context: SsContext): Promise<string | null> {
  try {
    return await context.proc('sys/net/ipv4/ip_local_port_range');
  } catch (error) {
    if (error instanceof NetError) return null;
    throw error;
  }
}

async function run(context: SsContext, words: readonly string[]): Promise<number> {
  const { options, io, env, names } = context;
  // The namespace is looked for even where nothing of it is shown.
  if (options.netns !== undefined) await context.open({ protocol: NETLINK_SOCK_DIAG, strict: false });
  if (options.summary) {
    await showSummary(context);
    if (options.selection.isDefault && words.length === 0) return 0;
  }
  const filter = takeStates(options, words);
  completeSelection(options);
  if (options.dumpFile !== undefined && !options.selection.wants('tcp')) throw fatal('ss: tcpdiag dump requested and no tcp in filter.', 0);
  await names.load(io, env, await portRange(context));
  context.filter = await new FilterParser(tokensOf(await filterWords(context, filter)), filterValues(context)).parse();
  if (options.dumpFile !== undefined) return dumpRaw(context, options.dumpFile);
  await context.prepare();
  if (options.events) {
    await showEvents(context);
    return 0;
  }
  for (const [kinds, show] of tables) if (options.selection.wants(...kinds)) await show(context);
  await context.columns.flush();
  return 0;
}

/** `ss`: sockets, as iproute2's shows them. */
export const ss: Command = async (argv, io, env) => {
  let context: SsContext | null = null;
  try {
    const { options, words } = parseOptions(argv);
    if (options.version) {
      await io.stdout.write(`${VERSION_TEXT}\n`);
      return 0;
    }
    context = new SsContext(io, env, options);
    return await run(context, words);
  } catch (error) {
    if (error instanceof HelpWanted) {
      await io.stdout.write(`${SS_USAGE}\n`);
      return 0;
    }
    const failed = error instanceof NetError ? failure(error.message) : error;
    if (!(failed instanceof CommandFailure)) throw failed;
    await io.stderr.write(failed.text);
    return failed.status;
  } finally {
    context?.close();
  }
};
