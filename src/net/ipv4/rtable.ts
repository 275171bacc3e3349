import { RTN_BROADCAST } from '../../netlink/rtnl/constants.js';
import type { In6 } from '../../wire/ipv6.js';
import { Dst } from '../core/dst.js';
import type { Encapsulation } from '../core/lwtunnel.js';
import type { FibInfo } from './fib/info.js';
import type { Ipv4Route } from './routing.js';

/** A route that packets carry (struct rtable): kept with the next hop it was made for, shared by all that go the same way. */
export class Rtable extends Dst implements Ipv4Route {
  gateway = 0;
  gateway6: In6 | null = null;
  /** How its packets are wrapped, for who shows it; `tunnel` is what packets are told. */
  encapsulation: Encapsulation | null = null;
  /** Made for packets that came in. */
  input = false;
  /** Interface that the route says, where that is not `device` (a local address of another device). */
  oif = 0;
  /** Path MTU that was told of may not be cut to (rt_mtu_locked). */
  mtuLocked = false;
  /** Realms of the next hop, and where it has none of the rule that led to it (tclassid). */
  realms = 0;
  /** `gateway` is one that a redirect has named (RTCF_REDIRECTED). */
  redirected = false;
  /** When `mtu` and a redirected gateway end; 0: they do not. */
  expiresUs = 0;
  /** For metrics; null for what no route table has. */
  info: FibInfo | null = null;

  /** What this host itself hears has no table's route: routeOnDevice(). */
  get directed(): boolean {
    return this.type === RTN_BROADCAST && this.input && this.info !== null;
  }

  override metric(which: number): number {
    return this.info === null ? 0 : this.info.metric(which);
  }

  override get congestionControl(): string {
    return this.info === null ? '' : this.info.congestionControl;
  }
}
