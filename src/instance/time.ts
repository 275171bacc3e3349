import type { Clock } from '../base/clock.js';
import type { Stack } from '../net/core/stack.js';

/** What an instance needs of the event loop around it; the library hands in Node's. */
export interface HostLoop {
  /** Resolves in the next turn of the event loop, when all that could run at once has run. */
  nextTurn(): Promise<void>;
  /** Calls back after `us` microseconds of real time; returns how to cancel. Does not keep the process alive. */
  setTimer(us: number, fire: () => void): () => void;
}

/** Who moves a stack's time and calls its poll(): virtual time in tests, real time in a program. */
export interface InstanceTime {
  readonly clock: Clock;
  /** Must be called once, with the stack that it drives. */
  drive(stack: Stack): void;
  /** Something was put into the stack from outside: it is polled soon. */
  kick(): void;
  /** Waits for `work`, which waits for the stack: under virtual time the clock may jump meanwhile. */
  awaiting<T>(work: Promise<T>): Promise<T>;
  /** Resolves after `us` microseconds of this time, or when `signal` aborts. */
  sleepUs(us: number, signal?: AbortSignal): Promise<void>;
  stop(): void;
}
