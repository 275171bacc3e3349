import { NetError } from '../../../base/net-error.js';
import {
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  INFINITY_LIFE_TIME,
  RTN_ANYCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTPROT_KERNEL,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../netlink/rtnl/constants.js';
import { type In6, maskAddress, samePrefix } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { l3TableOf } from '../../core/l3mdev.js';
import type { Ipv6Address } from '../address.js';
import { createInfo } from '../fib/create-info.js';
import type { Fib6 } from '../fib/fib.js';
import {
  type Fib6Info,
  IP6_RT_PRIO_ADDRCONF,
  RTF_ADDRCONF,
  RTF_ANYCAST,
  RTF_DEFAULT,
  RTF_EXPIRES,
  RTF_LOCAL,
  RTF_NONEXTHOP,
} from '../fib/info.js';
import { type Route6Request, route6Request } from '../fib/request.js';

const US_PER_SECOND = 1_000_000;
const MULTICAST: In6 = Uint32Array.of(0xff00_0000, 0, 0, 0);

const by = (device: NetDevice) => [{ oif: device.ifindex, gateway: null, weight: 1, flags: 0 }];

/** The routes that addresses bring. Linux: addrconf_prefix_route() and its neighbours, which do not look at the outcome. */
export class PrefixRoutes {
  readonly #fib: Fib6;

  constructor(fib: Fib6) {
    this.#fib = fib;
  }

  /** `expires` in seconds; INFINITY_LIFE_TIME: for ever. */
  add(address: In6, prefixLength: number, metric: number, device: NetDevice, expires = INFINITY_LIFE_TIME, flags = 0): void {
    this.#try(
      route6Request({
        tableId: l3TableOf(device) || RT_TABLE_MAIN,
        destination: maskAddress(address.slice(), prefixLength),
        prefixLength,
        protocol: RTPROT_KERNEL,
        metric: metric === 0 ? IP6_RT_PRIO_ADDRCONF : metric,
        expires: expires === INFINITY_LIFE_TIME ? null : expires,
        flags,
        nexthops: by(device),
      }),
    );
  }

  /** ff00::/8 of a device. Linux: addrconf_add_mroute() */
  addMulticast(device: NetDevice): void {
    this.#try(
      route6Request({
        tableId: l3TableOf(device) || RT_TABLE_LOCAL,
        destination: MULTICAST,
        prefixLength: 8,
        type: RTN_MULTICAST,
        protocol: RTPROT_KERNEL,
        metric: IP6_RT_PRIO_ADDRCONF,
        nexthops: by(device),
      }),
    );
  }

  /** The route that makes an address this host's, not yet in its table. Linux: addrconf_f6i_alloc() */
  local(address: In6, device: NetDevice, anycast: boolean): Fib6Info {
    const nexthops = by(device);
    const request = route6Request({
      tableId: l3TableOf(device) || RT_TABLE_LOCAL,
      destination: address,
      prefixLength: 128,
      type: anycast ? RTN_ANYCAST : RTN_LOCAL,
      protocol: RTPROT_KERNEL,
      flags: (RTF_NONEXTHOP | (anycast ? RTF_ANYCAST : RTF_LOCAL)) >>> 0,
      nexthops,
    });
    const info = createInfo(this.#fib, request, nexthops[0]!);
    info.dead = true;
    return info;
  }

  /** Puts a route of local() into its table, unless it is there. Linux: ip6_ins_rt() */
  link(info: Fib6Info): void {
    if (!info.dead) return;
    try {
      this.#fib.link(info, 0);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }

  unlink(info: Fib6Info): void {
    this.#fib.remove(info);
  }

  /** Linux: addrconf_get_prefix_route() */
  find(address: In6, prefixLength: number, device: NetDevice, flags: number, without: number, withoutGateway = true): Fib6Info | null {
    const node = this.#fib.table(l3TableOf(device) || RT_TABLE_MAIN)?.node(address, prefixLength);
    if (node === null || node === undefined) return null;
    for (const info of node.routes) {
      if (info.device !== device || (withoutGateway && info.gateway !== null)) continue;
      if ((info.flags & flags) !== flags || (info.flags & without) !== 0) continue;
      return info;
    }
    return null;
  }

  /** Seconds from now; INFINITY_LIFE_TIME: for ever. */
  setExpiry(info: Fib6Info, seconds: number): void {
    if (seconds === INFINITY_LIFE_TIME) {
      info.expiresUs = 0;
      info.flags = (info.flags & ~RTF_EXPIRES) >>> 0;
    } else {
      info.expiresUs = this.#fib.namespace.stack.nowUs + seconds * US_PER_SECOND;
      info.flags = (info.flags | RTF_EXPIRES) >>> 0;
      this.#fib.expiryChanged();
    }
  }

  /** An address is about to go: its prefix route goes with it, or ends with what is left in it. Linux: check_cleanup_prefix_route() */
  cleanup(address: Ipv6Address, always = false): void {
    if (!always && ((address.flags & IFA_F_PERMANENT) === 0 || (address.flags & IFA_F_NOPREFIXROUTE) !== 0)) return;
    const { device } = address.owner;
    let expires = -1;
    for (const other of address.owner.addresses) {
      if (other === address || !samePrefix(other.address, address.address, address.prefixLength)) continue;
      if ((other.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) !== 0) return;
      expires = Math.max(expires, other.validLifetime);
    }
    const route = this.find(address.address, address.prefixLength, device, 0, RTF_DEFAULT);
    if (route === null) return;
    if (expires < 0) this.#fib.remove(route);
    else if ((route.flags & RTF_EXPIRES) === 0) this.setExpiry(route, expires);
  }

  /** An address got other lifetimes or another metric. False: it has no route. Linux: modify_prefix_route() */
  modify(address: Ipv6Address, expires: number): boolean {
    const { device } = address.owner;
    const route = this.find(address.address, address.prefixLength, device, 0, RTF_DEFAULT);
    if (route === null) return false;
    const metric = address.priority === 0 ? IP6_RT_PRIO_ADDRCONF : address.priority;
    if (route.metric !== metric) {
      this.#fib.remove(route);
      this.add(address.address, address.prefixLength, address.priority, device, expires);
    } else this.setExpiry(route, expires);
    return true;
  }

  /** A route that a router announced. */
  insert(request: Route6Request): void {
    this.#try(request);
  }

  #try(request: Route6Request): void {
    try {
      this.#fib.insert(request, 0);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
}

/** RTF_ADDRCONF routes come from routers. */
export const fromRouter = (info: Fib6Info): boolean => (info.flags & RTF_ADDRCONF) !== 0;
