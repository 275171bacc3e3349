import { AF_INET, AF_UNSPEC } from '../../../netlink/constants.js';
import { failure } from '../../shared/failure.js';
import type { IpObject } from '../object.js';
import { add, change, del, prl } from './modify.js';
import { show, showTunnels } from './show.js';
import { sixRd } from './six-rd.js';
import { TUNNEL_USAGE } from './usage.js';

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
  check({ options }) {
    if (options.family !== AF_UNSPEC && options.family !== AF_INET)
      throw failure('RTNETLINK answers: Operation not supported\ntapstack: "ip -6 tunnel" is not there yet', 2);
  },
  withoutVerb: showTunnels,
  examples: [
    ['ip tunnel add gre1 mode gre local 192.0.2.1 remote 198.51.100.1 ttl 64', 'a tunnel between two addresses'],
    ['ip tunnel show', 'what tunnels there are'],
  ],
};
