import { AF_INET } from '../../netlink/constants.js';
import { PROTOCOL } from '../../wire/udp.js';
import { SOCK_DGRAM } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { Udp } from './udp.js';

/** UDP of every namespace; stands behind IPv4. */
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
  },
  exit() {
    // Its sockets are closed by who holds them.
  },
};
