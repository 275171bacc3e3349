import { closeSync, openSync, readlinkSync } from 'node:fs';

/**
 * Namespaces of programs, kept open: the kernel gives the number of one that has gone to the next that is made, so that only as
 * long as it is held does "net:[4026532000]" mean the same namespace.
 */
export class HeldNamespaces {
  readonly #links = new Map<number, string>();

  /** What is held, as /proc/PID/ns shows it. */
  get links(): readonly string[] {
    return [...this.#links.values()];
  }

  /** Files of this process by which another can hold the same. */
  get paths(): readonly string[] {
    return [...this.#links.keys()].map((fd) => `/proc/${process.pid}/fd/${fd}`);
  }

  /** Holds the namespace that `path` names, unless it is one of `except`. False: it is, or it has gone or may not be opened. */
  hold(path: string, except: readonly string[] = []): boolean {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return false;
    }
    const link = readlinkSync(`/proc/self/fd/${fd}`);
    if (!/^(net|mnt):\[\d+\]$/.test(link) || except.includes(link)) {
      closeSync(fd);
      return false;
    }
    this.#links.set(fd, link);
    return true;
  }

  close(): void {
    for (const fd of this.#links.keys()) closeSync(fd);
    this.#links.clear();
  }
}
