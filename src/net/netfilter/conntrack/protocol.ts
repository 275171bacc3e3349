import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';

// What a protocol says of a packet.
export const ACCEPT = 1;
/** It is none of this connection's: on without one. */
export const INVALID = -1;
export const DROP = 0;
/** Its connection is over: look again. */
export const REPEAT = 2;

/** How connections of one transport protocol are tracked (struct nf_conntrack_l4proto). `at` is the transport's header, absolute. */
export interface ConntrackProtocol {
  readonly protocol: number;
  /** Whether a connection may begin with this packet. */
  isNew(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number): boolean;
  packet(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number, info: number): number;
  /** Seconds that one made by a user is kept for, if nothing is said. */
  timeout(conntrack: Conntrack): number;
}
