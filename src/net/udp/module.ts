import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { PROTOCOL } from '../../wire/udp.js';
import { SOCK_DGRAM } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { Udp } from './udp.js';
import { Udp6 } from './udp6.js';

/** UDP of every namespace; stands behind IPv4, and IPv6 where there is one. */
export const udpModule: NamespaceModule = {
  name: 'udp',
  init(namespace) {
    const udp = new Udp(namespace);
    namespace.udp = udp;
    namespace.sockets.register({
      family: AF_INET,
      type: SOCK_DGRAM,
      protocol: PROTOCOL,
      create: (_namespace, _protocol, uid, privileged) => udp.createSocket(uid, privileged),
    });
    if (namespace.ipv6 === undefined) return;
    const udp6 = new Udp6(namespace, udp.ports);
    udp.six = udp6;
    namespace.ipv6.registerTransport(udp6);
    namespace.sockets.register({
      family: AF_INET6,
      type: SOCK_DGRAM,
      protocol: PROTOCOL,
      create: (_namespace, _protocol, uid, privileged) => udp.createSocket(uid, privileged, AF_INET6),
    });
  },
  exit() {
    // Its sockets are closed by who holds them.
  },
};
