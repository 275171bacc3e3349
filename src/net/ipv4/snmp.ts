/** Counters of /proc/net/snmp, "Ip:", in its words; Forwarding and DefaultTTL there are settings. */
export class IpStats {
  inReceives = 0;
  inHdrErrors = 0;
  inAddrErrors = 0;
  forwDatagrams = 0;
  inUnknownProtos = 0;
  inDiscards = 0;
  inDelivers = 0;
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
  // "IpExt:" of /proc/net/netstat
  inNoRoutes = 0;
  inTruncatedPkts = 0;
  inMcastPkts = 0;
  outMcastPkts = 0;
  inBcastPkts = 0;
  outBcastPkts = 0;
  inOctets = 0;
  outOctets = 0;
  inMcastOctets = 0;
  outMcastOctets = 0;
  inBcastOctets = 0;
  outBcastOctets = 0;
  inCsumErrors = 0;
  inNoECTPkts = 0;
  inECT1Pkts = 0;
  inECT0Pkts = 0;
  inCEPkts = 0;
  reasmOverlaps = 0;
}

/** "Icmp:" and "IcmpMsg:" of /proc/net/snmp. */
export class IcmpStats {
  inMsgs = 0;
  inErrors = 0;
  inCsumErrors = 0;
  outMsgs = 0;
  outErrors = 0;
  outRateLimitGlobal = 0;
  outRateLimitHost = 0;
  /** InType0... and OutType0..., by ICMP type: the named counters (InDestUnreachs, ...) are read from here. */
  readonly inType = new Float64Array(256);
  readonly outType = new Float64Array(256);
}

/** "Udp:" of /proc/net/snmp. */
export class UdpStats {
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
