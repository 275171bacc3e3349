import type { In6 } from '../../../wire/ipv6.js';
import type { Ipv6Address } from '../address.js';
import { INFINITY_LIFE_TIME } from '../../../netlink/rtnl/constants.js';

/** What RTM_NEWADDR, a router or the kernel itself asks for (struct ifa6_config). */
export interface Address6Request {
  readonly address: In6;
  /** Of a point-to-point link: the other end; else null. */
  readonly peer: In6 | null;
  readonly prefixLength: number;
  /** IFA_F_* */
  readonly flags: number;
  /** IFA_RT_PRIORITY */
  readonly priority: number;
  /** IFA_PROTO */
  readonly protocol: number;
  /** Seconds; INFINITY_LIFE_TIME for ever. */
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}

/** A request that says nothing but the address. */
export const address6Request = (address: In6, prefixLength: number, more: Partial<Address6Request> = {}): Address6Request => ({
  address,
  prefixLength,
  peer: null,
  flags: 0,
  priority: 0,
  protocol: 0,
  validLifetime: INFINITY_LIFE_TIME,
  preferredLifetime: INFINITY_LIFE_TIME,
  ...more,
});

export interface Address6Event {
  readonly type: 'new' | 'delete';
  readonly address: Ipv6Address;
}

// INET6_IFADDR_STATE_*
export const PREDAD = 0;
export const DAD = 1;
export const POSTDAD = 2;
export const ERRDAD = 3;
export const DEAD = 4;
