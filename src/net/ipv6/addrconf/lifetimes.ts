import { Timer } from '../../../base/timer-wheel.js';
import {
  IFA_F_DEPRECATED,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
} from '../../../netlink/rtnl/constants.js';
import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';

const US_PER_SECOND = 1_000_000;

/** Addresses become deprecated, and go, when their time has come. Linux: addrconf_verify_rtnl() */
export class Lifetimes {
  readonly #addresses: Ipv6Addresses;
  readonly #timer = new Timer(() => this.#verify());
  /** Those that may end: with thousands of devices, all others are not to be asked each time one comes. */
  readonly #mortal = new Set<Ipv6Address>();

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  /** An address is new, or its lifetimes are others: arm() is to know it. */
  watch(held: Ipv6Address): void {
    if (isForEver(held)) this.#mortal.delete(held);
    else this.#mortal.add(held);
  }

  /** Some lifetime is new or another: the timer is set to the first that ends. */
  arm(): void {
    const { stack } = this.#addresses.ipv6.namespace;
    let next = Number.POSITIVE_INFINITY;
    for (const held of this.#mortal)
      if (held.dead) this.#mortal.delete(held);
      else next = Math.min(next, this.#nextUs(held));
    if (next === Number.POSITIVE_INFINITY) {
      if (this.#timer.armed) stack.timers.cancel(this.#timer);
    } else stack.timers.schedule(this.#timer, Math.max(next, stack.nowUs));
  }

  destroy(): void {
    if (this.#timer.armed) this.#addresses.ipv6.namespace.stack.timers.cancel(this.#timer);
  }

  #nextUs(held: Ipv6Address): number {
    if (isForEver(held)) return Number.POSITIVE_INFINITY;
    const after = (seconds: number) =>
      seconds === INFINITY_LIFE_TIME ? Number.POSITIVE_INFINITY : held.updatedUs + seconds * US_PER_SECOND;
    const end = after(held.validLifetime);
    if ((held.flags & IFA_F_DEPRECATED) !== 0) return end;
    let next = Math.min(end, after(held.preferredLifetime));
    if (this.#regenerates(held)) next = Math.min(next, after(held.preferredLifetime - this.#addresses.temporary.regenAdvance(held)));
    return next;
  }

  #regenerates(held: Ipv6Address): boolean {
    return (held.flags & (IFA_F_TEMPORARY | IFA_F_TENTATIVE | IFA_F_DEPRECATED)) === IFA_F_TEMPORARY && held.regenerated === 0;
  }

  #verify(): void {
    const { nowUs } = this.#addresses.ipv6.namespace.stack;
    for (const held of [...this.#mortal]) {
      if (held.dead || this.#nextUs(held) > nowUs) continue;
      const age = (nowUs - held.updatedUs) / US_PER_SECOND;
      if (held.validLifetime !== INFINITY_LIFE_TIME && age >= held.validLifetime) {
        this.#addresses.remove(held);
        continue;
      }
      if (held.preferredLifetime !== INFINITY_LIFE_TIME && age >= held.preferredLifetime) {
        if ((held.flags & IFA_F_DEPRECATED) !== 0) continue;
        held.flags |= IFA_F_DEPRECATED;
        this.#addresses.events.notify({ type: 'new', address: held });
        this.#addresses.changed();
      } else if (this.#regenerates(held) && held.origin !== null) {
        held.regenerated = 1;
        this.#addresses.temporary.create(held.origin, true);
      }
    }
    this.arm();
  }
}

const isForEver = (held: Ipv6Address): boolean => (held.flags & IFA_F_PERMANENT) !== 0 && held.preferredLifetime === INFINITY_LIFE_TIME;

/** Seconds that are left, for IFA_CACHEINFO. Linux: inet6_fill_ifaddr() */
export function remaining(held: Ipv6Address, nowUs: number): { valid: number; preferred: number } {
  if (isForEver(held)) return { valid: INFINITY_LIFE_TIME, preferred: INFINITY_LIFE_TIME };
  const age = Math.floor((nowUs - held.updatedUs) / US_PER_SECOND);
  const left = (lifetime: number) => (lifetime === INFINITY_LIFE_TIME ? lifetime : Math.max(0, lifetime - age));
  if (held.preferredLifetime === INFINITY_LIFE_TIME) return { valid: held.validLifetime, preferred: INFINITY_LIFE_TIME };
  return { valid: left(held.validLifetime), preferred: left(held.preferredLifetime) };
}
