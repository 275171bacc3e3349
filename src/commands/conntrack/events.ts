import type { CommandIo } from '../../client/command.js';
import type { NetlinkClient } from '../../client/netlink-client.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js';
import { conntrackMessage, IPCTNL_MSG_CT_DELETE } from '../../netlink/nfnl/ctnetlink.js';
import { NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE } from '../../netlink/nfnl/nfnetlink.js';
import { PROGRAM } from './fatal.js';
import { isWanted } from './filter.js';
import { formatFlow } from './format.js';
import { formatSave } from './save.js';
import type { ConntrackWords } from './words.js';
import { formatXml, XML_HEAD, XML_TAIL } from './xml.js';

const groups: readonly (readonly [string, number])[] = [
  ['NEW', NFNLGRP_CONNTRACK_NEW],
  ['UPDATES', NFNLGRP_CONNTRACK_UPDATE],
  ['DESTROY', NFNLGRP_CONNTRACK_DESTROY],
];

/** Tells of what happens to connections until a signal ends it; then of how many events that was. */
export async function followEvents(client: NetlinkClient, words: ConntrackWords, io: CommandIo): Promise<number> {
  const all = words.events.size === 0 || words.events.has('ALL');
  await client.subscribe(groups.filter(([name]) => all || words.events.has(name)).map(([, group]) => group));
  let count = 0;
  const xml = words.output.has('xml');
  const end = new AbortController();
  const stop = () => end.abort();
  const leave = [io.onSignal('SIGINT', stop), io.onSignal('SIGTERM', stop)];
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  const lost = () => void io.stderr.write(`${PROGRAM}: We have missed events.\n`);
  for await (const message of client.notifications(end.signal, lost)) {
    const { header, attributes } = conntrackMessage.parse(message);
    const entry = { family: header.family, values: attributes, portId: message.portId };
    if (!isWanted(entry, words)) continue;
    const event =
      message.type === IPCTNL_MSG_CT_DELETE ? 'destroy' : (message.flags & (NLM_F_CREATE | NLM_F_EXCL)) !== 0 ? 'new' : 'update';
    if (xml) await io.stdout.write(`${count === 0 ? XML_HEAD : ''}${formatXml(entry, event, words.labels)}\n`);
    else if (words.output.has('save')) await io.stdout.write(`${formatSave(entry, { new: 'A', update: 'U', destroy: 'D' }[event])}\n`);
    else {
      const nowUs = io.nowUs();
      const seconds = String(Math.floor(nowUs / 1e6)).padStart(8, '0');
      const time = words.output.has('timestamp') ? `[${seconds}.${String(nowUs % 1e6).padStart(6, '0')}]\t` : '';
      await io.stdout.write(`${time}${`[${event.toUpperCase()}]`.padStart(9)} ${formatFlow(entry, words.output, nowUs, words.labels)}\n`);
    }
    count++;
  }
  for (const one of leave) one();
  if (xml && count > 0) await io.stdout.write(XML_TAIL);
  await io.stderr.write(`${PROGRAM}: ${count} flow events have been shown.\n`);
  return 0;
}
