import { ETHERTYPE } from '../../wire/ipv6.js';
import type { NamespaceModule } from '../core/stack.js';
import { followDevices6 } from './device-events.js';
import { ip6Receive } from './input.js';
import { Ipv6 } from './ipv6.js';

/** IPv6 of every namespace of a stack; stands behind IPv4, before neighbour discovery. */
export const ipv6Module: NamespaceModule = {
  name: 'ipv6',
  attach(stack) {
    stack.packetTypes.set(ETHERTYPE, ip6Receive);
  },
  init(namespace) {
    namespace.ipv6 = new Ipv6(namespace);
    followDevices6(namespace.ipv6);
  },
  exit(namespace) {
    namespace.ipv6.destroy();
  },
};
