import { NetError } from '../base/net-error.js';
import { CLONE_NEWNET, check, type Libc, O_CLOEXEC, O_RDONLY } from './libc.js';

/**
 * Runs `work` with this thread inside the network namespace that `path` names, and comes back. setns(2) concerns the calling
 * thread alone, so `work` must be synchronous. Throws NetError: ENOENT, EACCES, EINVAL (no namespace), EPERM.
 */
export function insideNamespace<T>(libc: Libc, path: string, work: () => T): T {
  const home = check(libc, libc.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0));
  try {
    const target = check(libc, libc.open(path, O_RDONLY | O_CLOEXEC, 0));
    try {
      check(libc, libc.setns(target, CLONE_NEWNET));
    } finally {
      libc.close(target);
    }
    try {
      return work();
    } finally {
      returnHome(libc, home);
    }
  } finally {
    libc.close(home);
  }
}

/** A thread left in the wrong namespace would act on somebody else's network from here on. */
function returnHome(libc: Libc, home: number): void {
  if (libc.setns(home, CLONE_NEWNET) < 0) throw new NetError(libc.errno(), 'cannot return to the own network namespace');
}
