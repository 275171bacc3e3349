import { IFA_F_DADFAILED, IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, INFINITY_LIFE_TIME } from '../../netlink/rtnl/constants.js';
import { type In6, equalAddress } from '../../wire/ipv6.js';
import type { Fib6Info } from './fib/info.js';
import { Timer } from '../../base/timer-wheel.js';
import { PREDAD } from './addrconf/request.js';
import type { Ipv6Device } from './device.js';

/** An address on a device (struct inet6_ifaddr). */
export class Ipv6Address {
  readonly owner: Ipv6Device;
  readonly address: In6;
  /** Of a point-to-point link: the other end; else null. */
  peer: In6 | null = null;
  prefixLength: number;
  /** IFA_F_* */
  flags: number;
  /** RT_SCOPE_* */
  scope: number;
  /** Seconds; INFINITY_LIFE_TIME: for ever. */
  validLifetime = INFINITY_LIFE_TIME;
  preferredLifetime = INFINITY_LIFE_TIME;
  /** Microseconds of the stack's clock. */
  createdUs: number;
  updatedUs: number;
  /** IFA_RT_PRIORITY */
  priority = 0;
  /** IFA_PROTO */
  protocol = 0;
  /** The route in the local table that makes it this host's. */
  route: Fib6Info | null = null;
  /** It is gone, or about to go. */
  dead = false;
  /** INET6_IFADDR_STATE_* */
  state = PREDAD;
  /** Questions that duplicate address detection has yet to ask. */
  dadProbes = 0;
  /** Of enhanced DAD (RFC 7527); 0: none. */
  dadNonce = 0;
  /** How often a stable private address was made anew (RFC 7217 6). */
  stableRetries = 0;
  /** Of a temporary address: the one whose prefix it has. */
  origin: Ipv6Address | null = null;
  /** Made from a prefix that a router announces, with the device's token. */
  tokenized = false;
  /** Another temporary address was made in its place. */
  regenerated = 0;
  /** Runs duplicate address detection on. */
  readonly dadTimer: Timer;

  constructor(
    owner: Ipv6Device,
    address: In6,
    prefixLength: number,
    scope: number,
    flags: number,
    dadWork: (address: Ipv6Address) => void,
  ) {
    this.owner = owner;
    this.address = address;
    this.prefixLength = prefixLength;
    this.scope = scope;
    this.flags = flags;
    this.createdUs = owner.device.stack.nowUs;
    this.updatedUs = this.createdUs;
    this.dadTimer = new Timer(() => dadWork(this));
  }

  is(address: In6): boolean {
    return equalAddress(this.address, address);
  }

  /** Nobody may speak from it yet. */
  get tentative(): boolean {
    return (this.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE || (this.flags & IFA_F_DADFAILED) !== 0;
  }
}
