import { VirtualClock } from '../base/clock.js';
import { ETIME } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { Timer, TimerWheel } from '../base/timer-wheel.js';
import type { Stack } from '../net/core/stack.js';
import type { HostLoop, InstanceTime } from './time.js';

/** Turns of the event loop without a trace of work after which nothing else can run: Node's streams need a few. */
const QUIET_TURNS = 4;
/** Time a round with its budget used up takes: a loop of packets without end moves on instead of standing still. */
const ROUND_US = 1;

/**
 * Time that jumps: whenever an awaited call waits and nothing else can run, the clock moves to the next timer. The same
 * seed and calls give the same trace; ten minutes of TCP take as long as their packets.
 */
export class VirtualTime implements InstanceTime {
  readonly clock = new VirtualClock();
  readonly #host: HostLoop;
  /** Those who sleep on this time outside of the stack: commands. */
  readonly #sleepers = new TimerWheel(0);
  readonly #waiting = new Set<(reason: Error) => void>();
  #stack!: Stack;
  #driving = false;
  #stopped = false;
  /** Counts what was put in, so that quiet turns are told from busy ones. */
  #kicks = 0;

  constructor(host: HostLoop) {
    this.#host = host;
  }

  drive(stack: Stack): void {
    this.#stack = stack;
    stack.onWork = () => this.kick();
  }

  kick(): void {
    this.#kicks++;
    void this.#run();
  }

  awaiting<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => {
        this.#waiting.delete(reject);
        this.#kicks++;
      });
      void this.#run();
    });
  }

  sleepUs(us: number, signal?: AbortSignal): Promise<void> {
    if (us <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.cancel(timer);
        signal?.removeEventListener('abort', wake);
        this.#kicks++;
        resolve();
      };
      const timer = new Timer(wake);
      this.#sleepers.schedule(timer, this.clock.monotonicUs() + us);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves the clock by `ms`, through all timers on the way, and lets everything run that they set off. */
  async advance(ms: number): Promise<void> {
    const target = this.clock.monotonicUs() + ms * 1000;
    // Awaiting nothing, so the driver does not jump by itself.
    for (;;) {
      await this.#settle();
      if (this.#stopped) return;
      const next = this.#nextUs();
      if (next > target) break;
      this.#moveTo(next);
    }
    this.#moveTo(target);
    await this.#settle();
  }

  stop(): void {
    this.#stopped = true;
    for (const reject of [...this.#waiting]) reject(new NetError(ETIME, 'the instance was closed'));
    this.#waiting.clear();
  }

  /** One driver at a time: settles, and as long as somebody waits, jumps. */
  async #run(): Promise<void> {
    if (this.#driving || this.#stopped) return;
    this.#driving = true;
    try {
      // Whoever kicked is in the middle of a call into the stack: that ends first.
      await Promise.resolve();
      for (;;) {
        await this.#settle();
        if (this.#waiting.size === 0 || this.#stopped) return;
        const next = this.#nextUs();
        if (next === Number.POSITIVE_INFINITY) {
          for (const reject of [...this.#waiting]) reject(new NetError(ETIME, 'nothing left to wait for'));
          this.#waiting.clear();
          return;
        }
        this.#moveTo(next);
      }
    } catch (error) {
      // The stack itself failed: everybody who waits is told.
      if (this.#waiting.size === 0) throw error;
      for (const reject of [...this.#waiting]) reject(error instanceof Error ? error : new Error(String(error)));
      this.#waiting.clear();
    } finally {
      this.#driving = false;
    }
  }

  /** Until neither the stack nor the event loop has anything to do at this moment of the clock. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      const before = this.#kicks;
      while (!this.#stopped && this.#stack.poll()) this.clock.moveTo(this.clock.monotonicUs() + ROUND_US);
      await this.#host.nextTurn();
      if (this.#kicks !== before) quiet = -1;
    }
  }

  #nextUs(): number {
    return Math.min(this.#stack.nextDeadlineUs(), this.#sleepers.nextUs());
  }

  #moveTo(us: number): void {
    this.clock.moveTo(us);
    this.#sleepers.advance(us);
  }
}
