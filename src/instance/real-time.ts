import type { Clock } from '../base/clock.js';
import type { Stack } from '../net/core/stack.js';
import type { HostLoop, InstanceTime } from './time.js';

/** The stack's time is the host's: it is polled when its next timer is due, and soon after anything was put in. */
export class RealTime implements InstanceTime {
  readonly clock: Clock;
  readonly #host: HostLoop;
  #stack!: Stack;
  #scheduled = false;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, host: HostLoop) {
    this.clock = clock;
    this.#host = host;
  }

  drive(stack: Stack): void {
    this.#stack = stack;
    stack.onWork = () => this.kick();
    this.kick();
  }

  kick(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    void this.#host.nextTurn().then(() => {
      this.#scheduled = false;
      this.#poll();
    });
  }

  awaiting<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  sleepUs(us: number, signal?: AbortSignal): Promise<void> {
    if (us <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.#host.setTimer(us, wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #poll(): void {
    if (this.#stopped) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#stack.poll()) {
      this.kick();
      return;
    }
    const next = this.#stack.nextDeadlineUs();
    if (next !== Number.POSITIVE_INFINITY)
      this.#cancelTimer = this.#host.setTimer(Math.max(0, next - this.clock.monotonicUs()), () => this.#poll());
  }
}
