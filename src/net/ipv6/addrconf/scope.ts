import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_SITE, RT_SCOPE_UNIVERSE } from '../../../netlink/rtnl/constants.js';
import { type In6, isLinkLocal, isLoopback, isMulticast, multicastScope } from '../../../wire/ipv6.js';

// RFC 4007 4, as multicast addresses have them: IPV6_ADDR_SCOPE_*
const NODE = 1;
const LINK = 2;
const SITE = 5;
const GLOBAL = 14;

const isSiteLocal = (a: In6): boolean => (a[0]! & 0xffc0_0000) >>> 0 === 0xfec0_0000;

/** How far an address is known, 1 to 14; the loopback is the link's. Linux: ipv6_addr_src_scope() */
export function addressScope(address: In6): number {
  if (isMulticast(address)) return multicastScope(address);
  if (isLinkLocal(address) || isLoopback(address)) return LINK;
  return isSiteLocal(address) ? SITE : GLOBAL;
}

/** Linux: ipv6_addr_scope2type(), rt_scope() */
function groupScope(scope: number): number {
  if (scope === NODE) return RT_SCOPE_HOST;
  if (scope === LINK) return RT_SCOPE_LINK;
  return scope === SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
}

/** RT_SCOPE_* of an address. */
export function routeScope(address: In6): number {
  if (isMulticast(address)) {
    const scope = multicastScope(address);
    if (scope === 1) return RT_SCOPE_HOST;
    return scope === LINK ? RT_SCOPE_LINK : scope === SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
  }
  if (isLoopback(address)) return RT_SCOPE_HOST;
  if (isMulticast(address)) return groupScope(multicastScope(address));
  if (isLinkLocal(address)) return RT_SCOPE_LINK;
  return isSiteLocal(address) ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
}
