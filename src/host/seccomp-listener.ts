import { type Libc, POLLIN } from './libc.js';
import type { PinnedMemory } from './pinned-memory.js';

// linux/seccomp.h
const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
const SECCOMP_IOCTL_NOTIF_ADDFD = 0x4018_2103;
/** Linux 6.6 */
const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104;
const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;
const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
const SECCOMP_ADDFD_FLAG_SETFD = 1;
const SECCOMP_ADDFD_FLAG_SEND = 2;
const O_CLOEXEC = 0o2000000;

/** struct seccomp_notif: 0 id, u64 | 8 pid, u32 | 12 flags | 16 struct seccomp_data. */
const NOTIFICATION = 80;
/** struct seccomp_notif_resp: 0 id, u64 | 8 value, s64 | 16 error, s32 | 20 flags, u32. */
const RESPONSE = 24;
/** struct seccomp_notif_addfd: 0 id, u64 | 8 flags | 12 our descriptor | 16 the new one | 20 O_CLOEXEC. */
const ADDFD = 24;

/** One call of a program that waits for its outcome. */
export interface SeccompNotification {
  idLow: number;
  idHigh: number;
  /** The thread, as this process's pid namespace numbers it. */
  tid: number;
  number: number;
  /** Arguments as addresses and sizes, and as ints. */
  readonly args: Float64Array;
  readonly ints: Int32Array;
}

/** The kernel's side of one captured family of processes. Calls answer as system calls do: a count or 0, else a negative errno. */
export class SeccompListener {
  readonly #libc: Libc;
  readonly #memory: PinnedMemory;
  readonly #notification: number;
  readonly #response: number;
  readonly #addfd: number;
  readonly #pollfd: number;
  readonly fd: number;

  constructor(libc: Libc, memory: PinnedMemory, structures: ListenerStructures, fd: number) {
    this.#libc = libc;
    this.#memory = memory;
    this.#notification = structures.notification;
    this.#response = structures.response;
    this.#addfd = structures.addfd;
    this.#pollfd = structures.pollfd;
    this.fd = fd;
    // Caller and supervisor take turns: the one that wakes the other is about to sleep. Kernels that do not know it do without.
    libc.ioctlValue(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  }

  /** Takes the next call; false: there is none (any more). */
  receive(into: SeccompNotification): boolean {
    const { bytes, view } = this.#memory;
    const at = this.#notification;
    bytes.fill(0, at, at + NOTIFICATION);
    if (this.#libc.ioctlValue(this.fd, SECCOMP_IOCTL_NOTIF_RECV, this.#memory.address + at) < 0) return false;
    into.idLow = view.getUint32(at, true);
    into.idHigh = view.getUint32(at + 4, true);
    into.tid = view.getUint32(at + 8, true);
    into.number = view.getInt32(at + 16, true);
    for (let i = 0; i < 6; i++) {
      into.args[i] = this.#memory.word(at + 32 + 8 * i);
      into.ints[i] = view.getInt32(at + 32 + 8 * i, true);
    }
    return true;
  }

  /** Ends the call with a result, or an errno (positive). -ENOENT: a signal has ended it before. */
  respond(call: SeccompNotification, value: number, errno: number): number {
    return this.#send(call, value, -errno, 0);
  }

  /** Lets the kernel do the call. */
  proceed(call: SeccompNotification): number {
    return this.#send(call, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  }

  #send(call: SeccompNotification, value: number, error: number, flags: number): number {
    const { view } = this.#memory;
    const at = this.#response;
    view.setUint32(at, call.idLow, true);
    view.setUint32(at + 4, call.idHigh, true);
    view.setUint32(at + 8, value >>> 0, true);
    view.setInt32(at + 12, value < 0 ? -1 : Math.floor(value / 0x1_0000_0000), true);
    view.setInt32(at + 16, error, true);
    view.setUint32(at + 20, flags, true);
    const result = this.#libc.ioctlValue(this.fd, SECCOMP_IOCTL_NOTIF_SEND, this.#memory.address + at);
    return result < 0 ? -this.#libc.errno() : result;
  }

  /**
   * Gives the program a descriptor of ours and ends the call with its number; `at` >= 0: under this number, in the place of what is
   * there, and the call goes on waiting. -ESRCH, -ENOENT: a signal of the program came first, and it calls once more. No signal may
   * interrupt this thread meanwhile (blockSignals()): Linux, seccomp_notify_addfd(), would take the descriptor back, and not the answer.
   */
  addDescriptor(call: SeccompNotification, fd: number, closeOnExec: boolean, at = -1): number {
    return this.#add(call, fd, closeOnExec, at < 0 ? SECCOMP_ADDFD_FLAG_SEND : SECCOMP_ADDFD_FLAG_SETFD, at);
  }

  /** The same under a number of ours, in the place of what is there. -EBADF: the program may not have so many. */
  addDescriptorAs(call: SeccompNotification, fd: number, closeOnExec: boolean, at: number): number {
    return this.#add(call, fd, closeOnExec, SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND, at);
  }

  #add(call: SeccompNotification, fd: number, closeOnExec: boolean, flags: number, at: number): number {
    const { view } = this.#memory;
    const offset = this.#addfd;
    view.setUint32(offset, call.idLow, true);
    view.setUint32(offset + 4, call.idHigh, true);
    view.setUint32(offset + 8, flags, true);
    view.setInt32(offset + 12, fd, true);
    view.setInt32(offset + 16, Math.max(at, 0), true);
    view.setUint32(offset + 20, closeOnExec ? O_CLOEXEC : 0, true);
    const result = this.#libc.ioctlValue(this.fd, SECCOMP_IOCTL_NOTIF_ADDFD, this.#memory.address + offset);
    return result < 0 ? -this.#libc.errno() : result;
  }

  /** Whether the call still waits: what was read of the program's memory before is then its own. */
  isValid(call: SeccompNotification): boolean {
    const { view } = this.#memory;
    view.setUint32(this.#response, call.idLow, true);
    view.setUint32(this.#response + 4, call.idHigh, true);
    return this.#libc.ioctlValue(this.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, this.#memory.address + this.#response) === 0;
  }

  /** Whether another call waits: receive() would block without one. */
  waiting(): boolean {
    const { view } = this.#memory;
    const at = this.#pollfd;
    view.setInt32(at, this.fd, true);
    view.setUint32(at + 4, POLLIN, true);
    return this.#libc.pollAt(this.#memory.address + at, 1, 0) === 1 && (view.getUint16(at + 6, true) & POLLIN) !== 0;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}

/** Where listeners have their structures: one set serves all, since calls are taken and answered one by one. */
export interface ListenerStructures {
  readonly notification: number;
  readonly response: number;
  readonly addfd: number;
  readonly pollfd: number;
}

export const listenerStructures = (memory: PinnedMemory): ListenerStructures => ({
  notification: memory.reserve(NOTIFICATION),
  response: memory.reserve(RESPONSE),
  addfd: memory.reserve(ADDFD),
  pollfd: memory.reserve(8),
});
