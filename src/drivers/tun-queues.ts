import { setCarrier } from '../net/core/device-state.js';
import type { NetDevice } from '../net/core/device.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';

/** struct virtio_net_hdr. */
export const VNET_HEADER = 10;

/** A program's descriptor of a tun or tap: what the device sends, it reads. */
export interface TunQueue {
  /** Hands over what lies at `skb.data`, which stays the caller's. False: the program reads too slowly. */
  deliver(skb: PacketBuffer): boolean;
  /** The device is gone. */
  deviceGone(): void;
}

/** The programs of one device: without any it has no carrier, and what is sent is dropped. Linux: struct tun_struct, its tfiles. */
export class TunQueues {
  readonly #device: NetDevice;
  readonly #attached: TunQueue[] = [];
  /** Those that let go for a while (TUNSETQUEUE, IFF_DETACH_QUEUE). */
  readonly #disabled = new Set<TunQueue>();
  /** Bytes of the virtio-net header in front of what its programs read and write (TUNSETVNETHDRSZ), where they asked for one. */
  vnetHeaderBytes = VNET_HEADER;
  /** They insisted on its byte order (TUNSETVNETLE). */
  vnetLittleEndian = false;

  constructor(device: NetDevice) {
    this.#device = device;
  }

  get attached(): number {
    return this.#attached.length;
  }

  get disabled(): number {
    return this.#disabled.size;
  }

  /** Linux: tun_attach() */
  attach(queue: TunQueue): void {
    this.#disabled.delete(queue);
    this.#attached.push(queue);
    setCarrier(this.#device, true);
  }

  /** tun_detach(); `disable`: it may come back. */
  detach(queue: TunQueue, disable: boolean): void {
    const at = this.#attached.indexOf(queue);
    if (at >= 0) this.#attached.splice(at, 1);
    if (disable) this.#disabled.add(queue);
    else this.#disabled.delete(queue);
    if (this.#attached.length === 0 && this.#device.registered) setCarrier(this.#device, false);
  }

  isDisabled(queue: TunQueue): boolean {
    return this.#disabled.has(queue);
  }

  /** tun_net_xmit(): the queue of the flow. */
  transmit(skb: PacketBuffer): void {
    const { stack, statistics } = this.#device;
    const count = this.#attached.length;
    const queue = count === 0 ? undefined : this.#attached[count === 1 ? 0 : (skb.hash >>> 0) % count];
    if (queue === undefined || !queue.deliver(skb)) {
      statistics.txDropped++;
      stack.drop(skb, queue === undefined ? DropReason.DEV_READY : DropReason.FULL_RING);
      return;
    }
    statistics.txPackets++;
    statistics.txBytes += skb.length;
    stack.consume(skb);
  }

  /** A packet that a program wrote, its protocol known (tun) or to be read of its header (tap). Takes the ownership. */
  receive(skb: PacketBuffer): void {
    const { stack, statistics } = this.#device;
    if (!this.#device.up) {
      statistics.rxDropped++;
      stack.drop(skb, DropReason.DEV_READY);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += skb.length;
    skb.device = this.#device;
    if (stack.enqueue(skb)) return;
    statistics.rxDropped++;
    stack.drop(skb, DropReason.CPU_BACKLOG);
  }

  close(): void {
    for (const queue of [...this.#attached, ...this.#disabled]) queue.deviceGone();
    this.#attached.length = 0;
    this.#disabled.clear();
  }
}
