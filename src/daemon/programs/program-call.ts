import { EBADF, EFAULT, EINTR, ENOENT, ESRCH } from '../../base/errno.js';
import type { ProcessAccess } from '../../host/process-access.js';
import type { SeccompListener, SeccompNotification } from '../../host/seccomp-listener.js';

/** How a call names its data: a buffer and an address; a struct msghdr; many of them. */
export type MessageKind = 'plain' | 'message' | 'messages';

/** What a call needs of its supervisor. */
export interface CallOwner {
  readonly access: ProcessAccess;
  /** Keeps the outcome of a call that its program no longer waited for. */
  remember(call: ProgramCall, value: number, errno: number): void;
  /** Answers later; an earlier call that this thread left is forgotten. */
  hold(call: ProgramCall): void;
}

/** What an attempt to give a descriptor has where a signal has ended the call. */
const isOver = (result: number) => result === -ENOENT || result === -ESRCH;

/** One system call of a captured program, from its notification to its outcome. Answered once: ok, fail, proceed or give. */
export class ProgramCall implements SeccompNotification {
  idLow = 0;
  idHigh = 0;
  tid = 0;
  number = 0;
  readonly args = new Float64Array(6);
  readonly ints = new Int32Array(6);
  /** The program has its outcome, or waits for it no longer. */
  done = false;
  held = false;
  /** Of what it was answered with; 0: success. */
  errno = 0;
  /** SOCK_NONBLOCK and SOCK_CLOEXEC of an accept4(). */
  flags = 0;
  /** How a receiving call names its buffers. */
  kind: MessageKind = 'plain';
  /** Runs once when a held call ends, however it does: takes timers and queues back. */
  onEnd: (() => void) | null = null;
  listener!: SeccompListener;
  readonly #owner: CallOwner;

  constructor(owner: CallOwner) {
    this.#owner = owner;
  }

  ok(value = 0): void {
    this.#end(value, 0);
  }

  fail(errno: number): void {
    this.#end(0, errno);
  }

  /** A count or 0, or a negative errno, as sockets answer. */
  answer(result: number): void {
    if (result < 0) this.#end(0, -result);
    else this.#end(result, 0);
  }

  #end(value: number, errno: number): void {
    if (this.done) return;
    this.errno = errno;
    this.#finish();
    if (this.listener.respond(this, value, errno) === -ENOENT && errno !== EINTR) this.#owner.remember(this, value, errno);
  }

  /** The kernel does it. */
  proceed(): void {
    if (this.done) return;
    this.#finish();
    this.listener.proceed(this);
  }

  /**
   * Answers with a descriptor of ours, which stays ours to close: its number there, `at` if it is to be that and may; negative: the
   * program did not take it.
   */
  give(fd: number, closeOnExec: boolean, at = -1): number {
    if (this.done) return -ENOENT;
    let result = at < 0 ? -EBADF : this.listener.addDescriptorAs(this, fd, closeOnExec, at);
    if (result === -EBADF) result = this.listener.addDescriptor(this, fd, closeOnExec);
    // Its table of descriptors may be full: that is the call's outcome. A signal that came first is none.
    if (result < 0 && !isOver(result)) this.fail(-result);
    else this.#finish();
    return result;
  }

  /**
   * Puts a descriptor of ours, which stays ours to close, in the place of the caller's `at`; the call goes on. Negative errno: what was
   * there still is; where a signal came first the call is over, and the program calls once more.
   */
  replace(fd: number, at: number): number {
    const result = this.listener.addDescriptor(this, fd, this.#owner.access.closesOnExec(this.tid, at), at);
    if (isOver(result)) this.abandon();
    return result;
  }

  hold(): void {
    this.held = true;
    this.#owner.hold(this);
  }

  /** The program has left it: a signal, or its death. */
  abandon(): void {
    this.#finish();
  }

  /** Whether it still waits; a held one that does not is over. */
  get waits(): boolean {
    if (this.done) return false;
    if (this.listener.isValid(this)) return true;
    this.abandon();
    return false;
  }

  #finish(): void {
    this.done = true;
    const { onEnd } = this;
    this.onEnd = null;
    onEnd?.();
  }

  // -- the program's memory ----------------------------------------------------------------------------------------------------

  /** Reads to our address `to`; false: it is not all there (EFAULT). */
  read(address: number, length: number, to: number): boolean {
    return length === 0 || this.#owner.access.read(this.tid, address, length, to) === length;
  }

  write(address: number, length: number, from: number): boolean {
    return length === 0 || this.#owner.access.write(this.tid, address, length, from) === length;
  }

  /** The same where the result of a call is a count or an errno. */
  copyOut(address: number, length: number, from: number): number {
    return this.write(address, length, from) ? 0 : -EFAULT;
  }
}
