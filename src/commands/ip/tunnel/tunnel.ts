import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import { fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { IpObject } from '../object.js';
import { tunnel6 } from './inet6.js';
import { add, change, del } from './modify.js';
import { prl } from './prl.js';
import { show, showTunnels } from './show.js';
import { sixRd } from './six-rd.js';
import { TUNNEL_USAGE } from './usage.js';

function checkFamily({ options: { family } }: IpContext): void {
  if (family !== AF_UNSPEC && family !== AF_INET) throw fatal(`Unsupported protocol family: ${family}`);
}

/** `ip tunnel`: tunnels over IPv4. */
export const tunnel: IpObject = {
  name: 'tunnel',
  summary: 'tunnels over IPv4',
  usage: TUNNEL_USAGE,
  description: [
    'A tunnel wraps packets in IPv4 packets of its own: gre for all kinds of packets, ipip for IPv4 and sit for IPv6 in IPv4. The same devices are made by',
    '.B ip link add type gre | ipip | sit',
    'with more words; this is their older language.',
  ],
  verbs: [add, change, del, show, prl, sixRd],
  check: checkFamily,
  withoutVerb(context, cursor) {
    checkFamily(context);
    return showTunnels(context, cursor);
  },
  inet6: tunnel6,
  examples: [
    ['ip tunnel add gre1 mode gre local 192.0.2.1 remote 198.51.100.1 ttl 64', 'a tunnel between two addresses'],
    ['ip tunnel show', 'what tunnels there are'],
  ],
};
