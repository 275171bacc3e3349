import { destinationOf, type FlowEntry, formatAddress, isAssured, isSeen, protocolOf, sourceOf } from './flow.js';
import { protocolName, tcpStates } from './names.js';

/** A connection as the words that make it again (`-o save`), which `conntrack -R` and a shell take. */
export function formatSave(entry: FlowEntry, letter: string): string {
  const { values } = entry;
  const original = values.tupleOrig;
  const reply = values.tupleReply;
  const words = [`-${letter}`, '-s', formatAddress(sourceOf(original)), '-d', formatAddress(destinationOf(original))];
  words.push('-r', formatAddress(sourceOf(reply)), '-q', formatAddress(destinationOf(reply)));
  words.push('-p', protocolName(protocolOf(entry)));
  const port = (name: string, value: number | undefined) => {
    if (value !== undefined) words.push(name, String(value));
  };
  port('--sport', original?.proto?.srcPort);
  port('--dport', original?.proto?.dstPort);
  port('--reply-port-src', reply?.proto?.srcPort);
  port('--reply-port-dst', reply?.proto?.dstPort);
  port('--icmp-type', original?.proto?.icmpType ?? original?.proto?.icmpv6Type);
  port('--icmp-code', original?.proto?.icmpCode ?? original?.proto?.icmpv6Code);
  port('--icmp-id', original?.proto?.icmpId ?? original?.proto?.icmpv6Id);
  const state = values.protoinfo?.tcp?.state;
  if (state !== undefined) words.push('--state', tcpStates[state] ?? 'NONE');
  port('-t', values.timeout);
  const status = [...(isSeen(entry) ? ['SEEN_REPLY'] : []), ...(isAssured(entry) ? ['ASSURED'] : [])];
  words.push('-u', status.length === 0 ? 'UNSET' : status.join(','));
  if (values.mark !== undefined && values.mark !== 0) port('-m', values.mark);
  port('-w', values.zone);
  return words.join(' ');
}
