import type { Libc } from './libc.js';

// struct msghdr of 64-bit Linux:
//     0 name | 8 its length, u32 | 16 iovec | 24 their number | 32 control | 40 its length | 48 flags, i32
const MSGHDR = 56;
const IOVEC = 16;
/** struct cmsghdr: 0 length with this header, u64 | 8 level, i32 | 12 type, i32; the data behind it, aligned to 8. */
const CMSGHDR = 16;

/** recvmsg(2) with buffers for the sender's name and for control messages. */
export class MessageReceiver {
  readonly #libc: Libc;
  readonly #header = new DataView(new ArrayBuffer(MSGHDR));
  readonly #iovec = new DataView(new ArrayBuffer(IOVEC));
  readonly #bytes = new Uint8Array(this.#header.buffer);
  readonly name: DataView;
  readonly control: DataView;

  constructor(libc: Libc, nameSize: number, controlSize: number) {
    this.#libc = libc;
    this.name = new DataView(new ArrayBuffer(nameSize));
    this.control = new DataView(new ArrayBuffer(controlSize));
    this.#point(this.#header, 0, new Uint8Array(this.name.buffer));
    this.#point(this.#header, 16, new Uint8Array(this.#iovec.buffer));
    this.#header.setUint32(24, 1, true);
    this.#point(this.#header, 32, new Uint8Array(this.control.buffer));
  }

  /** As recvmsg(2): -1 on failure, whose errno is libc's. */
  receive(fd: number, into: Uint8Array, flags: number): number {
    this.#point(this.#iovec, 0, into);
    this.#iovec.setUint32(8, into.length, true);
    this.#header.setUint32(8, this.name.byteLength, true);
    this.#header.setUint32(40, this.control.byteLength, true);
    return this.#libc.recvmsg(fd, this.#bytes, flags);
  }

  /** Bytes of `name` that hold the sender. */
  get nameLength(): number {
    return this.#header.getUint32(8, true);
  }

  /** MSG_TRUNC, MSG_ERRQUEUE, ... */
  get flags(): number {
    return this.#header.getInt32(48, true);
  }

  /** Where the data of a control message begins in `control`; -1: there is none of that kind. */
  find(level: number, type: number): number {
    const end = this.#header.getUint32(40, true);
    for (let at = 0; at + CMSGHDR <= end; ) {
      const length = this.control.getUint32(at, true);
      if (this.control.getInt32(at + 8, true) === level && this.control.getInt32(at + 12, true) === type) return at + CMSGHDR;
      at += Math.max((length + 7) & ~7, CMSGHDR);
    }
    return -1;
  }

  #point(at: DataView, offset: number, bytes: Uint8Array): void {
    at.setBigUint64(offset, BigInt(this.#libc.addressOf(bytes)), true);
  }
}
