import { EBUSY } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { check, type Libc, SCM_RIGHTS, SOL_SOCKET } from './libc.js';
import { PinnedMemory } from './pinned-memory.js';
import { systemCallNumber } from './system-calls.js';

const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
const MSGHDR = 56;
const CMSG_WITH_DESCRIPTOR = 24;
/** struct sock_filter */
const INSTRUCTION = 8;

/**
 * Puts this thread, and all that it starts, under a seccomp filter, and returns the descriptor of its listener; null: it is under
 * one already. Other threads of this process stay as they are. Throws NetError: EINVAL, ENOSYS (the kernel knows no listeners),
 * EPERM, EACCES (a container forbids it).
 */
export function filterSelf(libc: Libc, filter: Uint8Array): number | null {
  const memory = new PinnedMemory(libc, filter.length + 64);
  const program = memory.reserve(16);
  const instructions = memory.reserve(filter.length);
  memory.bytes.set(filter, instructions);
  // struct sock_fprog: 0 their number, u16 | 8 where they are.
  memory.view.setUint16(program, filter.length / INSTRUCTION, true);
  memory.setWord(program + 8, memory.address + instructions);
  check(libc, libc.systemCall(systemCallNumber('prctl'), PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
  const number = systemCallNumber('seccomp');
  const fd = libc.systemCall(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, memory.address + program, 0, 0, 0);
  if (fd >= 0) return fd;
  const errno = libc.errno();
  if (errno === EBUSY) return null;
  throw new NetError(errno);
}

/** Sends bytes and a descriptor; the cookie takes the call past the filter (seccompFilter()). Throws NetError. */
export function sendDescriptor(libc: Libc, socket: number, bytes: Uint8Array, fd: number, cookie: number): void {
  const memory = new PinnedMemory(libc, bytes.length + 256);
  const payload = memory.reserve(bytes.length);
  const iovec = memory.reserve(16);
  const control = memory.reserve(CMSG_WITH_DESCRIPTOR);
  const header = memory.reserve(MSGHDR);
  memory.bytes.set(bytes, payload);
  memory.setWord(iovec, memory.address + payload);
  memory.setWord(iovec + 8, bytes.length);
  memory.setWord(control, 20);
  memory.view.setInt32(control + 8, SOL_SOCKET, true);
  memory.view.setInt32(control + 12, SCM_RIGHTS, true);
  memory.view.setInt32(control + 16, fd, true);
  memory.setWord(header + 16, memory.address + iovec);
  memory.setWord(header + 24, 1);
  memory.setWord(header + 32, memory.address + control);
  memory.setWord(header + 40, CMSG_WITH_DESCRIPTOR);
  check(libc, libc.systemCall(systemCallNumber('sendmsg'), socket, memory.address + header, cookie * 0x1_0000_0000, 0, 0, 0));
}
