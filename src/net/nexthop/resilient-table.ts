import { Timer } from '../../base/timer-wheel.js';
import type { Stack } from '../core/stack.js';
import type { GroupMember, NexthopObject } from './object.js';

const UNUSED = -1;

/**
 * The buckets of a resilient group: a flow's hash chooses a bucket, which keeps its member as long as that is there, and changes it
 * for the sake of balance only when idle, or when out of balance for too long. Linux: struct nh_res_table
 */
export class ResilientTable {
  idleTimerUs = 0;
  /** 0: balance never goes before flows. */
  unbalancedTimerUs = 0;
  /** Since when members have too few buckets; 0: they have not. */
  unbalancedSinceUs = 0;
  readonly #stack: Stack;
  readonly #members: (NexthopObject | null)[];
  /** Position of the member among those of the group; UNUSED: it has left. */
  readonly #positions: Int16Array;
  readonly #usedUs: Float64Array;
  readonly #migratedUs: Float64Array;
  readonly #timer = new Timer(() => this.#upkeep());
  #group: readonly GroupMember[] = [];
  #wanted: number[] = [];

  constructor(stack: Stack, buckets: number) {
    this.#stack = stack;
    this.#members = new Array<NexthopObject | null>(buckets).fill(null);
    this.#positions = new Int16Array(buckets).fill(UNUSED);
    this.#usedUs = new Float64Array(buckets);
    this.#migratedUs = new Float64Array(buckets);
  }

  get buckets(): number {
    return this.#positions.length;
  }

  member(bucket: number): NexthopObject | null {
    return this.#members[bucket] ?? null;
  }

  idleUs(bucket: number): number {
    return this.#stack.nowUs - this.#usedUs[bucket]!;
  }

  /** Position of the member that packets with this hash go to. Linux: nexthop_select_path_res() */
  pick(hash: number): number {
    const bucket = hash % this.#positions.length;
    this.#usedUs[bucket] = this.#stack.nowUs;
    return this.#positions[bucket]!;
  }

  /** The members of the group have changed: those that stay keep their buckets. Linux: nh_res_group_rebalance() */
  setMembers(group: readonly GroupMember[]): void {
    this.#group = group;
    for (let bucket = 0; bucket < this.#positions.length; bucket++)
      this.#positions[bucket] = group.findIndex(({ object }) => object === this.#members[bucket]);
    const total = group.reduce((sum, { weight }) => sum + weight, 0);
    let before = 0;
    let weight = 0;
    this.#wanted = group.map((entry) => {
      weight += entry.weight;
      const bound = Math.floor((this.buckets * weight + Math.floor(total / 2)) / total);
      const wants = bound - before;
      before = bound;
      return wants;
    });
    this.#upkeep();
  }

  destroy(): void {
    this.#stack.timers.cancel(this.#timer);
  }

  #counts(): number[] {
    const counts = this.#group.map(() => 0);
    for (const position of this.#positions) if (position !== UNUSED) counts[position]!++;
    return counts;
  }

  // Linux: nh_res_table_upkeep()
  #upkeep(): void {
    const { nowUs, timers } = this.#stack;
    timers.cancel(this.#timer);
    const counts = this.#counts();
    // The last that has too few gets first, as in Linux's list.
    const under = () => counts.findLastIndex((count, position) => count < this.#wanted[position]!);
    if (under() < 0) {
      this.unbalancedSinceUs = 0;
      return;
    }
    if (this.unbalancedSinceUs === 0) this.unbalancedSinceUs = nowUs;
    let deadline = Number.POSITIVE_INFINITY;
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      const due = this.#migratesAt(bucket, counts);
      if (due > nowUs) {
        deadline = Math.min(deadline, due);
        continue;
      }
      const to = under();
      if (to < 0) break;
      const from = this.#positions[bucket]!;
      if (from !== UNUSED) counts[from]!--;
      counts[to]!++;
      this.#positions[bucket] = to;
      this.#members[bucket] = this.#group[to]!.object;
      this.#usedUs[bucket] = nowUs;
      this.#migratedUs[bucket] = nowUs;
    }
    if (under() < 0) this.unbalancedSinceUs = 0;
    else if (deadline !== Number.POSITIVE_INFINITY) timers.schedule(this.#timer, deadline);
  }

  /** When the bucket may go to another member. Linux: nh_res_bucket_should_migrate() */
  #migratesAt(bucket: number, counts: readonly number[]): number {
    const position = this.#positions[bucket]!;
    if (position === UNUSED) return 0;
    if (counts[position]! <= this.#wanted[position]!) return Number.POSITIVE_INFINITY;
    const used = this.#usedUs[bucket]!;
    if (used === this.#migratedUs[bucket]) return 0;
    const idle = used + this.idleTimerUs;
    return this.unbalancedTimerUs === 0 ? idle : Math.min(idle, this.unbalancedSinceUs + this.unbalancedTimerUs);
  }
}
