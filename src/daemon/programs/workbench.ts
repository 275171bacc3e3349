import type { NamespaceNames } from '../../control/namespace-names.js';
import type { Credentials, NetlinkKernel } from '../../control/netlink-socket.js';
import type { DescriptorLoop } from '../../host/epoll-descriptors.js';
import { IoVector } from '../../host/io-vector.js';
import { check, type Libc, O_NONBLOCK, SOCK_CLOEXEC } from '../../host/libc.js';
import { PinnedMemory } from '../../host/pinned-memory.js';
import { ProcessAccess, mayTakeDescriptors } from '../../host/process-access.js';
import { GatherList, MOST_PIECES } from '../../net/core/payload.js';
import type { Stack } from '../../net/core/stack.js';
import type { ProgramSocket } from './program-socket.js';
import { STORAGE } from './socket-address.js';

const AF_UNIX = 1;
const F_SETFL = 4;
const SOL_SOCKET = 1;
const POLLHUP = 0x10;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const F_DUPFD_CLOEXEC = 1030;
/** Whom a process that has gone meanwhile is taken for. */
const NOBODY = 65_534;

/** struct msghdr, struct iovec: 64-bit Linux. */
export const MSGHDR = 56;
export const MMSGHDR = 64;
export const IOVEC = 16;
/** UIO_MAXIOV: more is EMSGSIZE. */
export const MOST_IOVECS = 1024;
/** Control messages of one call. */
export const CONTROL_BYTES = 8192;
/** What one transfer moves at most; also the largest datagram and option. */
export const IO_BYTES = 1 << 20;

/** What the kernel may hold for a program of what it has not read: our end stays writable, so that every read of it is told. */
const END_BUFFER = 1 << 20;

/** Two ends of one connection: the program's, and ours. */
export interface SocketPair {
  readonly program: number;
  readonly ours: number;
  /** Of the program's end. */
  readonly inode: number;
}

/** What all that serves captured programs works with: the host's calls, memory for them, the stack, and the sockets by inode. */
export class Workbench {
  readonly libc: Libc;
  readonly loop: DescriptorLoop;
  readonly stack: Stack;
  readonly names: NamespaceNames;
  readonly netlink: NetlinkKernel;
  readonly ownerUid: number;
  readonly access: ProcessAccess;
  /** Structures of calls. */
  readonly memory: PinnedMemory;
  /** Bytes on their way between programs and stack. */
  readonly io: PinnedMemory;
  /** A struct sockaddr. */
  readonly address: number;
  /** A few bytes for a number. */
  readonly scratch: number;
  readonly msghdr: number;
  readonly iovecs: number;
  readonly control: number;
  /** Memory of a stack's socket that a program's bytes go to at once. */
  readonly pieces = new GatherList(MOST_PIECES);
  readonly vector: IoVector;
  /** By the inode of the program's end, which survives dup, fork, exec and SCM_RIGHTS. */
  readonly sockets: Map<number, ProgramSocket>;
  /** Sockets whose program's end is no longer tied to ours: they still answer what became of them. The oldest first. */
  readonly detached: Set<ProgramSocket>;
  /** Without it (a container that refuses pidfd_getfd) copies of the programs' ends are kept where they are needed. */
  readonly takesDescriptors: boolean;
  readonly #beside: boolean;
  readonly #pair = new DataView(new ArrayBuffer(8));
  readonly #pairBytes = new Uint8Array(this.#pair.buffer);

  /** `beside`: the bench of another instance of this daemon, whose programs may hand each other their sockets. */
  constructor(options: {
    readonly libc: Libc;
    readonly loop: DescriptorLoop;
    readonly stack: Stack;
    readonly names: NamespaceNames;
    readonly netlink: NetlinkKernel;
    readonly ownerUid: number;
    readonly beside?: Workbench | undefined;
  }) {
    const { beside } = options;
    this.libc = options.libc;
    this.loop = options.loop;
    this.stack = options.stack;
    this.names = options.names;
    this.netlink = options.netlink;
    this.ownerUid = options.ownerUid;
    this.#beside = beside !== undefined;
    this.memory = beside?.memory ?? new PinnedMemory(this.libc, 1 << 16);
    this.io = beside?.io ?? new PinnedMemory(this.libc, IO_BYTES);
    this.vector = beside?.vector ?? new IoVector(this.libc, MOST_PIECES);
    this.access = beside?.access ?? new ProcessAccess(this.libc, this.memory);
    this.sockets = beside?.sockets ?? new Map();
    this.detached = beside?.detached ?? new Set();
    this.address = beside?.address ?? this.memory.reserve(STORAGE);
    this.scratch = beside?.scratch ?? this.memory.reserve(64);
    this.msghdr = beside?.msghdr ?? this.memory.reserve(MMSGHDR);
    this.iovecs = beside?.iovecs ?? this.memory.reserve(IOVEC * MOST_IOVECS);
    this.control = beside?.control ?? this.memory.reserve(CONTROL_BYTES);
    this.takesDescriptors = beside?.takesDescriptors ?? mayTakeDescriptors(this.access, this.libc);
  }

  get scratchAddress(): number {
    return this.memory.address + this.scratch;
  }

  /** Throws NetError EMFILE, ENFILE. */
  pair(type: number, programFlags: number): SocketPair {
    const { libc } = this;
    check(libc, libc.socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, this.#pairBytes));
    const program = this.#pair.getInt32(0, true);
    const ours = this.#pair.getInt32(4, true);
    libc.fcntl(ours, F_SETFL, O_NONBLOCK);
    if ((programFlags & O_NONBLOCK) !== 0) libc.fcntl(program, F_SETFL, O_NONBLOCK);
    // Forced as root; else as much as net.core.wmem_max gives.
    if (this.setEndOption(ours, SO_SNDBUFFORCE, END_BUFFER) < 0) this.setEndOption(ours, SO_SNDBUF, END_BUFFER);
    return { program, ours, inode: this.access.ownInode(program) };
  }

  /** An int option of SOL_SOCKET of one end. */
  setEndOption(fd: number, option: number, value: number): number {
    return this.libc.setsockopt(fd, SOL_SOCKET, option, Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24), 4);
  }

  duplicate(fd: number): number {
    return this.libc.fcntl(fd, F_DUPFD_CLOEXEC, 3);
  }

  /** SO_ERROR of one end, which it then no longer has. */
  endError(fd: number): number {
    const { libc, memory, scratch } = this;
    const value = memory.bytes.subarray(scratch, scratch + 4);
    if (libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, Uint8Array.of(4, 0, 0, 0)) < 0) return 0;
    return memory.view.getInt32(scratch, true);
  }

  /** Both directions of one end are shut. */
  isHungUp(fd: number): boolean {
    const { libc, memory, scratch } = this;
    memory.view.setInt32(scratch, fd, true);
    memory.view.setUint32(scratch + 4, 0, true);
    return libc.pollAt(memory.address + scratch, 1, 0) === 1 && (memory.view.getUint16(scratch + 6, true) & POLLHUP) !== 0;
  }

  /** What a thread may do in the instance (DESIGN section 3, Rights). */
  credentialsOf(tid: number): Credentials {
    const { pid, uid, gid } = this.access.identityOf(tid) ?? { pid: tid, uid: NOBODY, gid: NOBODY };
    return { pid, uid, gid, netAdmin: uid === 0 || uid === this.ownerUid || this.access.keepsNetAdmin(tid) };
  }

  /** Closes detached sockets that no program has any more: nothing told of it. True: there were some. */
  forgetClosed(): boolean {
    const before = this.detached.size;
    for (const socket of [...this.detached]) if (!socket.isWhereItWas()) socket.close();
    return this.detached.size < before;
  }

  close(): void {
    for (const socket of [...this.sockets.values()]) if (socket.bench === this) socket.close();
    if (!this.#beside) this.access.close();
  }
}
