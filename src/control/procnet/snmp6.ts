import * as icmpv6 from '../../wire/icmpv6.js';
import type { ProcNetView } from './view.js';

/** The ICMPv6 types that have counters of their own, in the order of the file. Linux: icmp6type2name */
const icmpTypes: readonly (readonly [type: number, name: string])[] = [
  [icmpv6.DEST_UNREACH, 'DestUnreachs'],
  [icmpv6.PACKET_TOO_BIG, 'PktTooBigs'],
  [3, 'TimeExcds'],
  [4, 'ParmProblems'],
  [128, 'Echos'],
  [129, 'EchoReplies'],
  [130, 'GroupMembQueries'],
  [131, 'GroupMembResponses'],
  [132, 'GroupMembReductions'],
  [133, 'RouterSolicits'],
  [134, 'RouterAdvertisements'],
  [135, 'NeighborSolicits'],
  [136, 'NeighborAdvertisements'],
  [137, 'Redirects'],
  [143, 'MLDv2Reports'],
];

/** UDP-Lite has one fewer than UDP. Linux: snmp6_udplite6_list */
const udpLite = [
  'inDatagrams',
  'noPorts',
  'inErrors',
  'outDatagrams',
  'rcvbufErrors',
  'sndbufErrors',
  'inCsumErrors',
  'memErrors',
] as const;

/** "%-32s\t%lu" */
const line = (name: string, value: number) => `${name.padEnd(32)}\t${value}\n`;
const capital = (key: string) => key[0]!.toUpperCase() + key.slice(1);

/** Counters that are numbers, by their names. */
export const plainLines = (prefix: string, stats: object): string =>
  Object.entries(stats)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([key, value]) => line(prefix + capital(key), value))
    .join('');

/** /proc/net/snmp6. Linux: snmp6_seq_show() */
export const snmp6: ProcNetView = {
  path: 'snmp6',
  text({ ipv6 }) {
    const { inType, outType } = ipv6.icmpStats;
    let text = plainLines('Ip6', ipv6.stats) + plainLines('Icmp6', ipv6.icmpStats);
    for (const [type, name] of icmpTypes) text += line(`Icmp6In${name}`, inType[type]!);
    for (const [type, name] of icmpTypes) text += line(`Icmp6Out${name}`, outType[type]!);
    for (const [way, counters] of [
      ['In', inType],
      ['Out', outType],
    ] as const)
      for (let type = 0; type < 256; type++) if (counters[type] !== 0) text += line(`Icmp6${way}Type${type}`, counters[type]!);
    return (
      text + plainLines('Udp6', ipv6.udpStats) + udpLite.map((key) => line(`UdpLite6${capital(key)}`, ipv6.udpLiteStats[key])).join('')
    );
  },
};
