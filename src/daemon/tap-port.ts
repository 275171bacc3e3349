import { EAGAIN, EINTR } from '../base/errno.js';
import type { FrameDescriptors } from '../host/event-loop.js';
import { hostAddressOf, IoVector } from '../host/io-vector.js';
import type { Libc } from '../host/libc.js';
import { type Tap, TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, VNET_HEADER } from '../host/tap.js';
import { NETIF_F_HW_CSUM, NETIF_F_TSO, NETIF_F_TSO6 } from '../net/core/device.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import { copyBytes } from '../net/core/packet-pool.js';
import { GatherList, MOST_PIECES } from '../net/core/payload.js';
import type { Stack } from '../net/core/stack.js';
import { readVnetHeader, writeVnetHeader } from './vnet-header.js';

/** Frames one turn takes from a TAP before it answers, unless told otherwise (SPIKES section 1). */
const BUDGET = 64;
/** A waiting turn pays where there is much to take: so many frames in the last one. */
const BUSY = 8;
/** Ethernet header, VLAN tag, and one byte more, so that a frame that fills its buffer is known to be cut. */
const FRAME_ROOM = 14 + 4 + 1;
const LONGEST_FRAME = 65_536;
/** Room for a super-packet, whose IP packet has up to 65,535 bytes. */
const SUPER_ROOM = 65_535 + FRAME_ROOM;
/** Frames up to so long are copied out of the large buffer that they were read into, which takes the next one (rx-copybreak). */
const COPY_BREAK = 1800;

/** A NIC's wire to a TAP of the host: frames go between packet memory and the kernel without a copy in between. */
export class TapPort implements FramePort {
  /** The kernel computes checksums and cuts segments, or passes them on as they are. */
  readonly offloads = NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
  readonly gathers = true;
  receiver: FrameReceiver | null = null;
  /** Frames that the host refused (the TAP is down), and that came cut or with a header that makes no sense. */
  failed = 0;
  readonly tap: Tap;
  readonly #libc: Libc;
  readonly #stack: Stack;
  readonly #frames: FrameDescriptors;
  /** The headers and where the payload lies, with room for a header that does not fit before the frame. */
  readonly #vector: IoVector;
  readonly #pieces = new GatherList(MOST_PIECES);
  #room: number;
  #superPackets = false;
  /** What the next frame is read into, where super-packets may come. */
  #spare: PacketBuffer | null = null;
  #open = true;
  #budget = BUDGET;
  #waitUs = 0;
  #adaptive = false;
  #nextTurnUs = 0;
  #lastTurn = 0;

  constructor(libc: Libc, tap: Tap, stack: Stack, frames: FrameDescriptors) {
    this.#libc = libc;
    this.tap = tap;
    this.#stack = stack;
    this.#frames = frames;
    this.#vector = new IoVector(libc, 1 + MOST_PIECES, VNET_HEADER);
    this.#room = tap.mtu() + FRAME_ROOM;
    frames.add(tap.fd, () => this.#drain());
  }

  get bus(): string {
    return this.tap.name;
  }

  setReceiveOffloads(checksums: boolean, superPackets: boolean): void {
    if (!this.#open) return;
    const wanted = checksums ? TUN_F_CSUM | (superPackets ? TUN_F_TSO4 | TUN_F_TSO6 : 0) : 0;
    this.#superPackets = this.tap.setOffloads(wanted) && checksums && superPackets;
  }

  setModeration(budget: number, waitUs: number, adaptive: boolean): void {
    this.#budget = budget;
    this.#waitUs = waitUs;
    this.#adaptive = adaptive;
  }

  send(skb: PacketBuffer): boolean {
    if (!this.#open) return false;
    const length = skb.tail - skb.data;
    const address = hostAddressOf(this.#libc, skb.memory) + skb.data;
    let written: number;
    if (skb.payload !== null) written = this.#sendGathered(skb, address, length);
    else if (skb.memory.references === 1 && skb.data >= VNET_HEADER) {
      writeVnetHeader(skb, skb.view, skb.data - VNET_HEADER);
      written = this.tap.writeAt(address - VNET_HEADER, length + VNET_HEADER);
    } else {
      // Others read these bytes too: the header comes from elsewhere.
      const vector = this.#vector;
      writeVnetHeader(skb, vector.view, vector.extra);
      vector.point(0, vector.address + vector.extra, VNET_HEADER);
      vector.point(1, address, length);
      written = this.tap.writevAt(vector.address, 2);
    }
    if (written === -EAGAIN) return false;
    // EIO: the host has the TAP down; the frame is lost as on a wire whose far end is off.
    if (written < 0) this.failed++;
    this.#stack.consume(skb);
    return true;
  }

  /** The headers are this packet's alone, with room before them; its payload goes from where it lies. */
  #sendGathered(skb: PacketBuffer, address: number, length: number): number {
    const pieces = this.#pieces;
    const vector = this.#vector;
    writeVnetHeader(skb, skb.view, skb.data - VNET_HEADER);
    vector.point(0, address - VNET_HEADER, length - skb.payloadBytes + VNET_HEADER);
    pieces.count = 0;
    skb.payload!.gather(skb.payloadSeq, skb.payloadBytes, pieces);
    for (let i = 0; i < pieces.count; i++)
      vector.point(1 + i, hostAddressOf(this.#libc, pieces.memories[i]!) + pieces.offsets[i]!, pieces.lengths[i]!);
    return this.tap.writevAt(vector.address, 1 + pieces.count);
  }

  #drain(): number {
    if (this.#waitUs > 0 && (!this.#adaptive || this.#lastTurn >= BUSY)) {
      // Frames wait, so that more are taken together.
      const nowUs = this.#stack.clock.monotonicUs();
      if (nowUs < this.#nextTurnUs) return 0;
      this.#nextTurnUs = nowUs + this.#waitUs;
    }
    let frames = 0;
    while (frames < this.#budget && this.#open && this.#readOne()) frames++;
    this.#lastTurn = frames;
    if (frames > 0) this.receiver?.batchEnded?.();
    return frames;
  }

  /** False: there is nothing to read now. */
  #readOne(): boolean {
    const room = this.#superPackets ? SUPER_ROOM : this.#room;
    const skb = this.#spare ?? this.#stack.pool.allocate(room);
    if (skb === null) return false;
    this.#spare = null;
    const count = this.tap.readAt(hostAddressOf(this.#libc, skb.memory) + skb.data - VNET_HEADER, room + VNET_HEADER);
    if (count < 0) {
      if (this.#superPackets) this.#spare = skb;
      else this.#stack.consume(skb);
      if (count !== -EAGAIN && count !== -EINTR) this.#lost();
      return false;
    }
    this.#received(skb, count - VNET_HEADER, room);
    return true;
  }

  #received(skb: PacketBuffer, length: number, room: number): void {
    if (length >= room) {
      // The host raised the TAP's MTU meanwhile.
      this.#room = Math.min(this.tap.mtu() + FRAME_ROOM, LONGEST_FRAME);
      this.failed++;
      this.#stack.consume(skb);
      return;
    }
    skb.tail = skb.data + length;
    const frame = this.#superPackets && length <= COPY_BREAK ? this.#small(skb, length) : skb;
    if (frame === null || length <= 0 || this.receiver === null) {
      this.#stack.consume(frame ?? skb);
      return;
    }
    if (!readVnetHeader(frame, frame.view, frame.data - VNET_HEADER)) {
      this.failed++;
      this.#stack.consume(frame);
      return;
    }
    this.receiver.frameReceived(frame);
  }

  /** A short frame in a buffer of its size; the large one is read into again. */
  #small(large: PacketBuffer, length: number): PacketBuffer | null {
    const skb = this.#stack.pool.allocate(length);
    if (skb === null) return null;
    copyBytes(large.bytes, large.data - VNET_HEADER, skb.bytes, skb.data - VNET_HEADER, length + VNET_HEADER);
    skb.tail = skb.data + length;
    large.tail = large.data;
    this.#spare = large;
    return skb;
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
    if (this.#spare !== null) this.#stack.consume(this.#spare);
    this.#spare = null;
  }
}
