import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { PROTOCOL } from '../../wire/tcp.js';
import type { InternetLayer } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import { PortTable } from '../core/port-table.js';
import { SOCK_STREAM } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { destroy, done } from './close.js';
import { sendOwedAck } from './delayed-ack.js';
import { fastOpen } from './fastopen-server.js';
import { sendPaced } from './retransmit.js';
import { requestTimer } from './listen.js';
import { receiver } from './receiver.js';
import { enterCwr } from './reduction.js';
import { TcpSocket } from './socket.js';
import { Tcp, type TcpUpper } from './tcp.js';
import { TcpTransport } from './transport.js';

const upper: TcpUpper = {
  createSocket: (tcp, family, uid, privileged) => new TcpSocket(tcp, family, uid, privileged),
  sendOwedAck,
  requestTimer,
  fastOpen,
  sendPaced,
  congested: enterCwr,
  destroySocket(sk) {
    done(sk);
    destroy(sk);
  },
};

/** Makes TCP for one namespace, over `layers`: IPv4, and IPv6 where there is one. */
export function createTcp(namespace: Namespace, layers: readonly InternetLayer[]): Tcp {
  const tcp = new Tcp(namespace, new PortTable(namespace.stack, namespace.ipv4.settings, true), upper);
  namespace.tcp = tcp;
  for (const layer of layers) {
    const transport = new TcpTransport(tcp, layer, receiver);
    tcp.transports.push(transport);
    layer.registerTransport(transport);
  }
  namespace.sockets.register({
    family: AF_INET,
    type: SOCK_STREAM,
    protocol: PROTOCOL,
    create: (_namespace, _protocol, uid, privileged) => new TcpSocket(tcp, AF_INET, uid, privileged),
  });
  if (layers.some((layer) => layer.family === AF_INET6))
    namespace.sockets.register({
      family: AF_INET6,
      type: SOCK_STREAM,
      protocol: PROTOCOL,
      create: (_namespace, _protocol, uid, privileged) => new TcpSocket(tcp, AF_INET6, uid, privileged),
    });
  return tcp;
}

/** TCP of every namespace; stands behind IPv4 and IPv6. */
export const tcpModule: NamespaceModule = {
  name: 'tcp',
  init(namespace) {
    createTcp(namespace, namespace.ipv6 === undefined ? [namespace.ipv4] : [namespace.ipv4, namespace.ipv6]);
  },
  exit(namespace) {
    namespace.tcp.destroy();
  },
};
