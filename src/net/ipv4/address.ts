import { IFA_F_DEPRECATED, IFA_F_PERMANENT, IFA_F_SECONDARY, INFINITY_LIFE_TIME } from '../../netlink/rtnl/constants.js';
import { ipv4Mask } from '../../wire/ipv4-address.js';
import type { NetDevice } from '../core/device.js';

/** What RTM_NEWADDR asks for. */
export interface AddressRequest {
  readonly device: NetDevice;
  readonly local: number;
  /** IFA_ADDRESS: the peer's, on a point-to-point link; else `local`. */
  readonly address: number;
  readonly prefixLength: number;
  /** 0: none. */
  readonly broadcast: number;
  readonly scope: number;
  readonly label: string;
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

/** One IPv4 address of a device (struct in_ifaddr). */
export class Ipv4Address {
  readonly device: NetDevice;
  readonly local: number;
  readonly address: number;
  readonly prefixLength: number;
  readonly mask: number;
  readonly broadcast: number;
  readonly scope: number;
  label: string;
  flags: number;
  priority: number;
  protocol: number;
  /** As given, in seconds; counted from `updatedUs`. */
  validLifetime = INFINITY_LIFE_TIME;
  preferredLifetime = INFINITY_LIFE_TIME;
  /** Microseconds of the stack's clock. */
  createdUs = -1;
  updatedUs = 0;

  constructor(request: AddressRequest) {
    this.device = request.device;
    this.local = request.local;
    this.address = request.address;
    this.prefixLength = request.prefixLength;
    this.mask = ipv4Mask(request.prefixLength);
    this.broadcast = request.broadcast;
    this.scope = request.scope;
    this.label = request.label;
    this.flags = request.flags;
    this.priority = request.priority;
    this.protocol = request.protocol;
  }

  get secondary(): boolean {
    return (this.flags & IFA_F_SECONDARY) !== 0;
  }

  get permanent(): boolean {
    return (this.flags & IFA_F_PERMANENT) !== 0;
  }

  /** The net that it is in. */
  get prefix(): number {
    return (this.address & this.mask) >>> 0;
  }

  /** Its net as one number. */
  get netKey(): number {
    return this.prefix * 64 + this.prefixLength;
  }

  /** Whether `address` is in its net (inet_ifa_match()). */
  covers(address: number): boolean {
    return ((address ^ this.address) & this.mask) === 0;
  }

  sameNet(other: Ipv4Address): boolean {
    return this.mask === other.mask && this.covers(other.address);
  }

  /** Linux: set_ifa_lifetime() */
  setLifetime(valid: number, preferred: number, nowUs: number): void {
    this.flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED);
    if (valid === INFINITY_LIFE_TIME) this.flags |= IFA_F_PERMANENT;
    else this.validLifetime = valid;
    if (preferred !== INFINITY_LIFE_TIME) {
      if (preferred === 0) this.flags |= IFA_F_DEPRECATED;
      this.preferredLifetime = preferred;
    }
    this.updatedUs = nowUs;
    if (this.createdUs < 0) this.createdUs = nowUs;
  }

  /** Seconds that are left, for IFA_CACHEINFO. */
  remaining(nowUs: number): { valid: number; preferred: number } {
    if (this.permanent) return { valid: INFINITY_LIFE_TIME, preferred: INFINITY_LIFE_TIME };
    const age = Math.floor((nowUs - this.updatedUs) / 1_000_000);
    const left = (lifetime: number) => (lifetime === INFINITY_LIFE_TIME ? lifetime : Math.max(0, lifetime - age));
    return { valid: left(this.validLifetime), preferred: left(this.preferredLifetime) };
  }
}

/** `request.label` and flags as a change of state tells them. */
export interface AddressEvent {
  readonly type: 'new' | 'delete';
  readonly address: Ipv4Address;
}
