import type { PinnedBytes } from '../../base/pinned-bytes.js';
import type { NetDevice } from './device.js';

/** Pieces of memory that together are one run of bytes, for who hands them to one system call. Reused. */
export class GatherList {
  count = 0;
  readonly memories: PinnedBytes[] = [];
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;

  constructor(most: number) {
    this.offsets = new Int32Array(most);
    this.lengths = new Int32Array(most);
  }

  get isFull(): boolean {
    return this.count === this.offsets.length;
  }

  add(memory: PinnedBytes, offset: number, length: number): void {
    const at = this.count++;
    this.memories[at] = memory;
    this.offsets[at] = offset;
    this.lengths[at] = length;
  }
}

/** Pieces that a packet's payload lies in at most: 64 KB in chunks of 16 KB, the first and the last in part. */
export const MOST_PIECES = 6;

/** Whether what leaves by `device` may leave its payload where it lies: nothing on the way looks at it. */
export const payloadLeftOut = (device: NetDevice): boolean =>
  device.gathers && device.taps.length === 0 && device.master === null && device.egressHooks === null && device.stack.onDrop === null;

/** Where a packet's payload lies that is not in the packet's own memory (skb_shinfo(skb)->frags): a send queue, by sequence number. */
export interface PayloadSource {
  /** Copies `count` bytes from `seq` on. */
  copyTo(seq: number, into: Uint8Array, intoAt: number, count: number): void;
  /** Adds the pieces of `count` bytes from `seq` on. */
  gather(seq: number, count: number, list: GatherList): void;
}
