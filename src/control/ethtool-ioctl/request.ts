import { EFAULT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';

/** The bytes of a request, which the answer is written over and behind, as the kernel writes over the caller's. */
export class IoctlRequest {
  readonly device: NetDevice;
  bytes: Uint8Array;
  view: DataView;
  /** What the call returns. */
  outcome = 0;

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

  /** Makes room for an answer: its caller has it, having asked before how much there is. */
  #grow(size: number): this {
    if (this.bytes.length >= size) return this;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    return this;
  }

  setU32(at: number, value: number): void {
    this.#grow(at + 4).view.setUint32(at, value, true);
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
    this.#grow(at + size);
    this.bytes.fill(0, at, at + size);
    this.bytes.set(new TextEncoder().encode(text).subarray(0, size - 1), at);
  }

  setBytes(at: number, bytes: Uint8Array): void {
    this.#grow(at + bytes.length).bytes.set(bytes, at);
  }
}

/** One command of SIOCETHTOOL. */
export interface IoctlCommand {
  readonly command: number;
  /** It changes nothing and asks for no right. */
  readonly reads?: boolean;
  /** Bytes of its struct. */
  readonly size: number;
  /** How many bytes of the caller's behind the struct are read, from what the struct says. */
  behind?(request: IoctlRequest): number;
  handle(request: IoctlRequest): void;
}
