/**
 * Where time comes from. The stack never reads a clock by itself: it is handed one, real in the daemon,
 * virtual in tests. All times inside the stack are microseconds in a JS number (exact for 285 years).
 */
export interface Clock {
  /** Microseconds since an arbitrary start; never goes back. */
  monotonicUs(): number;
  /** Microseconds since the Unix epoch. */
  wallUs(): number;
}

export const US_PER_MS = 1000;
export const US_PER_SECOND = 1_000_000;

/** Linux's USER_HZ: the unit of times that netlink and /proc show as clock_t. */
export const USER_HZ = 100;
/** Microseconds of one clock_t. */
export const US_PER_TICK = US_PER_SECOND / USER_HZ;

/** A clock that moves only when told; the time of tests. Starts at 2024-01-01 12:00 UTC. */
export class VirtualClock implements Clock {
  #nowUs = 0;
  readonly #epochUs: number;

  constructor(epochUs = 1_704_110_400_000_000) {
    this.#epochUs = epochUs;
  }

  monotonicUs(): number {
    return this.#nowUs;
  }

  wallUs(): number {
    return this.#epochUs + this.#nowUs;
  }

  /** Moves to `atUs`; a time in the past leaves the clock where it is. */
  moveTo(atUs: number): void {
    if (atUs > this.#nowUs) this.#nowUs = atUs;
  }
}
