/** The counters of IPv6, a namespace's and a device's: IPSTATS_MIB_* of linux/snmp.h, in the words of /proc/net/snmp6. */
export enum Ip6Mib {
  InReceives = 1,
  InOctets,
  InDelivers,
  OutForwDatagrams,
  OutRequests,
  OutOctets,
  InHdrErrors,
  InTooBigErrors,
  InNoRoutes,
  InAddrErrors,
  InUnknownProtos,
  InTruncatedPkts,
  InDiscards,
  OutDiscards,
  OutNoRoutes,
  ReasmTimeout,
  ReasmReqds,
  ReasmOKs,
  ReasmFails,
  FragOKs,
  FragFails,
  FragCreates,
  InMcastPkts,
  OutMcastPkts,
  InBcastPkts,
  OutBcastPkts,
  InMcastOctets,
  OutMcastOctets,
  InBcastOctets,
  OutBcastOctets,
  InCsumErrors,
  InNoECTPkts,
  InECT1Pkts,
  InECT0Pkts,
  InCEPkts,
  ReasmOverlaps,
}

/** How many words IFLA_INET6_STATS has: the first is this number (__IPSTATS_MIB_MAX of 6.1). */
export const IP6_MIB_MAX = Ip6Mib.ReasmOverlaps + 1;

/** "Icmp6...": ICMP6_MIB_* of linux/snmp.h. */
export enum Icmp6Mib {
  InMsgs = 1,
  InErrors,
  OutMsgs,
  OutErrors,
  InCsumErrors,
  OutRateLimitHost,
}

/** __ICMP6_MIB_MAX of 6.1 */
export const ICMP6_MIB_MAX = Icmp6Mib.OutRateLimitHost + 1;

/** ICMPv6 of a namespace, or of a device. */
export class Icmp6Stats {
  /** By Icmp6Mib. */
  readonly counts = new Float64Array(ICMP6_MIB_MAX);
  /** InType and OutType, by ICMPv6 type: the named counters (InEchos, ...) are read from here. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

/** "Udp6..." of /proc/net/snmp6. */
export class Udp6Stats {
  inDatagrams = 0;
  noPorts = 0;
  inErrors = 0;
  outDatagrams = 0;
  rcvbufErrors = 0;
  sndbufErrors = 0;
  inCsumErrors = 0;
  ignoredMulti = 0;
  memErrors = 0;
}
