import { EBUSY, EMFILE } from '../../../base/errno.js';
import { Timer } from '../../../base/timer-wheel.js';
import { NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED } from '../../../netlink/nfnl/expressions/nat.js';
import { DESTINATION, SOURCE } from '../nat/range.js';
import type { Conntrack } from './conntrack.js';
import { HELPER, IPS_EXPECTED, MARK, MASTER } from './layout.js';
import { Tuple } from './tuple.js';

/** A connection that another has announced (struct nf_conntrack_expect): ports and addresses that count have ones in the mask. */
export class Expectation {
  readonly tuple = new Tuple();
  readonly mask = new Tuple();
  /** Number of the connection that announced it. */
  master = 0;
  /** When it ends, microseconds of the stack's clock. */
  expiresUs = 0;
  /** NF_CT_EXPECT_* */
  flags = 0;
  id = 0;
  /** Of its helper's several kinds of expectations. */
  class = 0;
  /** Name of the helper that made it, as users see it. */
  helper = '';
  /** The helper that looks at the expected connection, too (conntrack.helpers); 0: none. */
  helps = 0;
  /** Where its master is translated: the expected connection is translated likewise. The port that was meant, and its direction. */
  followsMaster = false;
  savedPort = 0;
  direction = 0;
}

export const NF_CT_EXPECT_PERMANENT = 1;
export const NF_CT_EXPECT_INACTIVE = 2;

// enum ip_conntrack_expect_events
export const IPEXP_NEW = 0;
export const IPEXP_DESTROY = 1;

/** Expected connections of a namespace; there are few. */
export class Expectations {
  readonly all: Expectation[] = [];
  /** Told of those that come and go. */
  listener: ((event: typeof IPEXP_NEW | typeof IPEXP_DESTROY, expectation: Expectation) => void) | null = null;
  readonly #conntrack: Conntrack;
  /** How many each master waits for. */
  readonly #ofMaster = new Map<number, number>();
  readonly #timer: Timer;
  /** None ends before that, microseconds. */
  #nextUs = Number.POSITIVE_INFINITY;
  #ids: number;

  constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
    this.#timer = new Timer(() => this.expire());
    this.#ids = conntrack.namespace.stack.random.u32();
  }

  /** Negative errno where it cannot be, else 0. `most`: of its master, of its class; 0: any number. Linux: nf_ct_expect_related_report() */
  add(expectation: Expectation, most: number): number {
    const { stats, settings, table } = this.#conntrack;
    this.expire();
    const same = this.all.find((other) => other.tuple.equals(expectation.tuple) && other.mask.equals(expectation.mask));
    if (same !== undefined) {
      if (same.master !== expectation.master || same.class !== expectation.class) return -EBUSY;
      this.remove(same);
    }
    if (most > 0 && this.countOf(expectation.master) >= most) {
      const own = this.all.filter((other) => other.master === expectation.master && other.class === expectation.class);
      // The oldest makes room. Linux: evict_oldest_expect()
      if (own.length >= most) this.remove(own[0]!);
    }
    if (this.all.length >= settings.expectMax) return -EMFILE;
    this.#ids = (this.#ids + 0x9e37_79b9) >>> 0;
    expectation.id = this.#ids;
    if (expectation.master !== 0) table.hold(expectation.master);
    this.#ofMaster.set(expectation.master, this.countOf(expectation.master) + 1);
    this.all.push(expectation);
    stats.expectCreate++;
    this.#arm(expectation.expiresUs);
    this.listener?.(IPEXP_NEW, expectation);
    return 0;
  }

  remove(expectation: Expectation): void {
    const at = this.all.indexOf(expectation);
    if (at < 0) return;
    this.all.splice(at, 1);
    const { master } = expectation;
    const left = this.countOf(master) - 1;
    if (left > 0) this.#ofMaster.set(master, left);
    else this.#ofMaster.delete(master);
    this.#conntrack.stats.expectDelete++;
    this.listener?.(IPEXP_DESTROY, expectation);
    if (master !== 0) this.#conntrack.table.release(master);
  }

  /** It ends in `seconds` from now. Linux: ctnetlink_change_expect() */
  prolong(expectation: Expectation, seconds: number): void {
    const { nowUs } = this.#conntrack.namespace.stack;
    expectation.expiresUs = nowUs + seconds * 1_000_000;
    this.#arm(expectation.expiresUs);
  }

  /** How many a connection waits for: each holds it, which is nothing that users see. */
  countOf(master: number): number {
    return this.#ofMaster.get(master) ?? 0;
  }

  /** Those of a connection that ends. Linux: nf_ct_remove_expectations() */
  removeOf(master: number): void {
    if (this.countOf(master) === 0) return;
    for (let i = this.all.length - 1; i >= 0; i--) if (this.all[i]!.master === master) this.remove(this.all[i]!);
  }

  clear(): void {
    while (this.all.length > 0) this.remove(this.all[0]!);
    this.#conntrack.namespace.stack.timers.cancel(this.#timer);
    this.#nextUs = Number.POSITIVE_INFINITY;
  }

  /** The one that a new connection was announced by; what is not permanent is expected once. Linux: nf_ct_find_expectation() */
  find(tuple: Tuple): Expectation | null {
    const { all } = this;
    const { nowUs } = this.#conntrack.namespace.stack;
    for (let i = 0; i < all.length; i++) {
      const expectation = all[i]!;
      if ((expectation.flags & NF_CT_EXPECT_INACTIVE) !== 0 || expectation.expiresUs <= nowUs || !matches(expectation, tuple)) continue;
      return expectation;
    }
    return null;
  }

  /** Those whose time is over go. */
  expire(): void {
    const { nowUs } = this.#conntrack.namespace.stack;
    if (nowUs < this.#nextUs) return;
    this.#nextUs = Number.POSITIVE_INFINITY;
    let nextUs = Number.POSITIVE_INFINITY;
    for (let i = this.all.length - 1; i >= 0; i--) {
      const expectation = this.all[i]!;
      if (expectation.expiresUs <= nowUs) this.remove(expectation);
      else nextUs = Math.min(nextUs, expectation.expiresUs);
    }
    this.#arm(nextUs);
  }

  #arm(atUs: number): void {
    if (atUs >= this.#nextUs) return;
    this.#nextUs = atUs;
    const { stack } = this.#conntrack.namespace;
    stack.timers.schedule(this.#timer, Math.max(atUs, stack.nowUs));
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

const masters = new Tuple();

/** The expected connection begins: it is its master's. */
export function fulfil(conntrack: Conntrack, expectation: Expectation, id: number): void {
  const { table, stats, expectations } = conntrack;
  const { master } = expectation;
  table.setStatus(id, IPS_EXPECTED);
  if (master !== 0) {
    table.set(id, MASTER, master);
    table.hold(master);
    table.set(id, MARK, table.get(master, MARK));
  }
  if (expectation.helps !== 0) table.set(id, HELPER, expectation.helps);
  stats.expectNew++;
  if (expectation.followsMaster) followMaster(conntrack, expectation, id);
  if ((expectation.flags & NF_CT_EXPECT_PERMANENT) === 0) expectations.remove(expectation);
}

/** From where the master's far end is spoken to, and to where it speaks from. Linux: nf_nat_follow_master() */
function followMaster(conntrack: Conntrack, { direction, master, savedPort }: Expectation, id: number): void {
  const { nat, table } = conntrack;
  const { range } = nat;
  table.readTuple(master, 1 - direction, masters);
  range.reset().flags = NF_NAT_RANGE_MAP_IPS;
  range.minAddress.set(masters.destination);
  range.maxAddress.set(masters.destination);
  nat.setup(id, range, SOURCE);
  range.reset().flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
  range.minAddress.set(masters.source);
  range.maxAddress.set(masters.source);
  range.minPort = savedPort;
  range.maxPort = savedPort;
  nat.setup(id, range, DESTINATION);
}
