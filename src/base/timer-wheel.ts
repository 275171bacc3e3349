/**
 * The one source of timers of a stack: a hierarchical wheel of four levels of 256 slots, one tick a
 * millisecond, so that arming, cancelling and firing cost the same for ten timers and for a million.
 * Timers beyond 2^32 ticks (49 days) wait in the last slot and are placed again.
 */

const SLOT_BITS = 8;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
const LEVELS = 4;
/** Ticks that a slot of each level stands for. */
const UNITS: readonly number[] = Array.from({ length: LEVELS + 1 }, (_, level) => SLOTS ** level);
const FARTHEST = UNITS[LEVELS]! - UNITS[LEVELS - 1]!;
const WORDS = SLOTS / 32;

/** Microseconds a tick. A timer fires at the first tick at or after its time, never before it. */
export const TICK_US = 1000;

/** One timer, made once by its owner and armed as often as wanted; an armed timer allocates nothing. */
export class Timer {
  /** When it fires, in microseconds of the stack's clock; meaningful while armed. */
  expiresUs = 0;
  /** The wheel's own: links of the slot's ring, and where it hangs (-1: not armed). */
  next: Timer | null = null;
  previous: Timer | null = null;
  slot = -1;
  readonly fire: () => void;

  constructor(fire: () => void) {
    this.fire = fire;
  }

  get armed(): boolean {
    return this.slot >= 0;
  }
}

export class TimerWheel {
  /** The tick up to which all timers have fired. */
  #tick: number;
  #count = 0;
  readonly #heads: (Timer | null)[] = new Array(LEVELS * SLOTS).fill(null);
  /** One bit a slot that holds a timer. */
  readonly #occupied = new Int32Array(LEVELS * WORDS);

  constructor(nowUs: number) {
    this.#tick = Math.floor(nowUs / TICK_US);
  }

  get size(): number {
    return this.#count;
  }

  /** Arms `timer` for `atUs`; an armed timer is moved (Linux: mod_timer()). */
  schedule(timer: Timer, atUs: number): void {
    if (timer.slot >= 0) this.#unlink(timer);
    timer.expiresUs = atUs;
    this.#link(timer);
  }

  /** Disarms; a timer that is not armed stays so. */
  cancel(timer: Timer): void {
    if (timer.slot >= 0) this.#unlink(timer);
  }

  /**
   * When advance() has something to do next, in microseconds; Infinity without timers. For a timer far off it may be an
   * earlier moment, at which the timer only moves to a finer level.
   */
  nextUs(): number {
    if (this.#count === 0) return Number.POSITIVE_INFINITY;
    let best = Number.POSITIVE_INFINITY;
    for (let level = 0; level < LEVELS; level++) {
      const unit = UNITS[level]!;
      const position = Math.floor(this.#tick / unit);
      const distance = this.#distanceToOccupied(level, position & SLOT_MASK);
      if (distance > 0) {
        const at = (position + distance) * unit;
        if (at < best) best = at;
      }
    }
    return best * TICK_US;
  }

  /** Fires all timers due at or before `nowUs`, in order of their ticks. A timer may arm and cancel any timer, itself included. */
  advance(nowUs: number): void {
    const target = Math.floor(nowUs / TICK_US);
    while (this.#tick < target) {
      if (this.#count === 0) {
        this.#tick = target;
        return;
      }
      const next = this.nextUs() / TICK_US;
      if (next > target) {
        this.#tick = target;
        return;
      }
      this.#tick = next;
      this.#cascade(next);
      this.#fireSlot(next & SLOT_MASK);
    }
  }

  #link(timer: Timer): void {
    const due = Math.max(Math.ceil(timer.expiresUs / TICK_US), this.#tick + 1);
    const distance = Math.min(due - this.#tick, FARTHEST);
    let level = 0;
    while (level < LEVELS - 1 && distance >= UNITS[level + 1]!) level++;
    const position = Math.floor((this.#tick + distance) / UNITS[level]!) & SLOT_MASK;
    const slot = level * SLOTS + position;
    const head = this.#heads[slot]!;
    if (head === null) {
      timer.next = timer;
      timer.previous = timer;
      this.#heads[slot] = timer;
      this.#occupied[slot >>> 5]! |= 1 << (slot & 31);
    } else {
      const last = head.previous!;
      last.next = timer;
      timer.previous = last;
      timer.next = head;
      head.previous = timer;
    }
    timer.slot = slot;
    this.#count++;
  }

  #unlink(timer: Timer): void {
    const slot = timer.slot;
    if (timer.next === timer) {
      this.#heads[slot] = null;
      this.#occupied[slot >>> 5]! &= ~(1 << (slot & 31));
    } else {
      timer.previous!.next = timer.next;
      timer.next!.previous = timer.previous;
      if (this.#heads[slot] === timer) this.#heads[slot] = timer.next;
    }
    timer.next = null;
    timer.previous = null;
    timer.slot = -1;
    this.#count--;
  }

  /** Slots from `from` (exclusive, around the ring) to the next occupied one of `level`: 1 to 256, or 0 for none. */
  #distanceToOccupied(level: number, from: number): number {
    const base = level * WORDS;
    for (let step = 1; step <= SLOTS; ) {
      const slot = (from + step) & SLOT_MASK;
      const word = this.#occupied[base + (slot >>> 5)]! >>> (slot & 31);
      if (word === 0) {
        step += 32 - (slot & 31);
        continue;
      }
      const distance = step + (31 - Math.clz32(word & -word));
      return distance <= SLOTS ? distance : 0;
    }
    return 0;
  }

  /** At the turn of a level, its slot's timers move to finer levels. */
  #cascade(tick: number): void {
    for (let level = 1; level < LEVELS; level++) {
      const unit = UNITS[level]!;
      if (tick % unit !== 0) return;
      const slot = level * SLOTS + (Math.floor(tick / unit) & SLOT_MASK);
      let timer = this.#heads[slot]!;
      while (timer !== null) {
        this.#unlink(timer);
        // A timer due at this very tick belongs into the slot that fires now.
        if (Math.ceil(timer.expiresUs / TICK_US) <= tick) this.#linkDue(timer, tick);
        else this.#link(timer);
        timer = this.#heads[slot]!;
      }
    }
  }

  #linkDue(timer: Timer, tick: number): void {
    this.#tick = tick - 1;
    this.#link(timer);
    this.#tick = tick;
  }

  #fireSlot(slot: number): void {
    // A timer re-armed while firing lands at least one tick later, in another slot, so this ends.
    let timer = this.#heads[slot]!;
    while (timer !== null) {
      this.#unlink(timer);
      timer.fire();
      timer = this.#heads[slot]!;
    }
  }
}
