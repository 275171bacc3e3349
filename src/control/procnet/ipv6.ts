import type { Namespace } from '../../net/core/namespace.js';
import { type Fib6Info, RTF_LOCAL } from '../../net/ipv6/fib/info.js';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_SITE, RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import { addressToBytes, type In6 } from '../../wire/ipv6.js';
import { dumpedRoutes } from '../rtnl/ipv6/route.js';
import { hex, hexBytes } from './hex.js';
import type { ProcNetView } from './view.js';

/** IPV6_ADDR_LOOPBACK, LINKLOCAL, SITELOCAL */
const SCOPES: Readonly<Record<number, number>> = { [RT_SCOPE_HOST]: 0x10, [RT_SCOPE_LINK]: 0x20, [RT_SCOPE_SITE]: 0x40 };
const digits = (address: In6 | null): string => hexBytes(address === null ? new Uint8Array(16) : addressToBytes(address));

/** Linux: if6_seq_show() */
export const ifInet6: ProcNetView = {
  path: 'if_inet6',
  text: (namespace) =>
    [...namespace.devices()]
      .flatMap((device) => device.ipv6?.addresses ?? [])
      // Linux has them in a hash table, the last of one address first; what is shown here is at least the same each time.
      .reverse()
      .sort((a, b) => compare(b.address, a.address))
      .map(
        (held) =>
          `${digits(held.address)} ${hex(held.owner.device.ifindex, 2)} ${hex(held.prefixLength, 2)} ${hex(SCOPES[held.scope] ?? 0, 2)} ${hex(held.flags & 0xff, 2)} ${held.owner.device.name.padStart(8)}\n`,
      )
      .join(''),
};

function compare(a: In6, b: In6): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** The route that stands for none at all, at the root of a table that has no default route. */
const NULL_ENTRY = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`;

function line(info: Fib6Info): string {
  const device = info.device.name.padStart(8);
  const local = info.type === RTN_LOCAL ? RTF_LOCAL : 0;
  return `${digits(info.destination)} ${hex(info.prefixLength, 2)} ${digits(info.source)} ${hex(info.sourceLength, 2)} ${digits(info.gateway)} ${hex(info.metric, 8)} ${hex(1, 8)} ${hex(0, 8)} ${hex(info.flags | local, 8)} ${device}\n`;
}

/** Linux: ipv6_route_seq_show(), rt6_info_route() */
export const ipv6Route: ProcNetView = {
  path: 'ipv6_route',
  text: (namespace: Namespace) =>
    namespace.ipv6.fib
      .tables()
      .map((table) => {
        const routes = dumpedRoutes(namespace, table.id);
        return routes.map(line).join('') + (routes.some(({ prefixLength }) => prefixLength === 0) ? '' : NULL_ENTRY);
      })
      .join(''),
};
