import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { segment } from '../core/gso.js';
import type { Stack } from '../core/stack.js';
import type { UdpSocket } from './udp-socket.js';

interface UdpCounters {
  inDatagrams: number;
  inErrors: number;
  rcvbufErrors: number;
  memErrors: number;
}

/** Gives a datagram, `skb.data` at the UDP header, to its socket, and counts. Linux: udp_queue_rcv_skb() */
export function deliverDatagram(stack: Stack, stats: UdpCounters, socket: UdpSocket, skb: PacketBuffer): void {
  if (skb.gsoSize === 0 || socket.takesSuperPackets || socket.encapsulation !== null) return deliverOne(stack, stats, socket, skb);
  // Who has not asked for super-packets (UDP_GRO) gets their datagrams one by one.
  skb.transportHeader = skb.data;
  skb.data = skb.networkHeader;
  for (let piece = segment(skb); piece !== null; ) {
    const next: PacketBuffer | null = piece.next;
    piece.next = null;
    piece.data = piece.transportHeader;
    deliverOne(stack, stats, socket, piece);
    piece = next;
  }
}

function deliverOne(stack: Stack, stats: UdpCounters, socket: UdpSocket, skb: PacketBuffer): void {
  const reason = socket.deliver(skb);
  if (reason === 0) {
    stats.inDatagrams++;
    return;
  }
  if (reason === DropReason.PROTO_MEM) stats.memErrors++;
  else if (reason === DropReason.SOCKET_RCVBUFF) stats.rcvbufErrors++;
  stats.inErrors++;
  stack.drop(skb, reason);
}
