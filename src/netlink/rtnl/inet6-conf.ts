/** Of IFLA_INET6_CONF: how many DEVCONF_* there are in Linux 6.1. */
export const IFLA_INET6_CONF_LENGTH = 59;

/** Times of the settings are seconds, those of the array milliseconds. */
const MS = 1000;

/** What of net.ipv6.conf.* the array shows. */
// biome-ignore format: a table
type Key =
  | 'forwarding' | 'hopLimit' | 'mtu' | 'acceptRa' | 'acceptRedirects' | 'autoconf' | 'dadTransmits' | 'routerSolicitations'
  | 'routerSolicitationInterval' | 'routerSolicitationDelay' | 'useTempaddr' | 'tempValidLft' | 'tempPreferedLft'
  | 'regenMaxRetry' | 'maxDesyncFactor' | 'maxAddresses' | 'forceMldVersion' | 'acceptRaDefrtr' | 'acceptRaPinfo'
  | 'acceptRaRtrPref' | 'routerProbeInterval' | 'acceptRaRtInfoMaxPlen' | 'proxyNdp' | 'optimisticDad' | 'acceptSourceRoute'
  | 'mcForwarding' | 'disableIpv6' | 'acceptDad' | 'forceTllao' | 'ndiscNotify' | 'mldv1UnsolicitedReportInterval'
  | 'mldv2UnsolicitedReportInterval' | 'suppressFragNdisc' | 'acceptRaFromLocal' | 'useOptimistic' | 'acceptRaMtu'
  | 'useOifAddrsOnly' | 'acceptRaMinHopLimit' | 'ignoreRoutesWithLinkdown' | 'dropUnicastInL2Multicast' | 'dropUnsolicitedNa'
  | 'keepAddrOnDown' | 'routerSolicitationMaxInterval' | 'seg6Enabled' | 'seg6RequireHmac' | 'enhancedDad' | 'addrGenMode'
  | 'disablePolicy' | 'acceptRaRtInfoMinPlen' | 'ndiscTclass' | 'rplSegEnabled' | 'raDefrtrMetric' | 'ioam6Enabled' | 'ioam6Id'
  | 'ioam6IdWide' | 'ndiscEvictNocarrier' | 'acceptUntrackedNa' | 'acceptRaMinLft';
type Shown = { readonly [K in Key]: number };

/**
 * IFLA_INET6_CONF, by DEVCONF_* of linux/ipv6.h; what is not there is 0. Each link of a list has it: no loop looks settings up by their
 * names. Linux: ipv6_store_devconf()
 */
export function inet6Conf(c: Shown, length: number): number[] {
  // biome-ignore format: a table
  const words = [
    c.forwarding, c.hopLimit, c.mtu, c.acceptRa, c.acceptRedirects, c.autoconf, c.dadTransmits, c.routerSolicitations,
    c.routerSolicitationInterval * MS, c.routerSolicitationDelay * MS, c.useTempaddr, c.tempValidLft, c.tempPreferedLft,
    c.regenMaxRetry, c.maxDesyncFactor, c.maxAddresses, c.forceMldVersion, c.acceptRaDefrtr, c.acceptRaPinfo,
    c.acceptRaRtrPref, c.routerProbeInterval * MS, c.acceptRaRtInfoMaxPlen, c.proxyNdp, c.optimisticDad, c.acceptSourceRoute,
    c.mcForwarding, c.disableIpv6, c.acceptDad, c.forceTllao, c.ndiscNotify, c.mldv1UnsolicitedReportInterval,
    c.mldv2UnsolicitedReportInterval, c.suppressFragNdisc, c.acceptRaFromLocal, c.useOptimistic, c.acceptRaMtu, 0,
    c.useOifAddrsOnly, c.acceptRaMinHopLimit, c.ignoreRoutesWithLinkdown, c.dropUnicastInL2Multicast, c.dropUnsolicitedNa,
    c.keepAddrOnDown, c.routerSolicitationMaxInterval * MS, c.seg6Enabled, c.seg6RequireHmac, c.enhancedDad, c.addrGenMode,
    c.disablePolicy, c.acceptRaRtInfoMinPlen, c.ndiscTclass, c.rplSegEnabled, c.raDefrtrMetric, c.ioam6Enabled, c.ioam6Id,
    c.ioam6IdWide, c.ndiscEvictNocarrier, c.acceptUntrackedNa, c.acceptRaMinLft,
  ];
  while (words.length < length) words.push(0);
  return words;
}
