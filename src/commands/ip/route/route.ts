import { type IpObject, lazy } from '../object.js';
import { flushVerb, restore, save, show, showdump, showRoutes } from './show.js';
import { ROUTE_USAGE } from './usage.js';

const modify = () => import('./modify.js');

/** `ip route`: the routing tables. */
export const route: IpObject = {
  name: 'route',
  summary: 'routing tables',
  usage: ROUTE_USAGE,
  description: [
    'A route says where packets to a prefix go: through a device, by a gateway, to this host itself (local), or nowhere (blackhole, unreachable, prohibit, throw). Of the routes that match, the one with the longest prefix counts; of those, the one with the lowest metric.',
    'Routes lie in tables. The table local holds what the stack itself keeps for its addresses, main is where routes go and are looked up unless rules say otherwise.',
  ],
  verbs: [
    show,
    lazy(['get'], async () => (await import('./get.js')).getVerb),
    lazy(['add'], async () => (await modify()).add),
    lazy(['change'], async () => (await modify()).change, ['chg']),
    lazy(['replace'], async () => (await modify()).replace),
    lazy(['prepend'], async () => (await modify()).prepend),
    lazy(['append'], async () => (await modify()).append),
    lazy(['test'], async () => (await modify()).test),
    lazy(['delete'], async () => (await modify()).remove),
    flushVerb,
    save,
    restore,
    showdump,
  ],
  withoutVerb: showRoutes,
  examples: [
    ['ip route add default via 10.0.0.1', 'a gateway for everything that has no other route'],
    ['ip route add 10.6.0.0/16 via inet6 fe80::1 dev eth0', 'a gateway that neighbour discovery finds'],
    ['ip route add 10.7.0.0/16 encap ip id 100 dst 192.0.2.2 dev vx0', 'by the external vxlan vx0, in the VNI 100, to 192.0.2.2'],
    ['ip route add 10.5.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.1.0.2', 'two ways that share the traffic'],
    ['ip route get 8.8.8.8', 'the way that packets to an address take'],
  ],
};
