import { NetError } from '../../../base/net-error.js';
import {
  ARPHRD_SIT,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFF_POINTOPOINT,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
} from '../../../netlink/rtnl/constants.js';
import type { In6 } from '../../../wire/ipv6.js';
import type { Ipv6Addresses } from '../addresses.js';
import type { Ipv6Device } from '../device.js';
import { RTF_NONEXTHOP } from '../fib/info.js';
import { ADDR_GEN_NONE } from './generate.js';
import { address6Request } from './request.js';

const LINK_LOCAL_PREFIX = 64;
const COMPATIBLE_PREFIX = 96;

/**
 * Addresses of a device over IPv4 (sit, gre) from its IPv4 ones: fe80::a.b.c.d, or ::a.b.c.d of a sit without a remote.
 * Linux: add_v4_addrs()
 */
export function addIpv4Addresses(addresses: Ipv6Addresses, owner: Ipv6Device): void {
  const { device } = owner;
  const local = device.address;
  const pointToPoint = (device.flags & IFF_POINTOPOINT) !== 0;
  const compatible = !pointToPoint && device.type === ARPHRD_SIT;
  if (!compatible && owner.config.addrGenMode === ADDR_GEN_NONE) return;
  const add = (ipv4: number, scope: number | null) => {
    const address: In6 = Uint32Array.of(compatible ? 0 : 0xfe80_0000, 0, 0, ipv4);
    put(addresses, owner, address, compatible ? COMPATIBLE_PREFIX : LINK_LOCAL_PREFIX, scope);
  };
  const own = ((local[0]! << 24) | (local[1]! << 16) | (local[2]! << 8) | local[3]!) >>> 0;
  if (own !== 0) {
    add(own, null);
    return;
  }
  for (const other of device.namespace.devicesByIndex.values()) {
    if (!other.up || other.ipv4 === null) continue;
    for (const { local: address, scope } of other.ipv4.addresses) {
      if (scope === RT_SCOPE_LINK || (scope >= RT_SCOPE_HOST && pointToPoint)) continue;
      add(address, scope >= RT_SCOPE_HOST ? RT_SCOPE_HOST : null);
    }
  }
}

/** Linux: add_addr(), addrconf_prefix_route() */
function put(addresses: Ipv6Addresses, owner: Ipv6Device, address: In6, prefixLength: number, scope: number | null): void {
  try {
    const held = addresses.insert(owner, address6Request(address, prefixLength, { flags: IFA_F_PERMANENT }), scope);
    held.flags &= ~IFA_F_TENTATIVE;
    addresses.ready(held);
  } catch (error) {
    // Linux does not look either: the address is there already.
    if (!(error instanceof NetError)) throw error;
  }
  const flags = prefixLength === COMPATIBLE_PREFIX ? RTF_NONEXTHOP : 0;
  addresses.prefixRoutes.add(address, prefixLength, 0, owner.device, undefined, flags);
}
