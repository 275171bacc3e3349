import { EBADF, ENODEV, EPERM } from '../../base/errno.js';
import { EPOLLHUP, EPOLLIN, EPOLLOUT, type Watcher } from '../../host/epoll-descriptors.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL, O_NONBLOCK } from '../../host/libc.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import type { SocketPair, Workbench } from './workbench.js';

const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x8000_0000 | 0;
const SIOCOUTQ = 0x5411;
/** Sockets that nobody can be told the end of are kept up to so many. */
const MOST_DETACHED = 256;

/**
 * A socket of a captured program. The program holds one end of a socketpair, on which read, write, poll and close are the
 * kernel's; we hold the other, and the calls that the filter hands over are answered from the stack.
 */
export abstract class ProgramSocket implements Watcher {
  readonly bench: Workbench;
  readonly namespace: Namespace;
  /** Our end; -1: it is closed, and the program sees the end of its connection. */
  end = -1;
  /** Of the program's end. */
  inode = -1;
  /** Where a program had it last. */
  tid = 0;
  fd = -1;
  /** AF_* */
  abstract readonly family: number;
  closed = false;
  /** Its end shows an error (breakEnd()). */
  #broken = false;
  /** A copy of the program's end, where it cannot be had at need. */
  #kept = -1;

  constructor(bench: Workbench, namespace: Namespace) {
    this.bench = bench;
    this.namespace = namespace;
    bench.names.hold(namespace);
  }

  /** Makes the pair; returns the program's end, which the caller gives away and closes. Throws NetError. */
  abstract open(flags: number): number;

  /** Takes the ends of a new pair over; the program's is still to be given away. */
  protected attach(pair: SocketPair, keep: boolean): void {
    const { bench } = this;
    this.end = pair.ours;
    this.nameEnd(pair.inode);
    bench.sockets.set(pair.inode, this);
    if (keep && !bench.takesDescriptors) this.#kept = bench.duplicate(pair.program);
    bench.loop.watch(pair.ours, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, this);
  }

  /** Which end of a pair is the program's. */
  protected nameEnd(inode: number): void {
    this.inode = inode;
  }

  // -- calls: each answers its call, at once or later --------------------------------------------------------------------------

  abstract bind(call: ProgramCall): void;
  abstract listen(call: ProgramCall): void;
  /** `flags`: SOCK_NONBLOCK, SOCK_CLOEXEC of the new descriptor. */
  abstract accept(call: ProgramCall, flags: number): void;
  abstract connect(call: ProgramCall): void;
  /** getsockname(), getpeername(). */
  abstract name(call: ProgramCall, peer: boolean): void;
  abstract shutdown(call: ProgramCall, how: number): void;
  abstract setOption(call: ProgramCall, level: number, option: number, value: Uint8Array): void;
  /** The value, or a negative errno. `given`: what the program wrote where the value is to go. */
  abstract getOption(call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number;
  /** sendto(), sendmsg(), sendmmsg(). */
  abstract send(call: ProgramCall, kind: MessageKind): void;
  /** recvfrom(), recvmsg(), recvmmsg(). */
  abstract receive(call: ProgramCall, kind: MessageKind): void;
  /** ioctl(): false: the request is none that depends on the socket. */
  abstract control(call: ProgramCall, request: number): boolean;
  /**
   * Before any call on the descriptor: what an earlier one changed for its own time is put back. The call may be over then (a signal): the
   * next one settles it.
   */
  settle(call: ProgramCall, fd: number): void {
    if (this.#broken && this.replaceEnd(call, fd) >= 0) this.#broken = false;
  }

  /**
   * Puts a new pair in the place of the one whose end of ours is closed, under the call's descriptor `fd`. Negative errno: it is all as
   * before, and the call may be over (ProgramCall.replace()). Throws NetError.
   */
  protected replaceEnd(call: ProgramCall, fd: number): number {
    const { bench, inode } = this;
    const program = this.open(bench.access.isNonblocking(call.tid, fd) ? O_NONBLOCK : 0);
    const result = call.replace(program, fd);
    bench.libc.close(program);
    if (result < 0) {
      this.#closeEnd();
      bench.sockets.delete(this.inode);
      this.nameEnd(inode);
      return result;
    }
    bench.sockets.delete(inode);
    bench.detached.delete(this);
    this.tid = call.tid;
    this.fd = fd;
    return 0;
  }

  /**
   * Has poll() show an error on the program's end: ours closes with something unread in it. At the next call there is a new pair in
   * its place. False: the program's end cannot be had.
   */
  breakEnd(): boolean {
    if (!this.leaveUnread()) return false;
    this.#broken = true;
    this.detach();
    return true;
  }

  /** Puts a byte where our end would read it: closed with it, ours has the program's end tell of ECONNRESET. */
  protected leaveUnread(): boolean {
    const { libc, io } = this.bench;
    const program = this.takeEnd();
    if (program < 0) return false;
    libc.sendAt(program, io.address, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    libc.close(program);
    return true;
  }

  /** mmap() of the descriptor. */
  map(call: ProgramCall): void {
    call.fail(ENODEV);
  }

  // -- our end -----------------------------------------------------------------------------------------------------------------

  /** Events of our end, each told once when it comes about (edge-triggered). */
  ready(events: number): void {
    this.bench.stack.refreshClock();
    this.happened(events, (events & EPOLLHUP) !== 0);
  }

  /** `hangup`: both directions are shut; the program's end may be gone. */
  protected abstract happened(events: number, hangup: boolean): void;

  /** Gives the stack's socket back. */
  protected abstract release(): void;

  /** The program's end, for a moment: the caller closes it. Negative errno: the program has it no longer, or it cannot be had. */
  takeEnd(): number {
    const { access } = this.bench;
    if (!this.bench.takesDescriptors) return this.#kept < 0 ? -EPERM : this.bench.duplicate(this.#kept);
    const fd = access.take(this.tid, this.fd);
    if (fd < 0) return fd;
    if (access.ownInode(fd) === this.inode) return fd;
    this.bench.libc.close(fd);
    return -EBADF;
  }

  /** The call's program has the socket: where its end is to be had. */
  remember(call: ProgramCall): void {
    this.tid = call.tid;
    this.fd = call.ints[0]!;
  }

  /** Whether the call is not to wait. */
  isNonblocking(call: ProgramCall): boolean {
    return this.bench.access.isNonblocking(call.tid, call.ints[0]!);
  }

  protected letKeptGo(): void {
    if (this.#kept >= 0) this.bench.libc.close(this.#kept);
    this.#kept = -1;
  }

  /** Memory of what the program has not read (truesize of the kernel's buffers). */
  unreadMemory(): number {
    const { libc, memory, scratch } = this.bench;
    if (libc.ioctlValue(this.end, SIOCOUTQ, memory.address + scratch) < 0) return 0;
    return memory.view.getInt32(scratch, true);
  }

  /** Whether the program is still where it had the socket last. */
  isWhereItWas(): boolean {
    return this.fd >= 0 && this.bench.access.inodeOf(this.tid, this.fd) === this.inode;
  }

  /** Closes our end; the socket still answers until it is forgotten. */
  protected detach(): void {
    if (this.end < 0) return;
    const { bench } = this;
    this.#closeEnd();
    bench.detached.add(this);
    if (bench.detached.size > MOST_DETACHED)
      for (const oldest of [...bench.detached]) {
        if (bench.detached.size > MOST_DETACHED || !oldest.isWhereItWas()) oldest.close();
      }
  }

  #closeEnd(): void {
    const { loop, libc } = this.bench;
    if (this.end >= 0) {
      loop.unwatch(this.end);
      libc.close(this.end);
      this.end = -1;
    }
    this.letKeptGo();
  }

  /** The program has let go of it. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    const { bench } = this;
    this.#closeEnd();
    bench.sockets.delete(this.inode);
    bench.detached.delete(this);
    this.release();
    bench.names.release(this.namespace);
  }
}
