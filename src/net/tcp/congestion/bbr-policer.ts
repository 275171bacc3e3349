import type { RateSample } from '../ack-event.js';
import type { Tcb } from '../tcb.js';

// A token bucket on the way lets bursts through and then drops what exceeds its rate. Two intervals with much loss and the same delivery rate
// tell of one; its rate is then what counts, for a while.

/** Rounds that an interval has at least, and how many more may come until it is given up. */
const INTERVAL_ROUNDS = 4;
/** Share of what was delivered that must be lost. */
const LOSS_SHARE = 50 / 256;
/** Two rates are the same within an eighth, or within 4 kbit/s. */
const SAME_SHARE = 1 / 8;
const SAME_BYTES_A_SECOND = 500;
/** Rounds for which the policed rate is believed. */
const BELIEVED_ROUNDS = 48;

export class PolicerDetector {
  /** Packets a microsecond that two intervals agreed on. */
  bandwidth = 0;
  using = false;
  #sampling = false;
  #rounds = 0;
  #lastDelivered = 0;
  #lastLost = 0;
  #lastUs = 0;

  reset(): void {
    this.bandwidth = 0;
    this.using = false;
    this.#sampling = false;
    this.#rounds = 0;
  }

  #begin(sk: Tcb): void {
    this.#lastUs = sk.deliveredUs;
    this.#lastDelivered = sk.delivered;
    this.#lastLost = sk.lost;
    this.#rounds = 0;
  }

  /** A time-out is a loss that no ACK tells of. */
  lossSeen(sk: Tcb): void {
    if (this.#sampling || this.using) return;
    this.#begin(sk);
    this.#sampling = true;
  }

  /** Takes an ACK in. True: the policed rate was believed for long enough, the path is to be probed anew. */
  sample(sk: Tcb, rate: RateSample, roundStart: boolean): boolean {
    if (this.using) {
      if (!roundStart || ++this.#rounds < BELIEVED_ROUNDS) return false;
      this.reset();
      return true;
    }
    if (!this.#sampling) {
      // Intervals begin with a loss: the bucket is empty then.
      if (rate.losses > 0) this.lossSeen(sk);
      return false;
    }
    if (rate.appLimited) {
      this.reset();
      return false;
    }
    if (roundStart) this.#rounds++;
    if (this.#rounds < INTERVAL_ROUNDS) return false;
    if (this.#rounds > 4 * INTERVAL_ROUNDS) {
      this.reset();
      return false;
    }
    if (rate.losses === 0) return false;
    this.#endInterval(sk);
    return false;
  }

  #endInterval(sk: Tcb): void {
    const lost = sk.lost - this.#lastLost;
    const delivered = sk.delivered - this.#lastDelivered;
    if (delivered === 0 || lost / delivered < LOSS_SHARE) return;
    const us = sk.deliveredUs - this.#lastUs;
    if (us < 1000) return;
    const measured = delivered / us;
    if (this.bandwidth > 0) {
      const difference = Math.abs(measured - this.bandwidth);
      if (difference <= SAME_SHARE * this.bandwidth || difference * sk.mssCache * 1_000_000 <= SAME_BYTES_A_SECOND) {
        this.bandwidth = (measured + this.bandwidth) / 2;
        this.using = true;
        this.#rounds = 0;
        return;
      }
    }
    this.bandwidth = measured;
    this.#begin(sk);
  }
}
