import { NETIF_F_HW_CSUM, NETIF_F_TSO, NETIF_F_TSO6 } from '../net/core/device.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';

/** A wire that ends in nothing: carrier is up, frames sent are gone, none come in. */
export class SinkPort implements FramePort {
  /** It does not care what a frame is like. */
  readonly offloads = NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
  receiver: FrameReceiver | null = null;
  readonly #stack: Stack;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  send(skb: PacketBuffer): boolean {
    this.#stack.consume(skb);
    return true;
  }

  close(): void {
    this.receiver = null;
  }
}
