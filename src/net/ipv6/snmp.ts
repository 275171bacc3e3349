/** Counters of /proc/net/snmp6, "Ip6...", in its words. */
export class Ip6Stats {
  inReceives = 0;
  inHdrErrors = 0;
  inTooBigErrors = 0;
  inNoRoutes = 0;
  inAddrErrors = 0;
  inUnknownProtos = 0;
  inTruncatedPkts = 0;
  inDiscards = 0;
  inDelivers = 0;
  outForwDatagrams = 0;
  outRequests = 0;
  outDiscards = 0;
  outNoRoutes = 0;
  reasmTimeout = 0;
  reasmReqds = 0;
  reasmOKs = 0;
  reasmFails = 0;
  fragOKs = 0;
  fragFails = 0;
  fragCreates = 0;
  inMcastPkts = 0;
  outMcastPkts = 0;
  inOctets = 0;
  outOctets = 0;
  inMcastOctets = 0;
  outMcastOctets = 0;
  inBcastOctets = 0;
  outBcastOctets = 0;
  inNoECTPkts = 0;
  inECT1Pkts = 0;
  inECT0Pkts = 0;
  inCEPkts = 0;
}

/** "Icmp6..." of /proc/net/snmp6. */
export class Icmp6Stats {
  inMsgs = 0;
  inErrors = 0;
  outMsgs = 0;
  outErrors = 0;
  inCsumErrors = 0;
  outRateLimitHost = 0;
  /** InType and OutType, by ICMPv6 type: the named counters (InEchos, ...) are read from here. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

/** The part of them that IFLA_INET6_ICMP6STATS shows of a device. */
export class DeviceIcmp6Stats {
  inMsgs = 0;
  inErrors = 0;
  outMsgs = 0;
  outErrors = 0;
  inCsumErrors = 0;
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
