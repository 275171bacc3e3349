import { Timer } from '../../../base/timer-wheel.js';
import { NFT_SET_ANONYMOUS, NFT_SET_CONCAT, NFT_SET_EVAL, NFT_SET_INTERVAL, NFT_SET_TIMEOUT } from '../../../netlink/nfnl/nf-tables.js';
import type { Stack } from '../../core/stack.js';
import type { SetElement } from './element.js';
import type { RuleExpression } from './rule.js';
import type { SetBackend } from './sets/backend.js';
import { HashBackend } from './sets/hash.js';
import { IntervalBackend } from './sets/interval.js';
import { RangesBackend } from './sets/ranges.js';
import type { Table } from './table.js';

/** What NFTA_SET_* says of a set, and stays. */
export interface SetParameters {
  readonly flags: number;
  readonly keyType: number;
  readonly keyBytes: number;
  readonly dataType: number;
  readonly dataBytes: number;
  readonly objectType: number;
  readonly timeoutMs: number;
  readonly gcIntervalMs: number;
  readonly policy: number;
  /** How many elements it may have; 0: any number. */
  readonly size: number;
  /** Bytes of each field of a concatenation. */
  readonly fields: readonly number[];
  readonly userdata: Uint8Array | undefined;
}

const GC_INTERVAL_MS = 1000;
/** Sets with keys up to this length are bitmaps in Linux. */
const BITMAP_BYTES = 2;

/** A set or map (struct nft_set). */
export class NftSet {
  readonly table: Table;
  readonly name: string;
  /** 0 until nothing more can be wrong with it. */
  handle = 0;
  readonly parameters: SetParameters;
  /** Expressions that each new element gets one of. */
  templates: readonly RuleExpression[] = [];
  /** Rules that refer to it. */
  use = 0;
  readonly backend: SetBackend;
  catchall: SetElement | null = null;
  /** Elements that the kernel counts against `size`. */
  count = 0;
  readonly #stack: Stack;
  readonly #gc: Timer;
  /** Linux has backends that packets cannot add to: bitmaps, hashes of a known size, trees of intervals. */
  get takesFromPackets(): boolean {
    const { flags, size, keyBytes } = this.parameters;
    if ((flags & NFT_SET_INTERVAL) !== 0) return false;
    return (flags & (NFT_SET_EVAL | NFT_SET_TIMEOUT)) !== 0 || (size === 0 && keyBytes > BITMAP_BYTES);
  }

  /** Lets go of what an element refers to. */
  release(element: SetElement): void {
    if (element.chain !== null) element.chain.references--;
    if (element.object !== null) element.object.use--;
  }

  /** The other way round. */
  hold(element: SetElement): void {
    if (element.chain !== null) element.chain.references++;
    if (element.object !== null) element.object.use++;
  }

  constructor(stack: Stack, table: Table, name: string, parameters: SetParameters) {
    this.#stack = stack;
    this.table = table;
    this.name = name;
    this.parameters = parameters;
    this.backend = makeBackend(stack, parameters);
    this.#gc = new Timer(() => this.#collect());
  }

  get flags(): number {
    return this.parameters.flags;
  }

  /** The element for a packet's key, in registers from `word` on. */
  lookup(registers: Int32Array, word: number): SetElement | null {
    const element = this.backend.lookup(registers, word) ?? this.catchall;
    if (element === null || element.expiresUs === 0 || element.expiresUs > this.#stack.nowUs) return element;
    return element === this.catchall || this.catchall === null || this.catchall.expired(this.#stack.nowUs) ? null : this.catchall;
  }

  /** The element that is there already, which stays; null: it was added. */
  add(element: SetElement): SetElement | null {
    if (element.key === null) {
      if (this.catchall !== null && !this.catchall.expired(this.#stack.nowUs)) return this.catchall;
      this.catchall = element;
    } else {
      let there = this.backend.insert(element);
      if (there?.expired(this.#stack.nowUs) === true) {
        this.expire(there);
        there = this.backend.insert(element);
      }
      if (there !== null) return there;
    }
    this.count++;
    if (element.expiresUs !== 0 && !this.#gc.armed) this.#arm();
    return null;
  }

  remove(element: SetElement): void {
    if (element.key === null) this.catchall = null;
    else this.backend.remove(element);
    this.count--;
  }

  /** What is over goes for good. */
  expire(element: SetElement): void {
    this.remove(element);
    this.release(element);
  }

  /** All that have not expired, in the order of dumps. */
  *elements(): Iterable<SetElement> {
    const { nowUs } = this.#stack;
    for (const element of this.backend.elements()) if (!element.expired(nowUs)) yield element;
    if (this.catchall !== null && !this.catchall.expired(nowUs)) yield this.catchall;
  }

  destroy(): void {
    this.#stack.timers.cancel(this.#gc);
  }

  #arm(): void {
    const interval = this.parameters.gcIntervalMs === 0 ? GC_INTERVAL_MS : this.parameters.gcIntervalMs;
    this.#stack.timers.schedule(this.#gc, this.#stack.nowUs + interval * 1000);
  }

  #collect(): void {
    const { nowUs } = this.#stack;
    let waits = false;
    const over: SetElement[] = [];
    for (const element of this.backend.elements()) {
      if (element.expiresUs === 0) continue;
      if (element.expired(nowUs)) over.push(element);
      else waits = true;
    }
    for (const element of over) this.expire(element);
    if (this.catchall?.expired(nowUs) === true) this.expire(this.catchall);
    if (waits || (this.catchall !== null && this.catchall.expiresUs !== 0)) this.#arm();
  }
}

/** Linux: nft_select_set_ops() */
function makeBackend(stack: Stack, parameters: SetParameters): SetBackend {
  const { flags, keyBytes, fields } = parameters;
  if ((flags & NFT_SET_INTERVAL) === 0) return new HashBackend(keyBytes, stack.hashSeed);
  if ((flags & NFT_SET_CONCAT) !== 0 && fields.length > 1) return new RangesBackend(keyBytes, fields, stack.hashSeed);
  return new IntervalBackend(keyBytes, (flags & NFT_SET_ANONYMOUS) !== 0);
}
