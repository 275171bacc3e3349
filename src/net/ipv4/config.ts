/**
 * Settings of IPv4 on one device, or for `all` and `default` (struct ipv4_devconf): net.ipv4.conf.*, names in camelCase, numbers as
 * the sysctl has them. Defaults are those of Linux's `default`.
 */
export class Ipv4Config {
  forwarding = 0;
  mcForwarding = 0;
  proxyArp = 0;
  acceptRedirects = 1;
  secureRedirects = 1;
  sendRedirects = 1;
  sharedMedia = 1;
  rpFilter = 0;
  acceptSourceRoute = 1;
  bootpRelay = 0;
  logMartians = 0;
  tag = 0;
  arpFilter = 0;
  mediumId = 0;
  disableXfrm = 0;
  disablePolicy = 0;
  forceIgmpVersion = 0;
  arpAnnounce = 0;
  arpIgnore = 0;
  promoteSecondaries = 0;
  arpAccept = 0;
  arpNotify = 0;
  acceptLocal = 0;
  srcValidMark = 0;
  proxyArpPvlan = 0;
  routeLocalnet = 0;
  igmpv2UnsolicitedReportInterval = 10_000;
  igmpv3UnsolicitedReportInterval = 1000;
  ignoreRoutesWithLinkdown = 0;
  dropUnicastInL2Multicast = 0;
  dropGratuitousArp = 0;
  bcForwarding = 0;
  arpEvictNocarrier = 1;

  /** Takes over what `other` has. */
  copyFrom(other: Ipv4Config): this {
    Object.assign(this, other);
    return this;
  }
}

/** conf.all of the first namespace as it starts. */
export function allConfig(): Ipv4Config {
  const config = new Ipv4Config();
  config.acceptSourceRoute = 0;
  return config;
}
