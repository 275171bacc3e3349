import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { EAGAIN } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { LOCK_EX, LOCK_NB, type Libc } from './libc.js';

/**
 * The lock of an instance: held by its daemon as long as it lives, released by the kernel however it ends. Its file holds the
 * daemon's process id. Null: another process has it.
 */
export function takeInstanceLock(libc: Libc | null, path: string): number | null {
  for (;;) {
    const fd = openSync(path, 'a+', 0o600);
    if (libc === null) {
      if (holderOf(path) !== null) {
        closeSync(fd);
        return null;
      }
    } else if (libc.flock(fd, LOCK_EX | LOCK_NB) < 0) {
      const errno = libc.errno();
      closeSync(fd);
      if (errno === EAGAIN) return null;
      throw new NetError(errno);
    }
    // A daemon that ended meanwhile took its folder away, the file we hold with it.
    const now = statSync(path, { throwIfNoEntry: false });
    if (now !== undefined && now.ino === fstatSync(fd).ino) {
      ftruncateSync(fd);
      writeSync(fd, `${process.pid}\n`);
      return fd;
    }
    closeSync(fd);
  }
}

/** Process id of the living daemon that the lock's file names; null: none. */
export function holderOf(path: string): number | null {
  const pid = Number(readIf(path));
  if (!Number.isInteger(pid) || pid <= 0) return null;
  // Numbers are used again: only a daemon of ours counts.
  return readIf(`/proc/${pid}/cmdline`).includes('tapstackd') && !/\) [ZX] /.test(readIf(`/proc/${pid}/stat`)) ? pid : null;
}

function readIf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // No such file or process, or not ours to read: no holder.
    return '';
  }
}
