import { Timer } from '../../../base/timer-wheel.js';
import type { Namespace } from '../../core/namespace.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { Nat } from '../nat/nat.js';
import { Expectations } from './expectations.js';
import { Helpers } from './helpers/registry.js';
import { registerConntrackHooks } from './hooks.js';
import {
  COUNTERS,
  EVENT_MASK,
  EVENTS,
  EXPIRES,
  HELPER,
  ID,
  IPCT_DESTROY,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DYING,
  IPS_FIXED_TIMEOUT,
  NAMESPACE,
  STARTED,
  STOPPED,
  ZONE,
} from './layout.js';
import { ConntrackSettings, ConntrackStats } from './settings.js';
import type { ConntrackTable } from './table.js';
import { SequenceAdjustments } from './sequence-adjust.js';
import { TimeoutPolicies, type TimeoutPolicy } from './timeout-policies.js';
import { Tuple } from './tuple.js';

/** Told of what happens to connections: bits 1 << IPCT_*. `portId`: the socket that deleted it, else 0. */
export type ConntrackListener = (events: number, id: number, portId: number) => void;

const US_PER_SECOND = 1_000_000;
/** Expired connections are looked for at most this often. */
const GC_INTERVAL_US = US_PER_SECOND;
const MAX_SECONDS = 2_000_000;
/** How many are looked at to make room for a new one (NF_CT_EVICTION_RANGE). */
const EVICTION_RANGE = 64;

/** Connection tracking of one namespace (struct nf_conntrack_net): settings, counters, what happens to its connections. */
export class Conntrack {
  readonly namespace: Namespace;
  readonly table: ConntrackTable;
  readonly settings = new ConntrackSettings();
  readonly stats = new ConntrackStats();
  readonly nat: Nat;
  readonly expectations: Expectations;
  readonly helpers = new Helpers(this);
  readonly sequences = new SequenceAdjustments();
  readonly timeoutPolicies = new TimeoutPolicies(this);
  /** Connections that are confirmed, of this namespace. */
  count = 0;
  listener: ConntrackListener | null = null;
  readonly scratch = new Tuple();
  readonly #gc: Timer;
  /** When the next of its connections ends at the earliest, microseconds. */
  #nextUs = Number.POSITIVE_INFINITY;
  #users = 0;
  #unhook: (() => void) | null = null;
  #ids = 1;

  constructor(namespace: Namespace, table: ConntrackTable) {
    this.namespace = namespace;
    this.table = table;
    this.nat = new Nat(this);
    this.expectations = new Expectations(this);
    this.#gc = new Timer(() => this.collect());
    this.#ids = namespace.stack.random.u32() >>> 1;
  }

  /** Somebody needs connections (a rule that asks for their state): packets are tracked until the last such leaves. Linux: nf_ct_netns_get() */
  use(): void {
    this.table.loaded = true;
    if (this.#users++ === 0) this.#unhook = registerConntrackHooks(this);
  }

  unuse(): void {
    if (--this.#users > 0) return;
    this.#unhook?.();
    this.#unhook = null;
  }

  get active(): boolean {
    return this.#unhook !== null;
  }

  nowMs(): number {
    return Math.floor(this.namespace.stack.nowUs / 1000);
  }

  /** Seconds that are left; never below 0. */
  secondsLeft(id: number): number {
    return Math.max(0, Math.floor(((this.table.get(id, EXPIRES) - this.nowMs()) | 0) / 1000));
  }

  expired(id: number): boolean {
    return ((this.table.get(id, EXPIRES) - this.nowMs()) | 0) <= 0;
  }

  /** It is kept for so many seconds from now on, unless a user has fixed its end. Linux: __nf_ct_refresh_acct() */
  refresh(id: number, seconds: number): void {
    const { table } = this;
    if ((table.status(id) & IPS_FIXED_TIMEOUT) !== 0) return;
    this.setTimeout(id, seconds);
  }

  /** Timeouts by state that a rule gave to a connection; null: those of the sysctls hold. Linux: nf_ct_timeout_lookup() */
  timeoutsOf(id: number): TimeoutPolicy | null {
    const number = this.table.get(id, HELPER) >>> 16;
    return number === 0 ? null : this.timeoutPolicies.get(number);
  }

  setTimeout(id: number, seconds: number): void {
    const ms = Math.min(seconds, MAX_SECONDS) * 1000;
    this.table.set(id, EXPIRES, (this.nowMs() + ms) | 0);
    if ((this.table.status(id) & IPS_CONFIRMED) !== 0) this.#wakeAt(this.namespace.stack.nowUs + ms * 1000);
  }

  /** Counts a packet of a connection, where accounting is on. Linux: nf_ct_acct_update() */
  account(id: number, direction: number, skb: PacketBuffer): void {
    if (this.settings.acct === 0) return;
    const w = this.table.words(id);
    const at = this.table.base(id) + COUNTERS + direction * 4;
    add64(w, at, 1);
    add64(w, at + 2, skb.tail - skb.data);
  }

  /** Something has happened that listeners are told of once the packet is through. */
  event(id: number, event: number): void {
    const w = this.table.words(id);
    w[this.table.base(id) + EVENTS]! |= 1 << event;
  }

  deliverEvents(id: number): void {
    const w = this.table.words(id);
    const at = this.table.base(id) + EVENTS;
    let events = w[at]!;
    if (events === 0) return;
    w[at] = 0;
    const mask = w[at - EVENTS + EVENT_MASK]!;
    if (mask !== 0) events &= mask;
    if (this.listener !== null && events !== 0) this.listener(events, id, 0);
  }

  /** A connection that a packet has begun, or a user: from now on others find it. False: it is there already. */
  confirm(id: number): boolean {
    const { table, scratch } = this;
    for (let direction = 0; direction < 2; direction++) {
      table.readTuple(id, direction, scratch);
      if (table.find(this.namespace.id, table.get(id, ZONE), scratch) !== 0) return false;
    }
    const w = table.words(id);
    const base = table.base(id);
    this.#ids = (this.#ids + 0x9e37_79b9) | 0;
    w[base + ID] = this.#ids;
    if (this.settings.timestamp !== 0) put64(w, base + STARTED, Math.floor(this.namespace.stack.clock.wallUs() / 1000));
    table.insert(id, scratch);
    this.count++;
    this.#wakeAt(this.namespace.stack.nowUs + ((table.get(id, EXPIRES) - this.nowMs()) | 0) * 1000);
    return true;
  }

  /** Takes a connection out of the table. `portId`: the socket that wants it. */
  kill(id: number, portId = 0): void {
    const { table } = this;
    const status = table.status(id);
    if ((status & (IPS_CONFIRMED | IPS_DYING)) !== IPS_CONFIRMED) return;
    table.setStatus(id, IPS_DYING);
    if (this.settings.timestamp !== 0)
      put64(table.words(id), table.base(id) + STOPPED, Math.floor(this.namespace.stack.clock.wallUs() / 1000));
    const mask = table.get(id, EVENT_MASK);
    if (this.listener !== null && (mask === 0 || (mask & (1 << IPCT_DESTROY)) !== 0)) this.listener(1 << IPCT_DESTROY, id, portId);
    if (this.expectations.all.length > 0) this.expectations.removeOf(id);
    this.sequences.forget(id);
    this.count--;
    table.remove(id, this.scratch);
  }

  /** All of its connections. */
  *ids(): Iterable<number> {
    for (const id of this.table.ids()) if (this.table.get(id, NAMESPACE) === this.namespace.id) yield id;
  }

  /** Ends those that are over. Linux: gc_worker() */
  collect(): void {
    this.#nextUs = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    const now = this.nowMs();
    const over: number[] = [];
    for (const id of this.ids()) {
      const left = (this.table.get(id, EXPIRES) - now) | 0;
      if (left <= 0) over.push(id);
      else if (left < next) next = left;
    }
    for (const id of over) this.kill(id);
    if (next !== Number.POSITIVE_INFINITY) this.#wakeAt(this.namespace.stack.nowUs + next * 1000);
  }

  /** Makes room where the table is full: one that is not assured goes. False: there is none. Linux: early_drop() */
  earlyDrop(): boolean {
    let seen = 0;
    for (const id of this.ids()) {
      if (this.expired(id) || (this.table.status(id) & IPS_ASSURED) === 0) {
        this.kill(id);
        this.stats.earlyDrop++;
        return true;
      }
      if (++seen >= EVICTION_RANGE) return false;
    }
    return false;
  }

  destroy(): void {
    this.nat.destroy();
    this.#unhook?.();
    this.#unhook = null;
    this.listener = null;
    this.expectations.listener = null;
    this.expectations.clear();
    for (const id of [...this.ids()]) this.kill(id);
    this.namespace.stack.timers.cancel(this.#gc);
  }

  #wakeAt(atUs: number): void {
    if (atUs >= this.#nextUs) return;
    this.#nextUs = atUs;
    const { stack } = this.namespace;
    stack.timers.schedule(this.#gc, Math.max(atUs, stack.nowUs + GC_INTERVAL_US));
  }
}

/** Adds to a number of 64 bits in two words. */
function add64(w: Int32Array, at: number, count: number): void {
  const low = (w[at]! >>> 0) + count;
  w[at] = low | 0;
  if (low > 0xffff_ffff) w[at + 1]!++;
}

export function put64(w: Int32Array, at: number, value: number): void {
  w[at] = value | 0;
  w[at + 1] = Math.floor(value / 0x1_0000_0000);
}

export const get64 = (w: Int32Array, at: number): number => (w[at]! >>> 0) + (w[at + 1]! >>> 0) * 0x1_0000_0000;
