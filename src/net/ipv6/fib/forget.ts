import { ESRCH } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import { equalAddress } from '../../../wire/ipv6.js';
import type { Rt6 } from '../rt6.js';
import type { Fib6 } from './fib.js';
import type { Route6Request } from './request.js';

/** RTM_DELROUTE with RTM_F_CLONED: what was learned of the destination goes, whichever route keeps it. ESRCH. Linux: ip6_del_cached_rt() */
export function forgetLearned(fib: Fib6, request: Route6Request): void {
  const table = fib.table(request.tableId === 0 ? RT_TABLE_MAIN : request.tableId) ?? fail(ESRCH);
  const [way] = request.nexthops;
  const fits = ({ device, gateway }: Rt6): boolean => {
    if (way === undefined) return true;
    if (way.oif !== 0 && device?.ifindex !== way.oif) return false;
    return way.gateway === null || (gateway !== null && equalAddress(gateway, way.gateway));
  };
  for (const length of table.lengths)
    for (const info of table.node(request.destination, length)?.routes ?? [])
      if (info.exceptions?.remove(request.destination, fits) === true) return;
  fail(ESRCH);
}
