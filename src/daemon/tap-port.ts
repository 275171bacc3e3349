import { EAGAIN, EINTR } from '../base/errno.js';
import type { FrameDescriptors } from '../host/event-loop.js';
import type { Libc } from '../host/libc.js';
import { type Tap, VNET_HEADER } from '../host/tap.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import { CHECKSUM_UNNECESSARY, type PacketBuffer, type PacketMemory } from '../net/core/packet-buffer.js';
import { copyBytes } from '../net/core/packet-pool.js';
import type { Stack } from '../net/core/stack.js';

/** Frames one turn takes from a TAP before it answers (SPIKES section 1). */
const BUDGET = 64;
/** Ethernet header, VLAN tag, and one byte more, so that a frame that fills its buffer is known to be cut. */
const FRAME_ROOM = 14 + 4 + 1;
const LONGEST_FRAME = 65_536;
// virtio_net_hdr.flags
const VIRTIO_NET_HDR_F_DATA_VALID = 2;

/** A NIC's wire to a TAP of the host: frames go between packet memory and the kernel without a copy in between. */
export class TapPort implements FramePort {
  /** TUN offloads are off: checksums and segmentation are done before a frame comes here. */
  readonly offloads = 0;
  receiver: FrameReceiver | null = null;
  /** Frames that the host refused (the TAP is down), and that came cut. */
  failed = 0;
  readonly tap: Tap;
  readonly #libc: Libc;
  readonly #stack: Stack;
  readonly #frames: FrameDescriptors;
  readonly #copy = new Uint8Array(new ArrayBuffer(LONGEST_FRAME + VNET_HEADER));
  readonly #copyAddress: number;
  #room: number;
  #open = true;

  constructor(libc: Libc, tap: Tap, stack: Stack, frames: FrameDescriptors) {
    this.#libc = libc;
    this.tap = tap;
    this.#stack = stack;
    this.#frames = frames;
    this.#copyAddress = libc.addressOf(this.#copy);
    this.#room = tap.mtu() + FRAME_ROOM;
    frames.add(tap.fd, () => this.#drain());
  }

  send(skb: PacketBuffer): boolean {
    if (!this.#open) return false;
    const length = skb.tail - skb.data;
    let address: number;
    if (skb.memory.references === 1 && skb.data >= VNET_HEADER) {
      skb.bytes.fill(0, skb.data - VNET_HEADER, skb.data);
      address = this.#address(skb.memory) + skb.data - VNET_HEADER;
    } else {
      // Others read these bytes too: the header goes before a copy.
      copyBytes(skb.bytes, skb.data, this.#copy, VNET_HEADER, length);
      address = this.#copyAddress;
    }
    const written = this.tap.writeAt(address, length + VNET_HEADER);
    if (written === -EAGAIN) return false;
    // EIO: the host has the TAP down; the frame is lost as on a wire whose far end is off.
    if (written < 0) this.failed++;
    this.#stack.consume(skb);
    return true;
  }

  #address(memory: PacketMemory): number {
    if (memory.hostAddress === 0) memory.hostAddress = this.#libc.addressOf(memory.bytes);
    return memory.hostAddress;
  }

  #drain(): number {
    let frames = 0;
    while (frames < BUDGET && this.#open) {
      const skb = this.#stack.pool.allocate(this.#room);
      if (skb === null) return frames;
      const count = this.tap.readAt(this.#address(skb.memory) + skb.data - VNET_HEADER, this.#room + VNET_HEADER);
      if (count < 0) {
        this.#stack.consume(skb);
        if (count !== -EAGAIN && count !== -EINTR) this.#lost();
        return frames;
      }
      frames++;
      this.#received(skb, count - VNET_HEADER);
    }
    return frames;
  }

  #received(skb: PacketBuffer, length: number): void {
    if (length >= this.#room) {
      // The host raised the TAP's MTU meanwhile.
      this.#room = Math.min(this.tap.mtu() + FRAME_ROOM, LONGEST_FRAME);
      this.failed++;
      this.#stack.consume(skb);
      return;
    }
    skb.tail = skb.data + length;
    if (skb.bytes[skb.data - VNET_HEADER]! & VIRTIO_NET_HDR_F_DATA_VALID) skb.ipSummed = CHECKSUM_UNNECESSARY;
    if (length <= 0 || this.receiver === null) this.#stack.consume(skb);
    else this.receiver.frameReceived(skb);
  }

  /** The host deleted the TAP: no carrier any more. */
  #lost(): void {
    this.close();
    this.receiver?.carrierChanged(false);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#frames.remove(this.tap.fd);
    this.tap.close();
  }
}
