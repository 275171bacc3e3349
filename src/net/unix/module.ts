import { AF_UNIX } from '../../netlink/constants.js';
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { Unix } from './unix.js';

/** Unix sockets of every namespace. */
export const unixModule: NamespaceModule = {
  name: 'unix',
  init(namespace) {
    const unix = new Unix(namespace);
    namespace.unix = unix;
    for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET])
      namespace.sockets.register({
        family: AF_UNIX,
        type,
        protocol: 0,
        create: (_namespace, _protocol, uid) => unix.createSocket(type, uid),
      });
  },
  exit() {
    // Its sockets are closed by who holds them.
  },
};
