import { check, type Libc } from './libc.js';
import { PinnedMemory } from './pinned-memory.js';
import { systemCallNumber } from './system-calls.js';

const SIG_BLOCK = 0;
/** A sigset_t of the kernel: a bit a signal, from 1 on. */
const SIGSET_BYTES = 8;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: of the thread's own instructions. SIGPROF: of V8's profiler. */
const OWN = [4, 5, 7, 8, 11, 27];
/** By which the C library changes the uids of all threads: it waits for each of them. */
const OF_LIBC = [32, 33];

/**
 * Leaves the process's signals to its other threads: none interrupts a call of this one, and of the threads that it starts. Throws
 * NetError.
 */
export function blockSignals(libc: Libc): void {
  const memory = new PinnedMemory(libc, SIGSET_BYTES);
  memory.bytes.fill(0xff);
  for (const signal of [...OWN, ...OF_LIBC]) memory.bytes[(signal - 1) >> 3]! &= ~(1 << ((signal - 1) & 7));
  check(libc, libc.systemCall(systemCallNumber('rt_sigprocmask'), SIG_BLOCK, memory.address, 0, SIGSET_BYTES, 0, 0));
}
