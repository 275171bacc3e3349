import { EAGAIN, EINTR } from '../base/errno.js';
import { type DescriptorLoop, READABLE, WRITABLE } from './epoll-descriptors.js';
import type { ByteStream, PeerCredentials, StreamHandler } from './event-loop.js';
import { check, type Libc, MSG_CMSG_CLOEXEC, MSG_DONTWAIT, MSG_NOSIGNAL, SCM_RIGHTS, SO_PEERCRED, SOL_SOCKET } from './libc.js';

/** Reads a stream gets in one turn, so that one client that floods does not hold up the others. */
const READS = 8;
/** Descriptors that a client may have sent and not yet named. */
const MOST_DESCRIPTORS = 4;
/** struct cmsghdr: 0 length, u64 | 8 level | 12 type. */
const CMSGHDR = 16;

/** struct ucred: i32 pid, u32 uid, u32 gid. */
export function readPeer(libc: Libc, fd: number): PeerCredentials {
  const bytes = new Uint8Array(12);
  check(libc, libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, Uint8Array.of(12, 0, 0, 0)));
  const view = new DataView(bytes.buffer);
  return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
}

/** A connected Unix socket in an EpollLoop. */
export class EpollStream implements ByteStream {
  readonly peer: PeerCredentials;
  handler: StreamHandler | null = null;
  readonly #loop: DescriptorLoop;
  readonly #libc: Libc;
  readonly #fd: number;
  #queue: Uint8Array[] = [];
  #pending = 0;
  #ending = false;
  #closed = false;
  readonly #descriptors: number[] = [];

  constructor(loop: DescriptorLoop, libc: Libc, fd: number, peer: PeerCredentials) {
    this.#loop = loop;
    this.#libc = libc;
    this.#fd = fd;
    this.peer = peer;
    loop.watch(fd, READABLE, { ready: (events) => this.#ready(events) });
  }

  get pending(): number {
    return this.#pending;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    this.#queue.push(bytes);
    this.#pending += bytes.length;
    if (this.#queue.length === 1 && !this.#flush()) this.#loop.change(this.#fd, READABLE | WRITABLE);
  }

  end(): void {
    this.#ending = true;
    if (this.#pending === 0) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#pending = 0;
    this.#loop.unwatch(this.#fd);
    this.#libc.close(this.#fd);
    for (const fd of this.#descriptors) this.#libc.close(fd);
    this.handler?.closed();
  }

  #ready(events: number): void {
    if (events & WRITABLE && this.#flush() && !this.#closed) {
      this.#loop.change(this.#fd, READABLE);
      if (this.#ending) this.close();
      else this.handler?.drained();
    }
    if (events & READABLE && !this.#closed) this.#read();
  }

  /** The oldest descriptor that the other side sent along and nobody took; -1: there is none. */
  takeDescriptor(): number {
    return this.#descriptors.shift() ?? -1;
  }

  /** What nobody asked for would be kept open for ever. */
  #takeDescriptors(): void {
    const { receiver } = this.#loop;
    const at = receiver.find(SOL_SOCKET, SCM_RIGHTS);
    if (at < 0) return;
    const end = at - CMSGHDR + receiver.control.getUint32(at - CMSGHDR, true);
    for (let i = at; i + 4 <= end; i += 4) {
      const fd = receiver.control.getInt32(i, true);
      if (this.#descriptors.length < MOST_DESCRIPTORS) this.#descriptors.push(fd);
      else this.#libc.close(fd);
    }
  }

  #read(): void {
    const buffer = this.#loop.readBuffer;
    for (let i = 0; i < READS && !this.#closed; i++) {
      const count = this.#loop.receiver.receive(this.#fd, buffer, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      if (count > 0) {
        this.#takeDescriptors();
        this.handler?.data(buffer.subarray(0, count));
        if (count < buffer.length) return;
        continue;
      }
      if (count < 0) {
        const errno = this.#libc.errno();
        if (errno === EAGAIN || errno === EINTR) return;
      }
      this.close();
      return;
    }
  }

  /** Writes what the host takes; true: all of it, or the other side is gone. */
  #flush(): boolean {
    while (!this.#closed) {
      const first = this.#queue[0];
      if (first === undefined) return true;
      const count = this.#libc.sendto(this.#fd, first, first.length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0);
      if (count < 0) {
        const errno = this.#libc.errno();
        if (errno === EINTR) continue;
        if (errno === EAGAIN) return false;
        this.close();
        return true;
      }
      this.#pending -= count;
      if (count < first.length) this.#queue[0] = first.subarray(count);
      else this.#queue.shift();
    }
    return true;
  }
}
