import type { PacketBuffer } from '../core/packet-buffer.js';
import { chargeReceive } from './memory.js';
import { truesize } from './receive-window.js';
import type { Tcb } from './tcb.js';

// Queued segments keep in the packet's words:
/** cb0: sequence number of the first byte at skb.data; cb1: behind the last byte, FIN counted; cb2: 1 if FIN; cb3: what it was charged. */
export const seqOf = (skb: PacketBuffer): number => skb.cb0;
export const endOf = (skb: PacketBuffer): number => skb.cb1;

/** A segment is kept: it counts. */
export function charge(sk: Tcb, skb: PacketBuffer): void {
  skb.cb3 = truesize(skb);
  chargeReceive(sk, skb.cb3);
}

/** Whether a segment finds room: the buffer is not full yet, or nothing at all is queued. */
export function hasRoom(sk: Tcb): boolean {
  return sk.receiveMemory <= sk.receiveBuffer;
}
