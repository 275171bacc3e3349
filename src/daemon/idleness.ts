import { type Clock, US_PER_SECOND } from '../base/clock.js';

export interface IdlenessOptions {
  readonly clock: Clock;
  /** Null: never ends. */
  readonly seconds: number | null;
  readonly isEmpty: () => boolean;
  readonly ended: () => void;
}

/** Ends an instance that started by itself once it has been empty long enough. */
export class Idleness {
  readonly #options: IdlenessOptions;
  #emptySinceUs = -1;

  constructor(options: IdlenessOptions) {
    this.#options = options;
  }

  /** When look() is next needed; Infinity: something else will happen before. */
  get deadlineUs(): number {
    const { seconds } = this.#options;
    return seconds === null || this.#emptySinceUs < 0 ? Number.POSITIVE_INFINITY : this.#emptySinceUs + seconds * US_PER_SECOND;
  }

  look(): void {
    const { clock, seconds, isEmpty, ended } = this.#options;
    if (seconds === null) return;
    if (!isEmpty()) {
      this.#emptySinceUs = -1;
      return;
    }
    const now = clock.monotonicUs();
    if (this.#emptySinceUs < 0) this.#emptySinceUs = now;
    else if (now >= this.deadlineUs) ended();
  }
}
