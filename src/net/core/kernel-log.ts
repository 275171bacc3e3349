import type { Stack } from './stack.js';

/** What is kept at most, lines. */
const KEPT = 1000;
const US_PER_SECOND = 1_000_000;

/** What the stack has to say to its administrator (printk): the last lines, as `dmesg` shows them. */
export class KernelLog {
  readonly #stack: Stack;
  readonly #lines: string[] = [];
  #next = 0;
  // net_ratelimit(): since when is counted, and how many were let through and held back since.
  #beganUs = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #missed = 0;
  /** Told of each line as it comes. */
  onLine: ((line: string) => void) | null = null;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** A line, to which its time is added: seconds since the clock began. */
  add(text: string): void {
    const line = `[${(this.#stack.nowUs / US_PER_SECOND).toFixed(6).padStart(12)}] ${text}`;
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % KEPT;
    this.onLine?.(line);
  }

  /**
   * Whether one more message that the network can cause may be written: net.core.message_burst of them in net.core.message_cost
   * seconds. How many were not is said when the next time begins. Linux: net_ratelimit()
   */
  allows(): boolean {
    const { messageCost, messageBurst } = this.#stack.settings;
    if (messageCost === 0) return true;
    const { nowUs } = this.#stack;
    if (nowUs >= this.#beganUs + messageCost * US_PER_SECOND) {
      if (this.#missed > 0) this.add(`net_ratelimit: ${this.#missed} callbacks suppressed`);
      this.#beganUs = nowUs;
      this.#passed = 0;
      this.#missed = 0;
    }
    if (this.#passed < messageBurst) {
      this.#passed++;
      return true;
    }
    this.#missed++;
    return false;
  }

  /** Oldest first. */
  lines(): string[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
  }
}
