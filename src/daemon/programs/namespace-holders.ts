import { readdirSync } from 'node:fs';
import { EPOLLIN } from '../../host/epoll-descriptors.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { ProgramTags } from './program-tags.js';
import type { Workbench } from './workbench.js';

/**
 * Namespaces live as long as a process is in them, as in Linux: one process of each is watched, and when it ends, another one that
 * is in there takes its place.
 */
export class NamespaceHolders {
  readonly #bench: Workbench;
  readonly #tags: ProgramTags;
  /** The pidfd of the process that is watched. */
  readonly #watched = new Map<Namespace, number>();

  constructor(bench: Workbench, tags: ProgramTags) {
    this.#bench = bench;
    this.#tags = tags;
  }

  /** `pid` is in `namespace` now. */
  hold(namespace: Namespace, pid: number): void {
    if (this.#watched.has(namespace) || namespace.dead || namespace === this.#bench.stack.initial) return;
    if (this.#watch(namespace, pid)) this.#bench.names.hold(namespace);
  }

  #watch(namespace: Namespace, pid: number): boolean {
    const pidfd = this.#bench.access.openProcess(pid);
    if (pidfd < 0) return false;
    this.#watched.set(namespace, pidfd);
    this.#bench.loop.watch(pidfd, EPOLLIN, { ready: () => this.#ended(namespace, pidfd) });
    return true;
  }

  #ended(namespace: Namespace, pidfd: number): void {
    this.#forget(namespace, pidfd);
    for (const name of readdirSync('/proc'))
      if (/^\d+$/.test(name) && this.#tags.namespaceOf(Number(name)) === namespace && this.#watch(namespace, Number(name))) return;
    this.#bench.names.release(namespace);
  }

  #forget(namespace: Namespace, pidfd: number): void {
    this.#bench.loop.unwatch(pidfd);
    this.#bench.libc.close(pidfd);
    this.#watched.delete(namespace);
  }

  close(): void {
    for (const [namespace, pidfd] of [...this.#watched]) this.#forget(namespace, pidfd);
  }
}
