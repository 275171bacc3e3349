/**
 * Settings of IPv6 on one device, or for `all` and `default` (struct ipv6_devconf): net.ipv6.conf.*, names in camelCase, numbers as
 * the sysctl has them, times in the sysctl's unit. Defaults are those of Linux's `default`.
 */
export class Ipv6Config {
  acceptDad = 1;
  acceptRa = 1;
  acceptRaDefrtr = 1;
  acceptRaFromLocal = 0;
  acceptRaMinHopLimit = 1;
  acceptRaMinLft = 0;
  acceptRaMtu = 1;
  acceptRaPinfo = 1;
  acceptRaRtInfoMaxPlen = 0;
  acceptRaRtInfoMinPlen = 0;
  acceptRaRtrPref = 1;
  acceptRedirects = 1;
  acceptSourceRoute = 0;
  acceptUntrackedNa = 0;
  addrGenMode = 0;
  autoconf = 1;
  dadTransmits = 1;
  disableIpv6 = 0;
  disablePolicy = 0;
  dropUnicastInL2Multicast = 0;
  dropUnsolicitedNa = 0;
  enhancedDad = 1;
  forceMldVersion = 0;
  forceTllao = 0;
  forwarding = 0;
  hopLimit = 64;
  ignoreRoutesWithLinkdown = 0;
  ioam6Enabled = 0;
  ioam6Id = 65_535;
  ioam6IdWide = 4_294_967_295;
  keepAddrOnDown = 0;
  maxAddresses = 16;
  maxDesyncFactor = 600;
  mcForwarding = 0;
  mldv1UnsolicitedReportInterval = 10_000;
  mldv2UnsolicitedReportInterval = 1000;
  /** Of the device, but for what a router has said. */
  mtu = 1280;
  ndiscEvictNocarrier = 1;
  ndiscNotify = 0;
  ndiscTclass = 0;
  optimisticDad = 0;
  proxyNdp = 0;
  raDefrtrMetric = 1024;
  regenMaxRetry = 3;
  /** Seconds. */
  routerProbeInterval = 60;
  routerSolicitationDelay = 1;
  routerSolicitationInterval = 4;
  routerSolicitationMaxInterval = 3600;
  routerSolicitations = -1;
  rplSegEnabled = 0;
  seg6Enabled = 0;
  seg6RequireHmac = 0;
  suppressFragNdisc = 1;
  tempPreferedLft = 86_400;
  tempValidLft = 604_800;
  useOifAddrsOnly = 0;
  useOptimistic = 0;
  useTempaddr = 0;
  /** Sixteen bytes as four words; null: none (stable_secret). */
  stableSecret: Uint32Array | null = null;

  /** Takes over what `other` has. */
  copyFrom(other: Ipv6Config): this {
    Object.assign(this, other);
    return this;
  }
}
