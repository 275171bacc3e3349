import { Timer } from '../../base/timer-wheel.js';
import type { Stack } from '../../net/core/stack.js';
import type { ProgramCall } from './program-call.js';

/** Calls that wait for something of one socket, the oldest first. Each ends answered, by its time, or left by its program. */
export class WaitingCalls {
  readonly #stack: Stack;
  #calls: ProgramCall[] = [];

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** All of them, as they are now: they leave while they are answered. */
  get all(): readonly ProgramCall[] {
    return [...this.#calls];
  }

  /** The oldest that its program still waits for. */
  get first(): ProgramCall | undefined {
    while (this.#calls.length > 0) {
      const call = this.#calls[0]!;
      if (call.waits) return call;
    }
    return undefined;
  }

  /** Holds a call until it is answered, and fails it with `errno` after `timeoutMs` (0: never). `ended`: runs when it is over, however. */
  add(call: ProgramCall, timeoutMs: number, errno: number, ended?: () => void): void {
    const { timers, nowUs } = this.#stack;
    this.#calls.push(call);
    let timer: Timer | null = null;
    if (timeoutMs > 0) {
      timer = new Timer(() => call.fail(errno));
      timers.schedule(timer, nowUs + timeoutMs * 1000);
    }
    call.onEnd = () => {
      if (timer !== null) timers.cancel(timer);
      this.#calls = this.#calls.filter((other) => other !== call);
      ended?.();
    };
    call.hold();
  }

  /** A call that waits no longer, and is still to be answered. */
  withdraw(call: ProgramCall): void {
    const { onEnd } = call;
    call.onEnd = null;
    onEnd?.();
  }

  failAll(errno: number): void {
    for (const call of this.all) call.fail(errno);
  }
}
