import { readdirSync } from 'node:fs';
import { markOfTag, PLACES } from '../../host/process-tags.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Workbench } from './workbench.js';

// A tag, below 2^53 so that a number holds it: mark | the instance, 20 bits | the namespace's id, or that of a birth, 28 bits
const MARK = 21;
const INSTANCE = 2 ** 20;
/** From here on the number is a birth's. */
const BIRTHS = 2 ** 27;

/**
 * A clone() with CLONE_NEWNET: from the call until its caller is heard of again, caller and child carry the same number, and are told apart
 * by who they are.
 */
export interface Birth {
  readonly id: number;
  readonly parent: number;
  readonly tid: number;
  readonly before: Namespace;
  readonly after: Namespace;
}

/** Which namespace a process is in: a number that it carries, and hands on to those it starts (ProcessAccess.tagOf). */
export class ProgramTags {
  readonly #bench: Workbench;
  /** What the tags of this instance's processes have in common. */
  readonly mark: number;
  readonly #births = new Map<number, Birth>();
  #nextBirth = BIRTHS;

  constructor(bench: Workbench) {
    this.#bench = bench;
    this.mark = MARK * INSTANCE + (bench.stack.random.u32() & (INSTANCE - 1));
  }

  #numberOf(tid: number): number {
    return this.#bench.access.tagOf(tid) - this.mark * PLACES;
  }

  /** undefined: the process carries no tag of this instance, or has gone. */
  namespaceOf(tid: number): Namespace | undefined {
    const id = this.#numberOf(tid);
    if (!(id >= 0 && id < PLACES)) return undefined;
    if (id < BIRTHS) return this.#bench.stack.namespaces.get(id);
    const birth = this.#births.get(id);
    return birth !== undefined && this.#bench.access.groupOf(tid) === birth.parent ? birth.before : birth?.after;
  }

  /** 0 or a negative errno. */
  put(tid: number, namespace: Namespace): number {
    return this.#bench.access.setTag(tid, this.mark * PLACES + namespace.id);
  }

  /** The mark of the instance that a process is in. */
  markOf(tid: number): number {
    return markOfTag(this.#bench.access.tagOf(tid));
  }

  isOf(tid: number): boolean {
    return this.markOf(tid) === this.mark;
  }

  // -- clone() with CLONE_NEWNET -----------------------------------------------------------------------------------------------

  get births(): number {
    return this.#births.size;
  }

  begin(tid: number, before: Namespace, after: Namespace): void {
    const parent = this.#bench.access.groupOf(tid);
    const birth = { id: this.#nextBirth, parent, tid, before, after };
    this.#nextBirth = this.#nextBirth + 1 < PLACES ? this.#nextBirth + 1 : BIRTHS;
    this.#births.set(birth.id, birth);
    this.#bench.access.setTag(parent, this.mark * PLACES + birth.id);
  }

  /** The birth that a thread began and is through with; the oldest where there are too many whose callers were never heard of. */
  birthBy(tid: number, most: number): Birth | undefined {
    for (const birth of this.#births.values()) if (birth.tid === tid || this.#births.size > most) return birth;
    return undefined;
  }

  /** The birth is over: the caller is where it was; who else carries its number is returned. */
  end(birth: Birth): number[] {
    this.put(birth.parent, birth.before);
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => this.#numberOf(pid) === birth.id);
    this.#births.delete(birth.id);
    return children;
  }
}
