import { Timer } from '../../base/timer-wheel.js';
import type { Stack } from '../../net/core/stack.js';

/** Where only frames are counted (tx-usecs 0) the last ones are not waited for longer than this. */
const LONGEST_US = 1000;

/**
 * When a NIC says that frames have been sent: until then they hold their places in the ring. At once, or - as coalescing has it -
 * `usecs` after the first, or once there are `frames` of them.
 */
export class TransmitCompletion {
  usecs = 0;
  frames = 0;
  /** Sent, and not told of yet. */
  inFlight = 0;
  /** How often it was told: tx_packets divided by it is what coalescing brings. */
  count = 0;
  readonly #stack: Stack;
  readonly #completed: () => void;
  readonly #timer = new Timer(() => this.#complete());

  /** `completed`: there is room in the ring again. */
  constructor(stack: Stack, completed: () => void) {
    this.#stack = stack;
    this.#completed = completed;
  }

  /** A frame is on the wire. */
  sent(): void {
    if (this.usecs === 0 && this.frames <= 1) {
      this.count++;
      return;
    }
    this.inFlight++;
    if (this.frames > 0 && this.inFlight >= this.frames) this.#complete();
    else if (!this.#timer.armed) this.#stack.timers.schedule(this.#timer, this.#stack.nowUs + (this.usecs || LONGEST_US));
  }

  /** What was sent is forgotten: the device goes down. */
  reset(): void {
    this.#stack.timers.cancel(this.#timer);
    this.inFlight = 0;
  }

  #complete(): void {
    this.#stack.timers.cancel(this.#timer);
    this.inFlight = 0;
    this.count++;
    this.#completed();
  }
}
