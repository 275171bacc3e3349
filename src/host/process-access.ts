import { readlinkSync } from 'node:fs';
import { EFAULT, EINVAL, EPERM } from '../base/errno.js';
import { type Libc, O_CLOEXEC, O_NONBLOCK } from './libc.js';
import type { PinnedMemory } from './pinned-memory.js';
import { systemCallNumber } from './system-calls.js';

const AT_FDCWD = -100;
const CAP_NET_ADMIN = 1 << 12;
const CAP_SYS_ADMIN = 1 << 21;
const O_PATH = 0o10000000;
/** Linux 6.9: a pidfd of one thread. */
const PIDFD_THREAD = 0o200;
const RLIMIT_LOCKS = 10;
/** struct stat: st_ino at 8; st_mode. */
const STAT_INODE = 8;
const STAT_MODE = process.arch === 'arm64' ? 16 : 24;
const STAT_BYTES = 144;
/** Folders of /proc that are kept open. */
const FOLDERS = 32;

export const S_IFMT = 0xf000;
export const S_IFSOCK = 0xc000;

const nr = {
  readMemory: systemCallNumber('process_vm_readv'),
  writeMemory: systemCallNumber('process_vm_writev'),
  openat: systemCallNumber('openat'),
  fstatat: systemCallNumber('newfstatat'),
  pidfdOpen: systemCallNumber('pidfd_open'),
  pidfdGetfd: systemCallNumber('pidfd_getfd'),
  prlimit: systemCallNumber('prlimit64'),
  readlinkat: systemCallNumber('readlinkat'),
};

/** What a supervisor sees and changes of the programs that it supervises. Calls answer a count or 0, else a negative errno. */
export class ProcessAccess {
  readonly #libc: Libc;
  readonly #memory: PinnedMemory;
  readonly #local: number;
  readonly #remote: number;
  readonly #stat: number;
  readonly #name: number;
  readonly #limit: number;
  /** /proc/TID/fd by thread, the one longest not used first. */
  readonly #folders = new Map<number, number>();
  /** Of what inodeOf() saw last: S_IF*, and the device that holds it. */
  kind = 0;
  device = 0;

  constructor(libc: Libc, memory: PinnedMemory) {
    this.#libc = libc;
    this.#memory = memory;
    this.#local = memory.reserve(16);
    this.#remote = memory.reserve(16);
    this.#stat = memory.reserve(STAT_BYTES);
    this.#name = memory.reserve(64);
    this.#limit = memory.reserve(16);
  }

  #call(number: number, a: number, b = 0, c = 0, d = 0, e = 0, f = 0): number {
    const result = this.#libc.systemCall(number, a, b, c, d, e, f);
    return result < 0 ? -this.#libc.errno() : result;
  }

  // -- memory ------------------------------------------------------------------------------------------------------------------

  /** Copies `length` bytes of the program's memory to our address `to`: how many were there to be read. */
  read(tid: number, address: number, length: number, to: number): number {
    return this.#transfer(nr.readMemory, tid, address, length, to);
  }

  write(tid: number, address: number, length: number, from: number): number {
    return this.#transfer(nr.writeMemory, tid, address, length, from);
  }

  /** Whether this machine lets us at the memory of a process at all: there is nothing at address 0. */
  mayRead(pid: number): boolean {
    const result = this.read(pid, 0, 1, this.#memory.address + this.#name);
    return result >= 0 || result === -EFAULT;
  }

  #transfer(number: number, tid: number, address: number, length: number, ours: number): number {
    const memory = this.#memory;
    memory.setWord(this.#local, ours);
    memory.setWord(this.#local + 8, length);
    memory.setWord(this.#remote, address);
    memory.setWord(this.#remote + 8, length);
    return this.#call(number, tid, memory.address + this.#local, 1, memory.address + this.#remote, 1, 0);
  }

  /** The same with the program's own struct iovec array, which lies at our address `vector`. */
  readVector(tid: number, vector: number, count: number, length: number, to: number): number {
    return this.#transferVector(nr.readMemory, tid, vector, count, length, to);
  }

  writeVector(tid: number, vector: number, count: number, length: number, from: number): number {
    return this.#transferVector(nr.writeMemory, tid, vector, count, length, from);
  }

  #transferVector(number: number, tid: number, vector: number, count: number, length: number, ours: number): number {
    const memory = this.#memory;
    memory.setWord(this.#local, ours);
    memory.setWord(this.#local + 8, length);
    return this.#call(number, tid, memory.address + this.#local, 1, vector, count, 0);
  }

  // -- descriptors -------------------------------------------------------------------------------------------------------------

  /** The inode behind a descriptor of a thread; `kind` says of what kind. -EBADF: it has no such descriptor. */
  inodeOf(tid: number, fd: number): number {
    let folder = this.#folders.get(tid);
    if (folder !== undefined) {
      const inode = this.#inodeIn(folder, fd);
      if (inode >= 0) return inode;
      // The number may belong to another thread by now.
      this.#forget(tid, folder);
    }
    folder = this.#open(tid);
    return folder < 0 ? folder : this.#inodeIn(folder, fd);
  }

  #inodeIn(folder: number, fd: number): number {
    this.#memory.setText(this.#name, String(fd));
    const memory = this.#memory;
    const result = this.#call(nr.fstatat, folder, memory.address + this.#name, memory.address + this.#stat);
    if (result < 0) return result;
    this.kind = memory.view.getUint32(this.#stat + STAT_MODE, true) & S_IFMT;
    this.device = memory.word(this.#stat);
    return memory.word(this.#stat + STAT_INODE);
  }

  #open(tid: number): number {
    const memory = this.#memory;
    memory.setText(this.#name, `/proc/${tid}/fd`);
    const folder = this.#call(nr.openat, AT_FDCWD, memory.address + this.#name, O_PATH | O_CLOEXEC);
    if (folder < 0) return folder;
    if (this.#folders.size >= FOLDERS)
      for (const [first, fd] of this.#folders) {
        this.#forget(first, fd);
        break;
      }
    this.#folders.set(tid, folder);
    return folder;
  }

  #forget(tid: number, folder: number): void {
    this.#folders.delete(tid);
    this.#libc.close(folder);
  }

  /** The inode behind a descriptor of ours. */
  ownInode(fd: number): number {
    const memory = this.#memory;
    memory.setText(this.#name, `/proc/self/fd/${fd}`);
    const result = this.#call(nr.fstatat, AT_FDCWD, memory.address + this.#name, memory.address + this.#stat);
    return result < 0 ? result : memory.word(this.#stat + STAT_INODE);
  }

  /** A copy of a program's descriptor, which the caller closes. -EPERM: this machine does not allow it (pidfd_getfd). */
  take(tid: number, fd: number): number {
    let pidfd = this.#call(nr.pidfdOpen, tid, PIDFD_THREAD);
    if (pidfd === -EINVAL) pidfd = this.#call(nr.pidfdOpen, this.groupOf(tid), 0);
    if (pidfd < 0) return pidfd;
    const copy = this.#call(nr.pidfdGetfd, pidfd, fd, 0);
    this.#libc.close(pidfd);
    return copy;
  }

  /** Whether calls on a descriptor are not to wait (O_NONBLOCK). */
  isNonblocking(tid: number, fd: number): boolean {
    return (this.#flagsOf(tid, fd) & O_NONBLOCK) !== 0;
  }

  closesOnExec(tid: number, fd: number): boolean {
    return (this.#flagsOf(tid, fd) & O_CLOEXEC) !== 0;
  }

  /** O_* of a descriptor, FD_CLOEXEC among them as O_CLOEXEC (proc(5), fdinfo). */
  #flagsOf(tid: number, fd: number): number {
    return Number.parseInt(/^flags:\s*([0-7]+)/m.exec(this.readFile(`/proc/${tid}/fdinfo/${fd}`))?.[1] ?? '0', 8);
  }

  // -- who it is ---------------------------------------------------------------------------------------------------------------

  /** The process of a thread. */
  groupOf(tid: number): number {
    return Number(/^Tgid:\s*(\d+)/m.exec(this.readFile(`/proc/${tid}/status`))?.[1] ?? tid);
  }

  /** Process, effective uid and gid of a thread; null: it has gone. */
  identityOf(tid: number): ProcessIdentity | null {
    const status = this.readFile(`/proc/${tid}/status`);
    const pid = /^Tgid:\s*(\d+)/m.exec(status)?.[1];
    const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1];
    const gid = /^Gid:\s*\d+\s+(\d+)/m.exec(status)?.[1];
    return pid === undefined || uid === undefined || gid === undefined ? null : { pid: Number(pid), uid: Number(uid), gid: Number(gid) };
  }

  /** Holds CAP_SYS_ADMIN over its mount namespace, as far as its own user namespace goes. */
  mayMount(tid: number): boolean {
    return this.#holds(tid, CAP_SYS_ADMIN);
  }

  /** Holds CAP_NET_ADMIN over our own user namespace: kept when it gave up uid 0, not found in a user namespace that it made. */
  keepsNetAdmin(tid: number): boolean {
    const own = this.linkOf('/proc/self/ns/user');
    return own !== '' && this.#holds(tid, CAP_NET_ADMIN) && this.linkOf(`/proc/${tid}/ns/user`) === own;
  }

  /** One of the first 32 capabilities, effective. */
  #holds(tid: number, capability: number): boolean {
    const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(this.readFile(`/proc/${tid}/status`))?.[1] ?? '0';
    return (Number.parseInt(effective.slice(-8), 16) & capability) !== 0;
  }

  /** A pidfd of a process, readable when it ends, which the caller closes; a negative errno. */
  openProcess(pid: number): number {
    return this.#call(nr.pidfdOpen, pid, 0);
  }

  /** The process that a pidfd of a thread stands for; -1: it has ended. */
  processBehind(tid: number, fd: number): number {
    return Number(/^Pid:\s*(-?\d+)/m.exec(this.readFile(`/proc/${tid}/fdinfo/${fd}`))?.[1] ?? -1);
  }

  /** Writes what a link of /proc says, up to `size` bytes, to our address `to`: how many there are. */
  readLink(path: string, to: number, size: number): number {
    this.#memory.setText(this.#name, path);
    return this.#call(nr.readlinkat, AT_FDCWD, this.#memory.address + this.#name, to, size);
  }

  /** The same as text; '' where there is none. */
  linkOf(path: string): string {
    try {
      return readlinkSync(path);
    } catch {
      return '';
    }
  }

  /** Up to 4 KiB of a small file of /proc; '' where it cannot be read. */
  readFile(path: string): string {
    const fd = this.#libc.open(path, O_CLOEXEC, 0);
    if (fd < 0) return '';
    const bytes = new Uint8Array(4096);
    const count = this.#libc.read(fd, bytes, bytes.length);
    this.#libc.close(fd);
    return count <= 0 ? '' : new TextDecoder('latin1').decode(bytes.subarray(0, count));
  }

  /**
   * A number that a process and those it starts carry from fork to fork and through execve: its soft limit of file locks, which no
   * Linux since 2.4 looks at. Infinity where there is none, or where it may not be read.
   */
  tagOf(tid: number): number {
    const result = this.#call(nr.prlimit, tid, RLIMIT_LOCKS, 0, this.#memory.address + this.#limit);
    // Of another user's process prlimit() wants CAP_SYS_RESOURCE, which root of a container has not; its file of /proc is open to all.
    const tag = result === -EPERM ? this.#tagInFile(tid) : result < 0 ? Number.POSITIVE_INFINITY : this.#memory.word(this.#limit);
    return tag > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : tag;
  }

  #tagInFile(tid: number): number {
    return Number(/^Max file locks +(\d+)/m.exec(this.readFile(`/proc/${tid}/limits`))?.[1] ?? Number.POSITIVE_INFINITY);
  }

  setTag(tid: number, tag: number): number {
    this.#memory.setWord(this.#limit, tag);
    this.#memory.view.setInt32(this.#limit + 8, -1, true);
    this.#memory.view.setInt32(this.#limit + 12, -1, true);
    return this.#call(nr.prlimit, tid, RLIMIT_LOCKS, this.#memory.address + this.#limit, 0);
  }

  close(): void {
    for (const folder of this.#folders.values()) this.#libc.close(folder);
    this.#folders.clear();
  }
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whether descriptors of other processes may be copied here: tried once on our own. */
export function mayTakeDescriptors(access: ProcessAccess, libc: Libc): boolean {
  const copy = access.take(process.pid, 2);
  if (copy >= 0) libc.close(copy);
  return copy !== -EPERM;
}
