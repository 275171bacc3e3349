import * as udp from '../../wire/udp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { steer } from '../core/reuseport-group.js';
import type { UdpSocket } from './udp-socket.js';

/** Who of the SO_REUSEPORT group of `found` has a datagram, `skb.data` at its header; connected sockets have their own. Linux: lookup_reuseport() */
export const steered = (found: UdpSocket | null, skb: PacketBuffer): UdpSocket | null =>
  found === null || found.connected ? found : steer(found, skb, skb.data + udp.HEADER);
