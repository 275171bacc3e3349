import type { PinnedBytes } from '../base/pinned-bytes.js';
import type { Libc } from './libc.js';

/** struct iovec, 64-bit: u64 address | u64 length. */
const IOVEC = 16;

/** Where `memory` lies in this process. */
export function hostAddressOf(libc: Libc, memory: PinnedBytes): number {
  if (memory.hostAddress === 0) memory.hostAddress = libc.addressOf(memory.bytes);
  return memory.hostAddress;
}

/** An array of struct iovec, with `extra` bytes behind it: pinned by this object, since the kernel reads at its address. */
export class IoVector {
  readonly view: DataView;
  readonly address: number;
  /** Where the extra bytes begin in `view`. */
  readonly extra: number;

  constructor(libc: Libc, entries: number, extra = 0) {
    this.extra = entries * IOVEC;
    this.view = new DataView(new ArrayBuffer(this.extra + extra));
    this.address = libc.addressOf(new Uint8Array(this.view.buffer));
  }

  point(index: number, address: number, length: number): void {
    const at = index * IOVEC;
    this.view.setUint32(at, address % 0x1_0000_0000, true);
    this.view.setUint32(at + 4, Math.floor(address / 0x1_0000_0000), true);
    this.view.setUint32(at + 8, length, true);
  }
}
