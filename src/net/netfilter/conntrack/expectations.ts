import type { Conntrack } from './conntrack.js';
import { IPS_EXPECTED, MARK, MASTER } from './layout.js';
import { Tuple } from './tuple.js';

/** A connection that another has announced (struct nf_conntrack_expect): ports and addresses that count have ones in the mask. */
export class Expectation {
  readonly tuple = new Tuple();
  readonly mask = new Tuple();
  /** Number of the connection that announced it. */
  master = 0;
  /** When it ends, microseconds of the stack's clock. */
  expiresUs = 0;
  flags = 0;
  id = 0;
  helper = '';
}

export const NF_CT_EXPECT_PERMANENT = 1;

/** Expected connections of a namespace; there are few. */
export class Expectations {
  readonly all: Expectation[] = [];

  /** Linux: nf_ct_find_expectation(): what is not permanent is expected once. */
  take(tuple: Tuple, nowUs: number): Expectation | null {
    const { all } = this;
    for (let i = 0; i < all.length; i++) {
      const expectation = all[i]!;
      if (expectation.expiresUs <= nowUs || !matches(expectation, tuple)) continue;
      if ((expectation.flags & NF_CT_EXPECT_PERMANENT) === 0) all.splice(i, 1);
      return expectation;
    }
    return null;
  }
}

function matches({ tuple: expected, mask }: Expectation, tuple: Tuple): boolean {
  if (expected.family !== tuple.family || expected.protocol !== tuple.protocol) return false;
  if (expected.destinationPort !== tuple.destinationPort) return false;
  if (((expected.sourcePort ^ tuple.sourcePort) & mask.sourcePort) !== 0) return false;
  for (let i = 0; i < 4; i++) {
    if (expected.destination[i] !== tuple.destination[i]) return false;
    if (((expected.source[i]! ^ tuple.source[i]!) & mask.source[i]!) !== 0) return false;
  }
  return true;
}

export function findExpectation(conntrack: Conntrack, tuple: Tuple): Expectation | null {
  const { expectations } = conntrack;
  return expectations.all.length === 0 ? null : expectations.take(tuple, conntrack.namespace.stack.nowUs);
}

/** The expected connection begins: it is its master's. */
export function fulfil(conntrack: Conntrack, expectation: Expectation, id: number): void {
  const { table, stats } = conntrack;
  table.setStatus(id, IPS_EXPECTED);
  table.set(id, MASTER, expectation.master);
  if (expectation.master !== 0) table.set(id, MARK, table.get(expectation.master, MARK));
  stats.expectNew++;
}
