import { NetError } from '../base/net-error.js';

/** Where a call reads or writes memory: a buffer for the time of the call, or a raw address whose buffer the caller keeps alive. */
export type Memory = Uint8Array | null;

/**
 * The calls of the C library that Node has no door to. All return -1 on failure and leave their errno in `errno()`, which must be
 * read before anything else is called. Sizes are bytes.
 */
export interface Libc {
  errno(): number;
  /** The address of a buffer's first byte. It does not keep the buffer alive: whoever holds it pins the ArrayBuffer. */
  addressOf(bytes: Uint8Array): number;
  open(path: string, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, buffer: Memory, size: number): number;
  write(fd: number, buffer: Memory, size: number): number;
  /** read(2) and write(2) at a raw address: no buffer is unwrapped, nothing is allocated. */
  readAt(fd: number, address: number, size: number): number;
  writeAt(fd: number, address: number, size: number): number;
  /** writev(2) and readv(2) of `count` struct iovec at a raw address. */
  writevAt(fd: number, address: number, count: number): number;
  readvAt(fd: number, address: number, count: number): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  ioctlValue(fd: number, request: number, argument: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  flock(fd: number, operation: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Memory, size: number): number;
  connect(fd: number, address: Memory, size: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: Memory, size: Memory, flags: number): number;
  getsockname(fd: number, address: Memory, size: Memory): number;
  getsockopt(fd: number, level: number, option: number, value: Memory, size: Memory): number;
  setsockopt(fd: number, level: number, option: number, value: Memory, size: number): number;
  sendto(fd: number, buffer: Memory, size: number, flags: number, address: Memory, addressSize: number): number;
  recvfrom(fd: number, buffer: Memory, size: number, flags: number, address: Memory, addressSize: Memory): number;
  /** `message`: struct msghdr. */
  recvmsg(fd: number, message: Memory, flags: number): number;
  poll(fds: Memory, count: number, timeoutMs: number): number;
  pollAt(fdsAddress: number, count: number, timeoutMs: number): number;
  /** poll(2) in a thread of the pool; `fds` stays alive until `done`. */
  pollAsync(fds: Uint8Array, count: number, timeoutMs: number, done: (ready: number) => void): void;
  eventfd(initial: number, flags: number): number;
  epollCreate1(flags: number): number;
  epollCtl(epoll: number, operation: number, fd: number, event: Memory): number;
  epollWaitAt(epoll: number, eventsAddress: number, count: number, timeoutMs: number): number;
  setns(fd: number, type: number): number;
  prctl(option: number, value: number): number;
  /** memfd_create(2), ftruncate(2). */
  memfdCreate(name: string, flags: number): number;
  ftruncate(fd: number, size: number): number;
  /** Memory of this process that is not JavaScript's (mmap); valid until it is unmapped. */
  memoryAt(address: number, size: number): Uint8Array<ArrayBuffer>;
  /** syscall(2): arguments are numbers or raw addresses. */
  systemCall(number: number, a: number, b: number, c: number, d: number, e: number, f: number): number;
  /** Two connected sockets; `pair` gets two i32. */
  socketpair(family: number, type: number, protocol: number, pair: Memory): number;
  shutdown(fd: number, how: number): number;
  /** sendto(2) and recvfrom(2) without an address, at a raw address: nothing is allocated. */
  sendAt(fd: number, address: number, size: number, flags: number): number;
  receiveAt(fd: number, address: number, size: number, flags: number): number;
}

let loading: Promise<Libc | null> | undefined;

/** The C library through koffi, loaded once; null where koffi does not load, or with TAPSTACK_FFI=off. */
export function loadLibc(): Promise<Libc | null> {
  loading ??= process.env['TAPSTACK_FFI'] === 'off' ? Promise.resolve(null) : bind();
  return loading;
}

async function bind(): Promise<Libc | null> {
  let koffi: typeof import('koffi');
  try {
    koffi = await import('koffi');
  } catch {
    // No binary of koffi for this machine: every user of this port has a way without it.
    return null;
  }
  const c = koffi.load(null);
  const poll = c.func('poll', 'int', ['void *', 'ulong', 'int']);
  return {
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    open: c.func('open', 'int', ['str', 'int', 'uint']),
    close: c.func('close', 'int', ['int']),
    read: c.func('read', 'intptr_t', ['int', 'void *', 'size_t']),
    write: c.func('write', 'intptr_t', ['int', 'const void *', 'size_t']),
    readAt: c.func('read', 'intptr_t', ['int', 'uintptr_t', 'size_t']),
    writeAt: c.func('write', 'intptr_t', ['int', 'uintptr_t', 'size_t']),
    writevAt: c.func('writev', 'intptr_t', ['int', 'uintptr_t', 'int']),
    readvAt: c.func('readv', 'intptr_t', ['int', 'uintptr_t', 'int']),
    ioctl: c.func('ioctl', 'int', ['int', 'ulong', 'void *']),
    ioctlValue: c.func('ioctl', 'int', ['int', 'ulong', 'ulong']),
    fcntl: c.func('fcntl', 'int', ['int', 'int', 'ulong']),
    flock: c.func('flock', 'int', ['int', 'int']),
    socket: c.func('socket', 'int', ['int', 'int', 'int']),
    bind: c.func('bind', 'int', ['int', 'const void *', 'uint']),
    connect: c.func('connect', 'int', ['int', 'const void *', 'uint']),
    listen: c.func('listen', 'int', ['int', 'int']),
    accept4: c.func('accept4', 'int', ['int', 'void *', 'void *', 'int']),
    getsockname: c.func('getsockname', 'int', ['int', 'void *', 'void *']),
    getsockopt: c.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
    setsockopt: c.func('setsockopt', 'int', ['int', 'int', 'int', 'const void *', 'uint']),
    sendto: c.func('sendto', 'intptr_t', ['int', 'const void *', 'size_t', 'int', 'const void *', 'uint']),
    recvfrom: c.func('recvfrom', 'intptr_t', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']),
    recvmsg: c.func('recvmsg', 'intptr_t', ['int', 'void *', 'int']),
    poll,
    pollAt: c.func('poll', 'int', ['uintptr_t', 'ulong', 'int']),
    pollAsync: (fds, count, timeoutMs, done) => {
      poll.async(fds, count, timeoutMs, (error: Error | null, ready: number) => done(error ? -1 : ready));
    },
    eventfd: c.func('eventfd', 'int', ['uint', 'int']),
    epollCreate1: c.func('epoll_create1', 'int', ['int']),
    epollCtl: c.func('epoll_ctl', 'int', ['int', 'int', 'int', 'void *']),
    epollWaitAt: c.func('epoll_wait', 'int', ['int', 'uintptr_t', 'int', 'int']),
    setns: c.func('setns', 'int', ['int', 'int']),
    prctl: c.func('prctl', 'int', ['int', 'ulong']),
    memfdCreate: c.func('memfd_create', 'int', ['str', 'uint']),
    ftruncate: c.func('ftruncate', 'int', ['int', 'int64']),
    memoryAt: (address, size) => new Uint8Array(koffi.view(BigInt(address), size)),
    systemCall: c.func('syscall', 'int64', ['int64', 'int64', 'int64', 'int64', 'int64', 'int64', 'int64']),
    socketpair: c.func('socketpair', 'int', ['int', 'int', 'int', 'void *']),
    shutdown: c.func('shutdown', 'int', ['int', 'int']),
    sendAt: c.func('send', 'intptr_t', ['int', 'uintptr_t', 'size_t', 'int']),
    receiveAt: c.func('recv', 'intptr_t', ['int', 'uintptr_t', 'size_t', 'int']),
  };
}

/** The result of a call, or the NetError of its errno. */
export function check(libc: Libc, result: number): number {
  if (result < 0) throw new NetError(libc.errno());
  return result;
}

// asm-generic/fcntl.h, sys/socket.h, sys/eventfd.h, sched.h
export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const SOCK_STREAM = 1;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SCM_RIGHTS = 1;
export const SO_PEERCRED = 17;
export const SO_RCVBUFFORCE = 33;
export const SO_PEERGROUPS = 59;
export const SOL_NETLINK = 270;
export const MSG_PEEK = 0x02;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x4000_0000;
export const POLLIN = 1;
export const POLLERR = 8;
export const CLONE_NEWNET = 0x40000000;
export const PR_SET_CHILD_SUBREAPER = 36;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
