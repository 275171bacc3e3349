/** net.ipv4.vs.* of one namespace (Documentation/networking/ipvs-sysctl.rst). */
export class IpvsSettings {
  /** One packet, or connection, of so many is dropped while defence is on. */
  amDroprate = 10;
  amemthresh = 1024;
  backupOnly = 0;
  cacheBypass = 0;
  connReuseMode = 1;
  conntrack = 0;
  dropEntry = 0;
  dropPacket = 0;
  expireNodestConn = 0;
  expireQuiescentTemplate = 0;
  ignoreTunneled = 0;
  /** Seconds. */
  lblcExpiration = 86_400;
  lblcrExpiration = 86_400;
  natIcmpSend = 0;
  pmtuDisc = 1;
  runEstimation = 1;
  scheduleIcmp = 0;
  secureTcp = 0;
  sloppySctp = 0;
  sloppyTcp = 0;
  snatReroute = 1;
  syncPersistMode = 0;
  syncPorts = 1;
  syncQlenMax = 7172;
  /** Seconds. */
  syncRefreshPeriod = 0;
  syncRetries = 0;
  syncSockSize = 0;
  syncThreshold: readonly number[] = [3, 50];
  syncVersion = 1;
}
