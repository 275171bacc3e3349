import { RTN_ANYCAST, RTN_LOCAL } from '../../netlink/rtnl/constants.js';
import type { In6 } from '../../wire/ipv6.js';
import { Dst } from '../core/dst.js';
import type { Ipv6Device } from './device.js';
import type { Fib6Info } from './fib/info.js';

/** A route that packets carry (struct rt6_info): kept with the table's entry it was made for, shared by all that go the same way. */
export class Rt6 extends Dst {
  /** Next hop; null: the destination itself is on the link. */
  gateway: In6 | null = null;
  /** RTF_* */
  flags = 0;
  /** When `mtu` and a redirected gateway end, microseconds; 0: they do not. */
  expiresUs = 0;
  /** For metrics and the preferred source; null for what no table has. */
  info: Fib6Info | null = null;

  /** Whose counters its packets move: of one to an address here, the device that has it; else the way out (rt6i_idev). */
  get owner(): Ipv6Device | null {
    const own = (this.type === RTN_LOCAL || this.type === RTN_ANYCAST) && this.info !== null;
    const device = own ? this.info!.device : this.device;
    return device === null ? null : device.ipv6;
  }

  override metric(which: number): number {
    return this.info === null ? 0 : this.info.metricOf(which);
  }

  override get congestionControl(): string {
    return this.info === null ? '' : this.info.congestionControl;
  }
}
