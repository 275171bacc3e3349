import { EACCES, EPERM, EPROTONOSUPPORT } from '../../base/errno.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { PROTOCOL as ICMP } from '../../wire/icmp.js';
import { PROTOCOL as ICMPV6 } from '../../wire/icmpv6.js';
import type { Namespace } from '../core/namespace.js';
import { SOCK_DGRAM, SOCK_RAW } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { Ping } from './ping.js';
import { Raw } from './raw.js';
import { Raw6 } from './raw6.js';

/** ping_group_range, of both families: a user's own group has the user's number, as on Debian. Linux: ping_init_sock() */
function mayPing({ ipv4 }: Namespace, uid: number): boolean {
  return uid >= ipv4.settings.pingGroupFirst && uid <= ipv4.settings.pingGroupLast;
}

/** Raw and ping sockets of every namespace; stands behind IPv4, and IPv6 where there is one. */
export const rawModule: NamespaceModule = {
  name: 'raw',
  init(namespace) {
    const raw = new Raw(namespace);
    const ping = new Ping(namespace);
    namespace.raw = raw;
    namespace.ping = ping;
    namespace.sockets.register({
      family: AF_INET,
      type: SOCK_RAW,
      protocol: 0,
      anyProtocol: true,
      create(_namespace, protocol, uid, netRaw) {
        if (!netRaw) return -EPERM;
        return protocol <= 0 || protocol > 255 ? -EPROTONOSUPPORT : raw.createSocket(protocol, uid, netRaw);
      },
    });
    namespace.sockets.register({
      family: AF_INET,
      type: SOCK_DGRAM,
      protocol: ICMP,
      create: (_namespace, _protocol, uid, netRaw) => (mayPing(namespace, uid) ? ping.createSocket(AF_INET, uid, netRaw) : -EACCES),
    });
    if (namespace.ipv6 === undefined) return;
    namespace.sockets.register({
      family: AF_INET6,
      type: SOCK_DGRAM,
      protocol: ICMPV6,
      create: (_namespace, _protocol, uid, netRaw) => (mayPing(namespace, uid) ? ping.createSocket(AF_INET6, uid, netRaw) : -EACCES),
    });
    const raw6 = new Raw6(namespace);
    namespace.raw6 = raw6;
    namespace.sockets.register({
      family: AF_INET6,
      type: SOCK_RAW,
      protocol: 0,
      anyProtocol: true,
      create(_namespace, protocol, uid, netRaw) {
        if (!netRaw) return -EPERM;
        return protocol <= 0 || protocol > 255 ? -EPROTONOSUPPORT : raw6.createSocket(protocol, uid, netRaw);
      },
    });
  },
  exit() {
    // Its sockets are closed by who holds them.
  },
};
