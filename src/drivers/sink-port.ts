import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';

/** A wire that ends in nothing: carrier is up, frames sent are gone, none come in. */
export class SinkPort implements FramePort {
  readonly offloads = 0;
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
