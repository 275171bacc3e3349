import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import type { Namespace } from '../core/namespace.js';
import { SOCK_DGRAM } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { type UdpKind, udpKind, udpLiteKind } from './kind.js';
import { Udp } from './udp.js';
import { Udp6 } from './udp6.js';

/** UDP and UDP-Lite of every namespace; they stand behind IPv4, and IPv6 where there is one. */
export const udpModule: NamespaceModule = {
  name: 'udp',
  init(namespace) {
    namespace.udp = attach(namespace, udpKind);
    namespace.udpLite = attach(namespace, udpLiteKind);
  },
  exit() {
    // Their sockets are closed by who holds them.
  },
};

function attach(namespace: Namespace, kind: UdpKind): Udp {
  const udp = new Udp(namespace, kind);
  offer(namespace, udp, AF_INET);
  if (namespace.ipv6 === undefined) return udp;
  const udp6 = new Udp6(namespace, udp.ports, kind);
  udp.six = udp6;
  namespace.ipv6.registerTransport(udp6);
  offer(namespace, udp, AF_INET6);
  return udp;
}

const offer = (namespace: Namespace, udp: Udp, family: number): void =>
  namespace.sockets.register({
    family,
    type: SOCK_DGRAM,
    protocol: udp.protocol,
    create: (_namespace, _protocol, uid, privileged) => udp.createSocket(uid, privileged, family),
  });
