import * as ip from '../../wire/ipv4.js';
import type { NamespaceModule } from '../core/stack.js';
import { ipReceive } from './input.js';
import { Ipv4 } from './ipv4.js';
import type { Ipv4Routing } from './routing.js';

/** IPv4 of every namespace of a stack, over the routing that `routing` makes for each. */
export const ipv4Module = (routing: (ipv4: Ipv4) => Ipv4Routing): NamespaceModule => ({
  name: 'ipv4',
  attach(stack) {
    stack.packetTypes.set(ip.ETHERTYPE, ipReceive);
  },
  init(namespace) {
    namespace.ipv4 = new Ipv4(namespace, routing);
  },
  exit(namespace) {
    namespace.ipv4.destroy();
  },
});
