import { destinationOf, type FlowEntry, formatAddress, isAssured, isSeen, protocolOf, sourceOf, stateName } from './flow.js';
import { protocolName } from './names.js';

const GRE = 47;

/** A connection as the words that make it again (`-o save`), which `conntrack -R` and a shell take. */
export function formatSave(entry: FlowEntry, letter: string): string {
  const { values } = entry;
  const original = values.tupleOrig;
  const reply = values.tupleReply;
  const words = [`-${letter}`];
  const port = (name: string, value: number | undefined) => {
    if (value !== undefined) words.push(name, String(value));
  };
  port('-t', values.timeout);
  const status = [...(isSeen(entry) ? ['SEEN_REPLY'] : []), ...(isAssured(entry) ? ['ASSURED'] : [])];
  words.push('-u', status.length === 0 ? 'UNSET' : status.join(','));
  port('-w', values.zone);
  port('--orig-zone', original?.zone);
  port('--reply-zone', reply?.zone);
  words.push('-s', formatAddress(sourceOf(original)), '-d', formatAddress(destinationOf(original)));
  // An end that answers by another address is translated.
  const answerer = formatAddress(sourceOf(reply));
  const asker = formatAddress(destinationOf(reply));
  words.push(answerer === formatAddress(destinationOf(original)) ? '-r' : '-g', answerer);
  words.push(asker === formatAddress(sourceOf(original)) ? '-q' : '-n', asker);
  words.push('-p', protocolName(protocolOf(entry)));
  const gre = original?.proto?.num === GRE;
  port(gre ? '--srckey' : '--sport', original?.proto?.srcPort);
  port(gre ? '--dstkey' : '--dport', original?.proto?.dstPort);
  port(gre ? '--reply-key-src' : '--reply-port-src', reply?.proto?.srcPort);
  port(gre ? '--reply-key-dst' : '--reply-port-dst', reply?.proto?.dstPort);
  port('--icmp-type', original?.proto?.icmpType ?? original?.proto?.icmpv6Type);
  port('--icmp-code', original?.proto?.icmpCode ?? original?.proto?.icmpv6Code);
  port('--icmp-id', original?.proto?.icmpId ?? original?.proto?.icmpv6Id);
  const state = stateName(entry);
  if (state !== undefined) words.push('--state', state);
  port('--orig-vtag', values.protoinfo?.sctp?.vtagOriginal);
  port('--reply-vtag', values.protoinfo?.sctp?.vtagReply);
  return words.join(' ');
}
