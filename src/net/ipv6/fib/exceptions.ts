import { equalAddress, type In6 } from '../../../wire/ipv6.js';
import type { Rt6 } from '../rt6.js';

/** Most destinations of one way with something of their own (FIB6_MAX_DEPTH for each bucket of a thousand). */
const MOST = 5000;

/** What was learned of one destination: a path MTU, or another gateway. */
export interface RouteException6 {
  readonly destination: In6;
  route: Rt6;
  /** When it was learned, microseconds. */
  learnedUs: number;
}

/** How many there are in a namespace. */
export interface ExceptionTally {
  learned: number;
}

/** The exceptions of one way (struct rt6_exception_bucket): PMTU and redirects, by destination. */
export class RouteExceptions6 {
  /** By the last word of the address: few destinations share it. */
  readonly #byLastWord = new Map<number, RouteException6[]>();
  readonly #tally: ExceptionTally;
  #count = 0;

  constructor(tally: ExceptionTally) {
    this.#tally = tally;
  }

  get count(): number {
    return this.#count;
  }

  find(destination: In6, nowUs: number): Rt6 | null {
    const bucket = this.#byLastWord.get(destination[3]!);
    if (bucket === undefined) return null;
    for (let i = 0; i < bucket.length; i++) {
      const exception = bucket[i]!;
      if (!equalAddress(exception.destination, destination)) continue;
      const { route } = exception;
      if (route.expiresUs === 0 || nowUs < route.expiresUs) return route;
      this.#removeAt(bucket, i);
      return null;
    }
    return null;
  }

  /** Something was learned of `destination`, or, with `learnedUs` of old, stands in a new route now. */
  put(destination: In6, route: Rt6, learnedUs: number): void {
    let bucket = this.#byLastWord.get(destination[3]!);
    if (bucket === undefined) {
      bucket = [];
      this.#byLastWord.set(destination[3]!, bucket);
    }
    const known = bucket.find((exception) => equalAddress(exception.destination, destination));
    if (known !== undefined) {
      known.route.obsolete = true;
      known.route = route;
      known.learnedUs = learnedUs;
      return;
    }
    if (this.#count >= MOST) this.#removeOldest();
    bucket.push({ destination: destination.slice(), route, learnedUs });
    this.#count++;
    this.#tally.learned++;
  }

  /** The exception of a destination goes, if it `fits`; false: there is none such. Linux: fib6_nh_del_cached_rt() */
  remove(destination: In6, fits: (route: Rt6) => boolean): boolean {
    const bucket = this.#byLastWord.get(destination[3]!) ?? [];
    const at = bucket.findIndex((exception) => equalAddress(exception.destination, destination) && fits(exception.route));
    if (at >= 0) this.#removeAt(bucket, at);
    return at >= 0;
  }

  learnedUs(destination: In6): number {
    return this.#byLastWord.get(destination[3]!)?.find((exception) => equalAddress(exception.destination, destination))?.learnedUs ?? 0;
  }

  /** Forgets what `old` says of. */
  collect(old: (exception: RouteException6) => boolean): void {
    for (const bucket of this.#byLastWord.values())
      for (let i = bucket.length - 1; i >= 0; i--) if (old(bucket[i]!)) this.#removeAt(bucket, i);
  }

  /** For `ip route show cache`. */
  list(): RouteException6[] {
    return [...this.#byLastWord.values()].flat();
  }

  /** The MTU of the first hop is another than `before`. Linux: rt6_exceptions_update_pmtu(), rt6_mtu_change_route_allowed() */
  deviceMtu(mtu: number, before: number): void {
    for (const { route } of this.list()) if (route.mtu !== 0 && (route.mtu >= mtu || route.mtu === before)) route.mtu = mtu;
  }

  clear(): void {
    for (const exception of this.list()) exception.route.obsolete = true;
    this.#byLastWord.clear();
    this.#tally.learned -= this.#count;
    this.#count = 0;
  }

  #removeAt(bucket: RouteException6[], at: number): void {
    const [gone] = bucket.splice(at, 1);
    gone!.route.obsolete = true;
    this.#count--;
    this.#tally.learned--;
    if (bucket.length === 0) this.#byLastWord.delete(gone!.destination[3]!);
  }

  #removeOldest(): void {
    for (const bucket of this.#byLastWord.values()) {
      this.#removeAt(bucket, 0);
      return;
    }
  }
}
