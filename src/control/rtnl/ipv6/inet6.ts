import { EAFNOSUPPORT, EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { NetDevice } from '../../../net/core/device.js';
import { ADDR_GEN_RANDOM, ADDR_GEN_STABLE_PRIVACY } from '../../../net/ipv6/addrconf/generate.js';
import { IFLA_INET6_CONF_LENGTH, inet6Conf } from '../../../netlink/rtnl/inet6-conf.js';
import { RTEXT_FILTER_SKIP_STATS } from '../../../netlink/rtnl/constants.js';
import type { LinkAttributes } from '../../../netlink/rtnl/link/link.js';
import { in6, in6Bytes } from './in6.js';
import { icmpStatistics, ipStatistics } from './link-statistics.js';

type Inet6Attributes = NonNullable<NonNullable<LinkAttributes['afSpec']>['inet6']>;

const US_PER_HUNDREDTH = 10_000;
/** IPV6_MAXPLEN */
const MAX_REASSEMBLED = 65_535;

/** IPv6's part of RTM_NEWLINK; undefined: the device has none. Linux: inet6_fill_ifla6_attrs() */
export function describeInet6(device: NetDevice, extMask: number): Inet6Attributes | undefined {
  const owner = device.ipv6;
  if (owner === null) return undefined;
  const { values, reachableTimeMs } = owner.ndParameters;
  return {
    flags: owner.flags >>> 0,
    cacheinfo: {
      maxReasmLen: MAX_REASSEMBLED,
      tstamp: Math.floor(owner.updatedUs / US_PER_HUNDREDTH),
      reachableTime: reachableTimeMs,
      retransTime: values.retransTimeMs,
    },
    conf: inet6Conf(owner.config, IFLA_INET6_CONF_LENGTH),
    ...((extMask & RTEXT_FILTER_SKIP_STATS) !== 0 ? {} : { stats: ipStatistics(owner.stats), icmp6stats: icmpStatistics(owner.icmpStats) }),
    token: owner.token === null ? new Uint8Array(16) : in6Bytes(owner.token),
    addrGenMode: owner.config.addrGenMode,
    ...(owner.raMtu === 0 ? {} : { raMtu: owner.raMtu }),
  };
}

/** IFLA_AF_SPEC's AF_INET6 of a request. EAFNOSUPPORT, EINVAL. Linux: inet6_validate_link_af(), inet6_set_link_af() */
export function setInet6(device: NetDevice, { token, addrGenMode }: Inet6Attributes): void {
  const owner = device.ipv6 ?? fail(EAFNOSUPPORT);
  if (token === undefined && addrGenMode === undefined) fail(EINVAL);
  const { defaultConfig, addresses } = device.namespace.ipv6;
  if (addrGenMode !== undefined) {
    if (addrGenMode > ADDR_GEN_RANDOM) fail(EINVAL);
    if (addrGenMode === ADDR_GEN_STABLE_PRIVACY && owner.config.stableSecret === null && defaultConfig.stableSecret === null) fail(EINVAL);
  }
  if (token !== undefined) addresses.routers.setToken(owner, in6(token));
  if (addrGenMode !== undefined) owner.config.addrGenMode = addrGenMode;
}
