import { EFAULT, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';

/** The bytes of a request, which the answer is written over, as the kernel writes over the caller's. */
export class IoctlRequest {
  readonly device: NetDevice;
  bytes: Uint8Array;
  view: DataView;

  constructor(device: NetDevice, bytes: Uint8Array) {
    this.device = device;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Refuses what is too short for its struct. */
  need(size: number): this {
    if (this.bytes.length < size) fail(EFAULT);
    return this;
  }

  u32(at: number): number {
    return this.need(at + 4).view.getUint32(at, true);
  }

  setU32(at: number, value: number): void {
    this.need(at + 4).view.setUint32(at, value, true);
  }

  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * 0x1_0000_0000;
  }

  setU64(at: number, value: number): void {
    this.setU32(at, value % 0x1_0000_0000);
    this.setU32(at + 4, Math.floor(value / 0x1_0000_0000));
  }

  /** Text in a field of so many bytes, ended by a zero. */
  setText(at: number, text: string, size: number): void {
    this.need(at + size);
    this.bytes.fill(0, at, at + size);
    this.bytes.set(new TextEncoder().encode(text).subarray(0, size - 1), at);
  }

  setBytes(at: number, bytes: Uint8Array): void {
    this.need(at + bytes.length).bytes.set(bytes, at);
  }
}

/** One command of SIOCETHTOOL. */
export interface IoctlCommand {
  readonly command: number;
  /** It changes nothing and asks for no right. */
  readonly reads?: boolean;
  handle(request: IoctlRequest): void;
}

/** A u32 that says how many of something follow: EINVAL beyond what a caller could mean. */
export function countOf(request: IoctlRequest, at: number, most: number): number {
  const count = request.u32(at);
  return count > most ? fail(EINVAL) : count;
}
