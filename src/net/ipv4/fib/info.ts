import { RTNH_F_DEAD, RTNH_F_LINKDOWN, RT_SCOPE_NOWHERE } from '../../../netlink/rtnl/constants.js';
import { equalAddress, type In6 } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { Rtable } from '../rtable.js';
import type { NexthopExceptions } from './exceptions.js';
import { type Encapsulation, sameEncapsulation } from '../../core/lwtunnel.js';
import type { NexthopObject } from '../../nexthop/object.js';

/** One way that a route can take (struct fib_nh). */
export class FibNexthop {
  device: NetDevice | null = null;
  /** As the user gave it; 0 before it was looked up. */
  oif = 0;
  /** 0: it has none of IPv4. Without any gateway the destination is on the link. */
  gateway = 0;
  /** A gateway of IPv6 (RTA_VIA); null: none. */
  gateway6: In6 | null = null;
  encapsulation: Encapsulation | null = null;
  /** What is at the other side: RT_SCOPE_LINK for a gateway, RT_SCOPE_HOST for the link itself, RT_SCOPE_NOWHERE for a local address. */
  scope = RT_SCOPE_NOWHERE;
  /** RTNH_F_* */
  flags = 0;
  /** 1 to 256. */
  weight = 1;
  /** RTA_FLOW (nh_tclassid): realms of source and destination, 16 bits each; 0: none. */
  realms = 0;
  /** The highest 31-bit flow hash that goes this way; -1: none does. */
  upperBound = -1;
  readonly info: FibInfo;
  /** Source address for packets that go this way, valid while the addresses have this generation. */
  source = 0;
  sourceGeneration = -1;
  /** The cached routes of packets that go this way (nhc_rth_output, nhc_rth_input); checked by their generation. */
  outputRoute: Rtable | null = null;
  inputRoute: Rtable | null = null;
  /** What ICMP told of single destinations; null: nothing. */
  exceptions: NexthopExceptions | null = null;

  constructor(info: FibInfo) {
    this.info = info;
  }

  get dead(): boolean {
    return (this.flags & RTNH_F_DEAD) !== 0;
  }

  get hasGateway(): boolean {
    return this.gateway !== 0 || this.gateway6 !== null;
  }
}

/** What routes have in common: their ways and metrics, shared by all that are alike (struct fib_info). */
export class FibInfo {
  /** Its number in the namespace; 0: not listed yet. */
  id = 0;
  /** How many routes have it. */
  references = 0;
  /** RTM_F_* and RTNH_F_DEAD, RTNH_F_LINKDOWN where all its ways have. */
  flags = 0;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly priority: number;
  readonly preferredSource: number;
  readonly tableId: number;
  /** By RTAX_*, one word each; null: none is set. */
  readonly metrics: Uint32Array | null;
  /** RTAX_CC_ALGO by name; '' none. */
  readonly congestionControl: string;
  nexthops: FibNexthop[] = [];
  /** The nexthop object that the ways are of; null: they are the route's own. */
  object: NexthopObject | null = null;

  constructor(values: {
    readonly protocol: number;
    readonly scope: number;
    readonly type: number;
    readonly priority: number;
    readonly preferredSource: number;
    readonly tableId: number;
    readonly flags: number;
    readonly metrics: Uint32Array | null;
    readonly congestionControl: string;
  }) {
    this.protocol = values.protocol;
    this.scope = values.scope;
    this.type = values.type;
    this.priority = values.priority;
    this.preferredSource = values.preferredSource;
    this.tableId = values.tableId;
    this.flags = values.flags;
    this.metrics = values.metrics;
    this.congestionControl = values.congestionControl;
  }

  get dead(): boolean {
    return (this.flags & RTNH_F_DEAD) !== 0;
  }

  /** Its nexthop object is a blackhole. */
  get blackhole(): boolean {
    const { object } = this;
    if (object === null) return false;
    return object.blackhole || (object.members !== null && object.members[0]!.object.blackhole);
  }

  /** One word of the metrics, RTAX_*; 0: not set. */
  metric(index: number): number {
    return this.metrics === null ? 0 : this.metrics[index]!;
  }

  /** Shares the flow hashes out among the ways that live (fib_rebalance()). RFC 2992. */
  rebalance(): void {
    if (this.nexthops.length < 2) return;
    let total = 0;
    for (const nexthop of this.nexthops) if (carries(nexthop)) total += nexthop.weight;
    let weight = 0;
    for (const nexthop of this.nexthops) {
      if (!carries(nexthop)) {
        nexthop.upperBound = -1;
        continue;
      }
      weight += nexthop.weight;
      nexthop.upperBound = Math.floor((weight * 2 ** 31 + total / 2) / total) - 1;
    }
  }
}

function carries(nexthop: FibNexthop): boolean {
  if (nexthop.dead) return false;
  return !((nexthop.flags & RTNH_F_LINKDOWN) !== 0 && nexthop.device !== null && (nexthop.device.ipv4?.ignoresLinkDown() ?? false));
}

/** Whether two are the same for all that use them (fib_find_info()). */
export function sameInfo(a: FibInfo, b: FibInfo): boolean {
  return (
    a.protocol === b.protocol &&
    a.scope === b.scope &&
    a.preferredSource === b.preferredSource &&
    a.priority === b.priority &&
    a.type === b.type &&
    a.tableId === b.tableId &&
    a.congestionControl === b.congestionControl &&
    ((a.flags ^ b.flags) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN)) === 0 &&
    sameMetrics(a.metrics, b.metrics) &&
    a.object === b.object &&
    a.nexthops.length === b.nexthops.length &&
    a.nexthops.every((nexthop, i) => sameNexthop(nexthop, b.nexthops[i]!))
  );
}

function sameMetrics(a: Uint32Array | null, b: Uint32Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.every((value, i) => value === b[i]);
}

/** Null: none. */
export const sameGateway6 = (a: In6 | null, b: In6 | null): boolean => (a === null || b === null ? a === b : equalAddress(a, b));

function sameNexthop(a: FibNexthop, b: FibNexthop): boolean {
  return (
    a.oif === b.oif &&
    a.gateway === b.gateway &&
    sameGateway6(a.gateway6, b.gateway6) &&
    sameEncapsulation(a.encapsulation, b.encapsulation) &&
    a.scope === b.scope &&
    a.weight === b.weight &&
    a.realms === b.realms &&
    ((a.flags ^ b.flags) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN)) === 0
  );
}
