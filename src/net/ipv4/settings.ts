/**
 * net.ipv4.* of one namespace, with Linux 6.1's defaults; names are those of the sysctls in camelCase, times in milliseconds where the
 * sysctl has milliseconds. Settings of single devices (net.ipv4.conf.*) are in Ipv4Device.
 */
export class Ipv4Settings {
  ipDefaultTtl = 64;
  /** 0 always, 1 never, 2 only where accepted by the user, 3 always with probing: path MTU discovery off when not 0. */
  ipNoPmtuDisc = 0;
  ipForwardUsePmtu = false;
  ipNonlocalBind = false;
  /** Answers to what no socket has sent (echoes, resets, errors) carry the mark of what they answer. */
  fwmarkReflect = false;
  /** Whether routes by a nexthop object are shown with the ways that the object has, too. */
  nexthopCompatMode = true;
  /** What is forwarded gets the priority of its TOS. */
  ipForwardUpdatePriority = true;
  minPmtu = 552;
  /** net.ipv4.route.min_adv_mss */
  routeMinAdvMss = 256;
  mtuExpiresS = 600;
  redirectNumber = 9;
  /** Milliseconds. */
  redirectLoad = 20;
  redirectSilence = 20_480;
  errorCost = 1000;
  errorBurst = 5000;

  localPortFirst = 32_768;
  localPortLast = 60_999;
  reservedPorts: Set<number> = new Set();
  autobindReuse = false;
  ipUnprivilegedPortStart = 1024;
  pingGroupFirst = 1;
  pingGroupLast = 0;

  icmpEchoIgnoreAll = false;
  icmpEchoIgnoreBroadcasts = true;
  /** Whether what neighbours want to know of this host's interfaces is answered (RFC 8335). */
  icmpEchoEnableProbe = false;
  icmpIgnoreBogusErrorResponses = true;
  icmpErrorsUseInboundIfaddr = false;
  /** Milliseconds a token: at most one error per peer and this time, six at once. */
  icmpRatelimit = 1000;
  /** One bit a type of ICMP that the limit holds for: DEST_UNREACH, SOURCE_QUENCH, TIME_EXCEEDED, PARAMETER_PROBLEM. */
  icmpRatemask = 0x1818;
  icmpMsgsPerSec = 1000;
  icmpMsgsBurst = 50;

  ipfragHighThresh = 4 * 1024 * 1024;
  ipfragLowThresh = 3 * 1024 * 1024;
  ipfragTimeS = 30;
  ipfragMaxDist = 64;

  igmpMaxMemberships = 20;
  /** Sources that a filter of one socket may name. */
  igmpMaxMsf = 10;
  /** Robustness while no querier has said another. */
  igmpQrv = 2;
  /** Groups of 224.0.0.0/24 are reported, too. */
  igmpLinkLocalMcastReports = 1;
  /** Sockets bound to no device have what comes in by VRFs, too. */
  udpL3mdevAccept = 0;
  /** Bytes of memory that a UDP socket may have whatever udp_mem says. */
  udpRmemMin = 4096;
  udpWmemMin = 4096;
  rawL3mdevAccept = 1;
}
