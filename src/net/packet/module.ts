import { AF_PACKET } from '../../netlink/constants.js';
import { SOCK_DGRAM, SOCK_RAW } from '../core/socket.js';
import type { NamespaceModule } from '../core/stack.js';
import { Packets } from './packets.js';

/** Packet sockets of every namespace. */
export const packetModule: NamespaceModule = {
  name: 'packet',
  init(namespace) {
    const packets = new Packets(namespace);
    namespace.packets = packets;
    for (const type of [SOCK_RAW, SOCK_DGRAM])
      namespace.sockets.register({
        family: AF_PACKET,
        type,
        protocol: 0,
        anyProtocol: true,
        create: (_namespace, protocol, uid) => packets.createSocket(type, protocol, uid),
      });
  },
  exit() {
    // Its sockets are closed by who holds them.
  },
};
