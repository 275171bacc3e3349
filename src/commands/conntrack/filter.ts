import { destinationOf, type FlowEntry, protocolOf, sourceOf, stateOf } from './flow.js';
import type { AddressFilter, ConntrackWords } from './words.js';

/** Whether a connection is what the words say. */
export function isWanted(entry: FlowEntry, words: ConntrackWords): boolean {
  const { values } = entry;
  const { tupleOrig: original, tupleReply: reply } = values;
  if (words.family !== undefined && entry.family !== words.family) return false;
  if (words.protocol !== undefined && protocolOf(entry) !== words.protocol) return false;
  if (!inNet(sourceOf(original), words.originalSource) || !inNet(destinationOf(original), words.originalDestination)) return false;
  if (!inNet(sourceOf(reply), words.replySource) || !inNet(destinationOf(reply), words.replyDestination)) return false;
  const same = (wanted: number | undefined, is: number | undefined) => wanted === undefined || wanted === is;
  if (!same(words.sourcePort, original?.proto?.srcPort) || !same(words.destinationPort, original?.proto?.dstPort)) return false;
  if (!same(words.replySourcePort, reply?.proto?.srcPort) || !same(words.replyDestinationPort, reply?.proto?.dstPort)) return false;
  if (!same(words.icmpType, original?.proto?.icmpType ?? original?.proto?.icmpv6Type)) return false;
  if (!same(words.icmpCode, original?.proto?.icmpCode ?? original?.proto?.icmpv6Code)) return false;
  if (!same(words.icmpId, original?.proto?.icmpId ?? original?.proto?.icmpv6Id)) return false;
  if (words.command !== 'U' && !same(words.state, stateOf(entry))) return false;
  if (!same(words.sourceKey, original?.proto?.srcPort) || !same(words.destinationKey, original?.proto?.dstPort)) return false;
  const sctp = values.protoinfo?.sctp;
  if (words.command !== 'U' && (!same(words.originalTag, sctp?.vtagOriginal) || !same(words.replyTag, sctp?.vtagReply))) return false;
  if (words.command !== 'U' && words.mark !== undefined && ((values.mark ?? 0) & (words.mark.mask ?? -1)) >>> 0 !== words.mark.value)
    return false;
  if (words.command !== 'U' && words.status !== undefined) {
    const status = values.status ?? 0;
    if (words.status === 0 ? (status & 2) !== 0 : (status & words.status) !== words.status) return false;
  }
  if (!same(words.zone, values.zone ?? 0) || !same(words.originalZone, original?.zone ?? 0) || !same(words.replyZone, reply?.zone ?? 0))
    return false;
  const { labelFilter } = words;
  if (labelFilter?.some((byte, i) => ((values.labels?.[i] ?? 0) & byte) !== byte) === true) return false;
  return words.nat.every((nat) => isTranslated(entry, nat));
}

function inNet(address: Uint8Array | undefined, wanted: AddressFilter | undefined): boolean {
  if (wanted === undefined) return true;
  if (address === undefined || address.length !== wanted.bytes.length) return false;
  if (wanted.mask?.length === address.length) {
    const { mask } = wanted;
    return address.every((byte, i) => (byte & mask[i]!) === (wanted.bytes[i]! & mask[i]!));
  }
  for (let bit = 0; bit < wanted.prefix; bit += 8) {
    const mask = wanted.prefix - bit >= 8 ? 0xff : (0xff << (8 - (wanted.prefix - bit))) & 0xff;
    if ((address[bit >> 3]! & mask) !== (wanted.bytes[bit >> 3]! & mask)) return false;
  }
  return true;
}

function isTranslated(entry: FlowEntry, nat: ConntrackWords['nat'][number]): boolean {
  const { tupleOrig: original, tupleReply: reply } = entry.values;
  const is = (address: Uint8Array | undefined) =>
    nat.address === null || (address !== undefined && nat.address.every((byte, i) => byte === address[i]));
  const source =
    !sameEnd(sourceOf(original), original?.proto?.srcPort, destinationOf(reply), reply?.proto?.dstPort) && is(destinationOf(reply));
  const destination =
    !sameEnd(destinationOf(original), original?.proto?.dstPort, sourceOf(reply), reply?.proto?.srcPort) && is(sourceOf(reply));
  if (nat.which === 'source') return source;
  return nat.which === 'destination' ? destination : source || destination;
}

/** Does an end answer by the address and port by which it was asked? */
function sameEnd(
  asked: Uint8Array | undefined,
  askedPort: number | undefined,
  answers: Uint8Array | undefined,
  port: number | undefined,
): boolean {
  if (asked === undefined || answers === undefined) return asked === answers;
  return asked.length === answers.length && asked.every((byte, i) => byte === answers[i]) && askedPort === port;
}
