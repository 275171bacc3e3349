import { ENOMEM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { Conntrack } from './conntrack.js';
import { HELPER } from './layout.js';

/** Seconds by number of the protocol's state; what a policy says nothing of is as the sysctls have it. */
export type TimeoutPolicy = readonly (number | undefined)[];

/** A connection has 16 bits for the number of its policy; 0 is none. */
const MOST = 0xffff;

/** Timeouts by state that objects of rules give to connections (struct nf_ct_timeout), each by its number. */
export class TimeoutPolicies {
  readonly #conntrack: Conntrack;
  readonly #held = new Map<number, TimeoutPolicy>();
  #last = 0;

  constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Its number from now on: the one that has been out of use longest. ENOMEM: all are in use. */
  add(policy: TimeoutPolicy): number {
    if (this.#held.size === MOST) return fail(ENOMEM);
    do this.#last = (this.#last % MOST) + 1;
    while (this.#held.has(this.#last));
    this.#held.set(this.#last, policy);
    return this.#last;
  }

  get(number: number): TimeoutPolicy | null {
    return this.#held.get(number) ?? null;
  }

  /** Connections that went by it go by the sysctls. Linux: nf_ct_untimeout() */
  remove(number: number): void {
    this.#held.delete(number);
    const { table } = this.#conntrack;
    for (const id of this.#conntrack.ids()) {
      const word = table.get(id, HELPER);
      if (word >>> 16 === number) table.set(id, HELPER, word & 0xffff);
    }
  }
}
