import type { Conntrack } from '../conntrack.js';
import { HELPER } from '../layout.js';
import { ftp } from './ftp.js';
import type { ConntrackHelper } from './helper.js';
import { tftp } from './tftp.js';

/** Helpers that read their protocol; a new one is one file and one line here. */
const all: readonly ConntrackHelper[] = [ftp, tftp];
const HELPER_MASK = 0xff;

/** Helpers of connections, by number: 0 is none. */
export class Helpers {
  readonly #conntrack: Conntrack;

  constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
  }

  numberOf(name: string): number {
    return all.findIndex((helper) => helper.name === name) + 1;
  }

  /** The helper that looks at a connection. */
  of(id: number): ConntrackHelper | null {
    return all[(this.#conntrack.table.get(id, HELPER) & HELPER_MASK) - 1] ?? null;
  }

  nameOf(id: number): string | null {
    return this.of(id)?.name ?? null;
  }

  /** Linux: nf_ct_helper_ext_add(): false where the protocol is another. */
  assign(id: number, number: number): void {
    const { table } = this.#conntrack;
    table.set(id, HELPER, (table.get(id, HELPER) & ~HELPER_MASK) | number);
  }
}
