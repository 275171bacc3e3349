import type { Rtable } from '../rtable.js';

/** What ICMP told of the way to one destination: a lower MTU, or a better gateway (struct fib_nh_exception). */
export class NexthopException {
  /** 0: the next hop's own. */
  gateway = 0;
  /** 0: none was told. */
  mtu = 0;
  /** The MTU is below what we accept as one: packets are not to be cut to it, but go without DF. */
  mtuLocked = false;
  /** Microseconds of the stack's clock; 0: never (a redirect). */
  expiresUs = 0;
  outputRoute: Rtable | null = null;
  inputRoute: Rtable | null = null;
}

/** Linux: FNHE_HASH_SIZE times FNHE_RECLAIM_DEPTH. */
const LIMIT = 2048 * 5;

/** The exceptions of one next hop; the oldest goes when there are too many. */
export class NexthopExceptions {
  readonly #byDestination = new Map<number, NexthopException>();

  get size(): number {
    return this.#byDestination.size;
  }

  /** The exception of `destination` if there is one that still holds. */
  find(destination: number, nowUs: number): NexthopException | null {
    const exception = this.#byDestination.get(destination);
    if (exception === undefined) return null;
    if (exception.expiresUs !== 0 && exception.expiresUs <= nowUs) {
      this.#byDestination.delete(destination);
      return null;
    }
    return exception;
  }

  /** The exception of `destination`, made if need be. */
  obtain(destination: number): NexthopException {
    let exception = this.#byDestination.get(destination);
    if (exception === undefined) {
      if (this.#byDestination.size >= LIMIT) for (const oldest of this.#byDestination.keys()) if (this.#byDestination.delete(oldest)) break;
      exception = new NexthopException();
      this.#byDestination.set(destination, exception);
    }
    return exception;
  }

  /**
   * The MTU of the first hop is another than `before`: what was learned is no longer more than it, and goes with it where it was the
   * narrowest of the way. Linux: fib_nhc_update_mtu()
   */
  deviceMtu(mtu: number, before: number): void {
    for (const exception of this.#byDestination.values()) {
      if (exception.mtu === 0) continue;
      if (exception.mtuLocked ? mtu > exception.mtu : mtu >= exception.mtu && before !== exception.mtu) continue;
      exception.mtu = mtu;
      exception.mtuLocked = false;
    }
  }

  clear(): void {
    this.#byDestination.clear();
  }
}
