/**
 * net.ipv6.* of one namespace, with Linux 6.1's defaults; names are those of the sysctls in camelCase, times in the sysctl's unit.
 * Settings of single devices (net.ipv6.conf.*) are in Ipv6Device.
 */
export class Ipv6Settings {
  anycastSrcEchoReply = 0;
  /** Labels of flows that chose none: 0 never, 1 unless the socket does not want it, 2 where it does, 3 always. */
  autoFlowlabels = 1;
  bindv6only = 0;
  fibMultipathHashFields = 7;
  fibMultipathHashPolicy = 0;
  flowlabelConsistency = 1;
  /** REFLECT_*: what answers with the label of what it answers. */
  flowlabelReflect = 0;
  flowlabelStateRanges = 0;
  fwmarkReflect = 0;
  icmpEchoIgnoreAll = 0;
  icmpEchoIgnoreAnycast = 0;
  icmpEchoIgnoreMulticast = 0;
  /** Milliseconds a token. */
  icmpRatelimit = 1000;
  /** One bit a type that the limit holds for, 256 bits: "0-1,3-127". */
  readonly icmpRatemask = Uint32Array.of(0xffff_fffb, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 0, 0);
  /** Seconds until another address is examined in the place of one that somebody has. */
  idgenDelay = 1;
  idgenRetries = 3;
  ip6fragHighThresh = 4 * 1024 * 1024;
  ip6fragLowThresh = 3 * 1024 * 1024;
  /** Seconds. */
  ip6fragTime = 60;
  ipNonlocalBind = 0;
  maxDstOptsLength = 2_147_483_647;
  maxDstOptsNumber = 8;
  maxHbhLength = 2_147_483_647;
  maxHbhOptsNumber = 8;
  mldMaxMsf = 64;
  mldQrv = 2;
  // net.ipv6.route.*
  routeGcElasticity = 9;
  /** Milliseconds. */
  routeGcMinInterval = 500;
  routeGcThresh = 1024;
  /** Seconds. */
  routeGcTimeout = 60;
  routeMaxSize = 2_147_483_647;
  /** Seconds. */
  routeGcInterval = 30;
  routeMinAdvMss = 1220;
  /** Seconds. */
  routeMtuExpires = 600;
  routeSkipNotifyOnDevDown = 0;
}
