import type { NetDevice } from '../device.js';
import type { PacketBuffer } from '../packet-buffer.js';

/** A daemon's raw socket: takes a message for it; false: its queue is full, and the packet the caller's. */
export interface UpcallSocket {
  deliver(skb: PacketBuffer): boolean;
}

/** mc_forwarding of a device (null: of all) has changed. */
export interface McForwardingEvent {
  readonly device: NetDevice | null;
}
