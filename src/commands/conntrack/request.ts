import type { CtTuple } from '../../netlink/nfnl/ctnetlink.js';
import { usageProblem } from './fatal.js';
import type { AddressFilter, ConntrackWords } from './words.js';

/** What answers a request of ICMP and ICMPv6, by type. */
const answers: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
  [128, 129],
  [129, 128],
]);

function tuple(words: ConntrackWords, from: AddressFilter, to: AddressFilter, ports: readonly [number, number], reply: boolean): CtTuple {
  const num = words.protocol!;
  const four = from.bytes.length === 4;
  const v4 = (bytes: Uint8Array) => ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  const type = reply ? (answers.get(words.icmpType ?? 0) ?? 0) : (words.icmpType ?? 0);
  const code = words.icmpCode ?? 0;
  const id = words.icmpId ?? 0;
  const proto =
    num === 1
      ? { icmpId: id, icmpType: type, icmpCode: code }
      : num === 58
        ? { icmpv6Id: id, icmpv6Type: type, icmpv6Code: code }
        : { srcPort: ports[0], dstPort: ports[1] };
  return {
    ip: four ? { v4Src: v4(from.bytes), v4Dst: v4(to.bytes) } : { v6Src: from.bytes, v6Dst: to.bytes },
    proto: { num, ...proto },
  };
}

/** The connection that the words name, by its first packet. */
export function namedTuple(words: ConntrackWords): CtTuple {
  if (words.protocol === undefined) throw usageProblem("You need to supply the `--protonum' option for this command");
  const { originalSource: from, originalDestination: to } = words;
  if (from === undefined || to === undefined) throw usageProblem("you have to specify `--src' and `--dst'");
  const ports = [words.sourcePort ?? words.sourceKey ?? 0, words.destinationPort ?? words.destinationKey ?? 0] as const;
  return { ...tuple(words, from, to, ports, false), ...(words.originalZone === undefined ? {} : { zone: words.originalZone }) };
}

/** Its answers: as named, and where they are not, the other way round. */
export function replyTuple(words: ConntrackWords): CtTuple {
  const translated = (which: 'source' | 'destination') => words.nat.find((nat) => nat.which === which && nat.address !== null);
  const source = translated('source');
  const destination = translated('destination');
  const filterOf = (nat: ConntrackWords['nat'][number] | undefined) =>
    nat === undefined ? undefined : { bytes: nat.address!, prefix: nat.address!.length * 8 };
  const from = filterOf(destination) ?? words.replySource ?? words.originalDestination!;
  const to = filterOf(source) ?? words.replyDestination ?? words.originalSource!;
  const ports = [
    destination?.port ?? words.replySourcePort ?? words.destinationPort ?? words.replySourceKey ?? words.destinationKey ?? 0,
    source?.port ?? words.replyDestinationPort ?? words.sourcePort ?? words.replyDestinationKey ?? words.sourceKey ?? 0,
  ] as const;
  return { ...tuple(words, from, to, ports, true), ...(words.replyZone === undefined ? {} : { zone: words.replyZone }) };
}
