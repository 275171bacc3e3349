import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { Encapsulation } from '../core/lwtunnel.js';
import type { ResilientTable } from './resilient-table.js';

export interface GroupMember {
  readonly object: NexthopObject;
  /** 1 to 256. */
  readonly weight: number;
}

/** A way with a number of its own, that routes name (struct nexthop): one next hop, a blackhole, or a group of others. */
export class NexthopObject {
  readonly id: number;
  protocol = 0;
  /** AF_INET, AF_INET6; AF_UNSPEC for a group. */
  family = 0;
  blackhole = false;
  /** For forwarding entries of bridges and VXLAN, not for routes. */
  fdb = false;
  device: NetDevice | null = null;
  gateway = 0;
  /** Of IPv6; null: none. */
  gateway6: In6 | null = null;
  encapsulation: Encapsulation | null = null;
  scope = 0;
  /** RTNH_F_* */
  flags = 0;
  /** Null: it is no group. */
  members: readonly GroupMember[] | null = null;
  resilient: ResilientTable | null = null;
  /** Groups that have it. */
  readonly groups = new Set<NexthopObject>();

  constructor(id: number) {
    this.id = id;
  }

  /** The single ways that it is: itself, or those of a group. */
  get ways(): readonly GroupMember[] {
    return this.members ?? [{ object: this, weight: 1 }];
  }

  /** What of `other` may be taken over where it is replaced. */
  become(other: NexthopObject): void {
    this.protocol = other.protocol;
    this.family = other.family;
    this.blackhole = other.blackhole;
    this.fdb = other.fdb;
    this.device = other.device;
    this.gateway = other.gateway;
    this.gateway6 = other.gateway6;
    this.encapsulation = other.encapsulation;
    this.scope = other.scope;
    this.flags = other.flags;
  }
}
