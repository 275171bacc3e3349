import { Icmp6Mib, type Icmp6Stats, Ip6Mib } from '../../net/ipv6/snmp.js';
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

/** In the order of the file, which is not that of linux/snmp.h. Linux: snmp6_ipstats_list */
const ipCounters: readonly Ip6Mib[] = [
  Ip6Mib.InReceives,
  Ip6Mib.InHdrErrors,
  Ip6Mib.InTooBigErrors,
  Ip6Mib.InNoRoutes,
  Ip6Mib.InAddrErrors,
  Ip6Mib.InUnknownProtos,
  Ip6Mib.InTruncatedPkts,
  Ip6Mib.InDiscards,
  Ip6Mib.InDelivers,
  Ip6Mib.OutForwDatagrams,
  Ip6Mib.OutRequests,
  Ip6Mib.OutDiscards,
  Ip6Mib.OutNoRoutes,
  Ip6Mib.ReasmTimeout,
  Ip6Mib.ReasmReqds,
  Ip6Mib.ReasmOKs,
  Ip6Mib.ReasmFails,
  Ip6Mib.FragOKs,
  Ip6Mib.FragFails,
  Ip6Mib.FragCreates,
  Ip6Mib.InMcastPkts,
  Ip6Mib.OutMcastPkts,
  Ip6Mib.InOctets,
  Ip6Mib.OutOctets,
  Ip6Mib.InMcastOctets,
  Ip6Mib.OutMcastOctets,
  Ip6Mib.InBcastOctets,
  Ip6Mib.OutBcastOctets,
  Ip6Mib.InNoECTPkts,
  Ip6Mib.InECT1Pkts,
  Ip6Mib.InECT0Pkts,
  Ip6Mib.InCEPkts,
];

/** Linux: snmp6_icmp6_list */
const icmpCounters: readonly Icmp6Mib[] = [
  Icmp6Mib.InMsgs,
  Icmp6Mib.InErrors,
  Icmp6Mib.OutMsgs,
  Icmp6Mib.OutErrors,
  Icmp6Mib.InCsumErrors,
  Icmp6Mib.OutRateLimitHost,
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

/** What a namespace and a device count alike. Linux: snmp6_seq_show_item(), snmp6_seq_show_icmpv6msg() */
export function internetLines(stats: Float64Array, { counts, inType, outType }: Icmp6Stats): string {
  let text = '';
  for (const what of ipCounters) text += line(`Ip6${Ip6Mib[what]}`, stats[what]!);
  for (const what of icmpCounters) text += line(`Icmp6${Icmp6Mib[what]}`, counts[what]!);
  for (const [type, name] of icmpTypes) text += line(`Icmp6In${name}`, inType[type]!);
  for (const [type, name] of icmpTypes) text += line(`Icmp6Out${name}`, outType[type]!);
  for (let type = 0; type < 256; type++) if (inType[type] !== 0) text += line(`Icmp6InType${type}`, inType[type]!);
  for (let type = 0; type < 256; type++) if (outType[type] !== 0) text += line(`Icmp6OutType${type}`, outType[type]!);
  return text;
}

/** /proc/net/snmp6. Linux: snmp6_seq_show() */
export const snmp6: ProcNetView = {
  path: 'snmp6',
  text({ ipv6 }) {
    let text = internetLines(ipv6.stats, ipv6.icmpStats);
    for (const [key, value] of Object.entries(ipv6.udpStats)) text += line(`Udp6${capital(key)}`, value);
    for (const key of udpLite) text += line(`UdpLite6${capital(key)}`, ipv6.udpLiteStats[key]);
    return text;
  },
};
