import type { CommandIo } from '../../client/command.js';
import type { NetlinkClient } from '../../client/netlink-client.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { conntrackMessage, expectMessage, IPCTNL_MSG_CT_DELETE, IPCTNL_MSG_EXP_DELETE } from '../../netlink/nfnl/ctnetlink.js';
import * as nfnl from '../../netlink/nfnl/nfnetlink.js';
import { EXPECT_XML_HEAD, EXPECT_XML_TAIL, formatExpectation, formatExpectationXml } from './expectation.js';
import { PROGRAM } from './fatal.js';
import { isWanted } from './filter.js';
import { formatFlow } from './format.js';
import { formatSave } from './save.js';
import type { ConntrackWords } from './words.js';
import { formatXml, XML_HEAD, XML_TAIL } from './xml.js';

type Event = 'new' | 'update' | 'destroy';

/** What there is to be told of: connections, or those that are expected. */
interface Watched {
  /** Groups of notifications by the words of -e. */
  readonly groups: readonly (readonly [string, number])[];
  readonly deleted: number;
  /** What an event is told as; null: it is not wanted. */
  format(message: NetlinkMessage, event: Event, words: ConntrackWords, io: CommandIo): string | null;
  readonly xml: { readonly head: string; readonly tail: string };
  readonly name: string;
}

const connections: Watched = {
  groups: [
    ['NEW', nfnl.NFNLGRP_CONNTRACK_NEW],
    ['UPDATES', nfnl.NFNLGRP_CONNTRACK_UPDATE],
    ['DESTROY', nfnl.NFNLGRP_CONNTRACK_DESTROY],
  ],
  deleted: IPCTNL_MSG_CT_DELETE,
  format(message, event, words, io) {
    const { header, attributes } = conntrackMessage.parse(message);
    const entry = { family: header.family, values: attributes, portId: message.portId };
    if (!isWanted(entry, words)) return null;
    if (words.output.has('xml')) return formatXml(entry, event, words.labels);
    if (words.output.has('save')) return formatSave(entry, { new: 'A', update: 'U', destroy: 'D' }[event]);
    return timed(event, formatFlow(entry, words.output, io.nowUs(), words.labels), words, io);
  },
  xml: { head: XML_HEAD, tail: XML_TAIL },
  name: 'flow',
};

const expectations: Watched = {
  groups: [
    ['NEW', nfnl.NFNLGRP_CONNTRACK_EXP_NEW],
    ['UPDATES', nfnl.NFNLGRP_CONNTRACK_EXP_UPDATE],
    ['DESTROY', nfnl.NFNLGRP_CONNTRACK_EXP_DESTROY],
  ],
  deleted: IPCTNL_MSG_EXP_DELETE,
  format(message, event, words, io) {
    const { header, attributes } = expectMessage.parse(message);
    const entry = { family: header.family, values: attributes };
    if (words.family !== undefined && words.family !== entry.family) return null;
    return words.output.has('xml') ? formatExpectationXml(entry, event) : timed(event, formatExpectation(entry), words, io);
  },
  xml: { head: EXPECT_XML_HEAD, tail: EXPECT_XML_TAIL },
  name: 'expectation',
};

function timed(event: Event, text: string, { output }: ConntrackWords, io: CommandIo): string {
  const nowUs = io.nowUs();
  const seconds = String(Math.floor(nowUs / 1e6)).padStart(8, '0');
  const time = output.has('timestamp') ? `[${seconds}.${String(nowUs % 1e6).padStart(6, '0')}]\t` : '';
  return `${time}${`[${event.toUpperCase()}]`.padStart(9)} ${text}`;
}

/** Tells of what happens to connections, or to expected ones, until a signal ends it; then of how many events that was. */
export async function followEvents(client: NetlinkClient, words: ConntrackWords, io: CommandIo): Promise<number> {
  const watched = words.table === 'expect' ? expectations : connections;
  const all = words.events.size === 0 || words.events.has('ALL');
  await client.subscribe(watched.groups.filter(([name]) => all || words.events.has(name)).map(([, group]) => group));
  let count = 0;
  const xml = words.output.has('xml');
  const end = new AbortController();
  const stop = () => end.abort();
  const leave = [io.onSignal('SIGINT', stop), io.onSignal('SIGTERM', stop)];
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  const lost = () => void io.stderr.write(`${PROGRAM}: We have missed events.\n`);
  for await (const message of client.notifications(end.signal, lost)) {
    const begun = (message.flags & (NLM_F_CREATE | NLM_F_EXCL)) !== 0;
    const event = message.type === watched.deleted ? 'destroy' : begun ? 'new' : 'update';
    const text = watched.format(message, event, words, io);
    if (text === null) continue;
    await io.stdout.write(`${xml && count === 0 ? watched.xml.head : ''}${text}\n`);
    count++;
  }
  for (const one of leave) one();
  if (xml && count > 0) await io.stdout.write(watched.xml.tail);
  await io.stderr.write(`${PROGRAM}: ${count} ${watched.name} events have been shown.\n`);
  return 0;
}
