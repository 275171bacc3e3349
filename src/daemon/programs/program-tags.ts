import type { Namespace } from '../../net/core/namespace.js';
import type { Workbench } from './workbench.js';

// A tag, below 2^53 so that a number holds it: mark | the instance, 20 bits | the namespace's id, 28 bits
const MARK = 21;
const INSTANCE = 2 ** 20;
const NAMESPACE = 2 ** 28;

/** Which namespace a process is in: a number that it carries, and hands on to those it starts (ProcessAccess.tagOf). */
export class ProgramTags {
  readonly #bench: Workbench;
  /** What the tags of this instance's processes have in common. */
  readonly mark: number;

  constructor(bench: Workbench) {
    this.#bench = bench;
    this.mark = MARK * INSTANCE + (bench.stack.random.u32() & (INSTANCE - 1));
  }

  /** undefined: the process carries no tag of this instance, or has gone. */
  namespaceOf(tid: number): Namespace | undefined {
    const id = this.#bench.access.tagOf(tid) - this.mark * NAMESPACE;
    return id >= 0 && id < NAMESPACE ? this.#bench.stack.namespaces.get(id) : undefined;
  }

  /** 0 or a negative errno. */
  put(tid: number, namespace: Namespace): number {
    return this.#bench.access.setTag(tid, this.mark * NAMESPACE + namespace.id);
  }

  /** The mark of the instance that a process is in. */
  markOf(tid: number): number {
    return Math.floor(this.#bench.access.tagOf(tid) / NAMESPACE);
  }

  isOf(tid: number): boolean {
    return this.markOf(tid) === this.mark;
  }
}
