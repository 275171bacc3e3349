/** Of IFLA_INET6_CONF: how many DEVCONF_* there are in Linux 6.1. */
export const IFLA_INET6_CONF_LENGTH = 59;

/** What of net.ipv6.conf.* the array shows: by DEVCONF_*, linux/ipv6.h; the rest is 0. */
const DEVCONF = [
  [0, 'forwarding'],
  [1, 'hopLimit'],
  [2, 'mtu'],
  [3, 'acceptRa'],
  [4, 'acceptRedirects'],
  [5, 'autoconf'],
  [6, 'dadTransmits'],
  [7, 'routerSolicitations'],
  [8, 'routerSolicitationInterval', 1000],
  [9, 'routerSolicitationDelay', 1000],
  [10, 'useTempaddr'],
  [11, 'tempValidLft'],
  [12, 'tempPreferedLft'],
  [13, 'regenMaxRetry'],
  [14, 'maxDesyncFactor'],
  [15, 'maxAddresses'],
  [16, 'forceMldVersion'],
  [17, 'acceptRaDefrtr'],
  [18, 'acceptRaPinfo'],
  [19, 'acceptRaRtrPref'],
  [20, 'routerProbeInterval', 1000],
  [21, 'acceptRaRtInfoMaxPlen'],
  [22, 'proxyNdp'],
  [23, 'optimisticDad'],
  [24, 'acceptSourceRoute'],
  [25, 'mcForwarding'],
  [26, 'disableIpv6'],
  [27, 'acceptDad'],
  [28, 'forceTllao'],
  [29, 'ndiscNotify'],
  [30, 'mldv1UnsolicitedReportInterval'],
  [31, 'mldv2UnsolicitedReportInterval'],
  [32, 'suppressFragNdisc'],
  [33, 'acceptRaFromLocal'],
  [34, 'useOptimistic'],
  [35, 'acceptRaMtu'],
  [37, 'useOifAddrsOnly'],
  [38, 'acceptRaMinHopLimit'],
  [39, 'ignoreRoutesWithLinkdown'],
  [40, 'dropUnicastInL2Multicast'],
  [41, 'dropUnsolicitedNa'],
  [42, 'keepAddrOnDown'],
  [43, 'routerSolicitationMaxInterval', 1000],
  [44, 'seg6Enabled'],
  [45, 'seg6RequireHmac'],
  [46, 'enhancedDad'],
  [47, 'addrGenMode'],
  [48, 'disablePolicy'],
  [49, 'acceptRaRtInfoMinPlen'],
  [50, 'ndiscTclass'],
  [51, 'rplSegEnabled'],
  [52, 'raDefrtrMetric'],
  [53, 'ioam6Enabled'],
  [54, 'ioam6Id'],
  [55, 'ioam6IdWide'],
  [56, 'ndiscEvictNocarrier'],
  [57, 'acceptUntrackedNa'],
  [58, 'acceptRaMinLft'],
] as const;

type Shown = { readonly [K in (typeof DEVCONF)[number][1]]: number };

/** IFLA_INET6_CONF: times of the settings are seconds, those of the array milliseconds. Linux: ipv6_store_devconf() */
export function inet6Conf(config: Shown, length: number): number[] {
  const words = new Array<number>(length).fill(0);
  for (const [at, key, unit = 1] of DEVCONF) words[at] = (config[key] * unit) >>> 0;
  return words;
}
