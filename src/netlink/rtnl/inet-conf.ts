/** What of net.ipv4.conf.* the array shows. */
// biome-ignore format: a table
type Key =
  | 'forwarding' | 'mcForwarding' | 'proxyArp' | 'acceptRedirects' | 'secureRedirects' | 'sendRedirects' | 'sharedMedia'
  | 'rpFilter' | 'acceptSourceRoute' | 'bootpRelay' | 'logMartians' | 'tag' | 'arpFilter' | 'mediumId' | 'disableXfrm'
  | 'disablePolicy' | 'forceIgmpVersion' | 'arpAnnounce' | 'arpIgnore' | 'promoteSecondaries' | 'arpAccept' | 'arpNotify'
  | 'acceptLocal' | 'srcValidMark' | 'proxyArpPvlan' | 'routeLocalnet' | 'igmpv2UnsolicitedReportInterval'
  | 'igmpv3UnsolicitedReportInterval' | 'ignoreRoutesWithLinkdown' | 'dropUnicastInL2Multicast' | 'dropGratuitousArp'
  | 'bcForwarding' | 'arpEvictNocarrier';
type Shown = { readonly [K in Key]: number };

/** IFLA_INET_CONF, by IPV4_DEVCONF_* of linux/ip.h from 1 on. Linux: inet_fill_link_af() */
export function inetConf(c: Shown): number[] {
  // biome-ignore format: a table
  return [
    c.forwarding, c.mcForwarding, c.proxyArp, c.acceptRedirects, c.secureRedirects, c.sendRedirects, c.sharedMedia, c.rpFilter,
    c.acceptSourceRoute, c.bootpRelay, c.logMartians, c.tag, c.arpFilter, c.mediumId, c.disableXfrm, c.disablePolicy,
    c.forceIgmpVersion, c.arpAnnounce, c.arpIgnore, c.promoteSecondaries, c.arpAccept, c.arpNotify, c.acceptLocal,
    c.srcValidMark, c.proxyArpPvlan, c.routeLocalnet, c.igmpv2UnsolicitedReportInterval, c.igmpv3UnsolicitedReportInterval,
    c.ignoreRoutesWithLinkdown, c.dropUnicastInL2Multicast, c.dropGratuitousArp, c.bcForwarding, c.arpEvictNocarrier,
  ];
}
